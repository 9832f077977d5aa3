//! The main job, end to end, on the real program: in, read, found, out, told by mail; and Eve sees nothing of it.

use domain::{documents::DocumentState, search::SearchResults};
use serde_json::json;

use crate::{client::Client, test_app::TestApp};

/// A document of the project's own.
const LEASE: &[u8] = include_bytes!("../../seed/lease-agreement.pdf");

#[tokio::test]
async fn a_document_goes_in_is_read_is_found_and_eve_sees_nothing() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let document = ada.reads("Lease.pdf", LEASE).await;
    assert_eq!(document.title.as_deref(), Some("Lease agreement, 14 Quire Lane"));
    assert_eq!(document.language.as_deref(), Some("eng"));
    assert!(document.has_images && document.words > 500, "{document:?}");
    assert_eq!(document.pages, Some(document.pages_read));

    let found = search(&mut ada, "vibration dampers").await;
    assert_eq!(found.documents.len(), 1);
    let page = found.documents[0].hits[0].number;
    let id = document.id.to_string();
    let read: serde_json::Value = ada
        .call("documents/page", json!({ "id": id, "number": page, "query": "dampers" }))
        .await
        .expect_status(200)
        .await
        .json()
        .await;
    let hit = read["hits"][0].as_u64().unwrap() as usize;
    assert!(read["words"][hit][0].as_str().unwrap().contains("dampers"), "the hit leads to its word");

    for path in [format!("/documents/{id}"), "/documents".into(), "/search?q=dampers".into(), "/reports".into()] {
        let page = ada.get(&path).await.expect_status(200).await;
        assert!(page.header("content-security-policy").contains("'nonce-"), "{path}");
        assert!(page.text().await.contains("</html>"), "{path}");
    }
    let image = ada.get(&format!("/documents/{id}/pages/1.png")).await.expect_status(200).await;
    assert_eq!(&image.bytes().await[1..4], b"PNG");
    ada.get(&format!("/documents/{id}/pages/1/thumbnail.png")).await.expect_status(200).await;
    let original = ada.get(&format!("/documents/{id}/original")).await.expect_status(200).await;
    assert!(original.header("content-disposition").starts_with("attachment"));
    assert!(original.header("content-security-policy").contains("sandbox"));
    assert_eq!(original.bytes().await, LEASE);
    let text = ada.get(&format!("/documents/{id}/text.txt")).await.expect_status(200).await.text().await;
    let words: Vec<_> = text.split_whitespace().collect();
    assert!(words.join(" ").contains("vibration dampers"));

    let mut eve = app.sign_up("Eve", "Globex").await;
    assert_eq!(eve.list().await.documents.len(), 0);
    assert_eq!(search(&mut eve, "dampers").await.documents.len(), 0);
    for path in ["original", "text.txt", "pages/1.png", "pages/1/thumbnail.png"] {
        eve.get(&format!("/documents/{id}/{path}")).await.expect_status(404).await;
    }
    let page = eve.get(&format!("/documents/{id}")).await;
    assert_eq!(page.status(), 404);
    assert!(!page.text().await.contains("Quire Lane"));
}

#[tokio::test]
async fn every_format_of_the_seed_is_read() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let formats: [(&str, &[u8], &str); 5] = [
        ("review.docx", include_bytes!("../../seed/quarterly-review.docx"), "parchment"),
        ("handbook.md", include_bytes!("../../seed/onboarding-handbook.md"), "guillotine"),
        ("invoices.csv", include_bytes!("../../seed/invoices-2026.csv"), "Clamshell"),
        ("notes.txt", include_bytes!("../../seed/meeting-notes.txt"), "dehumidifier"),
        ("page.html", include_bytes!("../../seed/product-page.html"), "buckram"),
    ];
    for (name, content, word) in formats {
        let document = ada.reads(name, content).await;
        assert!(document.words > 50, "{name}: {} words", document.words);
        let found = search(&mut ada, word).await;
        assert!(found.documents.iter().any(|found| found.id == document.id), "{word} in {name}");
    }
    let found = search(&mut ada, "\"never runs\"").await;
    assert_eq!(found.documents.len(), 0, "a script is not read");
}

#[tokio::test]
async fn a_worker_that_dies_loses_nothing() {
    let mut app = TestApp::prepare().await;
    app.url = app.run("serve", &[]).await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let id = ada.uploads("Lease.pdf", LEASE).await;
    assert_eq!(ada.document(&id).await.state, DocumentState::Waiting);
    app.run("work", &[]).await;
    tokio::time::sleep(std::time::Duration::from_millis(150)).await;
    app.kill_last();
    app.run("work", &[]).await;
    let document = ada.document_when_read(&id).await;
    assert_eq!((document.state, document.pages), (DocumentState::Read, Some(document.pages_read)));
}

#[tokio::test]
async fn two_servers_serve_one_browser_without_stickiness() {
    let mut app = TestApp::prepare().await;
    // The same address stands for both, as behind a proxy; the keys are in the shared folder.
    let first = app.run("serve", &[]).await;
    let second = app.run("serve", &[]).await;
    app.run("work", &[]).await;
    app.url = first.clone();
    let mut ada = app.sign_up("Ada", "Acme").await;
    let mut turn = [&first, &second].into_iter().cycle();
    let mut next = |client: &mut Client| client.url = (*turn.next().unwrap()).clone();
    next(&mut ada);
    let id = ada.uploads("notes.txt", "alternately served").await;
    for _ in 0..10 {
        next(&mut ada);
        ada.get("/documents").await.expect_status(200).await;
    }
    next(&mut ada);
    ada.document_when_read(&id).await;
    next(&mut ada);
    assert_eq!(search(&mut ada, "alternately").await.documents.len(), 1);
}

async fn search(client: &mut Client, query: &str) -> SearchResults {
    client.call("search", json!({ "query": query })).await.expect_status(200).await.json().await
}
