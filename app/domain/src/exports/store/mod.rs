//! All SQL of exports.

mod lines;
mod load;

pub(super) use self::{
    lines::{ExportedDocument, audit_entries, count_documents, documents, members, pages, reports, workspace},
    load::{
        People, account_of, insert_documents, insert_pages, insert_readers, insert_reports, is_empty, owner, people_of,
        set_job_of_document,
    },
};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Export, ExportState};
use crate::{
    db::TenantTx,
    documents::hexadecimal,
    error::{Error, Result},
    id::{AccountId, ExportId, JobId},
};

pub(super) struct Finished<'a> {
    pub object_key: &'a str,
    pub bytes: i64,
    pub sha256: &'a [u8],
    pub documents: i64,
    pub now: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

/// Whom the mail goes to, and about what.
pub(super) struct Recipient {
    pub name: String,
    pub email: String,
    pub workspace: String,
}

/// An archive that is to be made again, and the job that does it.
pub(super) struct Again {
    pub id: ExportId,
    pub job: JobId,
}

struct Row {
    id: Uuid,
    state: String,
    failure: Option<String>,
    bytes: Option<i64>,
    sha256: Option<Vec<u8>>,
    documents: Option<i64>,
    asked_by: String,
    created_at: DateTime<Utc>,
    finished_at: Option<DateTime<Utc>>,
    expires_at: Option<DateTime<Utc>>,
    progress: Option<serde_json::Value>,
}

impl TryFrom<Row> for Export {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: ExportId(row.id),
            state: ExportState::parse(&row.state).ok_or_else(|| Error::internal("an unknown state"))?,
            failure: row.failure,
            bytes: row.bytes,
            sha256: row.sha256.as_deref().map(hexadecimal),
            documents: row.documents,
            asked_by: row.asked_by,
            created_at: row.created_at,
            finished_at: row.finished_at,
            expires_at: row.expires_at,
            progress: row.progress.and_then(|progress| serde_json::from_value(progress).ok()),
        })
    }
}

/// Fails with a conflict while another is under way: the unique index is the validation.
pub(super) async fn insert(tx: &mut TenantTx, id: ExportId, asked_by: AccountId, now: DateTime<Utc>) -> Result<()> {
    let tenant = tx.id();
    sqlx::query!(
        "insert into export (tenant_id, id, state, asked_by, created_at) values ($1, $2, 'waiting', $3, $4)",
        tenant.0,
        id.0,
        asked_by.0,
        now,
    )
    .execute(tx.conn())
    .await
    .map_err(only_one)?;
    Ok(())
}

/// Whether it had failed and is to be made now; a conflict while another is under way.
pub(super) async fn wait_again(tx: &mut TenantTx, id: ExportId) -> Result<bool> {
    let tenant = tx.id();
    let updated = sqlx::query!(
        "update export set state = 'waiting', failure = null, finished_at = null
         where tenant_id = $1 and id = $2 and state = 'failed'",
        tenant.0,
        id.0,
    );
    Ok(updated.execute(tx.conn()).await.map_err(only_one)?.rows_affected() == 1)
}

/// The latest of these that failed with its job waits to be made again; none where another is under way.
pub(super) async fn latest_waits_again(tx: &mut TenantTx, ids: &[Uuid]) -> Result<Option<Again>> {
    let tenant = tx.id();
    let again = sqlx::query_as!(
        Again,
        r#"with latest as (
               select e.id, j.id as job from export e join job j on j.tenant_id = $1 and j.id = e.job_id
               where e.tenant_id = $1 and e.id = any ($2) and e.state = 'failed' and j.state = 'dead'
                 and not exists (
                     select from export other where other.tenant_id = $1 and other.state in ('waiting', 'making')
                 )
               order by e.created_at desc, e.id limit 1
           )
           update export e set state = 'waiting', failure = null, finished_at = null
           from latest
           where e.tenant_id = $1 and e.id = latest.id and e.state = 'failed'
           returning e.id as "id: ExportId", latest.job as "job!: JobId""#,
        tenant.0,
        ids,
    );
    again.fetch_optional(tx.conn()).await.map_err(only_one)
}

fn only_one(error: sqlx::Error) -> Error {
    match error.as_database_error().and_then(|database| database.constraint()) {
        Some("export_unfinished") => Error::conflict("An archive of this workspace is being made already."),
        _ => error.into(),
    }
}

pub(super) async fn set_job(tx: &mut TenantTx, id: ExportId, job: JobId) -> Result<()> {
    let tenant = tx.id();
    sqlx::query!("update export set job_id = $3 where tenant_id = $1 and id = $2", tenant.0, id.0, job.0)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// The latest 20.
pub(super) async fn list(tx: &mut TenantTx) -> Result<Vec<Export>> {
    exports(tx, None).await
}

pub(super) async fn find(tx: &mut TenantTx, id: ExportId) -> Result<Export> {
    exports(tx, Some(id)).await?.pop().ok_or_else(Error::not_found)
}

/// One export, or the latest 20.
async fn exports(tx: &mut TenantTx, one: Option<ExportId>) -> Result<Vec<Export>> {
    let tenant = tx.id();
    let rows = sqlx::query_as!(
        Row,
        r#"select e.id, e.state, e.failure, e.bytes, e.sha256, e.documents, a.name as asked_by, e.created_at,
                  e.finished_at, e.expires_at,
                  (select j.progress from job j where j.tenant_id = $1 and j.id = e.job_id) as "progress?"
           from export e join account a on a.id = e.asked_by
           where e.tenant_id = $1 and ($2::uuid is null or e.id = $2)
           order by e.created_at desc, e.id limit 20"#,
        tenant.0,
        one.map(|id| id.0),
    );
    rows.fetch_all(tx.conn()).await?.into_iter().map(Export::try_from).collect()
}

pub(super) async fn recipient(tx: &mut TenantTx, id: ExportId) -> Result<Recipient> {
    let tenant = tx.id();
    let recipient = sqlx::query_as!(
        Recipient,
        "select a.name, a.email, t.name as workspace
         from export e join account a on a.id = e.asked_by join tenant t on t.tenant_id = $1
         where e.tenant_id = $1 and e.id = $2",
        tenant.0,
        id.0,
    );
    Ok(recipient.fetch_one(tx.conn()).await?)
}

/// Whether it is to be made: false when it is done already, or gone. One that had failed is made where its job runs again, as
/// operators have it do; a conflict while another is under way.
pub(super) async fn begin(tx: &mut TenantTx, id: ExportId) -> Result<bool> {
    let tenant = tx.id();
    let begun = sqlx::query!(
        "update export set state = 'making', failure = null, finished_at = null
         where tenant_id = $1 and id = $2 and state in ('waiting', 'making', 'failed')",
        tenant.0,
        id.0,
    );
    Ok(begun.execute(tx.conn()).await.map_err(only_one)?.rows_affected() == 1)
}

/// False where it is gone or was given up.
pub(super) async fn finish(tx: &mut TenantTx, id: ExportId, finished: &Finished<'_>) -> Result<bool> {
    let tenant = tx.id();
    let done = sqlx::query!(
        "update export set state = 'ready', object_key = $3, bytes = $4, sha256 = $5, documents = $6, finished_at = $7,
                expires_at = $8
         where tenant_id = $1 and id = $2 and state = 'making'",
        tenant.0,
        id.0,
        finished.object_key,
        finished.bytes,
        finished.sha256,
        finished.documents,
        finished.now,
        finished.expires_at,
    );
    Ok(done.execute(tx.conn()).await?.rows_affected() == 1)
}

/// Gives up one that is not done.
pub(super) async fn fail(tx: &mut TenantTx, id: ExportId, message: &str, now: DateTime<Utc>) -> Result<()> {
    let tenant = tx.id();
    sqlx::query!(
        "update export set state = 'failed', failure = $3, finished_at = $4
         where tenant_id = $1 and id = $2 and state in ('waiting', 'making')",
        tenant.0,
        id.0,
        message,
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Gives up the one that waits or is being made though its job is over, if there is one: it is told `died` where that failed for
/// good, and else `cancelled`.
pub(super) async fn fail_left_behind(
    tx: &mut TenantTx,
    died: &str,
    cancelled: &str,
    now: DateTime<Utc>,
) -> Result<Option<ExportId>> {
    let tenant = tx.id();
    let failed = sqlx::query_scalar!(
        r#"update export e set
               state = 'failed', finished_at = $4,
               failure = case
                   when exists (select from job j where j.tenant_id = $1 and j.id = e.job_id and j.state = 'dead') then $2
                   else $3
               end
           where e.tenant_id = $1 and e.state in ('waiting', 'making')
             and not exists (
                 select from job j where j.tenant_id = $1 and j.id = e.job_id and j.finished_at is null
             )
           returning e.id as "id: ExportId""#,
        tenant.0,
        died,
        cancelled,
        now,
    );
    Ok(failed.fetch_optional(tx.conn()).await?)
}

/// Deletes what is due and says which they were, at most `limit`.
pub(super) async fn delete_due(tx: &mut TenantTx, now: DateTime<Utc>, limit: i64) -> Result<Vec<ExportId>> {
    let tenant = tx.id();
    let deleted = sqlx::query_scalar!(
        // As an array: beside a set, the planner reads all exports of a large tenant.
        r#"delete from export where tenant_id = $1 and id = any (array(
               select id from export where tenant_id = $1 and expires_at < $2 limit $3
           )) returning id as "id: ExportId""#,
        tenant.0,
        now,
        limit,
    );
    Ok(deleted.fetch_all(tx.conn()).await?)
}

/// Those of these exports that are there.
pub(super) async fn existing(tx: &mut TenantTx, ids: &[Uuid]) -> Result<Vec<ExportId>> {
    let tenant = tx.id();
    let existing = sqlx::query_scalar!(
        r#"select id as "id: ExportId" from export where tenant_id = $1 and id = any ($2)"#,
        tenant.0,
        ids,
    );
    Ok(existing.fetch_all(tx.conn()).await?)
}
