//! What there is once the job of each kind is done, however often it was begun.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    documents::DocumentState,
    reports::{Report, ReportState},
};
use serde_json::{Value, json};

use super::{MOST_ATTEMPTS, kind::Kind, stage::Stage};

/// What is set aside and stored, where the meter says something else.
const DIFFERENCES: &str = "select count(*) from tenant_meter m
    where held <> (select coalesce(sum(credits), 0) from credit_hold h where h.tenant_id = m.tenant_id)
       or stored_bytes <> (select coalesce(sum(bytes), 0) from document d where d.tenant_id = m.tenant_id)";

/// Looks at what the job of this kind is for, and at what all have in common.
pub async fn check(kind: Kind, stage: &mut Stage) {
    match kind {
        Kind::SendMail => mails_are_sent_once(stage).await,
        Kind::TellEvent => the_event_is_told_once(stage).await,
        Kind::ReadDocument => the_document_is_read_and_paid_for_once(stage).await,
        Kind::DrawPages => page_images_are_as_before(stage).await,
        Kind::MakeReport => the_report_is_made_once(stage).await,
        Kind::MakeExport => the_archive_is_made_once(stage).await,
        Kind::ReadAllAgain => readings_are_enqueued_once(stage, 3).await,
        Kind::ResumeHeld => readings_are_enqueued_once(stage, 2).await,
        Kind::TellUsage => owners_are_told_once(stage).await,
        Kind::CountRevenue => the_month_is_counted_once(stage).await,
        Kind::Sweep => what_was_due_is_gone_and_nothing_else(stage).await,
    }
    assert_eq!(stage.number(DIFFERENCES).await, 0, "the meter is not what is set aside and stored");
    let running = "select coalesce(sum(running), 0)::int8 from job_lane";
    assert_eq!(stage.number(running).await, 0, "a lane counts a job that nobody does");
}

/// One Message-ID for each mail that is kept. A worker that dies before it has written that a mail is sent sends it again, and by that
/// a mail server or a reader knows it: deliveries of one Message-ID count as one.
async fn mails_are_sent_once(stage: &Stage) {
    let mails = stage.mails.mails();
    let found = mails.iter().map(|mail| mail.lines().find_map(|line| line.strip_prefix("Message-ID: <")).unwrap());
    let sent: BTreeSet<&str> = found.map(|id| id.split('@').next().unwrap()).collect();
    let kept: Vec<(String, bool)> = sqlx::query_as("select id::text, sent_at is not null from mail")
        .fetch_all(&mut stage.app.superuser().await)
        .await
        .unwrap();
    assert!(kept.iter().all(|(_, is_sent)| *is_sent), "{kept:?}");
    assert_eq!(sent, kept.iter().map(|(id, _)| id.as_str()).collect::<BTreeSet<_>>());
    assert!(mails.len() <= kept.len() * times(), "{mails:?}");
}

/// By the id that it has, which is its job's.
async fn the_event_is_told_once(stage: &Stage) {
    let bodies: Vec<Value> = stage.events.kept().iter().map(|kept| kept.json()).collect();
    let events: Vec<&Value> = bodies.iter().flat_map(|body| body["batch"].as_array().unwrap()).collect();
    let told: BTreeSet<&str> = events.iter().map(|event| event["uuid"].as_str().unwrap()).collect();
    let made: Vec<String> = sqlx::query_scalar("select id::text from job where kind = 'tell_event'")
        .fetch_all(&mut stage.app.superuser().await)
        .await
        .unwrap();
    assert_eq!(told, made.iter().map(String::as_str).collect::<BTreeSet<_>>());
    assert!(events.len() <= made.len() * times(), "{events:?}");
}

async fn the_document_is_read_and_paid_for_once(stage: &mut Stage) {
    let document = stage.ada.document(&stage.documents[0]).await;
    assert_eq!((document.state, document.pages_failed), (DocumentState::Read, 0), "{:?}", document.failure);
    assert_eq!(Some(document.pages_read), document.pages);
    assert!(document.has_images);
    let pages = i64::from(document.pages_read);
    assert_eq!(stage.number("select count(*) from page").await, pages);
    // A page of a PDF is a credit.
    let uses = stage.number("select count(*) from ledger_entry where kind = 'use'").await;
    let charged = stage.number("select coalesce(sum(credits), 0)::int8 from ledger_entry where kind = 'use'").await;
    assert_eq!((uses, charged), (1, pages));
    let (used, held) = ("select used from tenant_meter", "select held from tenant_meter");
    assert_eq!((stage.number(used).await, stage.number(held).await), (pages, 0));
}

/// The workspace that was imported has the same files as the one that it was.
async fn page_images_are_as_before(stage: &Stage) {
    assert_eq!(stage.number("select count(*) from document where not has_images").await, 0);
    let mut owners: BTreeMap<String, usize> = BTreeMap::new();
    for key in stage.stored("documents") {
        let (_, within) = key.split_once('/').unwrap();
        *owners.entry(within.to_owned()).or_default() += 1;
    }
    assert!(owners.keys().any(|key| key.ends_with("/1.png")), "{owners:?}");
    assert!(owners.values().all(|owners| *owners == 2), "{owners:?}");
}

async fn the_report_is_made_once(stage: &mut Stage) {
    let reports: Vec<Report> = stage.ada.call("reports/list", json!({})).await.expect_status(200).await.json().await;
    let [report] = &reports[..] else { panic!("{reports:?}") };
    assert_eq!(report.state, ReportState::Ready, "{:?}", report.failure);
    let file =
        stage.ada.get(&format!("/reports/{}/report.pdf", report.id)).await.expect_status(200).await.bytes().await;
    assert_eq!(report.bytes, Some(file.len() as i64));
    assert_eq!(stage.stored("reports").len(), 1);
    assert_eq!(mails(stage, "report/%").await, (1, 1));
}

async fn the_archive_is_made_once(stage: &mut Stage) {
    let exports: Value = stage.ada.call("exports/list", json!({})).await.expect_status(200).await.json().await;
    let [export] = &exports.as_array().unwrap()[..] else { panic!("{exports}") };
    assert_eq!(export["state"], "ready", "{export}");
    let address = format!("/settings/export/{}/archive.zip", export["id"].as_str().unwrap());
    let file = stage.ada.get(&address).await.expect_status(200).await.bytes().await;
    assert_eq!(export["bytes"], file.len());
    assert_eq!(stage.stored("exports").len(), 1);
    assert_eq!(mails(stage, "export/%").await, (1, 1));
}

/// Each document has one job and credits of its own. Nobody reads here, so that they are still to be read.
async fn readings_are_enqueued_once(stage: &Stage, documents: i64) {
    let waiting = "select count(*) from document d join job j on j.tenant_id = d.tenant_id and j.id = d.job_id
                   where d.state = 'waiting' and j.subject = d.id and j.state = 'waiting'";
    assert_eq!(stage.number(waiting).await, documents);
    let unfinished = "select count(*) from job where kind = 'read_document' and finished_at is null";
    assert_eq!(stage.number(unfinished).await, documents);
    assert_eq!(stage.number("select count(*) from credit_hold").await, documents);
}

async fn owners_are_told_once(stage: &Stage) {
    assert_eq!(mails(stage, "usage/credits/100/%").await, (1, 1));
    assert_eq!(mails(stage, "usage/%").await, (1, 1));
    assert_eq!(stage.number("select warned_credits::int8 from tenant_meter").await, 100);
}

/// With the one credit that was used.
async fn the_month_is_counted_once(stage: &Stage) {
    let months = stage.number("select count(*) from revenue_tenant").await;
    let used = stage.number("select coalesce(sum(used_credits), 0)::int8 from revenue_tenant").await;
    assert_eq!((months, used), (1, 1));
}

async fn what_was_due_is_gone_and_nothing_else(stage: &Stage) {
    let left: Vec<String> =
        sqlx::query_scalar("select id::text from document").fetch_all(&mut stage.app.superuser().await).await.unwrap();
    assert_eq!(left, stage.documents[1..]);
    let stored = stage.stored("documents");
    assert!(!stored.is_empty() && stored.iter().all(|key| key.contains(&left[0])), "{stored:?}");
}

/// How many mails have an idempotency key like this, and how many jobs are to send them.
async fn mails(stage: &Stage, key: &str) -> (i64, i64) {
    let counted = sqlx::query_as(
        "select count(distinct mail.id), count(job.id) from mail
         left join job on job.tenant_id = mail.tenant_id and job.subject = mail.id and job.kind = 'send_mail'
         where mail.idempotency_key like $1",
    );
    counted.bind(key).fetch_one(&mut stage.app.superuser().await).await.unwrap()
}

/// What may be asked of somebody else for one job at most.
fn times() -> usize {
    usize::try_from(MOST_ATTEMPTS).unwrap()
}
