//! Originals and images in part, and what a client has already: from a folder and from an S3-compatible store.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use app::routes;
use reqwest::Method;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy},
    net::{TcpListener, TcpStream},
};

use crate::{
    client::{Answer, Client},
    store::{s3, settings},
    test_app::TestApp,
};

#[tokio::test]
async fn an_original_of_text_is_sent_as_it_is_stored() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let text = "A line that is worth compressing.\n".repeat(1_000);
    for (name, content) in [("notes.txt", text.clone()), ("notes.csv", text.replace('.', ",")), ("n.md", text + "#")] {
        let document = ada.reads(name, content.clone()).await;
        let path = format!("/documents/{}/original", document.id);
        let whole = ask(&mut ada, &path, &[]).await.expect_status(200).await;
        assert_eq!((whole.header("content-encoding"), whole.header("accept-ranges")), ("", "bytes"), "{name}");
        assert_eq!(whole.header("content-length"), content.len().to_string());
        assert_eq!(whole.header("cache-control"), "private, no-cache, no-transform");
        let (etag, modified) = (whole.header("etag").to_owned(), whole.header("last-modified").to_owned());
        assert_eq!(etag, format!("\"{}\"", document.sha256), "a strong tag of the bytes");
        assert!(modified.ends_with(" GMT") && whole.text().await == content);

        let head = ada.send(ada.request(Method::HEAD, &path).header("accept-encoding", "gzip, br")).await;
        assert_eq!((head.status(), head.header("content-length")), (200, content.len().to_string().as_str()));
        for has in [("if-none-match", etag.as_str()), ("if-modified-since", &modified)] {
            let answer = ask(&mut ada, &path, &[has, ("range", "bytes=0-9")]).await.expect_status(304).await;
            assert_eq!(answer.header("etag"), etag, "{has:?}");
            assert_eq!(answer.bytes().await.len(), 0, "{has:?}");
        }
        for going_on in [("if-range", etag.as_str()), ("if-range", &modified), ("x-none", "")] {
            let part = ask(&mut ada, &path, &[("range", "bytes=10-19"), going_on]).await.expect_status(206).await;
            assert_eq!(part.header("content-range"), format!("bytes 10-19/{}", content.len()), "{going_on:?}");
            assert_eq!((part.header("content-length"), part.header("content-encoding")), ("10", ""));
            assert_eq!(part.text().await, content[10..20]);
        }
        for whole in [("range", "bytes=0-1,5-6"), ("range", "lines=1-2"), ("range", "bytes=9-1")] {
            assert_eq!(ask(&mut ada, &path, &[whole]).await.expect_status(200).await.text().await, content);
        }
        let others = [("range", "bytes=10-19"), ("if-range", "\"other\"")];
        assert_eq!(ask(&mut ada, &path, &others).await.expect_status(200).await.text().await, content);
        let beyond = ask(&mut ada, &path, &[("range", "bytes=9999999-")]).await.expect_status(416).await;
        assert_eq!(beyond.header("content-range"), format!("bytes */{}", content.len()));
        ask(&mut ada, &path, &[("if-match", "\"other\"")]).await.expect_status(412).await;
    }
}

#[tokio::test]
async fn a_tag_is_no_key() {
    let app = TestApp::start().await;
    let (mut ada, mut eve) = (app.sign_up("Ada", "Acme").await, app.sign_up("Eve", "Globex").await);
    let document = ada.reads("notes.txt", "A few words.").await;
    let (path, etag) = (format!("/documents/{}/original", document.id), format!("\"{}\"", document.sha256));
    ask(&mut ada, &path, &[("if-none-match", &etag)]).await.expect_status(304).await;
    for headers in [[("if-none-match", etag.as_str())], [("range", "bytes=0-1")], [("if-none-match", "*")]] {
        ask(&mut eve, &path, &headers).await.expect_status(404).await;
        ask(&mut Client::new(&app.url), &path, &headers).await.expect_status(401).await;
    }
}

#[tokio::test]
async fn an_image_of_a_page_has_an_address_that_shows_no_other() {
    let app = TestApp::start().await;
    let (mut ada, mut eve) = (app.sign_up("Ada", "Acme").await, app.sign_up("Eve", "Globex").await);
    let document = ada.reads("Lease.pdf", &include_bytes!("../../seed/lease-agreement.pdf")[..]).await;
    let (id, first) = (document.id, document.images.expect("it was read to its end"));
    let listed = ada.list().await.documents.remove(0);
    assert_eq!(listed.images.as_ref(), Some(&first));
    let (page, small) = (routes::page_image(id, 1, Some(&first)), routes::page_thumbnail(id, 1, Some(&first)));
    for path in [&page, &small] {
        let image = ask(&mut ada, path, &[]).await.expect_status(200).await;
        assert_eq!(image.header("cache-control"), "private, max-age=86400, immutable", "{path}");
        let etag = image.header("etag").to_owned();
        assert!(etag.starts_with('"') && etag.len() > 2, "a strong tag: {etag}");
        let part = ask(&mut ada, path, &[("range", "bytes=1-3"), ("if-range", &etag)]).await.expect_status(206).await;
        assert_eq!(part.header("cache-control"), "private, max-age=86400, immutable", "{path}");
        assert_eq!(part.bytes().await, b"PNG");
        ask(&mut ada, path, &[("if-none-match", &etag)]).await.expect_status(304).await;
        // Who knows the address may read no more than before.
        ask(&mut eve, path, &[]).await.expect_status(404).await;
        ask(&mut eve, path, &[("if-none-match", &etag)]).await.expect_status(404).await;
        ask(&mut Client::new(&app.url), path, &[]).await.expect_status(401).await;
    }
    let (reader, list) = (ada.get(&routes::document(id)).await, ada.get(routes::DOCUMENTS).await);
    let (reader, list) = (reader.text().await, list.text().await);
    assert!(reader.contains(&page) && reader.contains(&small) && list.contains(&small), "{page} and {small}");
    assert!(!reader.contains("/pages/1.png\"") && !list.contains("thumbnail.png\""), "each carries the digest");

    // Of other images than these: it leads to these.
    let other = page.replace(first.as_str(), "00000000000000000000000000000000");
    for digest in ["", "none", &first.as_str()[1..]] {
        is_led_to(&mut ada, &page.replace(first.as_str(), digest), &page).await;
    }
    is_led_to(&mut ada, &other, &page).await;
    ask(&mut eve, &other, &[]).await.expect_status(404).await;

    ada.post_form("/api/documents/read_again", &[("documents[0]", &id.to_string())]).await.expect_status(202).await;
    let second = ada.document_when_read(&id.to_string()).await.images.expect("it was read to its end once more");
    assert_ne!(second, first);
    let (new_page, new_small) =
        (routes::page_image(id, 1, Some(&second)), routes::page_thumbnail(id, 1, Some(&second)));
    is_led_to(&mut ada, &page, &new_page).await;
    is_led_to(&mut ada, &small, &new_small).await;
    let reader = ada.get(&routes::document(id)).await.text().await;
    assert!(reader.contains(&new_page) && reader.contains(&new_small) && !reader.contains(first.as_str()));
}

#[tokio::test]
async fn an_image_that_is_still_to_be_drawn_has_no_address_that_stays() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let document = ada.reads("Lease.pdf", &include_bytes!("../../seed/lease-agreement.pdf")[..]).await;
    let (id, images) = (document.id, document.images.expect("it was read to its end"));
    let (page, plain) = (routes::page_image(id, 1, Some(&images)), routes::page_image(id, 1, None));
    // As a reading leaves it that goes on after a crash: what comes after the pages that are kept may be drawn once more.
    let kept = "update document set pages_read = 1";
    sqlx::query(kept).execute(&mut app.superuser().await).await.unwrap();
    ask(&mut ada, &page, &[]).await.expect_status(200).await;
    is_led_to(&mut ada, &routes::page_image(id, 2, Some(&images)), &routes::page_image(id, 2, None)).await;
    // As a reading leaves it that has begun anew, on a server of any version.
    let begun = "update document set pages_read = 0, read_at = null";
    sqlx::query(begun).execute(&mut app.superuser().await).await.unwrap();
    is_led_to(&mut ada, &page, &plain).await;
    let image = ask(&mut ada, &plain, &[]).await.expect_status(200).await;
    assert_eq!(image.header("cache-control"), "private, no-cache, no-transform");
}

/// The address leads to the image at another one, for this once.
async fn is_led_to(client: &mut Client, path: &str, to: &str) {
    let answer = ask(client, path, &[]).await.expect_status(307).await;
    assert_eq!((answer.header("location"), answer.header("cache-control")), (to, "private, no-store"), "{path}");
}

#[tokio::test]
async fn an_image_that_a_client_has_is_not_sent_again_until_it_is_another() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let id = ada.reads("Lease.pdf", &include_bytes!("../../seed/lease-agreement.pdf")[..]).await.id;
    let path = format!("/documents/{id}/pages/1.png");
    let image = ask(&mut ada, &path, &[]).await.expect_status(200).await;
    assert_eq!(
        (image.header("cache-control"), image.header("accept-ranges")),
        ("private, no-cache, no-transform", "bytes")
    );
    let (etag, png) = (image.header("etag").to_owned(), image.bytes().await);
    let known = ask(&mut ada, &path, &[("if-none-match", &etag)]).await.expect_status(304).await;
    assert!(known.bytes().await.is_empty());
    let part = ask(&mut ada, &path, &[("range", "bytes=-8"), ("if-range", &etag)]).await.expect_status(206).await;
    assert!(part.bytes().await == png[png.len() - 8..]);
    // Read again, the page is drawn anew.
    ada.post_form("/api/documents/read_again", &[("documents[0]", &id.to_string())]).await;
    ada.document_when_read(&id.to_string()).await;
    let another = ask(&mut ada, &path, &[("if-none-match", &etag)]).await.expect_status(200).await;
    assert_ne!(another.header("etag"), etag);
}

#[tokio::test]
async fn a_part_is_asked_of_the_store_and_nothing_else_of_the_file() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("sheaf")).unwrap();
    let (store, _serving) = s3(folder.path(), "127.0.0.1:0").await;
    let (endpoint, sent) = counted(store.trim_start_matches("http://").to_owned()).await;
    let app = TestApp::start_with(&settings(&endpoint)).await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let large: String = (0..1_000_000).map(|line| format!("line {line:07}\n")).collect();
    let document = ada.reads("large.txt", large.clone()).await;
    let (path, etag) = (format!("/documents/{}/original", document.id), format!("\"{}\"", document.sha256));
    let before = sent.load(Ordering::Relaxed);
    let part = ask(&mut ada, &path, &[("range", "bytes=6500000-6500099")]).await.expect_status(206).await;
    assert!(part.text().await == large[6_500_000..6_500_100]);
    let last = ask(&mut ada, &path, &[("range", "bytes=-13"), ("if-range", &etag)]).await.expect_status(206).await;
    assert_eq!(last.text().await, "line 0999999\n");
    ask(&mut ada, &path, &[("if-none-match", &etag)]).await.expect_status(304).await;
    ask(&mut ada, &path, &[("range", "bytes=99999999-")]).await.expect_status(416).await;
    let told = sent.load(Ordering::Relaxed) - before;
    assert!(told < 50_000, "the store has sent {told} bytes");
    assert!(ask(&mut ada, &path, &[]).await.expect_status(200).await.text().await == large);
    assert!(sent.load(Ordering::Relaxed) - before > 13_000_000);
}

/// Asks as a browser does that would take anything compressed.
async fn ask(client: &mut Client, path: &str, headers: &[(&str, &str)]) -> Answer {
    let request = client.request(Method::GET, path).header("accept-encoding", "gzip, br, zstd");
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    client.send(request).await
}

/// The same store at another address, and the bytes that it has sent from there.
async fn counted(store: String) -> (String, Arc<AtomicU64>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (endpoint, sent) = (format!("http://{}", listener.local_addr().unwrap()), Arc::<AtomicU64>::default());
    let count = sent.clone();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let (store, count) = (TcpStream::connect(&store).await.unwrap(), count.clone());
            let (mut from_client, mut to_client) = client.into_split();
            let (mut from_store, mut to_store) = store.into_split();
            tokio::spawn(async move {
                copy(&mut from_client, &mut to_store).await.ok();
            });
            tokio::spawn(async move {
                let mut part = vec![0; 64 * 1024];
                while let Ok(bytes @ 1..) = from_store.read(&mut part).await {
                    count.fetch_add(bytes as u64, Ordering::Relaxed);
                    if to_client.write_all(&part[..bytes]).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    (endpoint, sent)
}
