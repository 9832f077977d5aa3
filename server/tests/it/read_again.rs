//! Documents that are read again: what is charged is what was quoted, once for each reading.

use domain::{
    activity::{ActivityListing, Work},
    billing::Quote,
    documents::{DocumentState, ReadAgain},
};
use serde_json::{Value, json};

use crate::{
    client::Client,
    test_app::{TestApp, eventually},
};

/// A server that sells, with its workers. Stripe is away.
async fn shop() -> TestApp {
    let settings = [
        ("SHEAF_STRIPE_KEY", "sk_test_nobody"),
        ("SHEAF_STRIPE_URL", "http://127.0.0.1:1"),
        ("SHEAF_STRIPE_WEBHOOK_SECRETS", "whsec_nobody"),
    ];
    TestApp::start_with(&settings).await
}

async fn number(app: &TestApp, question: &'static str) -> i64 {
    sqlx::query_scalar(question).fetch_one(&mut app.superuser().await).await.unwrap()
}

async fn becomes(app: &TestApp, question: &'static str, expected: i64) {
    eventually(question, async || (number(app, question).await == expected).then_some(())).await;
}

async fn quoted(ada: &mut Client, ids: &[&str]) -> Quote {
    ada.call("billing/quote", json!({ "documents": ids })).await.expect_status(200).await.json().await
}

const USED: &str = "select sum(used)::int8 from tenant_meter";
const HELD: &str = "select sum(held)::int8 from tenant_meter";
const BACK: &str = "select count(*) from ledger_entry where kind = 'credit_back'";

#[tokio::test]
async fn what_is_charged_is_what_was_quoted() {
    let app = shop().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    // 7,000 characters are three credits, and a few are one.
    let long = ada.reads("long.txt", "A sheaf is bound. ".repeat(389)).await.id.to_string();
    let short = ada.reads("short.md", "# A note\n\nIt is short.").await.id.to_string();
    becomes(&app, USED, 4).await;
    let quote = quoted(&mut ada, &[&long, &short]).await;
    assert_eq!((quote.documents, quote.credits, quote.overage, quote.remains), (2, 4, 0, 5_000 - 4 - 4));
    let page = ada.get(&format!("/documents/read-again?documents={long},{short}")).await.expect_status(200).await;
    let page = page.text().await;
    assert!(page.contains("2 documents are read again, for 4 page credits or more."), "{page}");

    let fields = [("documents[0]", long.as_str()), ("documents[1]", short.as_str())];
    let done = ada.post_form("/api/documents/read_again", &fields).await.expect_status(202).await;
    let done: ReadAgain = done.json().await;
    assert_eq!((done.begun, done.held, done.passed_over), (2, 0, 0));
    assert_eq!((done.work.job, done.work.count, done.work.jobs.len()), (None, 2, 2));
    for job in done.work.jobs {
        ada.get(&format!("/jobs/{job}")).await.expect_status(200).await;
    }
    becomes(&app, USED, 8).await;
    for id in [&long, &short] {
        let document = ada.document_when_read(id).await;
        assert!(document.state == DocumentState::Read && document.words > 2, "{document:?}");
    }
    assert_eq!((number(&app, HELD).await, number(&app, BACK).await), (0, 0), "each reading is paid for");

    let all: Quote = ada.call("billing/quote_all", json!({})).await.expect_status(200).await.json().await;
    assert_eq!((all.documents, all.credits), (2, 4));
    let page = ada.get("/documents/read-all-again").await.expect_status(200).await.text().await;
    assert!(page.contains("2 documents are read again, for 4 page credits or more."), "{page}");
    let done = ada.post_form("/api/documents/read_all_again", &[]).await.expect_status(202).await;
    assert_eq!(done.header("location"), "/documents/read-all-again?begun=2");
    let done: Value = done.json().await;
    assert_eq!((&done["documents"], &done["jobs"][0]), (&json!(2), &done["job"]), "{done}");
    let job: Value =
        ada.get(&format!("/jobs/{}", done["job"].as_str().unwrap())).await.expect_status(200).await.json().await;
    assert_eq!(job["kind"], "read_all_again");
    becomes(&app, USED, 12).await;
    assert_eq!((number(&app, HELD).await, number(&app, BACK).await), (0, 0));
}

#[tokio::test]
async fn what_was_read_in_part_is_paid_for_once() {
    let app = shop().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let id = ada.reads("short.txt", "It is short.").await.id.to_string();
    becomes(&app, USED, 1).await;
    let failed = "update document set state = 'partly_read', pages_failed = 1";
    sqlx::query(failed).execute(&mut app.superuser().await).await.unwrap();
    let done = ada.post_form("/api/documents/read_again", &[("documents[0]", &id)]).await.expect_status(202).await;
    let address = done.header("location").to_owned();
    let done: Value = done.json().await;
    assert_eq!((&done["begun"], address), (&json!(1), format!("/jobs/{}", done["job"].as_str().unwrap())));
    becomes(&app, BACK, 1).await;
    assert_eq!(ada.document_when_read(&id).await.state, DocumentState::Read);
    assert_eq!(number(&app, USED).await, 1);
    let costs = eventually("both readings are over", async || {
        let done = ada.call("activity/list", json!({ "query": { "shown": "done" } })).await.expect_status(200).await;
        let listing: ActivityListing = done.json().await;
        let readings = listing.finished.iter().filter(|job| job.work() == Work::Reading);
        Some(readings.map(|job| job.credits).collect::<Vec<_>>()).filter(|costs| costs.len() == 2)
    })
    .await;
    assert_eq!(costs, [1, 0], "what the first was charged came back");
}
