//! What is logged of a request and of what it causes, and what never is.

use domain::clock::Clock;
use reqwest::{
    Method,
    multipart::{Form, Part},
};
use serde_json::{Value, json};

use crate::{
    client::Client,
    smtp_sink::SmtpSink,
    stripe_webhook::signature,
    test_app::{TestApp, eventually},
};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

/// Whatever is a line of ours. Libraries may have something to say past the log.
fn lines(app: &TestApp) -> Vec<Value> {
    let text = app.logged();
    let lines = text.lines().filter(|line| line.starts_with('{'));
    // The last line may be on its way.
    lines.filter_map(|line| serde_json::from_str(line).ok()).collect()
}

async fn line(app: &TestApp, what: &str, is_it: impl Fn(&Value) -> bool) -> Value {
    eventually(what, async || lines(app).into_iter().find(&is_it)).await
}

#[tokio::test]
async fn a_line_says_to_which_request_it_belongs_and_so_does_that_of_a_job() {
    let app = TestApp::start_logging(&[("SHEAF_LOG", "info,domain=debug")]).await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let form = Form::new().part("file", Part::bytes(b"a few words".to_vec()).file_name("notes.txt"));
    let request = ada
        .request(Method::POST, "/uploads")
        .header("accept", "application/json")
        .header("x-request-id", "upload-0001")
        .header("traceparent", format!("00-{TRACE}-00f067aa0ba902b7-01"))
        .multipart(form);
    let answer = ada.send(request).await.expect_status(202).await;
    assert_eq!(answer.header("x-request-id"), "upload-0001");

    let told = line(&app, "the upload is told", |line| line["request.id"] == "upload-0001").await;
    for (name, value) in [("http.method", "POST"), ("http.route", "/uploads"), ("trace.id", TRACE), ("level", "INFO")] {
        assert_eq!(told[name], value, "{told}");
    }
    assert!(told["status"] == 202 && told["duration_ms"].is_number() && told["timestamp"].is_string(), "{told}");
    let job = line(&app, "the job is told", |line| line["message"] == "job done" && line["trace.id"] == TRACE).await;
    assert_eq!((&job["job.kind"], &job["job.attempt"]), (&json!("read_document"), &json!(1)), "{job}");
    assert!(
        job["tenant.id"].is_string() && job["tenant.id"] == told["tenant.id"] && job["job.id"].is_string(),
        "{job}"
    );
}

#[tokio::test]
async fn an_address_is_told_by_its_route_and_an_id_is_made_where_none_is_good() {
    let app = TestApp::start_logging(&[("SHEAF_LOG", "info")]).await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let id = ada.uploads("notes.txt", "a few words").await;
    for given in ["short", "two words of it", "<script>alert(1)</script>", &"long".repeat(20)] {
        let request = ada.request(Method::GET, &format!("/documents/{id}?q=zebra")).header("x-request-id", given);
        let made = ada.send(request).await.header("x-request-id").to_owned();
        assert!(made.len() == 32 && made.bytes().all(|byte| byte.is_ascii_hexdigit()), "{given}: {made}");
        let told = line(&app, "the request is told", |line| line["request.id"] == made.as_str()).await;
        assert!(told["http.route"].as_str().unwrap().starts_with("/documents/{"), "{told}");
    }
    ada.call("documents/find", json!({ "id": id })).await.expect_status(200).await;
    line(&app, "a function is told by its name", |line| line["http.route"] == "/api/documents/find").await;
    ada.get("/no/such/page").await.expect_status(404).await;
    line(&app, "what is not there is one route", |line| line["http.route"] == "unmatched").await;
    let log = app.logged();
    assert!(!log.contains("zebra") && !log.contains("/no/such") && !log.contains("<script"), "{log}");
    for told in lines(&app).iter().filter(|line| line["http.route"].is_string()) {
        let quiet = ["/livez", "/readyz", "assets"].contains(&told["http.route"].as_str().unwrap());
        assert!(!quiet, "what comes so often is not told at this level: {told}");
    }
}

#[tokio::test]
async fn nobody_finds_an_address_a_secret_or_a_text_in_the_log() {
    let sink = SmtpSink::start().await;
    sink.refuse(1);
    let settings = [
        ("SHEAF_LOG", "debug,sqlx=warn"),
        ("SHEAF_SMTP_URL", sink.url.as_str()),
        ("SHEAF_STRIPE_KEY", "sk_test_hushhush"),
        ("SHEAF_STRIPE_URL", "http://127.0.0.1:9"),
        ("SHEAF_STRIPE_WEBHOOK_SECRETS", "whsec_hushhush"),
    ];
    let app = TestApp::start_logging(&settings).await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let mut secrets: Vec<String> = [
        "ada@acme",
        "bob@acme",
        "eve@globex",
        "%40",
        "correct horse",
        "wrong horse",
        "another horse",
        "hushhush",
        "quagga",
        "okapi",
        "memo.txt",
    ]
    .map(str::to_owned)
    .into();
    secrets.extend(ada.cookies.values().cloned());

    let mut visitor = Client::new(&app.url);
    let wrong = [("email", "ada@acme.example"), ("password", "wrong horse battery")];
    visitor.post_form("/sign-in", &wrong).await;
    visitor.post_form("/sign-in", &[("email", "eve@globex.example"), ("password", "wrong horse battery")]).await;
    let fields = [("email", "eve@globex.example"), ("password", "wrong horse battery"), ("code", "123456")];
    visitor.post_form("/operator/sign-in", &fields).await;

    ada.reads("memo.txt", "the quagga is no zebra").await;
    ada.get("/search?q=okapi").await.expect_status(200).await;
    ada.post_form("/api/members/invite", &[("email", "bob@acme.example"), ("role", "viewer")]).await;
    let invited = app.token_mailed_to("bob@acme.example").await;
    visitor.get(&format!("/invite?token={invited}")).await.expect_status(200).await;
    visitor.get("/mailbox?address=ada%40acme.example").await;

    let fields = [("name", "Import"), ("role", "member"), ("expires", "30")];
    let made: Value = ada.post_form("/settings/keys", &fields).await.expect_status(201).await.json().await;
    let key = made["key"].as_str().unwrap().to_owned();
    let (rest, end) = key.split_at(key.len() - 1);
    let mistyped = format!("{rest}{}", if end == "A" { "E" } else { "A" });
    for (key, status) in [(&key, 404), (&mistyped, 401)] {
        let request = visitor.request(Method::GET, "/jobs/01912345-0000-7000-8000-000000000000").bearer_auth(key);
        visitor.send(request).await.expect_status(status).await;
    }

    visitor.post_form("/forgot-password", &[("email", "ada@acme.example")]).await.expect_status(200).await;
    let forgotten = app.token_mailed_to("ada@acme.example").await;
    let fields = [("token", forgotten.as_str()), ("password", "another horse battery")];
    visitor.post_form("/reset-password", &fields).await;
    let fields = [("email", "ada@acme.example"), ("password", "another horse battery")];
    visitor.post_form("/sign-in", &fields).await.expect_status(303).await;

    let body =
        json!({ "id": "evt_1", "object": "event", "type": "invoice.paid", "customer_email": "ada@acme.example" });
    for secret in ["whsec_hushhush", "whsec_of_eve"] {
        let at = Clock::system().now().timestamp();
        let signed = signature(secret, at, &body.to_string());
        secrets.push(signed.rsplit('=').next().unwrap().to_owned());
        let request = visitor.request(Method::POST, "/stripe/webhook").header("stripe-signature", signed);
        visitor.send(request.header("content-type", "application/json").body(body.to_string())).await;
    }
    ada.get("/documents/not-an-id-but-quagga").await;

    secrets.extend([invited, forgotten, rest.to_owned()]);
    secrets.extend(visitor.cookies.values().filter(|value| value.len() > 20).cloned());
    // All that was done before is in the log once this is.
    visitor.request(Method::GET, "/").header("x-request-id", "the-last-one").send().await.unwrap();
    line(&app, "the last request is told", |line| line["request.id"] == "the-last-one").await;
    // The mail server says in its refusal to whom the mail was.
    let is_refusal =
        |line: &Value| line["error"].as_str().is_some_and(|error| error.contains("<[address]> has no room"));
    line(&app, "the refusal of a mail is told", is_refusal).await;
    let log = app.logged();
    for secret in secrets {
        let found = log.lines().find(|line| line.contains(&secret));
        assert_eq!(found, None, "{secret}");
    }
}
