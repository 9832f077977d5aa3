//! What operators have switched off is refused as they want it: nobody is woken by that, and pages say why.

use std::time::Duration;

use reqwest::Method;
use serde_json::Value;

use crate::{
    client::{Answer, Client, form},
    http_sink::HttpSink,
    operators::Bob,
    test_app::{TestApp, eventually, free_port},
};

#[tokio::test]
async fn what_is_switched_off_is_no_failure_and_pages_say_why() {
    let (address, sink) = (format!("127.0.0.1:{}", free_port()), HttpSink::start().await);
    let dsn = format!("{}/7", sink.url.replace("http://", "http://abc123@"));
    let settings = [("SHEAF_METRICS_ADDRESS", address.as_str()), ("SHEAF_SENTRY_DSN", dsn.as_str())];
    let app = TestApp::start_with(&settings).await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let document = ada.reads("notes.txt", "a few words").await.id.to_string();
    assert!(page(&mut ada, "/documents/read-all-again").await.contains("action=\"/api/documents/read_all_again\""));
    let mut bob = Bob::added(&app).signs_in(&app).await;
    for key in ["uploads", "read_again"] {
        let fields =
            [("key", key), ("state", "off"), ("switch_reason", "The readers are being changed."), ("confirm", "on")];
        bob.post_form("/operator/switches/switch", &fields).await.expect_status(303).await;
    }

    let upload = eventually("uploads are off", async || {
        let answer = ada.upload("b.txt", "b").await;
        (answer.status() == 503).then_some(answer)
    });
    is_refused(upload.await, "Uploads are paused").await;
    let again = form(ada.request(Method::POST, "/api/documents/read_again"), &[("documents[0]", &document)]);
    is_refused(ada.send(again).await, "Reading again is paused").await;

    let chosen = format!("/documents/read-again?documents={document}");
    for (path, offered) in [
        ("/documents", "formaction=\"/documents/read-again\""),
        (chosen.as_str(), "action=\"/api/documents/read_again\""),
        ("/documents/read-all-again", "action=\"/api/documents/read_all_again\""),
        ("/settings/workspace", "href=\"/documents/read-all-again\""),
        ("/activity", "no such thing is offered here"),
    ] {
        let shown = page(&mut ada, path).await;
        assert!(shown.contains("Reading again is paused") && !shown.contains(offered), "{path}: {shown}");
    }

    let told = reqwest::get(format!("http://{address}/metrics")).await.unwrap().text().await.unwrap();
    let counted = |status: &str| {
        let of_requests = told.lines().filter(|line| line.starts_with("sheaf_http_requests_total{"));
        of_requests.filter(|line| line.contains(&format!("status=\"{status}\""))).count()
    };
    assert_eq!((counted("switched_off"), counted("5xx")), (2, 0), "{told}");
    // Whatever were told or kept of it would be by now.
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert!(sink.kept().is_empty(), "{:?}", sink.kept());
    let kept = "select count(*) from slow_request where status >= 500 and took_ms < 500";
    let kept: i64 = sqlx::query_scalar(kept).fetch_one(&mut app.superuser().await).await.unwrap();
    assert_eq!(kept, 0);
    let log = app.logged();
    let errors: Vec<&str> = log.lines().filter(|line| line.contains("\"level\":\"ERROR\"")).collect();
    assert!(errors.is_empty() && log.contains("a request was refused as operators want it"), "{errors:?}");
}

/// With a sentence for people, and a word about when to ask again.
async fn is_refused(answer: Answer, words: &str) {
    let answer = answer.expect_status(503).await;
    assert_eq!((answer.header("retry-after"), answer.header("x-sheaf-switched-off")), ("300", ""));
    let error: Value = answer.json().await;
    assert_eq!(error["kind"], "switched_off", "{error}");
    let message = error["message"].as_str().unwrap();
    assert!(message.contains(words) && message.contains("switched off for now"), "{message}");
    assert!(message.contains("Nothing that is here is lost"), "{message}");
}

async fn page(client: &mut Client, path: &str) -> String {
    client.get(path).await.expect_status(200).await.text().await
}
