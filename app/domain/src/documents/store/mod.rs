//! All SQL of documents.

mod again;
mod held;
mod left_behind;
mod list;
mod pages;
mod rows;
mod sharing;
mod trash;

pub(crate) use self::{
    again::{ToRead, chosen, lock_chosen, note_characters, ready, wait_anew},
    held::{HeldDocument, any_held, go_on, held, hold_back, what_was_read},
    left_behind::end_left_behind,
    list::{cursor_of, ids_matching, list, matching},
    pages::{PageRow, forget_pages, images_digest, insert_pages, note_progress, page, text},
    rows::{DocumentRow, ListedRow, hexadecimal},
    sharing::{any_private, audience, leave_to_owners, readers, set_visibility, uploader},
    trash::{delete_trashed, delete_trashed_before, restore, trash},
};

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{
    Document, DocumentState, Format,
    reading::{Facts, Failure},
};
use crate::{
    actor::InTenant,
    db::TenantTx,
    error::{Error, Result},
    files::Stored,
    id::{AccountId, DocumentId, JobId},
};

pub(super) struct NewDocument<'a> {
    pub id: DocumentId,
    pub name: &'a str,
    pub format: Format,
    pub stored: &'a Stored,
    pub object_key: &'a str,
    pub state: DocumentState,
    pub uploaded_by: AccountId,
    /// Only whoever uploaded it sees it.
    pub private: bool,
    pub now: DateTime<Utc>,
}

/// What a job needs to begin or to go on.
pub(super) struct Start {
    pub format: Format,
    pub bytes: i64,
    pub object_key: String,
    pub language: Option<String>,
    pub pages_kept: i32,
    /// What is kept is of an earlier reading, and goes once this one has opened the document.
    pub is_anew: bool,
}

pub(super) async fn insert(tx: &mut TenantTx, document: &NewDocument<'_>) -> Result<()> {
    let tenant = tx.id();
    let api_key = tx.through().map(|key| key.id.0);
    sqlx::query!(
        "insert into document (tenant_id, id, name, format, bytes, sha256, object_key, state, uploaded_by, visibility,
                               created_at, api_key_id)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        tenant.0,
        document.id.0,
        document.name,
        document.format.as_str(),
        i64::try_from(document.stored.bytes).map_err(Error::internal)?,
        &document.stored.sha256[..],
        document.object_key,
        document.state.as_str(),
        document.uploaded_by.0,
        if document.private { "private" } else { "workspace" },
        document.now,
        api_key,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn set_job(tx: &mut TenantTx, id: DocumentId, job: JobId) -> Result<()> {
    let tenant = tx.id();
    sqlx::query!("update document set job_id = $3 where tenant_id = $1 and id = $2", tenant.0, id.0, job.0)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Those of these documents whose reading failed wait for it again, with the pages that were read.
pub(crate) async fn wait_again(tx: &mut TenantTx, ids: &[Uuid]) -> Result<()> {
    let tenant = tx.id();
    sqlx::query!(
        "update document set state = 'waiting', failure = null
         where tenant_id = $1 and id = any ($2) and state = 'unreadable' and trashed_at is null",
        tenant.0,
        ids,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn job_of(tx: &mut TenantTx, id: DocumentId) -> Result<Option<JobId>> {
    let tenant = tx.id();
    let job = sqlx::query_scalar!(
        r#"select job_id as "job: JobId" from document where tenant_id = $1 and id = $2"#,
        tenant.0,
        id.0,
    );
    Ok(job.fetch_optional(tx.conn()).await?.flatten())
}

/// A document that is not in the trash and has these bytes.
pub(super) async fn find_by_sha256(tx: &mut TenantTx, sha256: &[u8; 32]) -> Result<Option<(DocumentId, String)>> {
    let tenant = tx.id();
    let found = sqlx::query!(
        r#"select id as "id: DocumentId", name from document
           where tenant_id = $1 and sha256 = $2 and trashed_at is null order by created_at limit 1"#,
        tenant.0,
        &sha256[..],
    );
    Ok(found.fetch_optional(tx.conn()).await?.map(|row| (row.id, row.name)))
}

/// The documents that are not in the trash and that the actor may see.
pub(super) async fn count(tx: &mut TenantTx) -> Result<i64> {
    let tenant = tx.id();
    let count = sqlx::query_scalar!(
        // Apart, so that what is the workspace's is counted in an index of its own and no row of it is looked at, and what
        // is private from the person is not even come across.
        r#"select (select count(*) from document where tenant_id = $1 and trashed_at is null and visibility = 'workspace')
                + (select count(*) from document
                   where tenant_id = $1 and trashed_at is null and visibility = 'private' and uploaded_by = $2)
                + (select count(*) from document_reader r
                   join document d on d.tenant_id = $1 and d.id = r.document_id
                   where r.tenant_id = $1 and r.account_id = $2
                     and d.trashed_at is null and d.visibility = 'private' and d.uploaded_by <> $2)
                  as "count!""#,
        tenant.0,
        tx.account().map(|AccountId(account)| account),
    );
    Ok(count.fetch_one(tx.conn()).await?)
}

/// Fails with "not found" where there is no such document, or none that the actor may see.
pub(super) async fn require(tx: &mut TenantTx, id: DocumentId) -> Result<()> {
    let found = existing(tx, &BTreeSet::from([id])).await?;
    if found.is_empty() { Err(Error::not_found()) } else { Ok(()) }
}

/// Those of these documents that are there, as far as the actor may see them.
pub(crate) async fn existing(tx: &mut TenantTx, ids: &BTreeSet<DocumentId>) -> Result<BTreeSet<DocumentId>> {
    let tenant = tx.id();
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let existing = sqlx::query_scalar!(
        r#"select id as "id: DocumentId" from document where tenant_id = $1 and id = any ($2)"#,
        tenant.0,
        &ids,
    );
    Ok(existing.fetch_all(tx.conn()).await?.into_iter().collect())
}

pub(crate) async fn find(tx: &mut TenantTx, id: DocumentId) -> Result<Document> {
    let tenant = tx.id();
    let row = sqlx::query_as!(
        DocumentRow,
        r#"select d.tenant_id, d.id, d.name, d.format, d.bytes, d.sha256, d.state, d.failure, d.title, d.author, d.language,
                  d.authored_at, d.modified_at, d.outline, d.pages, d.pages_read, d.pages_failed, d.words, d.has_images,
                  a.name as uploaded_by, d.visibility = 'private' as "private!", d.created_at, d.read_at, d.trashed_at
           from document d join account a on a.id = d.uploaded_by
           where d.tenant_id = $1 and d.id = $2"#,
        tenant.0,
        id.0,
    );
    row.fetch_one(tx.conn()).await?.try_into()
}

/// Marks a document as being read; none when it is gone or in the trash.
pub(super) async fn begin_reading(tx: &mut TenantTx, id: DocumentId) -> Result<Option<Start>> {
    let tenant = tx.id();
    let row = sqlx::query!(
        r#"update document d set state = 'reading', failure = null
           where d.tenant_id = $1 and d.id = $2 and d.trashed_at is null
           returning d.format, d.bytes, d.object_key, d.language, d.read_anew as "is_anew",
                     (select coalesce(max(p.number), 0) from page p
                      where p.tenant_id = $1 and p.document_id = $2) as "pages_kept!""#,
        tenant.0,
        id.0,
    );
    let Some(row) = row.fetch_optional(tx.conn()).await? else { return Ok(None) };
    let format = Format::parse(&row.format).ok_or_else(|| Error::internal("an unknown format"))?;
    let (object_key, is_anew) = (row.object_key, row.is_anew);
    let (language, pages_kept) = if is_anew { (None, 0) } else { (row.language, row.pages_kept) };
    Ok(Some(Start { format, bytes: row.bytes, object_key, language, pages_kept, is_anew }))
}

pub(super) async fn note_images(tx: &mut TenantTx, id: DocumentId) -> Result<()> {
    let tenant = tx.id();
    sqlx::query!("update document set has_images = true where tenant_id = $1 and id = $2", tenant.0, id.0)
        .execute(tx.conn())
        .await?;
    Ok(())
}

pub(super) async fn set_facts(tx: &mut TenantTx, id: DocumentId, facts: &Facts) -> Result<()> {
    let tenant = tx.id();
    sqlx::query!(
        "update document set title = $3, author = $4, authored_at = $5, modified_at = $6, pages = $7, outline = $8
         where tenant_id = $1 and id = $2",
        tenant.0,
        id.0,
        facts.title,
        facts.author,
        facts.created_at,
        facts.modified_at,
        i32::try_from(facts.pages).unwrap_or(i32::MAX),
        serde_json::to_value(&facts.outline)?,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Ends a reading. `Read` becomes "partly read" where pages failed or were left out, and `Unreadable` becomes it where some
/// pages were kept before. One that was cancelled before it opened the document leaves it as the reading before it had. False
/// where there is nothing to end: what is over by now is cancelled no more.
pub(super) async fn finish_reading(
    tx: &mut TenantTx,
    id: DocumentId,
    state: DocumentState,
    failure: Option<Failure>,
    now: DateTime<Utc>,
) -> Result<bool> {
    let tenant = tx.id();
    let ended = sqlx::query!(
        "update document set
             state = case
                 when $3 = 'read' and (pages_failed > 0 or pages_read < coalesce(pages, 0)) then 'partly_read'
                 when $3 = 'unreadable' and pages_read > pages_failed then 'partly_read'
                 when $3 = 'cancelled' and read_anew and pages_read > pages_failed
                     then case when pages_failed > 0 or pages_read < coalesce(pages, 0) then 'partly_read' else 'read' end
                 else $3
             end,
             failure = $4,
             read_at = $5
         where tenant_id = $1 and id = $2 and ($3 <> 'cancelled' or state in ('waiting', 'reading'))",
        tenant.0,
        id.0,
        state.as_str(),
        failure.map(Failure::as_str),
        now,
    );
    Ok(ended.execute(tx.conn()).await?.rows_affected() == 1)
}
