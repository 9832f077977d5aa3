//! The SQL of what reading costs, and of documents that wait for credits.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{
    billing::Measured,
    db::TenantTx,
    documents::Format,
    error::{Error, Result},
    id::{AccountId, ApiKeyId, DocumentId, JobId},
};

/// A document that waits for credits.
pub(crate) struct HeldDocument {
    pub id: DocumentId,
    pub format: Format,
    pub bytes: i64,
    /// Known where it was opened before.
    pub pages: Option<i32>,
    pub created_at: DateTime<Utc>,
}

/// What a job has read.
pub(crate) struct WhatWasRead {
    pub format: Format,
    pub measured: Measured,
    /// Who asked for it, or else has uploaded it.
    pub account: AccountId,
    /// The key through which they did; none where they did it themselves.
    pub api_key: Option<ApiKeyId>,
    /// What was charged until then stays charged.
    pub charged_until: Option<DateTime<Utc>>,
}

/// Whether any document waits for credits.
pub(crate) async fn any_held(tx: &mut TenantTx) -> Result<bool> {
    let tenant = tx.id();
    let any = sqlx::query_scalar!(
        r#"select exists (
               select from document where tenant_id = $1 and state = 'held' and trashed_at is null
           ) as "any!""#,
        tenant.0,
    );
    Ok(any.fetch_one(tx.conn()).await?)
}

/// At most `limit` documents that wait for credits, the oldest first, after the one that came at this time. They are locked;
/// one that somebody else has locked is about to be something else.
pub(crate) async fn held(
    tx: &mut TenantTx,
    after: Option<(DateTime<Utc>, DocumentId)>,
    limit: i64,
) -> Result<Vec<HeldDocument>> {
    let tenant = tx.id();
    let (time, id) = after.unwrap_or((DateTime::UNIX_EPOCH, DocumentId(Uuid::nil())));
    let rows = sqlx::query!(
        r#"select id as "id: DocumentId", format, bytes, pages, created_at
           from document
           where tenant_id = $1 and state = 'held' and trashed_at is null and (created_at, id) > ($2, $3)
           order by created_at, id
           limit $4
           for update skip locked"#,
        tenant.0,
        time,
        id.0,
        limit,
    )
    .fetch_all(tx.conn())
    .await?;
    let held = rows.into_iter().map(|row| {
        let format = format_of(&row.format)?;
        let (bytes, pages, created_at) = (row.bytes, row.pages, row.created_at);
        Ok::<_, Error>(HeldDocument { id: row.id, format, bytes, pages, created_at })
    });
    held.collect()
}

/// Has a document wait for credits.
pub(crate) async fn hold_back(tx: &mut TenantTx, id: DocumentId) -> Result<()> {
    let tenant = tx.id();
    sqlx::query!("update document set state = 'held', failure = null where tenant_id = $1 and id = $2", tenant.0, id.0)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Documents that have waited for credits wait for their jobs.
pub(crate) async fn go_on(tx: &mut TenantTx, documents: &[Uuid], jobs: &[Uuid]) -> Result<()> {
    let tenant = tx.id();
    sqlx::query!(
        "update document d set state = 'waiting', job_id = told.job
         from unnest($2::uuid[], $3::uuid[]) as told (document, job)
         where d.tenant_id = $1 and d.id = told.document and d.state = 'held'",
        tenant.0,
        documents,
        jobs,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// How much of a document a job has read; none where the document is gone, or was not even opened. The pages of a PDF say it
/// alone.
pub(crate) async fn what_was_read(tx: &mut TenantTx, document: DocumentId, job: JobId) -> Result<Option<WhatWasRead>> {
    let tenant = tx.id();
    let row = sqlx::query!(
        r#"select d.format, d.pages_read - d.pages_failed as "pages!",
                  coalesce(j.account_id, d.uploaded_by) as "account!: AccountId", d.charged_until,
                  case when j.account_id is null then d.api_key_id else j.api_key_id end as "api_key?: ApiKeyId",
                  case when d.format = 'pdf' then 0 else (
                      select coalesce(sum(length(p.text)), 0) from page p where p.tenant_id = $1 and p.document_id = $2
                  ) end::int8 as "characters!"
           from document d
           left join job j on j.tenant_id = $1 and j.id = $3
           where d.tenant_id = $1 and d.id = $2 and not d.read_anew"#,
        tenant.0,
        document.0,
        job.0,
    );
    let Some(row) = row.fetch_optional(tx.conn()).await? else { return Ok(None) };
    let measured = Measured { pages: i64::from(row.pages).max(0), characters: row.characters };
    let (account, api_key, charged_until) = (row.account, row.api_key, row.charged_until);
    Ok(Some(WhatWasRead { format: format_of(&row.format)?, measured, account, api_key, charged_until }))
}

fn format_of(word: &str) -> Result<Format> {
    Format::parse(word).ok_or_else(|| Error::internal("an unknown format"))
}
