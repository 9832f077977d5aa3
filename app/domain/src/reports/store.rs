//! All SQL of reports.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{NewReport, Report, ReportState};
use crate::{
    db::TenantTx,
    documents::hexadecimal,
    error::{Error, Result},
    id::{AccountId, DocumentId, JobId, ReportId},
    live::Audience,
};

/// The idempotency key of the mail that says that a report is ready. The query of reports writes it in SQL.
pub(super) fn mail_key(id: ReportId) -> String {
    format!("report/{id}/ready")
}

pub(super) struct Finished<'a> {
    pub object_key: &'a str,
    pub bytes: i64,
    pub sha256: &'a [u8],
    pub pages: i32,
    pub documents: i32,
    /// Whether one of them is private.
    pub private: bool,
    pub now: DateTime<Utc>,
}

/// Who asked for a report, and whom the mail goes to.
pub(super) struct Recipient {
    pub account: AccountId,
    pub name: String,
    pub email: String,
}

struct Row {
    id: Uuid,
    title: String,
    scope: serde_json::Value,
    state: String,
    failure: Option<String>,
    bytes: Option<i64>,
    sha256: Option<Vec<u8>>,
    pages: Option<i32>,
    documents: Option<i32>,
    made_by: String,
    private: bool,
    created_at: DateTime<Utc>,
    finished_at: Option<DateTime<Utc>>,
    mail_failed: bool,
}

impl TryFrom<Row> for Report {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: ReportId(row.id),
            title: row.title,
            scope: serde_json::from_value(row.scope)?,
            state: ReportState::parse(&row.state).ok_or_else(|| Error::internal("an unknown state"))?,
            failure: row.failure,
            bytes: row.bytes,
            sha256: row.sha256.as_deref().map(hexadecimal),
            pages: row.pages,
            documents: row.documents,
            made_by: row.made_by,
            private: row.private,
            created_at: row.created_at,
            finished_at: row.finished_at,
            mail_failed: row.mail_failed,
        })
    }
}

pub(super) async fn insert(
    tx: &mut TenantTx,
    id: ReportId,
    new: &NewReport,
    private: bool,
    made_by: AccountId,
    now: DateTime<Utc>,
) -> Result<()> {
    let tenant = tx.id();
    sqlx::query!(
        "insert into report (tenant_id, id, title, scope, state, made_by, created_at, visibility)
         values ($1, $2, $3, $4, 'waiting', $5, $6, $7)",
        tenant.0,
        id.0,
        new.title,
        serde_json::to_value(&new.scope)?,
        made_by.0,
        now,
        visibility(private),
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn set_job(tx: &mut TenantTx, id: ReportId, job: JobId) -> Result<()> {
    let tenant = tx.id();
    sqlx::query!("update report set job_id = $3 where tenant_id = $1 and id = $2", tenant.0, id.0, job.0)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// The latest 100.
pub(super) async fn list(tx: &mut TenantTx) -> Result<Vec<Report>> {
    reports(tx, None).await
}

pub(super) async fn find(tx: &mut TenantTx, id: ReportId) -> Result<Report> {
    reports(tx, Some(id)).await?.pop().ok_or_else(Error::not_found)
}

/// One report, or the latest 100.
async fn reports(tx: &mut TenantTx, one: Option<ReportId>) -> Result<Vec<Report>> {
    let tenant = tx.id();
    let rows = sqlx::query_as!(
        Row,
        // Of the mail the answer itself is asked and not whether it exists, for which the planner would read all mails at once.
        r#"select r.id, r.title, r.scope, r.state, r.failure, r.bytes, r.sha256, r.pages, r.documents, a.name as made_by,
                  r.visibility = 'private' as "private!", r.created_at, r.finished_at,
                  coalesce((
                      select m.state = 'failed' from mail m
                      where m.tenant_id = $1 and m.idempotency_key = 'report/' || r.id || '/ready'
                  ), false) as "mail_failed!"
           from report r join account a on a.id = r.made_by
           where r.tenant_id = $1 and ($2::uuid is null or r.id = $2)
           order by r.created_at desc, r.id limit 100"#,
        tenant.0,
        one.map(|id| id.0),
    );
    rows.fetch_all(tx.conn()).await?.into_iter().map(Report::try_from).collect()
}

/// Those of these reports that are there.
pub(super) async fn existing(tx: &mut TenantTx, ids: &BTreeSet<ReportId>) -> Result<BTreeSet<ReportId>> {
    let tenant = tx.id();
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let existing = sqlx::query_scalar!(
        r#"select id as "id: ReportId" from report where tenant_id = $1 and id = any ($2)"#,
        tenant.0,
        &ids,
    );
    Ok(existing.fetch_all(tx.conn()).await?.into_iter().collect())
}

pub(super) async fn recipient(tx: &mut TenantTx, id: ReportId) -> Result<Recipient> {
    let tenant = tx.id();
    let recipient = sqlx::query_as!(
        Recipient,
        r#"select a.id as "account: AccountId", a.name, a.email from report r join account a on a.id = r.made_by
         where r.tenant_id = $1 and r.id = $2"#,
        tenant.0,
        id.0,
    );
    Ok(recipient.fetch_one(tx.conn()).await?)
}

/// The first page of a document that says anything.
pub(super) async fn opening(tx: &mut TenantTx, document: DocumentId) -> Result<Option<(u32, String)>> {
    let tenant = tx.id();
    let page = sqlx::query!(
        "select number, text from page
         where tenant_id = $1 and document_id = $2 and word_count > 0 order by number limit 1",
        tenant.0,
        document.0,
    );
    Ok(page.fetch_optional(tx.conn()).await?.map(|row| (row.number.unsigned_abs(), row.text)))
}

pub(super) async fn begin(tx: &mut TenantTx, id: ReportId) -> Result<()> {
    let tenant = tx.id();
    sqlx::query!(
        "update report set state = 'making', failure = null where tenant_id = $1 and id = $2",
        tenant.0,
        id.0,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// False where it is gone.
pub(super) async fn finish(tx: &mut TenantTx, id: ReportId, finished: &Finished<'_>) -> Result<bool> {
    let tenant = tx.id();
    let done = sqlx::query!(
        "update report set state = 'ready', object_key = $3, bytes = $4, sha256 = $5, pages = $6, documents = $7,
                finished_at = $8, visibility = $9
         where tenant_id = $1 and id = $2",
        tenant.0,
        id.0,
        finished.object_key,
        finished.bytes,
        finished.sha256,
        finished.pages,
        finished.documents,
        finished.now,
        visibility(finished.private),
    );
    Ok(done.execute(tx.conn()).await?.rows_affected() == 1)
}

pub(super) async fn fail(tx: &mut TenantTx, id: ReportId, message: &str, now: DateTime<Utc>) -> Result<()> {
    let tenant = tx.id();
    sqlx::query!(
        "update report set state = 'failed', failure = $3, finished_at = $4 where tenant_id = $1 and id = $2",
        tenant.0,
        id.0,
        message,
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Gives up reports that wait or are being made though their job is over, at most `limit`, and says how many those were. They are
/// told `died` where it failed for good, and else `cancelled`.
pub(super) async fn fail_left_behind(
    tx: &mut TenantTx,
    died: &str,
    cancelled: &str,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<u64> {
    let tenant = tx.id();
    let failed = sqlx::query!(
        "with left_behind as materialized (
               select r.id, r.job_id,
                      coalesce(
                          (select j.state = 'dead' from job j where j.tenant_id = $1 and j.id = r.job_id), false
                      ) as has_died
               from report r
               where r.tenant_id = $1 and r.state in ('waiting', 'making')
                 and not exists (
                     select from job j where j.tenant_id = $1 and j.id = r.job_id and j.finished_at is null
                 )
               order by r.id limit $5
           )
           update report r set
               state = 'failed', failure = case when b.has_died then $2 else $3 end, finished_at = $4
           from left_behind b
           where r.tenant_id = $1 and r.id = b.id and r.state in ('waiting', 'making')
             and r.job_id is not distinct from b.job_id",
        tenant.0,
        died,
        cancelled,
        now,
        limit,
    );
    Ok(failed.execute(tx.conn()).await?.rows_affected())
}

/// Those of these reports that failed wait to be made again. How many those are.
pub(super) async fn wait_again(tx: &mut TenantTx, ids: &[Uuid]) -> Result<u64> {
    let tenant = tx.id();
    let updated = sqlx::query!(
        "update report set state = 'waiting', failure = null, finished_at = null
         where tenant_id = $1 and id = any ($2) and state = 'failed'",
        tenant.0,
        ids,
    );
    Ok(updated.execute(tx.conn()).await?.rows_affected())
}

/// Fails with "not found" where there is none.
pub(super) async fn delete(tx: &mut TenantTx, id: ReportId) -> Result<()> {
    let tenant = tx.id();
    let deleted = sqlx::query!("delete from report where tenant_id = $1 and id = $2", tenant.0, id.0)
        .execute(tx.conn())
        .await?
        .rows_affected();
    if deleted == 0 { Err(Error::not_found()) } else { Ok(()) }
}

/// Who is to be told of changes of a report; nobody, where there is none.
pub(super) async fn audience(tx: &mut TenantTx, id: ReportId) -> Result<Audience> {
    let tenant = tx.id();
    let report = sqlx::query!(
        r#"select made_by as "made_by: AccountId", visibility from report where tenant_id = $1 and id = $2"#,
        tenant.0,
        id.0,
    );
    Ok(match report.fetch_optional(tx.conn()).await? {
        Some(report) if report.visibility == "workspace" => Audience::Everybody,
        report => Audience::Only(report.map(|report| report.made_by).into_iter().collect()),
    })
}

fn visibility(private: bool) -> &'static str {
    if private { "private" } else { "workspace" }
}
