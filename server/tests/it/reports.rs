//! Reports: asked for, made, told by mail, downloaded.

use domain::reports::{Report, ReportState};
use serde_json::{Value, json};

use crate::{
    client::Client,
    test_app::{TestApp, eventually},
};

#[tokio::test]
async fn a_report_is_made_of_documents_and_told_by_mail() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let lease = ada.reads("Lease.pdf", include_bytes!("../../seed/lease-agreement.pdf")).await.id.to_string();
    let notes = ada.reads("Notes.txt", include_bytes!("../../seed/meeting-notes.txt")).await.id.to_string();
    let fields = [("title", "All of it"), ("documents[0]", &lease), ("documents[1]", &notes)];
    let report = ask(&mut ada, &fields).await;
    assert_eq!((report.state, report.documents), (ReportState::Ready, Some(2)), "{:?}", report.failure);
    let file = ada.get(&format!("/reports/{}/report.pdf", report.id)).await.expect_status(200).await;
    assert!(file.header("content-disposition").contains("All_of_it.pdf"));
    let pdf = file.bytes().await;
    assert!(pdf.starts_with(b"%PDF-") && pdf.len() > 10_000);
    assert_eq!(report.bytes, Some(pdf.len() as i64));
    let mut superuser = app.superuser().await;
    let mail: (String, String) =
        sqlx::query_as("select subject, text_body from mail where idempotency_key like 'report/%'")
            .fetch_one(&mut superuser)
            .await
            .unwrap();
    assert!(mail.0.contains("All of it") && mail.1.contains(&format!("/reports/{}", report.id)), "{mail:?}");
}

#[tokio::test]
async fn the_same_question_gives_the_same_bytes() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    ada.reads("Lease.pdf", include_bytes!("../../seed/lease-agreement.pdf")).await;
    let report = ask(&mut ada, &[("title", "Rent"), ("q", "rent")]).await;
    assert_eq!(report.state, ReportState::Ready, "{:?}", report.failure);
    let first = ada.get(&format!("/reports/{}/report.pdf", report.id)).await.bytes().await;
    // The same job once more, as after a crash between the file and the acknowledgement.
    let mut superuser = app.superuser().await;
    sqlx::query(
        "update job set state = 'waiting', finished_at = null, attempt = 0, run_at = now() where kind = 'make_report'",
    )
    .execute(&mut superuser)
    .await
    .unwrap();
    eventually("the job ran again", async || {
        let done: i64 = sqlx::query_scalar("select count(*) from job where kind = 'make_report' and state = 'done'")
            .fetch_one(&mut superuser)
            .await
            .unwrap();
        (done == 1).then_some(())
    })
    .await;
    let second = ada.get(&format!("/reports/{}/report.pdf", report.id)).await.bytes().await;
    assert!(first == second, "the bytes differ");
    let mails: i64 = sqlx::query_scalar("select count(*) from mail where idempotency_key like 'report/%'")
        .fetch_one(&mut superuser)
        .await
        .unwrap();
    assert_eq!(mails, 1, "no second mail");
}

#[tokio::test]
async fn what_is_wrong_with_a_question_is_told() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let before: Vec<Value> = ada.call("reports/list", json!({})).await.json().await;
    ada.post_form("/api/reports/ask", &[("title", ""), ("q", "rent")]).await;
    ada.post_form("/api/reports/ask", &[("title", "Nothing")]).await;
    ada.post_form("/api/reports/ask", &[("title", "Nothing found"), ("q", "elephant")]).await;
    let after: Vec<Value> = ada.call("reports/list", json!({})).await.json().await;
    assert_eq!(before.len(), after.len(), "nothing was enqueued");
}

/// Asks for a report and waits for its end.
async fn ask(client: &mut Client, fields: &[(&str, &str)]) -> Report {
    client.post_form("/api/reports/ask", fields).await;
    eventually("the report is made", async || {
        let reports: Vec<Report> = client.call("reports/list", json!({})).await.expect_status(200).await.json().await;
        reports.into_iter().next().filter(|report| !report.state.is_busy())
    })
    .await
}
