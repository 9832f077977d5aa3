//! The SQL of reading documents again.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{
    db::TenantTx,
    documents::{DocumentState, Format},
    error::{Error, Result},
    id::DocumentId,
};

/// A document, with what its price follows from.
pub(crate) struct ToRead {
    pub id: DocumentId,
    pub format: Format,
    pub bytes: i64,
    /// Known where it was opened before.
    pub pages: Option<i32>,
    /// Of its text, as it was read before.
    pub characters: i64,
    /// Whether it may be read again now: nobody is at work on it, and it is not in the trash.
    pub is_ready: bool,
}

struct Row {
    id: DocumentId,
    format: String,
    bytes: i64,
    pages: Option<i32>,
    characters: i64,
    state: String,
    is_trashed: bool,
}

impl TryFrom<Row> for ToRead {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let format = Format::parse(&row.format).ok_or_else(|| Error::internal("an unknown format"))?;
        let state = DocumentState::parse(&row.state).ok_or_else(|| Error::internal("an unknown state"))?;
        let Row { id, bytes, pages, characters, is_trashed, .. } = row;
        Ok(Self { id, format, bytes, pages, characters, is_ready: state.can_read_again() && !is_trashed })
    }
}

/// Those of these documents that are there and may be seen, in the order of their ids.
pub(crate) async fn chosen(tx: &mut TenantTx, ids: &[Uuid]) -> Result<Vec<ToRead>> {
    let tenant = tx.id();
    let rows = sqlx::query_as!(
        Row,
        r#"select d.id as "id: DocumentId", d.format, d.bytes, d.pages, d.characters, d.state,
                  d.trashed_at is not null as "is_trashed!"
           from document d where d.tenant_id = $1 and d.id = any ($2) order by d.id"#,
        tenant.0,
        ids,
    );
    rows.fetch_all(tx.conn()).await?.into_iter().map(ToRead::try_from).collect()
}

/// The same, and nobody else changes them until the transaction ends.
pub(crate) async fn lock_chosen(tx: &mut TenantTx, ids: &[Uuid]) -> Result<Vec<ToRead>> {
    let tenant = tx.id();
    let rows = sqlx::query_as!(
        Row,
        r#"select d.id as "id: DocumentId", d.format, d.bytes, d.pages, d.characters, d.state,
                  d.trashed_at is not null as "is_trashed!"
           from document d where d.tenant_id = $1 and d.id = any ($2) order by d.id for no key update"#,
        tenant.0,
        ids,
    );
    rows.fetch_all(tx.conn()).await?.into_iter().map(ToRead::try_from).collect()
}

/// The next documents, by id, that may be seen and read again, and whose last reading ended before this time.
pub(crate) async fn ready(
    tx: &mut TenantTx,
    after: DocumentId,
    before: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<ToRead>> {
    let tenant = tx.id();
    let states = DocumentState::ALL.into_iter().filter(|state| state.can_read_again());
    let states: Vec<String> = states.map(|state| state.as_str().to_owned()).collect();
    let rows = sqlx::query_as!(
        Row,
        r#"select d.id as "id: DocumentId", d.format, d.bytes, d.pages, d.characters, d.state, false as "is_trashed!"
           from document d
           where d.tenant_id = $1 and d.id > $2 and d.trashed_at is null and d.state = any ($3)
             and (d.read_at is null or d.read_at < $4)
           order by d.id limit $5"#,
        tenant.0,
        after.0,
        &states,
        before,
        limit,
    );
    rows.fetch_all(tx.conn()).await?.into_iter().map(ToRead::try_from).collect()
}

/// Has documents wait for their jobs, or, those that have none, for credits. What was read of them is kept until a reading has
/// begun; and what a reading cost that was whole stays charged.
pub(crate) async fn wait_anew(
    tx: &mut TenantTx,
    documents: &[Uuid],
    jobs: &[Option<Uuid>],
    now: DateTime<Utc>,
) -> Result<()> {
    let tenant = tx.id();
    sqlx::query!(
        "update document d set
             state = case when told.job is null then 'held' else 'waiting' end,
             failure = null,
             job_id = coalesce(told.job, d.job_id),
             charged_until = case when d.state = 'read' then $4 else d.charged_until end,
             read_anew = true
         from unnest($2::uuid[], $3::uuid[]) as told (document, job)
         where d.tenant_id = $1 and d.id = told.document",
        tenant.0,
        documents,
        jobs as &[Option<Uuid>],
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Keeps how long the text of a document is.
pub(crate) async fn note_characters(tx: &mut TenantTx, id: DocumentId, characters: i64) -> Result<()> {
    let tenant = tx.id();
    sqlx::query!("update document set characters = $3 where tenant_id = $1 and id = $2", tenant.0, id.0, characters,)
        .execute(tx.conn())
        .await?;
    Ok(())
}
