//! What Stripe tells by its webhook, who is let in by it, and what operators see of it.

use aws_lc_rs::hmac::{self, HMAC_SHA256, Key};
use domain::{clock::Clock, roles::Role};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    client::Client,
    navigation::goes_to,
    operators::Bob,
    test_app::{TestApp, eventually},
};

/// Of which one takes the place of the other.
const SECRETS: [&str; 2] = ["whsec_new", "whsec_old"];

/// What has a process sell.
const SELLS: [(&str, &str); 3] = [
    ("SHEAF_STRIPE_KEY", "sk_test_nobody"),
    ("SHEAF_STRIPE_URL", "http://127.0.0.1:1"),
    ("SHEAF_STRIPE_WEBHOOK_SECRETS", "whsec_new,whsec_old"),
];

/// A server that sells, and that nobody works for. Stripe is away.
async fn shop() -> TestApp {
    let mut app = TestApp::prepare().await;
    app.url = app.run("serve", &SELLS).await;
    app
}

fn event(id: &str, customer: &str) -> Value {
    let created = Clock::system().now().timestamp();
    json!({
        "id": id, "object": "event", "type": "customer.subscription.updated", "api_version": "2026-09-30.endive",
        "created": created,
        "data": { "object": { "id": "sub_1", "object": "subscription", "customer": customer } },
    })
}

/// As Stripe signs, so many seconds ago.
fn signed(secret: &str, ago: i64, body: &str) -> String {
    let at = Clock::system().now().timestamp() - ago;
    let tag = hmac::sign(&Key::new(HMAC_SHA256, secret.as_bytes()), format!("{at}.{body}").as_bytes());
    let digits: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("t={at},v1={digits}")
}

/// Without any of the headers of a browser.
async fn told(app: &TestApp, body: &str, signature: Option<&str>) -> StatusCode {
    let mut request = reqwest::Client::new().post(format!("{}/stripe/webhook", app.url)).body(body.to_owned());
    if let Some(signature) = signature {
        request = request.header("stripe-signature", signature);
    }
    request.send().await.unwrap().status()
}

/// Id and state of what was kept.
async fn kept(app: &TestApp) -> Vec<(String, String)> {
    let events = sqlx::query_as("select id, state from stripe_event order by id");
    events.fetch_all(&mut app.superuser().await).await.unwrap()
}

async fn jobs(app: &TestApp) -> i64 {
    let jobs = sqlx::query_scalar("select count(*) from job where kind = 'sync_subscription'");
    jobs.fetch_one(&mut app.superuser().await).await.unwrap()
}

#[tokio::test]
async fn what_stripe_has_signed_is_kept_once_and_nothing_else_is() {
    let app = shop().await;
    app.sign_up("Ada", "Acme").await;
    let known = "update subscription set stripe_customer = 'cus_acme'";
    sqlx::query(known).execute(&mut app.superuser().await).await.unwrap();

    let body = event("evt_1", "cus_acme").to_string();
    assert_eq!(told(&app, &body, None).await, 400);
    for wrong in ["", "t=1", "v1=00", &signed("whsec_other", 0, &body), &signed(SECRETS[0], 400, &body)] {
        assert_eq!(told(&app, &body, Some(wrong)).await, 400, "{wrong}");
    }
    assert_eq!(told(&app, &body.replace("sub_1", "sub_2"), Some(&signed(SECRETS[0], 0, &body))).await, 400);
    let huge = format!("{{\"id\":\"{}\"}}", "x".repeat(513 * 1024));
    assert_eq!(told(&app, &huge, Some(&signed(SECRETS[0], 0, &huge))).await, 413);
    assert_eq!((kept(&app).await.len(), jobs(&app).await), (0, 0));

    for secret in SECRETS {
        assert_eq!(told(&app, &body, Some(&signed(secret, 10, &body))).await, 200, "{secret}");
    }
    assert_eq!((kept(&app).await, jobs(&app).await), (vec![("evt_1".into(), "received".into())], 1));
    let strangers = event("evt_2", "cus_nobody").to_string();
    assert_eq!(told(&app, &strangers, Some(&signed(SECRETS[0], 0, &strangers))).await, 200);
    assert_eq!((kept(&app).await[1].1.as_str(), jobs(&app).await), ("unknown", 1));
}

#[tokio::test]
async fn an_operator_sees_what_stripe_has_told_and_has_it_looked_into_again() {
    let app = shop().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let mut bob = Bob::added(&app).signs_in(&app).await;
    let nothing = bob.get("/operator/stripe").await.expect_status(200).await.text().await;
    assert!(nothing.contains("Nothing is like that"), "{nothing}");
    let body = event("evt_1", "cus_acme").to_string();
    assert_eq!(told(&app, &body, Some(&signed(SECRETS[0], 0, &body))).await, 200);

    let page = bob.get("/operator/stripe").await.expect_status(200).await.text().await;
    assert!(page.contains("customer.subscription.updated") && page.contains("cus_acme"), "{page}");
    let others = bob.get("/operator/stripe?state=done").await.expect_status(200).await.text().await;
    assert!(!others.contains("cus_acme"), "{others}");
    let one = "/operator/stripe/event?id=evt_1";
    let page = bob.get(one).await.expect_status(200).await.text().await;
    assert!(page.contains("sub_1") && page.contains("Unknown"), "{page}");
    assert!(page.contains(" UTC<"), "an operator sees by the second how late it came: {page}");
    bob.get("/operator/stripe/event?id=evt_2").await.expect_status(404).await;
    bob.get("/operator/stripe/event").await.expect_status(404).await;
    bob.post_form("/operator/stripe/replay", &[("event", "evt_2")]).await.expect_status(404).await;
    let nobodys = bob.post_form("/operator/stripe/replay", &[("event", "evt_1")]).await.expect_status(409).await;
    assert!(nobodys.text().await.contains("no customer of Sheaf"));

    // Now it is somebody's.
    let known = "update subscription set stripe_customer = 'cus_acme'";
    sqlx::query(known).execute(&mut app.superuser().await).await.unwrap();
    let answer = bob.post_form("/operator/stripe/replay", &[("event", "evt_1")]).await.expect_status(303).await;
    assert_eq!(answer.header("location"), one);
    assert_eq!((kept(&app).await, jobs(&app).await), (vec![("evt_1".into(), "received".into())], 1));
    let page = bob.get("/operator/stripe?state=received").await.expect_status(200).await.text().await;
    assert!(page.contains("Acme") && page.contains("Waiting"), "{page}");
    let acts: Vec<String> = sqlx::query_scalar("select act from audit_entry where act = 'work.replayed'")
        .fetch_all(&mut app.superuser().await)
        .await
        .unwrap();
    assert_eq!(acts.len(), 1);
    for path in ["/operator/stripe", one] {
        ada.get(path).await.expect_status(404).await;
    }
}

#[tokio::test]
async fn the_list_of_what_stripe_has_told_goes_on() {
    let app = shop().await;
    let mut bob = Bob::added(&app).signs_in(&app).await;
    let many = "insert into stripe_event (id, type, body, created_at, received_at, state)
                select 'evt_' || number, 'price.number_' || number, '{}', now(), date_trunc('hour', now()), 'ignored'
                from generate_series(1001, 1060) as number";
    sqlx::query(many).execute(&mut app.superuser().await).await.unwrap();
    for filter in ["", "?state=ignored"] {
        let first = bob.get(&format!("/operator/stripe{filter}")).await.expect_status(200).await.text().await;
        assert!(first.contains("price.number_1001") && !first.contains("price.number_1051"), "{first}");
        let older =
            first.split("href=\"").find(|link| link.starts_with("/operator/stripe?") && link.contains("after="));
        let older = older.unwrap().split('"').next().unwrap().replace("&amp;", "&");
        let next = bob.get(&older).await.expect_status(200).await.text().await;
        assert!(next.contains("price.number_1051") && next.contains("price.number_1060"), "{next}");
        assert!(!next.contains("price.number_1050"), "{next}");
    }
}

#[tokio::test]
async fn whoever_is_led_to_pay_comes_back_where_nobody_answers() {
    let app = shop().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let form = [("plan", "team"), ("currency", "eur")];
    let away = ada.post_form("/settings/billing/checkout", &form).await.expect_status(303).await;
    let back = away.header("location");
    assert!(
        back.starts_with("/settings/billing/plan?to=team&currency=eur&") && back.ends_with("&fault=away"),
        "{back}"
    );
    let wrong = ada.post_form("/settings/billing/checkout", &[("plan", "gold")]).await.expect_status(303).await;
    let back = wrong.header("location");
    assert!(back.starts_with("/settings/billing/plan?__path=") && back.ends_with("&fault=choice"), "{back}");
    let unknown = ada.post_form("/settings/billing/portal", &[]).await.expect_status(303).await;
    assert_eq!(unknown.header("location"), "/settings/billing?fault=unknown");
    ada.get("/settings/billing/return?session=cs_forged").await.expect_status(404).await;
    let mut visitor = Client::new(&app.url);
    let sent = visitor.get("/settings/billing/return?session=cs_1").await.expect_status(303).await;
    assert_eq!(sent.header("location"), "/sign-in?next=%2Fsettings%2Fbilling%2Freturn%3Fsession%3Dcs_1");

    let policy = ada.get("/settings/account").await.header("content-security-policy").to_owned();
    assert!(policy.contains("form-action 'self' http://127.0.0.1:1;"), "{policy}");
    // The frame says what is owed, and leads to where it is paid, also around what is not there.
    for nothing in ["/documents/nothing/original", "/operator", "/no-such"] {
        let answer = goes_to(&mut ada, nothing).await.expect_status(404).await;
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("form-action 'self' http://127.0.0.1:1;"), "{nothing}: {policy}");
    }
    let policy = visitor.get("/sign-in").await.header("content-security-policy").to_owned();
    assert!(policy.contains("form-action 'self';"), "{policy}");
}

#[tokio::test]
async fn what_was_typed_about_money_is_still_there() {
    let app = shop().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let page = "/settings/billing/plan?to=team&currency=eur";
    let fields = [("plan", "team"), ("currency", "gbp"), ("coupon", "SPRING <26>")];
    let (back, shown) = ada.is_led_back(page, "/settings/billing/checkout", &fields).await;
    for words in ["value=\"SPRING &lt;26&gt;\"", "value=\"gbp\" selected", "cannot be reached right now"] {
        assert!(shown.contains(words), "{words} in {shown}");
    }
    assert!(!back.contains("SPRING"), "{back}");
    let coupon = ada.get(&back.replace("fault=away", "fault=coupon")).await.expect_status(200).await.text().await;
    assert!(coupon.contains("id=\"field-coupon-error\""), "{coupon}");

    let active = "update subscription set plan = 'team', status = 'active'";
    sqlx::query(active).execute(&mut app.superuser().await).await.unwrap();
    let (_, shown) = ada.is_led_back("/settings/billing", "/api/billing/set_cap", &[("cap", "a <lot>")]).await;
    for words in ["value=\"a &lt;lot&gt;\"", "id=\"field-cap-error\"", "Write a whole number"] {
        assert!(shown.contains(words), "{words} in {shown}");
    }
}

#[tokio::test]
async fn the_month_of_whoever_pays_nothing_is_the_one_that_runs() {
    let app = shop().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let long_ago = "update subscription set trial_ends_at = '2020-01-15 00:00Z', period_start = '2020-01-01 00:00Z',
                                            period_end = '2020-02-01 00:00Z'";
    sqlx::query(long_ago).execute(&mut app.superuser().await).await.unwrap();
    let page = ada.get("/settings/billing").await.expect_status(200).await.text().await;
    assert!(page.contains("datetime=\"20") && !page.contains("datetime=\"2020-"), "{page}");
}

#[tokio::test]
async fn a_plan_that_was_picked_is_offered_to_the_new_owner() {
    let app = shop().await;
    let mut ada = Client::new(&app.url);
    let prices = ada.get("/pricing?currency=usd").await.expect_status(200).await.text().await.replace("&amp;", "&");
    let link = "/sign-up?plan=business&currency=usd";
    assert!(prices.contains(&format!("\"{link}\"")) && !prices.contains("plan=free"), "{prices}");
    let form = ada.get(link).await.expect_status(200).await.text().await;
    assert!(carries_business(&form) && form.contains("Then you can buy the Business plan"), "{form}");
    assert!(form.replace("&amp;", "&").contains("\"/sign-in?plan=business&currency=usd\""), "{form}");

    let mut fields = signing_up("Ada", "ada@acme.example", "short", ["business", "usd"]);
    let again = ada.post_form("/sign-up", &fields).await.expect_status(422).await.text().await;
    assert!(carries_business(&again), "{again}");
    fields[3].1 = "correct horse battery";
    ada.post_form("/sign-up", &fields).await.expect_status(200).await;
    let asked = app.token_mailed_to("ada@acme.example").await;
    let (token, picked) = asked.split_once('&').unwrap();
    assert_eq!(picked, "plan=business&currency=usd");
    let page = ada.get(&format!("/verify?token={asked}")).await.expect_status(200).await.text().await;
    assert!(carries_business(&page), "{page}");
    let fields = [("token", token), ("plan", "business"), ("currency", "usd")];
    let led = ada.post_form("/verify", &fields).await.expect_status(303).await;
    assert_eq!(led.header("location"), "/settings/billing/plan?to=business&currency=usd");
    let offer = ada.get(led.header("location")).await.expect_status(200).await.text().await;
    assert!(offer.contains("Buy Business") && offer.contains("value=\"usd\" selected"), "{offer}");
}

#[tokio::test]
async fn a_plan_that_was_picked_is_offered_to_whoever_signs_in() {
    let app = shop().await;
    let mut ada = Client::new(&app.url);
    let form = ada.get("/sign-in?plan=business&currency=usd").await.expect_status(200).await.text().await;
    assert!(carries_business(&form), "{form}");
    assert!(form.replace("&amp;", "&").contains("\"/sign-up?plan=business&currency=usd\""), "{form}");

    let account = signing_up("Ada", "ada@acme.example", "correct horse battery", ["", ""]);
    ada.post_form("/sign-up", &account).await.expect_status(200).await;
    assert!(!app.token_mailed_to("ada@acme.example").await.contains('&'), "nothing was picked yet");
    // The address is not proved yet: the link that is mailed again takes the plan along.
    let fields = signing_in("ada@acme.example", ["business", "usd"]);
    let refused = ada.post_form("/sign-in", &fields).await.expect_status(422).await.text().await;
    assert!(carries_business(&refused), "{refused}");
    let asked = app.token_mailed_to("ada@acme.example").await;
    let (token, picked) = asked.split_once('&').unwrap();
    assert_eq!(picked, "plan=business&currency=usd");
    ada.post_form("/verify", &[("token", token)]).await.expect_status(303).await;

    let led = ada.post_form("/sign-in", &fields).await.expect_status(303).await;
    assert_eq!(led.header("location"), "/settings/billing/plan?to=business&currency=usd");
    let wanted = [&fields[..], &[("next", "/search?q=lease")]].concat();
    let led = ada.post_form("/sign-in", &wanted).await.expect_status(303).await;
    assert_eq!(led.header("location"), "/search?q=lease", "what was wanted comes first");
    let unknown = signing_in("ada@acme.example", ["//evil.example", "usd"]);
    let led = ada.post_form("/sign-in", &unknown).await.expect_status(303).await;
    assert_eq!(led.header("location"), "/documents");
}

#[tokio::test]
async fn whoever_signs_up_again_is_led_to_sign_in_with_what_they_picked() {
    let app = shop().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let fields = signing_up("Ada", "ada@acme.example", "correct horse battery", ["business", "usd"]);
    ada.post_form("/sign-up", &fields).await.expect_status(200).await;
    let mailed: String = sqlx::query_scalar("select text_body from mail order by created_at desc limit 1")
        .fetch_one(&mut app.superuser().await)
        .await
        .unwrap();
    assert!(mailed.contains("/sign-in?plan=business&currency=usd"), "{mailed}");
}

#[tokio::test]
async fn a_plan_that_nobody_sells_leads_nowhere() {
    let app = shop().await;
    let mut eve = Client::new(&app.url);
    let form = eve.get("/sign-up?plan=gold&currency=%22%3E%3Cb%3E").await.expect_status(200).await.text().await;
    assert!(!form.contains("name=\"plan\"") && !form.contains("gold"), "{form}");
    let fields = signing_up("Eve", "eve@globex.example", "correct horse battery", ["free&next=//evil.example", "usd"]);
    eve.post_form("/sign-up", &fields).await.expect_status(200).await;
    let token = app.token_mailed_to("eve@globex.example").await;
    assert!(!token.contains('&'), "{token}");
    let fields = [("token", token.as_str()), ("plan", "//evil.example"), ("currency", "usd")];
    let led = eve.post_form("/verify", &fields).await.expect_status(303).await;
    assert_eq!(led.header("location"), "/documents");
}

#[tokio::test]
async fn the_owner_of_a_workspace_that_is_closed_until_it_is_paid_takes_everything_out_and_nothing_else() {
    let mut app = shop().await;
    app.run("work", &SELLS).await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let mut bob = app.joins("Bob", "Acme", Role::Admin).await;
    ada.uploads("notes.txt", "They stay Ada's.").await;
    let unpaid = "update subscription set plan = 'team', status = 'past_due', unpaid_since = now() - interval '30 days'
                  where tenant_id = (select tenant_id from tenant where name = 'Acme')";
    sqlx::query(unpaid).execute(&mut app.superuser().await).await.unwrap();
    for person in [&mut ada, &mut bob] {
        eventually("it is closed", async || (person.get("/documents").await.status() == 402).then_some(())).await;
    }
    let leads_out = |page: &str| page.contains("href=\"/settings/export\"");
    assert!(leads_out(&ada.get("/documents").await.text().await), "the owner is shown the way");
    assert!(!leads_out(&bob.get("/documents").await.text().await), "an admin is not");

    ada.get("/settings/export").await.expect_status(200).await;
    ada.post_form("/api/exports/ask", &[]).await;
    let id = eventually("the archive is made", async || {
        let exports: Value = ada.call("exports/list", json!({})).await.json().await;
        (exports[0]["state"] == "ready").then(|| exports[0]["id"].as_str().unwrap().to_owned())
    })
    .await;
    let archive = format!("/settings/export/{id}/archive.zip");
    ada.get(&archive).await.expect_status(200).await;
    bob.get(&archive).await.expect_status(403).await;
    let mut eve = app.sign_up("Eve", "Globex").await;
    eve.get(&archive).await.expect_status(404).await;

    ada.call("documents/list", json!({ "query": { "sort": "newest", "trash": false } })).await.expect_status(402).await;
    ada.upload("more.txt", "No room.").await.expect_status(402).await;
}

#[tokio::test]
async fn where_nothing_is_sold_nobody_tells_anything() {
    let app = TestApp::start().await;
    let body = event("evt_1", "cus_1").to_string();
    assert_eq!(told(&app, &body, Some(&signed(SECRETS[0], 0, &body))).await, 404);
    let got = Client::new(&app.url).request(Method::GET, "/stripe/webhook").send().await.unwrap();
    assert_eq!(got.status(), 405);
    let output = app.command("billing").arg("reconcile").output().unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("SHEAF_STRIPE_KEY"), "{output:?}");
}

#[tokio::test]
async fn the_books_of_nobody_agree() {
    let app = TestApp::prepare().await;
    let sells = [("SHEAF_STRIPE_KEY", "sk_test_nobody"), ("SHEAF_STRIPE_URL", "http://127.0.0.1:1")];
    let output = app.command("billing").arg("reconcile").envs(sells).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "0 differences\n", "{output:?}");
    assert!(output.status.success());
    let output = app.command("billing").args(["roll-up"]).envs(sells).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "0 written down, 0 sent\n", "{output:?}");
    let wrong = app.command("serve").env("SHEAF_STRIPE_KEY", "whsec_secret").output().unwrap();
    let said = String::from_utf8_lossy(&wrong.stderr).into_owned();
    assert!(!wrong.status.success() && said.contains("SHEAF_STRIPE_KEY") && !said.contains("whsec_secret"), "{said}");
}

/// The fields of a sign-up.
fn signing_up<'a>(
    name: &'a str,
    email: &'a str,
    password: &'a str,
    [plan, currency]: [&'a str; 2],
) -> [(&'a str, &'a str); 6] {
    [
        ("name", name),
        ("workspace", "Acme"),
        ("email", email),
        ("password", password),
        ("plan", plan),
        ("currency", currency),
    ]
}

/// The fields of a sign-in with the usual password.
fn signing_in<'a>(email: &'a str, [plan, currency]: [&'a str; 2]) -> [(&'a str, &'a str); 4] {
    [("email", email), ("password", "correct horse battery"), ("plan", plan), ("currency", currency)]
}

/// Whether its form takes along that Business was picked, in dollars.
fn carries_business(page: &str) -> bool {
    let words = ["name=\"plan\"", "value=\"business\"", "name=\"currency\"", "value=\"usd\""];
    words.iter().all(|word| page.contains(word))
}
