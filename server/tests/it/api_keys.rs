//! Programs that come by a key: what they may do, whose it is, and what a key does not open.

use std::collections::{BTreeMap, BTreeSet};

use app::routes;
use domain::roles::Role;
use futures::future::join_all;
use reqwest::{
    Method, RequestBuilder,
    multipart::{Form, Part},
};
use serde_json::{Value, json};

use crate::{
    client::{Answer, Client},
    test_app::{TestApp, eventually},
};

const NOWHERE: &str = "01912345-0000-7000-8000-000000000000";

/// Whoever has a key, without a cookie and without what browsers say of where they come from.
struct Program {
    http: reqwest::Client,
    url: String,
    key: String,
}

impl Program {
    fn new(app: &TestApp, key: &str) -> Self {
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { http, url: app.url.clone(), key: key.to_owned() }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.url)).bearer_auth(&self.key)
    }

    async fn get(&self, path: &str) -> Answer {
        Answer(self.request(Method::GET, path).send().await.unwrap())
    }

    async fn post(&self, path: &str) -> Answer {
        Answer(self.request(Method::POST, path).send().await.unwrap())
    }

    async fn upload(&self, name: &str, content: &'static str) -> Answer {
        Answer(self.request(Method::POST, routes::UPLOADS).multipart(file(name, content)).send().await.unwrap())
    }
}

#[tokio::test]
async fn a_program_uploads_asks_and_fetches_the_text() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let program = Program::new(&app, &key(&mut ada, "member").await);
    let accepted = program.upload("notes.txt", "An unmistakable sentence.").await.expect_status(202).await;
    let job = accepted.header("location").to_owned();
    let told: Value = accepted.json().await;
    let document = told["document"].as_str().unwrap();
    eventually("the document is read", async || {
        let status: Value = program.get(&job).await.expect_status(200).await.json().await;
        (status["state"] == "done").then_some(())
    })
    .await;
    let text = program.get(&routes::document_text_file(document)).await.expect_status(200).await;
    assert!(text.header("set-cookie").is_empty());
    assert!(text.text().await.contains("An unmistakable sentence."));
    let original = program.get(&routes::document_original(document)).await.expect_status(200).await;
    assert_eq!(original.text().await, "An unmistakable sentence.");
    program.post(&routes::job_cancel(told["job"].as_str().unwrap())).await.expect_status(409).await;

    let log = ada.get("/settings/audit?act=document.uploaded").await.expect_status(200).await.text().await;
    assert!(log.contains("through key: Import &amp; &lt;b&gt;") && !log.contains("<b>"), "{log}");
}

#[tokio::test]
async fn whatever_is_wrong_with_a_key_is_401_with_one_body() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let good = key(&mut ada, "member").await;
    let path = routes::job(NOWHERE);
    Program::new(&app, &good).get(&path).await.expect_status(404).await;
    let revoked = key(&mut ada, "member").await;
    let id: String = sqlx::query_scalar("select id::text from api_key order by created_at desc, id desc limit 1")
        .fetch_one(&mut app.superuser().await)
        .await
        .unwrap();
    ada.post_form("/api/api_keys/revoke", &[("key", &id)]).await;
    let end = if good.ends_with('A') { "E" } else { "A" };
    let mistyped = format!("{}{end}", &good[..good.len() - 1]);
    let mut bodies = BTreeSet::new();
    for wrong in [revoked, mistyped, "sheaf_".into(), "sheaf_nothing".into()] {
        let refused = Program::new(&app, &wrong).get(&path).await.expect_status(401).await;
        assert_eq!(refused.header("www-authenticate"), "Bearer");
        bodies.insert(refused.text().await);
    }
    assert_eq!(bodies.len(), 1, "{bodies:?}");
    assert!(bodies.first().is_some_and(|body| body.contains("unauthenticated")), "{bodies:?}");
    // Whatever it accepts, it is shown no page and led to no sign-in.
    let program = Program::new(&app, "sheaf_nothing");
    let refused = program.request(Method::GET, &path).header("accept", "text/html").send().await.unwrap();
    assert_eq!(refused.status(), 401);
}

#[tokio::test]
async fn a_key_opens_nothing_but_what_programs_are_for() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let program = Program::new(&app, &key(&mut ada, "member").await);
    for path in ["/documents", "/settings/keys", "/settings/members", "/settings/billing", "/search?q=a", "/events"] {
        let status = program.get(path).await.status();
        assert!(matches!(status, 303 | 401), "{path}: {status}");
    }
    for path in [routes::USAGE_CSV, routes::AUDIT_CSV] {
        assert_eq!(program.get(path).await.status(), 401, "{path}");
    }
    assert_eq!(program.get(routes::OPERATOR).await.status(), 404);
    for path in ["/settings/keys", "/api/members/leave", "/api/exports/ask", "/api/accounts/sign_out_everywhere"] {
        let asked = || program.request(Method::POST, path).header("content-type", "application/x-www-form-urlencoded");
        assert_eq!(asked().send().await.unwrap().status(), 403, "{path} from nowhere");
        let status = asked().header("sec-fetch-site", "same-origin").send().await.unwrap().status().as_u16();
        assert!(matches!(status, 302 | 303 | 401), "{path} from our own pages: {status}");
    }
}

#[tokio::test]
async fn where_a_key_is_brought_no_cookie_is_looked_at() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let mut eve = app.sign_up("Eve", "Globex").await;
    let adas = key(&mut ada, "member").await;
    let cookies = eve.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
    let from_elsewhere = |bearer: &str| {
        let request = Program::new(&app, bearer).request(Method::POST, routes::UPLOADS).header("cookie", &cookies);
        request.header("sec-fetch-site", "cross-site").multipart(file("a.txt", "a")).send()
    };
    assert_eq!(from_elsewhere(&adas).await.unwrap().status(), 202, "it is Ada's, and not Eve's browser's");
    assert_eq!(from_elsewhere("sheaf_nothing").await.unwrap().status(), 401, "her cookies do not help");
    assert_eq!(from_elsewhere("somebody else's").await.unwrap().status(), 403, "this is no key of ours");
    assert_eq!((ada.list().await.total, eve.list().await.total), (1, 0));
}

#[tokio::test]
async fn a_key_of_globex_reaches_nothing_of_acme() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let mut eve = app.sign_up("Eve", "Globex").await;
    let (adas, eves) = (key(&mut ada, "member").await, key(&mut eve, "member").await);
    let answer: Value = ada.upload("plan.txt", "the plan").await.expect_status(202).await.json().await;
    let (document, job) = (answer["document"].as_str().unwrap(), answer["job"].as_str().unwrap());
    ada.document_when_read(document).await;
    let all = [
        routes::job(job),
        routes::document_original(document),
        routes::document_text_file(document),
        routes::page_image(document, 1, None),
        routes::page_thumbnail(document, 1, None),
        routes::report_file(document),
    ];
    let (own, others) = (Program::new(&app, &adas), Program::new(&app, &eves));
    assert_eq!(own.get(&all[1]).await.status(), 200);
    for path in all {
        let refused = others.get(&path).await.expect_status(404).await.text().await;
        assert!(!refused.contains("plan"), "{path}: {refused}");
    }
    for path in [routes::job_cancel(job), routes::job_retry(job)] {
        others.post(&path).await.expect_status(404).await;
    }
    // The name of Acme's key with the secret of one's own is nobody's.
    let mixed = format!("{}{}", &adas[..adas.len() - 43], &eves[eves.len() - 43..]);
    Program::new(&app, &mixed).get(&routes::job(job)).await.expect_status(401).await;
    // And she neither sees nor ends it.
    let page = eve.get("/settings/keys").await.expect_status(200).await.text().await;
    assert!(page.contains(&eves[..18]) && !page.contains(&adas[..18]), "{page}");
    let listed: Value = ada.call("api_keys/list", json!({})).await.expect_status(200).await.json().await;
    let id = listed["keys"][0]["id"].as_str().unwrap();
    eve.post_form("/api/api_keys/revoke", &[("key", id)]).await.expect_status(404).await;
    own.get(&routes::job(job)).await.expect_status(200).await;
}

#[tokio::test]
async fn a_key_of_a_viewer_reads_but_uploads_nothing() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let document = ada.uploads("notes.txt", "A few words.").await;
    let program = Program::new(&app, &key(&mut ada, "viewer").await);
    program.get(&routes::document_original(&document)).await.expect_status(200).await;
    let refused = program.upload("more.txt", "More words.").await.expect_status(403).await.text().await;
    assert!(refused.contains("Your role in this workspace does not allow this."), "{refused}");
    assert_eq!(ada.list().await.total, 1);
}

#[tokio::test]
async fn a_key_ends_when_its_maker_leaves_the_workspace() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let document = ada.uploads("notes.txt", "A few words.").await;
    let mut bob = app.joins("Bob", "Acme", Role::Admin).await;
    let bobs = Program::new(&app, &key(&mut bob, "member").await);
    bobs.get(&routes::document_original(&document)).await.expect_status(200).await;
    bob.post_form("/api/members/leave", &[]).await.expect_status(200).await;
    bobs.get(&routes::document_original(&document)).await.expect_status(401).await;
}

#[tokio::test]
async fn a_key_is_shown_once_and_what_was_typed_comes_back() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let empty = ada.get("/settings/keys").await.expect_status(200).await.text().await;
    assert!(empty.contains("No keys yet") && empty.contains(&format!("--form file=@lease.pdf {}/uploads", app.url)));
    let fields = [("name", "Nightly <b>"), ("role", "viewer"), ("expires", "365")];
    let shown = ada.post_plain("/settings/keys", "/settings/keys", &fields).await.expect_status(200).await;
    assert_eq!(shown.header("cache-control"), "no-store");
    let page = shown.text().await;
    assert!(page.contains("Nightly &lt;b&gt;") && page.contains("shown this once"), "{page}");
    let mut found = page.match_indices("sheaf_").filter_map(|(at, _)| page[at..].split(['<', '"', '\\']).next());
    let key = found.find(|text| text.len() == 93).expect("the page shows the key");
    Program::new(&app, key).get(&routes::job(NOWHERE)).await.expect_status(404).await;
    let again = ada.get("/settings/keys").await.expect_status(200).await.text().await;
    assert!(again.contains(&key[..18]) && !again.contains(&key[50..]), "{again}");

    let fields = [("name", ""), ("role", "viewer"), ("expires", "365")];
    let (back, page) = ada.is_led_back("/settings/keys", "/settings/keys", &fields).await;
    assert!(back.starts_with("/settings/keys?__path="), "{back}");
    assert!(page.contains("Give the key a name that says what it is for."), "{page}");
    assert!(page.contains("value=\"viewer\" selected") && page.contains("value=\"365\" selected"), "{page}");
    let listed: Value = ada.call("api_keys/list", json!({})).await.expect_status(200).await.json().await;
    assert_eq!(listed["keys"].as_array().map(Vec::len), Some(1), "{listed}");
}

#[tokio::test]
async fn who_tries_keys_is_stopped_and_nobody_else_from_there_is() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let good = Program::new(&app, &key(&mut ada, "viewer").await);
    let (path, wrong) = (routes::job(NOWHERE), Program::new(&app, "sheaf_nothing"));
    let mut statuses = BTreeMap::<u16, usize>::new();
    for _ in 0..11 {
        for answer in join_all((0..10).map(|_| wrong.get(&path))).await {
            *statuses.entry(answer.status()).or_default() += 1;
        }
    }
    assert_eq!(statuses, BTreeMap::from([(401, 100), (429, 10)]));
    assert_eq!(wrong.get(&path).await.expect_status(429).await.header("retry-after"), "900");
    good.get(&path).await.expect_status(404).await;
}

#[tokio::test]
async fn what_a_key_has_used_is_summed_apart_and_is_what_the_ledger_says() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let program = Program::new(&app, &key(&mut ada, "member").await);
    for (name, content) in [("one.txt", "The first."), ("two.txt", "The second.")] {
        let told: Value = program.upload(name, content).await.expect_status(202).await.json().await;
        ada.document_when_read(told["document"].as_str().unwrap()).await;
    }
    ada.reads("three.txt", "The third.").await;
    let usage: Value = ada.call("billing/usage", json!({ "query": { "month": null } })).await.json().await;
    let summed = |name: &str| {
        let sums = usage["keys"].as_array().unwrap().iter().filter(|sum| sum["name"] == name);
        sums.map(|sum| sum["credits"].as_i64().unwrap()).sum::<i64>()
    };
    let (through_key, in_browser) = (summed("Import & <b>"), summed("In the browser"));
    assert!(through_key > 0 && in_browser > 0, "{usage}");
    assert_eq!(Some(through_key + in_browser), usage["total"].as_i64(), "{usage}");
    let of_keys: i64 = sqlx::query_scalar(
        "select sum(case credit when 'used' then credits else -credits end)::int8 from ledger_entry
         where kind in ('use', 'credit_back') and api_key_id = (select id from api_key)",
    )
    .fetch_one(&mut app.superuser().await)
    .await
    .unwrap();
    assert_eq!(of_keys, through_key);
    let page = ada.get(routes::USAGE).await.expect_status(200).await.text().await;
    assert!(page.contains("By API key") && page.contains("In the browser"), "{page}");
    let table = ada.get(routes::USAGE_CSV).await.expect_status(200).await.text().await;
    assert!(
        table.starts_with("at,kind,") && table.lines().next().is_some_and(|head| head.contains(",person,api_key,"))
    );
    assert_eq!(table.matches("Ada,Import & <b>,").count(), 2, "{table}");
}

/// A key of whoever asks, by its text.
async fn key(client: &mut Client, role: &str) -> String {
    let fields = [("name", "Import & <b>"), ("role", role), ("expires", "30")];
    let made: Value = client.post_form("/settings/keys", &fields).await.expect_status(201).await.json().await;
    made["key"].as_str().unwrap().to_owned()
}

fn file(name: &str, content: &'static str) -> Form {
    Form::new().part("file", Part::text(content).file_name(name.to_owned()))
}
