//! A long log of all that people, programs and attackers send, with a secret in every place that takes one. The scanner reads it
//! while it is written and finds nothing. A run of the tests has some thousands of lines read, `make scan-logs` a million.

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
    time::{Duration, Instant},
};

use reqwest::{Method, RequestBuilder};
use serde_json::json;
use tokio::task::JoinSet;

use crate::{
    client::{Client, form},
    log_scanner,
    operators::Bob,
    routes::{self, Encoding},
    test_app::TestApp,
};

/// Of a run that nobody has asked more of, in lines.
const LINES: usize = 5_000;

/// Requests that are under way at once.
const AT_ONCE: usize = 16;

/// It is a part of each secret that is planted, however that is encoded.
const MARK: &str = "quagga";

const PASSWORD: &str = "correct horse quagga battery";
const ADDRESS: &str = "quagga@acme.example";
const TOKEN: &str = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxIn0.quagga0123456789ABCDEFabcdefquagga";
const KEY: &str = "sk_live_quagga4eC39HqLyjWDarjtT1";
const WEBHOOK: &str = "whsec_quagga0123456789abcdef";
const TEXT: &str = "the quagga pays with 4242 4242 4242 4242";

/// What ends a session, or has the queue work for long. It is asked of a visitor, who may not.
const LEFT_OUT: [&str; 13] = [
    "/sign-out",
    "/switch",
    "/workspaces",
    "/uploads",
    "/api/accounts/sign_out_everywhere",
    "/api/documents/delete",
    "/api/documents/read_again",
    "/api/documents/read_all_again",
    "/api/documents/trash",
    "/api/documents/trash_matching",
    "/api/exports/ask",
    "/api/reports/ask",
    "/api/tenants/ask_deletion",
];

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_in_a_long_log() {
    let wanted = std::env::var("SHEAF_SCAN_LINES").ok().and_then(|lines| lines.parse().ok()).unwrap_or(LINES);
    let mut app = TestApp::start_logging(&[("SHEAF_LOG", "debug")]).await;
    // Where something is sold, a workspace may call so often in a minute and no more: members call the other.
    let sells = [
        ("SHEAF_LOG", "debug"),
        ("SHEAF_STRIPE_KEY", "sk_test_quagga"),
        ("SHEAF_STRIPE_URL", "http://127.0.0.1:9"),
        ("SHEAF_STRIPE_WEBHOOK_SECRETS", WEBHOOK),
    ];
    let selling = app.run("serve", &sells).await;
    let people = People::of(&app, &selling).await;
    let mut reader = Reader::new(&app, people.secrets());
    let begun = Instant::now();
    while reader.read < wanted {
        let before = reader.read;
        send_all(people.round()).await;
        reader.go_on();
        assert!(reader.read > before, "whatever is sent is told of");
        assert!(begun.elapsed() < Duration::from_secs(3_600), "only {} lines in an hour", reader.read);
    }
    app.kill_last();
    app.kill_last();
    reader.go_on();
    eprintln!("{} lines, {} MB, {:.0} s", reader.read, reader.bytes / 1_000_000, begun.elapsed().as_secs_f64());
    // It was read already, and is long.
    app.forget_logged();
}

/// Who sends.
struct People {
    ada: Client,
    bob: Client,
    visitor: Client,
    document: String,
    tenant: String,
}

impl People {
    async fn of(app: &TestApp, selling: &str) -> Self {
        let mut ada = app.sign_up("Ada", "Acme").await;
        let document = ada.reads("quagga.txt", TEXT).await.id.to_string();
        let bob = Bob::added(app).signs_in(app).await;
        let tenant = sqlx::query_scalar("select tenant_id::text from tenant where name = 'Acme'");
        let tenant = tenant.fetch_one(&mut app.superuser().await).await.unwrap();
        Self { ada, bob, visitor: Client::new(selling), document, tenant }
    }

    /// What they have beside what is planted.
    fn secrets(&self) -> Vec<String> {
        let cookies = self.ada.cookies.values().chain(self.bob.cookies.values());
        cookies.filter(|cookie| cookie.len() > 20).cloned().collect()
    }

    /// Each page, function and form once, and what nobody has made.
    fn round(&self) -> Vec<RequestBuilder> {
        let (document, report) = (self.document.as_str(), "01912345-0000-7000-8000-000000000000");
        let mut requests = Vec::new();
        for page in routes::pages(document, report) {
            requests.push(self.ada.request(Method::GET, &with_query(&page)));
            requests.push(self.visitor.request(Method::GET, &with_query(&page)));
        }
        for page in routes::operator_pages(&self.tenant) {
            requests.push(self.bob.request(Method::GET, &with_query(&page)));
        }
        for page in
            ["/", "/pricing", "/sign-in", "/sign-up", "/verify", "/invite", "/reset-password", "/mailbox", "/status"]
        {
            requests.push(self.visitor.request(Method::GET, &with_query(page)));
        }
        for path in routes::UNSAFE.iter().chain(&routes::DOOR) {
            let sender = if LEFT_OUT.contains(path) { &self.visitor } else { &self.ada };
            requests.push(form(sender.request(Method::POST, path), &fields()));
        }
        for (path, _) in routes::operator_acts(&self.tenant) {
            requests.push(form(self.ada.request(Method::POST, &path), &fields()));
        }
        requests.extend(self.functions(report));
        requests.extend(self.strange());
        requests.into_iter().map(with_headers).collect()
    }

    /// As the browser calls them, and as nobody should.
    fn functions(&self, report: &str) -> Vec<RequestBuilder> {
        let mut requests = Vec::new();
        for (name, encoding, arguments) in routes::functions(&self.document, report) {
            let path = format!("/api/{name}");
            let sender = if LEFT_OUT.contains(&path.as_str()) { &self.visitor } else { &self.ada };
            let request = || sender.request(Method::POST, &path);
            if encoding == Encoding::Json {
                requests.push(request().header("content-type", "application/json").body(arguments.to_string()));
            }
            let wrong = json!({ "query": TEXT, "email": ADDRESS, "password": PASSWORD, "token": TOKEN }).to_string();
            requests.push(request().header("content-type", "application/json").body(wrong));
            requests.push(form(request(), &fields()));
        }
        requests
    }

    /// What is in no list of ours.
    fn strange(&self) -> Vec<RequestBuilder> {
        let mut requests = Vec::new();
        for path in [
            format!("/reset-password/{TOKEN}"),
            format!("/documents/{ADDRESS}"),
            format!("/{KEY}/{WEBHOOK}"),
            format!("/api/{KEY}"),
            format!("/operator/tenants/{ADDRESS}"),
            "/%1b%5b31mquagga%0a%0d%9b2J".to_owned(),
        ] {
            requests.push(self.ada.request(Method::GET, &path));
            requests.push(self.visitor.request(Method::POST, &path).body(TEXT));
            requests.push(self.visitor.request(Method::from_bytes(b"QUAGGA").unwrap(), &path));
        }
        let event = json!({ "id": TOKEN, "type": "invoice.paid", "customer_email": ADDRESS, "card": TEXT });
        let webhook = self.visitor.request(Method::POST, "/stripe/webhook").header("content-type", "application/json");
        requests.push(webhook.header("stripe-signature", format!("t=1,v1={TOKEN}")).body(event.to_string()));
        let part = format!(
            "--quagga\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{ADDRESS} \u{9b}2J.txt\"\r\n\r\n{TEXT}\r\n--quagga--\r\n"
        );
        for body in [part.clone(), part[..part.len() / 2].to_owned(), TEXT.to_owned()] {
            let upload = self.ada.request(Method::POST, "/uploads");
            requests.push(upload.header("content-type", "multipart/form-data; boundary=quagga").body(body));
        }
        requests
    }
}

/// All that a form of ours may hold, in one.
fn fields() -> Vec<(&'static str, &'static str)> {
    let secrets = ["password", "old_password", "new_password"].map(|name| (name, PASSWORD));
    let others = [
        ("email", ADDRESS),
        ("name", ADDRESS),
        ("workspace", TEXT),
        ("token", TOKEN),
        ("code", "quagga123456"),
        ("title", TEXT),
        ("text", TEXT),
        ("reason", TEXT),
        ("confirmation", KEY),
        ("document", KEY),
        ("job", TOKEN),
        ("account", ADDRESS),
        ("role", KEY),
        ("next", "//quagga.example/?token=quagga0123456789"),
    ];
    [&secrets[..], &others].concat()
}

fn with_query(path: &str) -> String {
    let sign = if path.contains('?') { '&' } else { '?' };
    let (password, text) = (PASSWORD.replace(' ', "+"), TEXT.replace(' ', "%20"));
    format!(
        "{path}{sign}token={TOKEN}&password={password}&email=quagga%40acme.example&key={KEY}&query={text}&code=quagga12"
    )
}

fn with_headers(request: RequestBuilder) -> RequestBuilder {
    request
        .header("authorization", format!("Bearer {TOKEN}"))
        .header("cookie", format!("__Host-op={TOKEN}; __Host-visit=quagga0123456789; theme={KEY}"))
        .header("referer", format!("https://sheaf.example/reset-password?token={TOKEN}&email={ADDRESS}"))
        .header("user-agent", format!("{ADDRESS} {PASSWORD}"))
        .header("x-request-id", ADDRESS)
        .header("x-forwarded-for", ADDRESS)
        .header("x-api-key", KEY)
        .header("traceparent", format!("00-{TOKEN}-01"))
        .header("if-none-match", format!("\"{KEY}\""))
        .header("accept-language", TEXT)
}

/// Whatever is answered: some are refused, and some refused early.
async fn send_all(requests: Vec<RequestBuilder>) {
    let mut under_way = JoinSet::new();
    for request in requests {
        if under_way.len() >= AT_ONCE {
            under_way.join_next().await;
        }
        under_way.spawn(async move {
            if let Ok(answer) = request.send().await {
                answer.bytes().await.ok();
            }
        });
    }
    under_way.join_all().await;
}

/// Reads the log from where it has read to.
struct Reader {
    log: File,
    /// Half a line, whose end is not written yet.
    rest: Vec<u8>,
    secrets: Vec<String>,
    read: usize,
    bytes: u64,
}

impl Reader {
    fn new(app: &TestApp, secrets: Vec<String>) -> Self {
        Self { log: File::open(app.log()).unwrap(), rest: Vec::new(), secrets, read: 0, bytes: 0 }
    }

    /// Fails with the first lines that should not be there.
    fn go_on(&mut self) {
        self.log.seek(SeekFrom::Start(self.bytes)).unwrap();
        self.bytes += self.log.read_to_end(&mut self.rest).unwrap() as u64;
        let end = self.rest.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let unread = self.rest.split_off(end);
        let text = String::from_utf8(std::mem::replace(&mut self.rest, unread)).unwrap();
        let findings = log_scanner::findings(&text);
        assert!(findings.is_empty(), "{} findings: {:#?}", findings.len(), &findings[..findings.len().min(5)]);
        for line in text.lines() {
            let has_mark = line.to_ascii_lowercase().contains(MARK);
            assert!(!has_mark && !self.secrets.iter().any(|secret| line.contains(secret.as_str())), "{line}");
            self.read += 1;
        }
    }
}
