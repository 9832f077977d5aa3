//! Files made to do harm: each ends in a state that says why, and the next file is read as if nothing had been.

use std::time::{Duration, Instant};

use domain::documents::{DocumentState, Format};

use crate::{corpus::folder, test_app::TestApp};

#[tokio::test]
async fn hostile_files_harm_nobody() {
    let Some(corpus) = folder() else { return };
    let app = TestApp::start_with(&[("SHEAF_READ_SECONDS", "20")]).await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let mut files: Vec<_> =
        std::fs::read_dir(corpus.join("hostile")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty());
    for file in files {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let started = Instant::now();
        let id = ada.uploads(&name, std::fs::read(&file).unwrap()).await;
        let document = ada.document_when_read(&id).await;
        assert!(started.elapsed() < Duration::from_secs(40), "{name} took {:?}", started.elapsed());
        let said = document.state != DocumentState::Unreadable || document.failure.is_some();
        assert!(said, "{name} could not be read and nobody says why");
        assert!(document.format.is_read() || document.format == Format::Other, "{name}");
    }
    ada.reads("after.txt", "and life goes on").await;
}

#[tokio::test]
async fn what_cannot_be_read_says_why_in_words() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let no_pages =
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n\
        trailer<</Root 1 0 R>>\n%%EOF";
    let truncated = &include_bytes!("../../seed/lease-agreement.pdf")[..1_000];
    for (name, content) in [("no-pages.pdf", no_pages.as_slice()), ("truncated.pdf", truncated)] {
        let id = ada.uploads(name, content).await;
        let document = ada.document_when_read(&id).await;
        assert_eq!(document.state, DocumentState::Unreadable, "{name}");
        let page = ada.get(&format!("/documents/{id}")).await.expect_status(200).await.text().await;
        assert!(page.contains(document.failure.unwrap().message()), "{name}");
    }
}

#[tokio::test]
async fn reading_is_cancelled_and_asked_for_again() {
    let mut app = TestApp::prepare().await;
    app.url = app.run("serve", &[]).await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let id = ada.uploads("a.txt", "some words").await;
    ada.post_form("/api/documents/cancel", &[("document", &id)]).await;
    assert_eq!(ada.document(&id).await.state, DocumentState::Cancelled);
    app.run("work", &[]).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(ada.document(&id).await.state, DocumentState::Cancelled, "no worker takes it");
    ada.post_form("/api/documents/retry", &[("document", &id)]).await;
    assert_eq!(ada.document_when_read(&id).await.state, DocumentState::Read);
}
