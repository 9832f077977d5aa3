//! Replicas in the settings: what is written is found again at each server, and one that is none is not believed. How real ones are
//! read from is tried in `domain`.

use crate::test_app::{TestApp, eventually};

/// Where the last write is, for the browser to bring along.
const COOKIE: &str = "__Host-rw";

#[tokio::test]
async fn a_browser_is_told_where_its_writes_are_and_a_replica_that_is_none_harms_nobody() {
    let mut app = TestApp::prepare().await;
    let (host, port, database) = (app.admin.get_host(), app.admin.get_port(), app.admin.get_database().unwrap());
    let primary = format!("postgres://sheaf_app:test@{host}:{port}/{database}");
    let replicas = format!("{primary},postgres://sheaf_app:test@127.0.0.1:1/{database}");
    let settings = [("SHEAF_REPLICA_URLS", replicas.as_str())];

    let said = app.command("doctor").envs(settings).output().unwrap();
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    for wrong in ["broken  replica 1: check SHEAF_REPLICA_URLS: it is no replica", "broken  replica 2: check"] {
        assert!(said.contains(wrong), "{said}");
    }

    app.url = app.run("all", &settings).await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    assert_eq!(ada.list().await.total, 0);
    let first = cookie(ada.cookies.get(COOKIE));
    ada.get("/documents").await.expect_status(200).await;
    assert_eq!(cookie(ada.cookies.get(COOKIE)), first, "whoever looks has written nothing");
    ada.uploads("note.txt", "a note").await;
    let second = cookie(ada.cookies.get(COOKIE));
    assert!(second > first, "{second:?}");
    assert_eq!(ada.list().await.total, 1);
    // What somebody makes up is no place in the log.
    ada.cookies.insert(COOKIE.into(), "'; drop table document".into());
    assert_eq!(ada.list().await.total, 1);
    // The one that nobody answers at is given a second.
    eventually("both are told of", async || {
        let logged = app.logged();
        let is_told = |words: &str| logged.contains(words);
        (is_told("a replica is not to be believed") && is_told("a replica is not asked")).then_some(())
    })
    .await;
}

#[tokio::test]
async fn without_replicas_no_browser_is_told_anything() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    ada.uploads("note.txt", "a note").await;
    assert_eq!(cookie(ada.cookies.get(COOKIE)), None);
}

/// Sixteen digits, which are in order as what they say is.
fn cookie(value: Option<&String>) -> Option<String> {
    let value = value?.clone();
    assert!(value.len() == 16 && value.bytes().all(|byte| byte.is_ascii_hexdigit()), "{value}");
    Some(value)
}
