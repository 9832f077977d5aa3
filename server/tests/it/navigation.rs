//! What a browser is shown that goes to an address by itself, and what programs are told in its place.

use app::routes;
use domain::clock::Clock;
use reqwest::Method;

use crate::{
    client::{Answer, Client},
    test_app::TestApp,
};

const NOBODY: &str = "01912345-0000-7000-8000-000000000000";

#[tokio::test]
async fn a_visitor_is_led_to_the_sign_in_and_back_to_the_file() {
    let app = TestApp::start().await;
    let mut visitor = Client::new(&app.url);
    let address = format!("/documents/{NOBODY}/original");
    let led = goes_to(&mut visitor, &address).await.expect_status(303).await;
    assert_eq!(led.header("location"), routes::sign_in_to(&address));
    let told = visitor.get(&address).await.expect_status(401).await;
    assert!(told.header("content-type").starts_with("application/json"), "programs get JSON");
}

#[tokio::test]
async fn who_is_signed_in_keeps_the_frame_where_nothing_is() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let original = format!("/documents/{NOBODY}/original");
    for address in [original.as_str(), "/settings/nope", "/no-such", "/operator"] {
        let answer = goes_to(&mut ada, address).await.expect_status(404).await;
        assert!(answer.header("content-type").starts_with("text/html"), "{address}");
        let page = answer.text().await;
        assert!(page.contains("There is nothing here") && page.contains("app-sidebar"), "{address}: {page}");
        assert!(!page.contains("Create a workspace"), "{address} asks Ada to sign in");
    }
    let told = ada.get(&original).await.expect_status(404).await;
    assert!(told.header("content-type").starts_with("application/json"), "programs get JSON");
    let page = goes_to(&mut Client::new(&app.url), "/no-such").await.expect_status(404).await.text().await;
    assert!(page.contains("Create a workspace") && !page.contains("app-sidebar"), "{page}");
}

#[tokio::test]
async fn where_forms_are_sent_to_a_browser_is_shown_a_page() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    for address in [routes::SIGN_OUT, routes::SWITCH] {
        let page = goes_to(&mut ada, address).await.expect_status(404).await.text().await;
        assert!(page.contains("There is nothing here") && page.contains("app-sidebar"), "{address}: {page}");
    }
    let told = ada.get(routes::SIGN_OUT).await.expect_status(405).await;
    assert!(told.header("allow").contains("POST"), "programs are told what they may do");
    assert_eq!(told.text().await, "");
}

#[tokio::test]
async fn programs_find_the_public_pages_and_whom_to_write_to() {
    let app = TestApp::start().await;
    let mut visitor = Client::new(&app.url);
    let map = visitor.get(routes::SITEMAP).await.expect_status(200).await.text().await;
    let addresses = map.split("<loc>").skip(1).filter_map(|rest| rest.split("</loc>").next());
    let paths: Vec<String> = addresses.map(|address| url::Url::parse(address).unwrap().path().to_owned()).collect();
    assert!(paths.len() > 5, "{map}");
    for path in paths {
        visitor.get(&path).await.expect_status(200).await;
    }
    let text = visitor.get(routes::SECURITY_TXT).await.expect_status(200).await.text().await;
    let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    assert!(field("Contact: mailto:").contains('@'), "{text}");
    let expires: chrono::DateTime<chrono::Utc> = field("Expires: ").parse().unwrap();
    assert!(expires > Clock::system().now(), "{text}");
}

/// As a browser does that is told to go there.
pub async fn goes_to(client: &mut Client, address: &str) -> Answer {
    let request = client
        .request(Method::GET, address)
        .header("accept", "text/html,application/xhtml+xml,*/*;q=0.8")
        .header("sec-fetch-mode", "navigate")
        .header("sec-fetch-dest", "document");
    client.send(request).await
}
