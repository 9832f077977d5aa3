//! Cookies, renewal, and signing out, as browsers see them.

use domain::accounts::SessionInfo;
use serde_json::json;

use crate::{client::Client, test_app::TestApp};

const ACCESS: &str = "__Host-at";
const REFRESH: &str = "__Host-rt";

#[tokio::test]
async fn cookies_are_kept_from_scripts_and_siblings() {
    let app = TestApp::start().await;
    app.sign_up("Ada", "Acme").await;
    let mut ada = Client::new(&app.url);
    let answer = sign_in(&mut ada).await;
    let cookies: Vec<_> =
        answer.0.headers().get_all("set-cookie").iter().map(|value| value.to_str().unwrap()).collect();
    assert_eq!(cookies.len(), 2);
    for cookie in cookies {
        for attribute in ["__Host-", "Path=/", "HttpOnly", "Secure", "SameSite=Lax"] {
            assert!(cookie.contains(attribute), "{attribute} in {cookie}");
        }
    }
}

#[tokio::test]
async fn an_access_token_that_is_gone_is_renewed_on_the_way() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let before = ada.cookies[REFRESH].clone();
    ada.cookies.remove(ACCESS);
    ada.get("/documents").await.expect_status(200).await;
    assert!(ada.cookies.contains_key(ACCESS));
    assert_ne!(ada.cookies[REFRESH], before, "rotated");
    // A forged token is no token, and the refresh token serves.
    ada.cookies.insert(ACCESS.into(), "eyJhbGciOiJub25lIn0.e30.".into());
    ada.get("/documents").await.expect_status(200).await;
}

#[tokio::test]
async fn an_upload_takes_no_token_from_those_that_are_answered_before_it() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let before = ada.cookies[REFRESH].clone();
    ada.cookies.remove(ACCESS);
    let answer = ada.upload("a.txt", "some words").await.expect_status(202).await;
    assert!(answer.0.headers().get("set-cookie").is_none(), "they would be minutes old after a large file");
    assert_eq!(ada.cookies[REFRESH], before);
    ada.get("/documents").await.expect_status(200).await;
    assert_ne!(ada.cookies[REFRESH], before, "whatever else is asked for rotates it");
    ada.cookies.remove(ACCESS);
    ada.cookies.insert(REFRESH.into(), "made up".into());
    ada.upload("b.txt", "other words").await.expect_status(401).await;
}

#[tokio::test]
async fn visitors_are_sent_to_sign_in_and_come_back() {
    let app = TestApp::start().await;
    app.sign_up("Ada", "Acme").await;
    let mut ada = Client::new(&app.url);
    let answer = ada.get("/search?q=lease").await.expect_status(303).await;
    assert_eq!(answer.header("location"), "/sign-in?next=%2Fsearch%3Fq%3Dlease");
    ada.call("documents/list", json!({ "query": { "sort": "newest", "trash": false } })).await.expect_status(401).await;
    let fields = [("email", "ada@acme.example"), ("password", "correct horse battery"), ("next", "/search?q=lease")];
    let answer = ada.post_form("/sign-in", &fields).await.expect_status(303).await;
    assert_eq!(answer.header("location"), "/search?q=lease");
}

#[tokio::test]
async fn a_wrong_form_comes_back_with_its_values_and_no_password() {
    let app = TestApp::start().await;
    let mut visitor = Client::new(&app.url);
    let fields =
        [("name", "Ada <b>"), ("workspace", ""), ("email", "ada@acme.example"), ("password", "a secret of hers")];
    let page = visitor.post_form("/sign-up", &fields).await.expect_status(422).await.text().await;
    assert!(page.contains("Ada &lt;b&gt;") && page.contains("ada@acme.example"), "what was typed is there");
    assert!(!page.contains("a secret of hers"), "but for the password");
    assert!(page.contains("aria-invalid=\"true\""));
}

#[tokio::test]
async fn signing_out_everywhere_ends_every_browser() {
    let app = TestApp::start().await;
    let mut laptop = app.sign_up("Ada", "Acme").await;
    let mut phone = Client::new(&app.url);
    sign_in(&mut phone).await;
    let sessions: Vec<SessionInfo> =
        laptop.call("accounts/sessions", json!({})).await.expect_status(200).await.json().await;
    assert_eq!(sessions.len(), 2);
    phone.post_form("/sign-out", &[]).await.expect_status(303).await;
    assert!(phone.cookies.is_empty());
    sign_in(&mut phone).await;
    laptop.post_form("/api/accounts/sign_out_everywhere", &[]).await;
    // Within two seconds, without the database being asked at every request.
    tokio::time::sleep(std::time::Duration::from_millis(2_100)).await;
    for browser in [&mut laptop, &mut phone] {
        browser.get("/documents").await.expect_status(303).await;
    }
}

async fn sign_in(client: &mut Client) -> crate::client::Answer {
    let fields = [("email", "ada@acme.example"), ("password", "correct horse battery")];
    client.post_form("/sign-in", &fields).await.expect_status(303).await
}
