//! How an operator finds the request of somebody who was shown a failure, by the reference on the page.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    client::Client,
    navigation::goes_to,
    operators::Bob,
    test_app::{TestApp, eventually},
};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";
const NOBODY: &str = "01912345-0000-7000-8000-000000000000";

/// One without reports: what reads them fails at once.
async fn without_reports() -> TestApp {
    let app = TestApp::start().await;
    sqlx::query("alter table report rename to report_gone").execute(&mut app.superuser().await).await.unwrap();
    app
}

/// What a page says for operators.
fn reference_on(page: &str) -> String {
    let told = page.split("Reference: ").nth(1).unwrap_or_else(|| panic!("no reference: {page}"));
    let code = told.split("<code>").nth(1).and_then(|code| code.split('<').next()).unwrap().to_owned();
    assert!(code.len() == 32 && code.bytes().all(|digit| digit.is_ascii_hexdigit()), "{code}");
    code
}

/// Where an operator is led who looks up what was typed, as soon as the request is kept.
async fn found(bob: &Client, typed: &str) -> String {
    let address = format!("/operator/slow?reference={typed}");
    let led = async || {
        let answer = bob.clone().get(&address).await;
        (answer.status() == 303).then(|| answer.header("location").to_owned())
    };
    eventually("the failed request is kept", led).await
}

#[tokio::test]
async fn a_failed_request_is_found_by_the_reference_on_its_page() {
    let app = without_reports().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let mut bob = Bob::added(&app).signs_in(&app).await;
    let page = goes_to(&mut ada, &format!("/reports/{NOBODY}/report.pdf")).await.expect_status(500).await;
    let reference = reference_on(&page.text().await);

    let address = found(&bob, &reference).await;
    assert_eq!(found(&bob, &format!("%20{}%20", reference.to_uppercase())).await, address);
    let shown = bob.get(&address).await.expect_status(200).await.text().await;
    for told in ["/reports/{id}/report.pdf", "class=\"waterfall\"", "500", "Acme", "a request failed", &reference] {
        assert!(shown.contains(told), "{told}: {shown}");
    }
    assert!(shown.contains("does not exist"), "what was logged says what is missing: {shown}");
    assert!(!shown.contains("ada@"), "{shown}");

    for stranger in [&mut ada, &mut Client::new(&app.url)] {
        stranger.get(&format!("/operator/slow?reference={reference}")).await.expect_status(404).await;
        stranger.get(&address).await.expect_status(404).await;
    }
}

#[tokio::test]
async fn a_page_of_the_app_that_failed_shows_a_reference_too() {
    let app = without_reports().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let mut bob = Bob::added(&app).signs_in(&app).await;
    let page = ada.get("/reports").await.expect_status(500).await.text().await;
    let address = found(&bob, &reference_on(&page)).await;
    let shown = bob.get(&address).await.expect_status(200).await.text().await;
    assert!(shown.contains("500") && shown.contains("a request failed"), "{shown}");
}

#[tokio::test]
async fn a_reference_of_several_requests_lists_them_and_programs_are_told_it() {
    let app = without_reports().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let bob = Bob::added(&app).signs_in(&app).await;
    for _ in 0..2 {
        let request = ada
            .request(Method::POST, "/api/reports/list")
            .header("content-type", "application/json")
            .header("traceparent", format!("00-{TRACE}-{PARENT}-01"))
            .body("{}");
        let error: Value = ada.send(request).await.expect_status(500).await.json().await;
        assert_eq!((&error["kind"], &error["reference"]), (&json!("internal"), &json!(TRACE)));
        assert!(error.get("context").is_none(), "{error}");
    }
    let both = async || {
        let address = format!("/operator/slow?reference={TRACE}");
        let list = bob.clone().get(&address).await.text().await;
        (list.matches("POST /api/reports/list").count() == 2).then_some(())
    };
    eventually("both requests are listed", both).await;
}

#[tokio::test]
async fn what_was_not_kept_and_what_is_no_reference_is_said() {
    let app = TestApp::start().await;
    let mut bob = Bob::added(&app).signs_in(&app).await;
    let page = bob.get(&format!("/operator/slow?reference={TRACE}")).await.expect_status(200).await.text().await;
    assert!(page.contains("It was not kept") && page.contains(&format!("value=\"{TRACE}\"")), "{page}");
    let (short, zeros) = (&TRACE[1..], "0".repeat(32));
    for wrong in ["ada", short, NOBODY, zeros.as_str()] {
        let page = bob.get(&format!("/operator/slow?reference={wrong}")).await.expect_status(422).await.text().await;
        assert!(page.contains("A reference has 32 characters"), "{wrong}: {page}");
        assert!(page.contains(&format!("value=\"{wrong}\"")), "{wrong}: {page}");
    }
    let page = bob.get("/operator/slow?reference=%20").await.expect_status(200).await.text().await;
    assert!(!page.contains("It was not kept") && !page.contains("A reference has"), "{page}");
}

#[tokio::test]
async fn failed_and_slow_requests_are_told_apart_and_leave_room_for_each_other() {
    let app = TestApp::start().await;
    let mut bob = Bob::added(&app).signs_in(&app).await;
    let mut superuser = app.superuser().await;
    // The first two as a server of before keeps them.
    for kept in [
        "keep_slow_request(gen_random_uuid(), now(), 'GET', '/late', 200::int2, 600, gen_random_uuid(), null, '[]')",
        "keep_slow_request(gen_random_uuid(), now(), 'GET', '/broken', 503::int2, 3, gen_random_uuid(), null, '[]')",
        "keep_request(gen_random_uuid(), now(), 'GET', '/partly', 200::int2, 3, gen_random_uuid(), null, '[]', true, \
         repeat('x', 600))",
        "keep_request(gen_random_uuid(), now(), 'GET', '/both', 500::int2, 600, gen_random_uuid(), null, '[]', true, null)",
    ] {
        sqlx::query(sqlx::AssertSqlSafe(format!("select {kept}"))).execute(&mut superuser).await.unwrap();
    }
    for (show, listed) in [
        ("", [true, true, true, true]),
        ("?show=failed", [false, true, true, true]),
        ("?show=slow", [true, false, false, true]),
        ("?show=anything", [true, true, true, true]),
    ] {
        let page = bob.get(&format!("/operator/slow{show}")).await.expect_status(200).await.text().await;
        let has = ["GET /late", "GET /broken", "GET /partly", "GET /both"].map(|route| page.contains(route));
        assert_eq!(has, listed, "{show}: {page}");
    }
    let more = "insert into slow_request (id, at, method, route, status, took_ms, trace_id, spans, failed)
                select gen_random_uuid(), now(), 'GET', '/', 500, 3, gen_random_uuid(), '[]'::jsonb, true
                from generate_series(1, 2005)";
    sqlx::query(more).execute(&mut superuser).await.unwrap();
    sqlx::query("select forget_slow_requests(now())").execute(&mut superuser).await.unwrap();
    let left = "select count(*) filter (where failed), count(*) filter (where route = '/late') from slow_request";
    let left: (i64, i64) = sqlx::query_as(left).fetch_one(&mut superuser).await.unwrap();
    assert_eq!(left, (2_000, 1));
    let first = bob.get("/operator/slow?show=failed").await.expect_status(200).await.text().await;
    let older = first.replace("&amp;", "&");
    assert!(older.contains("/operator/slow?show=failed&after="), "the filter stays on the next page: {first}");
}
