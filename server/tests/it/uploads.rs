//! The door of uploads: what comes in wrong is told, and leaves nothing behind.

use std::time::{Duration, Instant};

use domain::documents::{DocumentState, Format};
use reqwest::{
    Method,
    multipart::{Form, Part},
};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{sleep, timeout},
};

use crate::{
    client::Client,
    test_app::{TestApp, eventually},
};

#[tokio::test]
async fn wrong_uploads_are_told_and_not_kept() {
    let app = TestApp::start_with(&[("SHEAF_MAX_UPLOAD_MB", "1")]).await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let empty: Value = ada.upload("empty.pdf", "").await.expect_status(422).await.json().await;
    assert!(empty["message"].as_str().unwrap().contains("empty"), "{empty}");
    let large: Value = ada.upload("large.txt", vec![b'x'; 1_500_000]).await.expect_status(413).await.json().await;
    assert!(large["message"].as_str().unwrap().contains("1 MB"), "{large}");
    let request = ada.request(Method::POST, "/uploads").header("accept", "application/json");
    let none = ada.send(request.multipart(Form::new().text("keep", "both"))).await.expect_status(422).await;
    assert!(none.text().await.contains("Choose a file"));
    let unchosen = Form::new().part("file", Part::text("").file_name(""));
    let request = ada.request(Method::POST, "/uploads").header("accept", "application/json").multipart(unchosen);
    assert!(ada.send(request).await.expect_status(422).await.text().await.contains("Choose a file"));
    let request = ada.request(Method::POST, "/uploads").header("accept", "application/json").body("not a form");
    ada.send(request).await.expect_status(422).await;
    assert_eq!(ada.list().await.total, 0);
}

#[tokio::test]
async fn the_same_file_is_told_and_may_be_kept_twice() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let first = ada.uploads("a.txt", "the same").await;
    let again: Value = ada.upload("b.txt", "the same").await.expect_status(200).await.json().await;
    assert_eq!((again["outcome"].as_str(), again["document"].as_str()), (Some("already_here"), Some(first.as_str())));
    let both = Form::new().text("keep", "both").part("file", Part::text("the same").file_name("b.txt"));
    let request = ada.request(Method::POST, "/uploads").header("accept", "application/json").multipart(both);
    ada.send(request).await.expect_status(202).await;
    assert_eq!(ada.list().await.total, 2);
}

#[tokio::test]
async fn names_are_cleaned_and_content_decides() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let id = ada.uploads("../../etc/inno\u{202E}cent.pdf", "just text").await;
    let document = ada.document_when_read(&id).await;
    assert_eq!((document.name.as_str(), document.format), ("innocent.pdf", Format::Text));
    let long = format!("{}.txt", "n".repeat(4_000));
    let id = ada.uploads(&long, "with a long name").await;
    assert_eq!(ada.document(&id).await.name.chars().count(), 200);
    let id = ada.uploads("photo.txt", b"\x89PNG\r\n\x1a\n\0\0".to_vec()).await;
    assert_eq!(ada.document(&id).await.state, DocumentState::Stored);
}

#[tokio::test]
async fn an_upload_that_breaks_off_leaves_nothing() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let socket = sends_half(&ada).await;
    sleep(Duration::from_millis(200)).await;
    drop(socket);
    sleep(Duration::from_millis(300)).await;
    assert_eq!(ada.list().await.total, 0);
}

#[tokio::test]
async fn a_byte_a_second_has_no_place_for_long() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let began = Instant::now();
    let (mut reading, mut writing) = sends_half(&ada).await.into_split();
    let dripping = tokio::spawn(async move {
        // It fails once the other side has closed.
        while writing.write_all(b"a").await.is_ok() {
            sleep(Duration::from_secs(1)).await;
        }
    });
    let mut told = Vec::new();
    // Whoever is cut off while it sends may see a reset behind the answer.
    let ended = timeout(Duration::from_secs(90), reading.read_to_end(&mut told)).await;
    assert!(ended.is_ok(), "after a minute and a half it goes on");
    let (told, took) = (String::from_utf8_lossy(&told).into_owned(), began.elapsed());
    assert!(told.starts_with("HTTP/1.1 408") && told.contains("came too slowly"), "{told}");
    assert!(told.to_lowercase().contains("connection: close"), "{told}");
    assert!(took >= Duration::from_secs(59) && took < Duration::from_secs(75), "{took:?}");
    dripping.await.unwrap();
    assert_eq!(ada.list().await.total, 0);
    ada.uploads("whole.txt", "This one comes at once.").await;
}

/// Begins to send a file, and is half through with it.
async fn sends_half(client: &Client) -> TcpStream {
    let address = client.url.trim_start_matches("http://").to_owned();
    let cookies: Vec<_> = client.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let mut socket = TcpStream::connect(&address).await.unwrap();
    let head = format!(
        "POST /uploads HTTP/1.1\r\nhost: {address}\r\ncookie: {}\r\nsec-fetch-site: same-origin\r\ncontent-length: 100000\r\n\
         accept: application/json\r\ncontent-type: multipart/form-data; boundary=x\r\n\r\n--x\r\n\
         content-disposition: form-data; name=\"file\"; filename=\"half.txt\"\r\n\r\nhalf of it",
        cookies.join("; ")
    );
    socket.write_all(head.as_bytes()).await.unwrap();
    socket
}

/// Files that arrive at the same time, and the bytes of each: together far more than the server may take.
const MANY: usize = 8;
const LARGE: usize = 80_000_000;

/// What the server may grow by, in bytes, while they arrive.
const MAX_GROWTH: usize = 120_000_000;

#[tokio::test]
async fn memory_stays_flat_while_large_files_arrive() {
    let mut app = TestApp::prepare().await;
    app.url = app.run("serve", &[("SHEAF_MAX_UPLOAD_MB", "1000")]).await;
    let ada = app.sign_up("Ada", "Acme").await;
    // A first one brings in what any upload needs.
    arrives(ada.clone(), 0).await;
    let before = app.peak_memory();
    let arriving: Vec<_> = (1..=MANY).map(|number| tokio::spawn(arrives(ada.clone(), number))).collect();
    for upload in arriving {
        upload.await.unwrap();
    }
    let growth = app.peak_memory() - before;
    assert!(growth < MAX_GROWTH, "{growth} bytes while {MANY} files of {LARGE} bytes arrived");
}

/// Sends a large file of this number as it is made, piece by piece. Two cores that are busy with every other test may leave
/// the server without a connection to its database for too long; then it says so, and the file is sent again.
async fn arrives(client: Client, number: usize) {
    for _ in 0..20 {
        match send(client.clone(), number).await {
            202 => return,
            503 => sleep(Duration::from_secs(1)).await,
            status => panic!("{status}"),
        }
    }
    panic!("file {number} was never taken");
}

async fn send(mut client: Client, number: usize) -> u16 {
    const PIECE: usize = 64 * 1024;
    let pieces = (0..LARGE / PIECE)
        .map(move |piece| Ok::<_, std::io::Error>(format!("{number:08}{piece:08}").repeat(PIECE / 16)));
    let body = reqwest::Body::wrap_stream(futures::stream::iter(pieces));
    let form = Form::new().part("file", Part::stream(body).file_name(format!("large {number}.txt")));
    let request = client.request(Method::POST, "/uploads").header("accept", "application/json").multipart(form);
    client.send(request).await.status()
}

#[tokio::test]
async fn a_plain_form_uploads_without_scripts() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let form = Form::new()
        .part("file", Part::text("one").file_name("one.txt"))
        .part("file", Part::text("two").file_name("two.txt"));
    let request = ada.request(Method::POST, "/uploads").multipart(form);
    ada.send(request).await.expect_status(303).await;
    assert_eq!(ada.list().await.total, 2);
}

#[tokio::test]
async fn changes_are_told_as_they_happen() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let mut eve = app.sign_up("Eve", "Globex").await;
    let adas = listen(&ada).await;
    let eves = listen(&eve).await;
    let id = ada.uploads("a.txt", "told at once").await;
    ada.document_when_read(&id).await;
    let told = eventually("the change is told", async || {
        let told = adas.lock().await.clone();
        told.contains(&id).then_some(told)
    })
    .await;
    assert!(told.contains("event: change"), "{told}");
    assert!(!eves.lock().await.contains(&id), "and not to Eve");
    eve.get("/documents").await.expect_status(200).await;
}

type Told = std::sync::Arc<tokio::sync::Mutex<String>>;

/// Opens the stream of events and keeps what is told, from a moment when the stream is open.
async fn listen(client: &Client) -> Told {
    let told = Told::default();
    let mut response = client.request(Method::GET, "/events").send().await.unwrap();
    assert_eq!(response.status(), 200);
    let kept = told.clone();
    tokio::spawn(async move {
        while let Ok(Some(chunk)) = response.chunk().await {
            kept.lock().await.push_str(&String::from_utf8_lossy(&chunk));
        }
    });
    eventually("the stream opens", async || told.lock().await.contains("event: open").then_some(())).await;
    told
}
