//! What is private at Acme, and what Bob gets of it, who is an admin there.

use app::routes;
use domain::{
    reports::{Report, ReportState},
    roles::Role,
};
use reqwest::{
    Method,
    multipart::{Form, Part},
};
use serde_json::{Value, json};

use crate::{
    client::Client,
    routes::{call, functions, pages},
    test_app::{TestApp, eventually},
};

/// Stands in the private document alone.
const SECRET: &str = "heron4711";

#[tokio::test]
async fn no_answer_to_another_member_holds_what_is_private() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let mut bob = app.joins("Bob", "Acme", Role::Admin).await;
    let document = reads_privately(&mut ada, "heron.txt", &format!("The harbour plan: {SECRET}")).await;
    let report = make_report(&mut ada, &[("title", "Heron4711"), ("documents[0]", &document)]).await;
    assert!(report.private);

    let report = report.id.to_string();
    for (path, encoding, arguments) in functions(&document, &report) {
        // What concerns Bob alone, and what answers with the words that it is asked for.
        if path.starts_with("accounts/") || matches!(path, "members/leave" | "search" | "documents/pages_with") {
            continue;
        }
        let (status, body) = call(&mut bob, path, encoding, &arguments).await;
        assert!(!body.to_lowercase().contains(SECRET), "{path}: {status} {body}");
    }
    for path in pages(&document, &report) {
        let body = bob.get(&path).await.text().await;
        assert!(!body.to_lowercase().contains(SECRET), "{path}: {body}");
    }
    for path in
        [routes::document_original(&document), routes::document_text_file(&document), routes::report_file(&report)]
    {
        bob.get(&path).await.expect_status(404).await;
        ada.get(&path).await.expect_status(200).await;
    }
    let found: Value = bob.call("search", json!({ "query": SECRET })).await.expect_status(200).await.json().await;
    assert_eq!((found["documents"].as_array().map(Vec::len), found["pages"].as_i64()), (Some(0), Some(0)));
    assert_eq!((bob.list().await.total, ada.list().await.total), (0, 1), "and nothing of it was changed");

    let fields = [("document", document.as_str()), ("visibility", "workspace")];
    ada.post_form("/api/documents/share", &fields).await;
    assert_eq!(bob.list().await.total, 1);
    bob.get(&routes::document_original(&document)).await.expect_status(200).await;
}

#[tokio::test]
async fn a_report_on_a_search_holds_what_whoever_asked_may_see() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let mut bob = app.joins("Bob", "Acme", Role::Admin).await;
    ada.reads("open.txt", "The harbour is open.").await;
    reads_privately(&mut ada, "heron.txt", &format!("The harbour plan: {SECRET}")).await;
    let bobs = make_report(&mut bob, &[("title", "Harbour"), ("q", "harbour")]).await;
    assert_eq!((bobs.documents, bobs.private), (Some(1), false));
    let adas = make_report(&mut ada, &[("title", "Harbour"), ("q", "harbour")]).await;
    assert_eq!((adas.documents, adas.private), (Some(2), true));
    let seen: Vec<Report> = bob.call("reports/list", json!({})).await.expect_status(200).await.json().await;
    assert_eq!(seen.iter().map(|report| report.id).collect::<Vec<_>>(), [bobs.id]);
}

#[tokio::test]
async fn a_visibility_that_is_not_known_keeps_nothing() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let form = Form::new().text("visibility", "secret").part("file", Part::text("a").file_name("a.txt"));
    let request = ada.request(Method::POST, routes::UPLOADS).header("accept", "application/json").multipart(form);
    ada.send(request).await.expect_status(422).await;
    assert_eq!(ada.list().await.total, 0);
}

async fn reads_privately(client: &mut Client, name: &str, content: &str) -> String {
    let file = Part::text(content.to_owned()).file_name(name.to_owned());
    let form = Form::new().text("visibility", "private").part("file", file);
    let request = client.request(Method::POST, routes::UPLOADS).header("accept", "application/json").multipart(form);
    let answer: Value = client.send(request).await.expect_status(202).await.json().await;
    let document = answer["document"].as_str().unwrap().to_owned();
    client.document_when_read(&document).await;
    document
}

async fn make_report(client: &mut Client, fields: &[(&str, &str)]) -> Report {
    client.post_form("/api/reports/ask", fields).await;
    let made = eventually("the report is made", async || {
        let reports: Vec<Report> = client.call("reports/list", json!({})).await.expect_status(200).await.json().await;
        reports.into_iter().next().filter(|report| !report.state.is_busy())
    })
    .await;
    assert_eq!(made.state, ReportState::Ready, "{:?}", made.failure);
    made
}
