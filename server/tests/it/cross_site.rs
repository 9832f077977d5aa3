//! Requests that another site makes in a person's name are refused, on every unsafe route.

use reqwest::Method;

use crate::{
    client::Client,
    routes::{DOOR, UNSAFE},
    test_app::TestApp,
};

#[tokio::test]
async fn no_other_site_can_act_for_ada() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada", "Acme").await;
    let disguises: [&[(&str, &str)]; 5] = [
        &[("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")],
        &[("sec-fetch-site", "same-site"), ("origin", "https://evil.localhost")],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
        &[],
    ];
    for path in UNSAFE.iter().chain(&DOOR) {
        for headers in disguises {
            let response = disguised(&ada, path, headers).await;
            assert_eq!(response.status(), 403, "{path} with {headers:?}");
        }
    }
    assert_eq!(ada.clone().list().await.total, 0);
}

#[tokio::test]
async fn our_own_page_may_by_either_header() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada", "Acme").await;
    for headers in [[("sec-fetch-site", "same-origin")], [("origin", app.url.as_str())]] {
        let response = disguised(&ada, "/theme", &headers).await;
        assert_eq!(response.status(), 303, "{headers:?}");
    }
}

async fn disguised(client: &Client, path: &str, headers: &[(&str, &str)]) -> reqwest::Response {
    let cookies: Vec<_> = client.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let mut request = http
        .request(Method::POST, format!("{}{path}", client.url))
        .header("cookie", cookies.join("; "))
        .header("content-type", "application/x-www-form-urlencoded")
        .body("theme=dark");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap()
}
