//! Files in an S3-compatible store instead of a folder, and limits in Redis instead of the process.

use std::time::Duration;

use futures::{SinkExt, channel::mpsc};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto::Builder,
};
use reqwest::{
    Method,
    multipart::{Form, Part},
};
use s3s::{auth::SimpleAuth, service::S3ServiceBuilder};
use s3s_fs::FileSystem;
use tokio::{net::TcpListener, task::JoinSet};

use crate::{client::Client, test_app::TestApp};

const KEY: &str = "sheaf-test";
const SECRET: &str = "sheaf-test-secret";

#[tokio::test]
async fn documents_lie_in_an_s3_store() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("sheaf")).unwrap();
    let (endpoint, _store) = s3(folder.path(), "127.0.0.1:0").await;
    let app = TestApp::start_with(&settings(&endpoint)).await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let pdf = include_bytes!("../../seed/lease-agreement.pdf");
    let id = ada.reads("Lease.pdf", pdf).await.id;
    assert_eq!(ada.get(&format!("/documents/{id}/original")).await.expect_status(200).await.bytes().await, pdf);
    ada.get(&format!("/documents/{id}/pages/1.png")).await.expect_status(200).await;
    // More than one part of a multipart upload.
    let large = "A line that is long enough to fill parts.\n".repeat(500_000);
    let id = ada.uploads("large.txt", large.clone()).await;
    let back = ada.get(&format!("/documents/{id}/original")).await.expect_status(200).await.bytes().await;
    assert!(back == large.as_bytes(), "the bytes differ");
}

#[tokio::test]
async fn a_store_that_goes_away_during_an_upload_is_told_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("sheaf")).unwrap();
    let (endpoint, store) = s3(folder.path(), "127.0.0.1:0").await;
    let app = TestApp::start_with(&settings(&endpoint)).await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    // Several parts of a multipart upload; the store is there for the first ones.
    let part = "A line that is long enough to fill parts.\n".repeat(250_000);
    let (mut sender, receiver) = mpsc::channel::<Result<String, std::io::Error>>(1);
    let body = reqwest::Body::wrap_stream(receiver);
    let form = Form::new().part("file", Part::stream(body).file_name("large.txt"));
    let request = ada.request(Method::POST, "/uploads").header("accept", "application/json").multipart(form);
    let feeding = tokio::spawn(async move {
        for _ in 0..2 {
            sender.send(Ok(part.clone())).await.ok();
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
        drop(store);
        for _ in 0..3 {
            sender.send(Ok(part.clone())).await.ok();
        }
    });
    let told = ada.send(request).await.expect_status(503).await.text().await;
    feeding.await.unwrap();
    assert!(told.contains("try again"), "{told}");
    assert_eq!(ada.list().await.total, 0);
    // The store comes back, and so does she.
    let address = endpoint.trim_start_matches("http://");
    let (_, _store) = s3(folder.path(), address).await;
    ada.reads("small.txt", "It works again.").await;
    assert_eq!(ada.list().await.total, 1);
}

#[tokio::test]
async fn limits_are_counted_in_redis_by_all_servers() {
    let redis = std::env::var("SHEAF_TEST_REDIS_URL").expect("run these tests with `make test`, which starts Redis");
    let mut app = TestApp::prepare().await;
    let settings = [("SHEAF_REDIS_URL", redis.as_str())];
    let servers = [app.run("serve", &settings).await, app.run("serve", &settings).await];
    // Redis outlives the test, so the address is one that no other run has used.
    let email = format!("{}@acme.example", app.admin.get_database().unwrap());
    let mut statuses = Vec::new();
    for attempt in 0..12 {
        let mut client = Client::new(&servers[attempt % 2]);
        statuses
            .push(client.post_form("/sign-in", &[("email", &email), ("password", "wrong password")]).await.status());
    }
    assert_eq!(statuses, [[422; 10].as_slice(), &[429; 2]].concat());
}

#[tokio::test]
async fn redis_away_makes_limits_weaker_and_nothing_else() {
    let app = TestApp::start_with(&[("SHEAF_REDIS_URL", "redis://127.0.0.1:1/")]).await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    ada.get("/documents").await.expect_status(200).await;
}

/// What a server is told of the store at this address.
pub fn settings(endpoint: &str) -> [(&'static str, &str); 4] {
    [
        ("SHEAF_S3_BUCKET", "sheaf"),
        ("SHEAF_S3_ENDPOINT", endpoint),
        ("SHEAF_S3_ACCESS_KEY", KEY),
        ("SHEAF_S3_SECRET_KEY", SECRET),
    ]
}

/// A store over a folder, and what it runs in: dropping that ends it, with all its connections.
pub async fn s3(folder: &std::path::Path, address: &str) -> (String, JoinSet<()>) {
    let mut builder = S3ServiceBuilder::new(FileSystem::new(folder).unwrap());
    builder.set_auth(SimpleAuth::from_single(KEY, SECRET));
    let service = builder.build();
    let listener = TcpListener::bind(address).await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let mut serving = JoinSet::new();
    serving.spawn(async move {
        let mut connections = JoinSet::new();
        while let Ok((stream, _)) = listener.accept().await {
            let service = service.clone();
            connections.spawn(async move {
                let builder = Builder::new(TokioExecutor::new());
                builder.serve_connection(TokioIo::new(stream), service).await.ok();
            });
        }
    });
    (endpoint, serving)
}
