//! Parts of the work as processes of their own.

use domain::{
    documents::DocumentState,
    reports::{Report, ReportState},
};
use serde_json::json;

use crate::{
    client::Client,
    smtp_sink::SmtpSink,
    test_app::{TestApp, eventually},
};

const LEASE: &[u8] = include_bytes!("../../seed/lease-agreement.pdf");

#[tokio::test]
async fn reading_mail_and_the_rest_are_done_by_three_processes() {
    let sink = SmtpSink::start().await;
    let mut app = TestApp::prepare().await;
    app.url = app.run("serve", &[]).await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    let id = ada.uploads("Lease.pdf", LEASE).await;

    // All are told how much of everything to do at once, and each what to do at all.
    let concurrency = ("SHEAF_CONCURRENCY", "reading=2,mail=8");
    app.run("work", &[("SHEAF_KINDS", "reading"), concurrency]).await;
    assert_eq!(ada.document_when_read(&id).await.state, DocumentState::Read);
    assert_eq!(begun(&app).await, ["read_document"]);

    ada.post_form("/api/reports/ask", &[("title", "Rent"), ("q", "rent")]).await;
    assert!(sink.mails().is_empty());
    app.run("work", &[("SHEAF_KINDS", "mail"), concurrency, ("SHEAF_SMTP_URL", &sink.url)]).await;
    eventually("the mail of the sign-up is sent", async || sink.mails().into_iter().next()).await;
    assert_eq!(begun(&app).await, ["read_document", "send_mail"]);
    assert_eq!(ticks(&app).await, Vec::<String>::new(), "what happens by itself is no part of these");
    assert!(report(&mut ada).await.state.is_busy());

    let before = sink.mails().len();
    app.run("work", &[("SHEAF_KINDS", "reports,exports,sweep_documents"), concurrency]).await;
    let report = eventually("the report is made", async || {
        Some(report(&mut ada).await).filter(|report| !report.state.is_busy())
    })
    .await;
    assert_eq!(report.state, ReportState::Ready, "{:?}", report.failure);
    eventually("the mail of the report is sent", async || (sink.mails().len() > before).then_some(())).await;
    eventually("the workspace is swept", async || {
        (begun(&app).await == ["make_report", "read_document", "send_mail", "sweep_documents"]).then_some(())
    })
    .await;
    let ticks = ticks(&app).await;
    assert!(ticks.iter().any(|tick| tick == "sweep") && !ticks.iter().any(|tick| tick == "roll_up_use"), "{ticks:?}");
}

/// What has happened by itself.
async fn ticks(app: &TestApp) -> Vec<String> {
    let ticks = "select distinct schedule from job_tick order by schedule";
    sqlx::query_scalar(ticks).fetch_all(&mut app.superuser().await).await.unwrap()
}

/// The kinds of which a job was begun.
async fn begun(app: &TestApp) -> Vec<String> {
    let begun = "select distinct kind from job where attempt > 0 order by kind";
    sqlx::query_scalar(begun).fetch_all(&mut app.superuser().await).await.unwrap()
}

/// The newest report.
async fn report(client: &mut Client) -> Report {
    let reports: Vec<Report> = client.call("reports/list", json!({})).await.expect_status(200).await.json().await;
    reports.into_iter().next().unwrap()
}
