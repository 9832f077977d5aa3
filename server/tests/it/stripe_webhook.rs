//! What is sent to the door at which Stripe knocks: by Stripe, by others, late, twice, and for nobody.

use std::time::{Duration, Instant};

use aws_lc_rs::hmac;
use domain::clock::Clock;
use reqwest::{Client as Http, Response, StatusCode};
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;

use crate::test_app::{TestApp, eventually};

/// Two, as while the one before is being replaced.
const SECRETS: [&str; 2] = ["whsec_new", "whsec_old"];

/// The version that is spoken.
const VERSION: &str = "2026-09-30.endive";

/// How old a signature may be, in seconds.
const TOLERANCE: i64 = 300;

/// The longest body that is taken, in bytes.
const LONGEST: usize = 512 * 1024;

/// How soon an event is answered, as a rule: all that follows from it is done later.
const SOON: Duration = Duration::from_millis(50);

/// Events that are told one after another, and how often that is tried. Other tests keep both cores busy, so that a try may be
/// slow; a door that waits for anything but the database is slow in all of them.
const EVENTS: usize = 40;
const TRIES: usize = 15;

#[tokio::test]
async fn what_is_not_signed_by_stripe_is_refused_and_not_kept() {
    let door = Door::open().await;
    let body = event("evt_1", "invoice.paid", "cus_nobody", VERSION).to_string();
    let now = door.now();
    let good = signature(SECRETS[0], now, &body);
    let other = event("evt_2", "invoice.paid", "cus_nobody", VERSION).to_string();
    let refused = [
        ("no signature", None, &body),
        ("an empty one", Some(String::new()), &body),
        ("no time", Some(format!("v1={}", mac(SECRETS[0], now, &body))), &body),
        ("no signature but a time", Some(format!("t={now}")), &body),
        ("an older scheme", Some(format!("t={now},v0={}", mac(SECRETS[0], now, &body))), &body),
        ("a time that is none", Some(format!("t=soon,v1={}", mac(SECRETS[0], now, &body))), &body),
        ("not hexadecimal", Some(format!("t={now},v1=zz")), &body),
        ("half of it", Some(format!("t={now},v1={}", &mac(SECRETS[0], now, &body)[..32])), &body),
        ("a secret that is not ours", Some(signature("whsec_eve", now, &body)), &body),
        ("an empty secret", Some(signature("", now, &body)), &body),
        ("another body", Some(good.clone()), &other),
        ("another time", Some(good.replace(&now.to_string(), &(now - 1).to_string())), &body),
        ("too late", Some(signature(SECRETS[0], now - TOLERANCE - 30, &body)), &body),
        ("too early", Some(signature(SECRETS[0], now + TOLERANCE + 30, &body)), &body),
    ];
    for (what, signature, body) in refused {
        assert_eq!(door.knock(signature.as_deref(), body.clone()).await.status(), StatusCode::BAD_REQUEST, "{what}");
    }
    assert_eq!(door.kept("evt_1").await, None);
    assert_eq!(door.kept("evt_2").await, None);
}

#[tokio::test]
async fn either_secret_is_good_and_so_is_any_signature_of_several() {
    let door = Door::open().await;
    for (id, secret) in ["evt_new", "evt_old"].into_iter().zip(SECRETS) {
        let body = event(id, "invoice.paid", "cus_nobody", VERSION).to_string();
        let (now, wrong) = (door.now(), "0".repeat(64));
        let several = format!("t={now},v1={wrong},v1={},v0={wrong}", mac(secret, now, &body));
        assert_eq!(door.knock(Some(&several), body).await.status(), StatusCode::OK, "{secret}");
        assert!(door.kept(id).await.is_some(), "{secret}");
    }
    // As old as it may be, but for what the test takes.
    let body = event("evt_slow", "invoice.paid", "cus_nobody", VERSION).to_string();
    let slow = signature(SECRETS[0], door.now() - TOLERANCE + 60, &body);
    assert_eq!(door.knock(Some(&slow), body).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn what_comes_twice_is_kept_once() {
    let door = Door::open().await;
    for _ in 0..3 {
        door.is_told(&event("evt_twice", "invoice.paid", "cus_nobody", VERSION)).await;
    }
    let count = door.number("select count(*) from stripe_event where id = 'evt_twice'").await;
    assert_eq!(count, 1);
}

#[tokio::test]
async fn what_is_told_is_kept_once_and_answered_at_once() {
    let door = Door::of_the_web_alone().await;
    door.app.sign_up("Ada", "Acme").await;
    door.change("update subscription set stripe_customer = 'cus_acme'").await;
    let mut medians = Vec::new();
    while medians.last().is_none_or(|median| *median >= SOON) {
        assert!(medians.len() < TRIES, "half of the answers took longer than these: {medians:?}");
        let median = door.median_of_try(medians.len()).await;
        medians.push(median);
    }
    let told = i64::try_from(medians.len() * EVENTS).unwrap();
    assert_eq!(door.number("select count(*) from stripe_event where state = 'received'").await, told);
    assert_eq!(door.number("select count(distinct body ->> 'id') from stripe_event").await, told);
    let jobs = door.number("select count(*) from job where kind = 'sync_subscription'").await;
    assert_eq!(jobs, 1, "one that waits asks later than all of them");
}

#[tokio::test]
async fn what_nobody_understands_is_kept_and_shown_and_no_error() {
    let door = Door::open().await;
    let strange = [
        event("evt_type", "a.type.of.tomorrow", "cus_nobody", VERSION),
        event("evt_version", "invoice.paid", "cus_nobody", "2019-02-11"),
        event("evt_customer", "customer.subscription.updated", "cus_nobody", VERSION),
        json!({ "id": "evt_bare", "object": "event", "type": "ping", "created": door.now(), "data": { "object": {} } }),
        json!({ "id": "evt_odd", "object": "event", "type": "ping", "created": door.now(), "data": { "object": [1, null] },
                "api_version": null }),
    ];
    for told in &strange {
        door.is_told(told).await;
        let kept = door.kept(told["id"].as_str().unwrap()).await.unwrap();
        assert_eq!((&kept["body"], &kept["tenant_id"]), (told, &Value::Null), "as it came, and of nobody");
    }
    // What is signed and is no event is not Stripe's, or not for us; it breaks nothing.
    for body in ["", "null", "[]", "{}", "{", "\u{0}", r#"{"id": 7}"#, r#"{"id": "evt_1"}"#] {
        let status = door.knock(Some(&signature(SECRETS[0], door.now(), body)), body.to_owned()).await.status();
        assert!([StatusCode::OK, StatusCode::BAD_REQUEST].contains(&status), "{body}: {status}");
    }
    let dead = door.number("select count(*) from job where state = 'dead'").await;
    assert_eq!(dead, 0, "no error goes round");
}

#[tokio::test]
async fn what_is_too_long_is_refused() {
    let door = Door::open().await;
    let mut long = event("evt_long", "invoice.paid", "cus_nobody", VERSION);
    long["data"]["object"]["description"] = "x".repeat(LONGEST).into();
    let body = long.to_string();
    let status = door.knock(Some(&signature(SECRETS[0], door.now(), &body)), body).await.status();
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(door.kept("evt_long").await, None);
}

#[tokio::test]
async fn what_is_too_long_is_refused_also_where_nobody_says_how_long_it_is() {
    let door = Door::open().await;
    let mut long = event("evt_endless", "invoice.paid", "cus_nobody", VERSION);
    long["data"]["object"]["description"] = "x".repeat(LONGEST).into();
    let body = long.to_string();
    let pieces: Vec<std::io::Result<Vec<u8>>> =
        body.as_bytes().chunks(16 * 1024).map(|piece| Ok(piece.to_vec())).collect();
    let request = door.http.post(format!("{}/stripe/webhook", door.app.url));
    let request = request.header("stripe-signature", signature(SECRETS[0], door.now(), &body));
    let request = request.body(reqwest::Body::wrap_stream(futures::stream::iter(pieces)));
    assert_eq!(request.send().await.unwrap().status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(door.kept("evt_endless").await, None);
}

#[tokio::test]
async fn what_is_about_a_workspace_goes_with_it_and_what_comes_later_is_nobody_s() {
    let door = Door::open().await;
    door.app.sign_up("Ada", "Acme").await;
    door.change("update subscription set stripe_customer = 'cus_acme'").await;
    door.is_told(&event("evt_before", "invoice.paid", "cus_acme", VERSION)).await;
    eventually("it is known whom it is about", async || {
        let kept = door.kept("evt_before").await?;
        kept["tenant_id"].as_str().map(str::to_owned)
    })
    .await;
    door.change("delete from tenant").await;
    assert_eq!(door.kept("evt_before").await, None);
    door.is_told(&event("evt_after", "invoice.paid", "cus_acme", VERSION)).await;
    assert_eq!(door.kept("evt_after").await.unwrap()["tenant_id"], Value::Null);
}

#[tokio::test]
async fn whoever_is_signed_in_is_not_stripe() {
    let door = Door::open().await;
    let mut ada = door.app.sign_up("Ada", "Acme").await;
    let body = event("evt_ada", "invoice.paid", "cus_nobody", VERSION).to_string();
    let request = ada.request(reqwest::Method::POST, "/stripe/webhook").body(body);
    ada.send(request).await.expect_status(400).await;
    ada.get("/stripe/webhook").await.expect_status(405).await;
    assert_eq!(door.kept("evt_ada").await, None);
}

/// Sheaf with a Stripe that never answers, as nobody here listens for what it would be asked.
struct Door {
    app: TestApp,
    http: Http,
    clock: Clock,
}

impl Door {
    async fn open() -> Self {
        Self::of("all").await
    }

    /// Nobody works on what follows.
    async fn of_the_web_alone() -> Self {
        Self::of("serve").await
    }

    async fn of(role: &str) -> Self {
        let secrets = SECRETS.join(",");
        let settings = [
            ("SHEAF_STRIPE_KEY", "sk_test_nobody"),
            ("SHEAF_STRIPE_URL", "http://127.0.0.1:9"),
            ("SHEAF_STRIPE_WEBHOOK_SECRETS", secrets.as_str()),
        ];
        let mut app = TestApp::prepare().await;
        app.url = app.run(role, &settings).await;
        Self { app, http: Http::new(), clock: Clock::system() }
    }

    fn now(&self) -> i64 {
        self.clock.now().timestamp()
    }

    async fn knock(&self, signature: Option<&str>, body: String) -> Response {
        let request = self.http.post(format!("{}/stripe/webhook", self.app.url));
        let request = request.header("content-type", "application/json").body(body);
        let request = match signature {
            Some(signature) => request.header("stripe-signature", signature),
            None => request,
        };
        request.send().await.unwrap()
    }

    async fn is_told(&self, event: &Value) {
        let body = event.to_string();
        let answer = self.knock(Some(&signature(SECRETS[0], self.now(), &body)), body).await;
        assert_eq!(answer.status(), StatusCode::OK, "{event}");
    }

    /// Tells events one after another, and says within what time half of them were answered.
    async fn median_of_try(&self, number: usize) -> Duration {
        let mut took = Vec::new();
        for nth in 0..EVENTS {
            let id = format!("evt_{number}_{nth}");
            let body = event(&id, "customer.subscription.updated", "cus_acme", VERSION).to_string();
            let signature = signature(SECRETS[0], self.now(), &body);
            let asked = Instant::now();
            let status = self.knock(Some(&signature), body).await.status();
            took.push(asked.elapsed());
            assert_eq!(status, StatusCode::OK, "{id}");
        }
        took.sort_unstable();
        took[EVENTS / 2]
    }

    async fn kept(&self, id: &str) -> Option<Value> {
        let kept = sqlx::query_scalar("select to_jsonb(stripe_event) from stripe_event where id = $1").bind(id);
        kept.fetch_optional(&mut self.app.superuser().await).await.unwrap()
    }

    async fn number(&self, query: &str) -> i64 {
        let query = sqlx::query_scalar(AssertSqlSafe(query.to_owned()));
        query.fetch_one(&mut self.app.superuser().await).await.unwrap()
    }

    async fn change(&self, statement: &str) {
        let statement = sqlx::query(AssertSqlSafe(statement.to_owned()));
        statement.execute(&mut self.app.superuser().await).await.unwrap();
    }
}

fn event(id: &str, kind: &str, customer: &str, version: &str) -> Value {
    json!({
        "id": id,
        "object": "event",
        "type": kind,
        "api_version": version,
        "created": Clock::system().now().timestamp(),
        "livemode": false,
        "data": { "object": { "id": "in_1", "object": "invoice", "customer": customer } },
    })
}

/// As Stripe signs: https://docs.stripe.com/webhooks#verify-manually.
pub fn signature(secret: &str, at: i64, body: &str) -> String {
    format!("t={at},v1={}", mac(secret, at, body))
}

fn mac(secret: &str, at: i64, body: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let mac = hmac::sign(&key, format!("{at}.{body}").as_bytes());
    mac.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}
