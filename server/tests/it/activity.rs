//! What is told of work: on the page, and under the address that whoever is told 202 is given.

use domain::roles::Role;
use serde_json::{Value, json};

use crate::test_app::{TestApp, eventually};

#[tokio::test]
async fn whoever_uploads_is_told_where_the_work_is_and_follows_it_to_its_end() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let answer = ada.upload("plan.txt", "The plan.").await.expect_status(202).await;
    let address = answer.header("location").to_owned();
    let job: Value = answer.json().await;
    assert_eq!(address, format!("/jobs/{}", job["job"].as_str().unwrap()));
    assert_eq!(job["jobs"], json!([job["job"]]));
    let done = eventually("the document is read", async || {
        let status: Value = ada.get(&address).await.expect_status(200).await.json().await;
        (status["state"] == "done").then_some(status)
    })
    .await;
    assert_eq!((done["kind"].as_str(), done["id"].as_str()), (Some("read_document"), job["job"].as_str()));
    assert_eq!((&done["credits"], &done["result"]["pages"]), (&json!(1), &json!(1)), "{done}");
    for field in ["created_at", "started_at", "finished_at", "result_kept_until"] {
        assert!(done[field].is_string(), "{field}: {done}");
    }
    ada.post_form(&format!("{address}/cancel"), &[]).await.expect_status(409).await;
    ada.post_form(&format!("{address}/retry"), &[]).await.expect_status(409).await;
    let page = ada.get("/activity").await.expect_status(200).await.text().await;
    assert!(page.contains("plan.txt") && page.contains("Done") && page.contains("Page credits"), "{page}");

    let mut eve = app.sign_up("Eve", "Globex").await;
    eve.get(&address).await.expect_status(404).await;
    eve.post_form(&format!("{address}/cancel"), &[]).await.expect_status(404).await;
    eve.get("/jobs/nonsense").await.expect_status(404).await;
    let page = eve.get("/activity").await.expect_status(200).await.text().await;
    assert!(!page.contains("plan.txt") && page.contains("Activity"), "{page}");
}

#[tokio::test]
async fn a_long_reading_says_how_far_it_is() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let long = "Every sheaf is bound by hand, and counted.\n".repeat(200_000);
    let answer = ada.upload("long.txt", long).await.expect_status(202).await;
    let address = answer.header("location").to_owned();
    let told = eventually("the reading tells its pages", async || {
        let status: Value = ada.get(&address).await.expect_status(200).await.json().await;
        assert_ne!(status["state"], "done", "it was over before it told anything");
        status["progress"]["done"].is_u64().then(|| status["progress"].clone())
    })
    .await;
    let (done, of) = (told["done"].as_u64().unwrap(), told["of"].as_u64().unwrap());
    assert!(told["stage"] == "pages" && 0 < done && done <= of, "{told}");
    ada.post_form(&format!("{address}/cancel"), &[]).await.expect_status(202).await;
}

#[tokio::test]
async fn what_waits_is_cancelled_and_done_again_by_its_address_and_by_a_plain_form() {
    // Nobody works, so it waits.
    let mut app = TestApp::prepare().await;
    app.url = app.run("serve", &[]).await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let answer = ada.upload("plan.txt", "The plan.").await.expect_status(202).await;
    let address = answer.header("location").to_owned();
    let waiting: Value = ada.get(&address).await.expect_status(200).await.json().await;
    assert_eq!(
        (waiting["state"].as_str(), waiting["waits_for"]["reason"].as_str()),
        (Some("waiting"), Some("unserved"))
    );
    let page = ada.get("/activity").await.expect_status(200).await.text().await;
    assert!(page.contains("waiting for a server that does it"), "{page}");
    assert!(page.contains("Nothing is lost: it starts as soon as one runs."), "{page}");
    let mut bob = app.joins("Bob", "Acme", Role::Viewer).await;
    bob.get(&address).await.expect_status(404).await;

    let cancelled = ada.post_form(&format!("{address}/cancel"), &[]).await.expect_status(202).await;
    assert_eq!(cancelled.header("location"), address);
    let cancelled: Value = cancelled.json().await;
    assert_eq!((&cancelled["state"], &cancelled["job"]), (&json!("cancelled"), &waiting["id"]), "{cancelled}");
    assert_eq!(cancelled["jobs"], json!([waiting["id"]]));
    let page = ada.get("/activity").await.expect_status(200).await.text().await;
    assert!(page.contains("Try plan.txt again") && page.contains("/api/activity/retry"), "{page}");
    let retried = ada.post_form(&format!("{address}/retry"), &[]).await.expect_status(202).await;
    assert_eq!(retried.json::<Value>().await["state"], "waiting");

    let id = waiting["id"].as_str().unwrap();
    let cancelled = ada.post_form("/api/activity/cancel", &[("job", id)]).await.expect_status(202).await;
    assert_eq!(cancelled.header("location"), address);
    assert_eq!(cancelled.json::<Value>().await["jobs"], json!([id]));
    let done: Value =
        ada.call("activity/list", json!({ "query": { "shown": "done" } })).await.expect_status(200).await.json().await;
    assert_eq!(done["finished"][0]["id"].as_str(), Some(id));
    let asked = ada.post_form("/api/exports/ask", &[]).await.expect_status(202).await;
    let export = asked.header("location").to_owned();
    let asked: Value = asked.json().await;
    assert_eq!(export, format!("/jobs/{}", asked.as_str().unwrap()));
    ada.get(&export).await.expect_status(200).await;

    for name in ["one.txt", "two.txt"] {
        ada.upload(name, name).await.expect_status(202).await;
    }
    let dies = "update job set state = 'dead', finished_at = now(), died_at = now() where finished_at is null";
    sqlx::query(dies).execute(&mut app.superuser().await).await.unwrap();
    let again = ada.post_form("/api/activity/retry_all", &[]).await.expect_status(202).await;
    let begun: Value = again.json().await;
    let jobs = begun["jobs"].as_array().unwrap();
    assert!(jobs.len() > 1 && begun["count"] == jobs.len() && begun.get("job").is_none(), "{begun}");
    for job in jobs {
        ada.get(&format!("/jobs/{}", job.as_str().unwrap())).await.expect_status(200).await;
    }
}
