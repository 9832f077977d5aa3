//! What a workspace may not do by its plan or its bills, as browsers and programs are told.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Executor};

use crate::{
    client::Client,
    test_app::{TestApp, eventually},
};

/// Sheaf with billing. Nobody answers where its Stripe would be, and nothing here asks.
const SOLD: [(&str, &str); 3] = [
    ("SHEAF_STRIPE_KEY", "sk_test_limits"),
    ("SHEAF_STRIPE_URL", "http://127.0.0.1:9"),
    ("SHEAF_STRIPE_WEBHOOK_SECRETS", "whsec_test"),
];

/// How soon every server obeys.
const SOON: Duration = Duration::from_millis(2_500);

#[tokio::test]
async fn who_calls_too_often_is_told_when_to_go_on() {
    let app = TestApp::start_with(&SOLD).await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let mut eve = app.sign_up("Eve", "Globex").await;
    change(&app, "update subscription set trial_ends_at = now() - interval '1 day'").await;
    // What was known of the trial is forgotten within ten seconds, and a minute may be over in between.
    let refused = eventually("Ada is refused", async || {
        for _ in 0..300 {
            let answer = ada.get("/jobs/01912345-0000-7000-8000-000000000000").await;
            if answer.status() == 429 {
                return Some(answer);
            }
            answer.expect_status(404).await;
        }
        None
    })
    .await;
    let seconds: u8 = refused.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&seconds), "{seconds}");
    let told: Value = refused.json().await;
    assert_eq!((&told["kind"], &told["limit"]["limit"]), (&json!("rate_limited"), &json!("requests")), "{told}");
    assert_eq!((&told["limit"]["plan"], &told["limit"]["allowed"]), (&json!("free"), &json!(240)), "{told}");
    // Pages are not counted, and neither is Ada's use Eve's.
    ada.get("/documents").await.expect_status(200).await;
    eve.call("documents/list", query()).await.expect_status(200).await;
}

#[tokio::test]
async fn who_does_not_pay_is_refused_with_402_and_is_back_within_seconds() {
    let app = TestApp::start_with(&SOLD).await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let mut eve = app.sign_up("Eve", "Globex").await;
    ada.call("documents/list", query()).await.expect_status(200).await;
    unpaid(&app, 10).await;
    let refused: Value = eventually("Ada can only read", async || uploads(&mut ada, 402).await).await;
    assert_eq!(refused["kind"], "payment_required", "{refused}");
    assert!(refused["message"].as_str().unwrap().contains("Settings, Billing"), "{refused}");
    ada.call("documents/list", query()).await.expect_status(200).await;
    ada.get("/documents").await.expect_status(200).await;

    unpaid(&app, 30).await;
    eventually("the workspace is closed", async || lists(&mut ada, 402).await).await;
    ada.call("accounts/sessions", json!({})).await.expect_status(200).await;
    eve.call("documents/list", query()).await.expect_status(200).await;

    change(&app, "update subscription set unpaid_since = null").await;
    let started = Instant::now();
    eventually("Ada is back", async || lists(&mut ada, 200).await).await;
    assert!(started.elapsed() < SOON, "{:?}", started.elapsed());
    ada.uploads("back.txt", "It is read.").await;
}

/// The answer to an upload, if it has this status.
async fn uploads(client: &mut Client, status: u16) -> Option<Value> {
    let answer = client.upload("a.txt", "a").await;
    if answer.status() == status { Some(answer.json().await) } else { None }
}

/// Whether asking for the documents is answered with this status.
async fn lists(client: &mut Client, status: u16) -> Option<()> {
    (client.call("documents/list", query()).await.status() == status).then_some(())
}

/// As if Stripe had told that Ada's payment has been missing for so many days.
async fn unpaid(app: &TestApp, days: i32) {
    let unpaid = format!(
        "update subscription set plan = 'team', status = 'past_due', unpaid_since = now() - interval '{days} days'
         where tenant_id = (select tenant_id from tenant where name = 'Acme')"
    );
    change(app, &unpaid).await;
}

async fn change(app: &TestApp, sql: &str) {
    app.superuser().await.execute(AssertSqlSafe(sql.to_owned())).await.unwrap();
}

fn query() -> Value {
    json!({ "query": { "sort": "newest", "trash": false } })
}
