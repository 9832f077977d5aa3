//! What an import writes: the lines of an archive as rows, taken apart by Postgres.

use uuid::Uuid;

use crate::{
    db::{SystemTx, TenantTx},
    error::{Error, Result},
    exports::{archive::refused, lines::MemberLine},
    id::{AccountId, DocumentId, JobId},
};

/// The people of an archive who have an account here.
#[derive(Default)]
pub(in crate::exports) struct People {
    /// Their ids in the archive, and in the same order their accounts here.
    pub archived: Vec<Uuid>,
    pub here: Vec<Uuid>,
}

/// The account with an address.
pub(in crate::exports) async fn account_of(tx: &mut SystemTx, email: &str) -> Result<Option<AccountId>> {
    let account = sqlx::query_scalar!(
        r#"select id as "id: AccountId" from account where email = lower($1::text) limit 1"#,
        email,
    );
    Ok(account.fetch_optional(tx.conn()).await?)
}

/// The first owner of the workspace; "not found" where there is no such workspace.
pub(in crate::exports) async fn owner(tx: &mut TenantTx) -> Result<AccountId> {
    let tenant = tx.id();
    let owner = sqlx::query_scalar!(
        r#"select account_id as "account: AccountId" from membership
           where tenant_id = $1 and role = 'owner' order by created_at, account_id limit 1"#,
        tenant.0,
    );
    owner.fetch_optional(tx.conn()).await?.ok_or_else(Error::not_found)
}

/// Whether there is no document and no report, in the trash neither.
pub(in crate::exports) async fn is_empty(tx: &mut TenantTx) -> Result<bool> {
    let tenant = tx.id();
    // In the order of the key: otherwise the planner reads all tenants' rows until it meets one of this tenant.
    let document = sqlx::query_scalar!("select id from document where tenant_id = $1 order by id limit 1", tenant.0);
    if document.fetch_optional(tx.conn()).await?.is_some() {
        return Ok(false);
    }
    let report = sqlx::query_scalar!("select id from report where tenant_id = $1 order by id limit 1", tenant.0);
    Ok(report.fetch_optional(tx.conn()).await?.is_none())
}

/// Who of these has an account here: the same account as in the archive, or a member of this workspace with the same
/// address. Anybody else stays unknown, or an archive could be made to ask who has an account.
pub(in crate::exports) async fn people_of(
    tx: &mut TenantTx,
    members: &[MemberLine],
    people: &mut People,
) -> Result<()> {
    let tenant = tx.id();
    let archived: Vec<Uuid> = members.iter().map(|member| member.account.0).collect();
    let emails: Vec<String> = members.iter().map(|member| member.email.clone()).collect();
    let found = sqlx::query!(
        r#"select p.archived as "archived!", a.id as "here!"
           from unnest($2::uuid[], $3::text[]) as p (archived, email)
           join account a on a.email = p.email
           left join membership m on m.tenant_id = $1 and m.account_id = a.id
           where a.id = p.archived or m.account_id is not null"#,
        tenant.0,
        &archived,
        &emails,
    );
    for row in found.fetch_all(tx.conn()).await? {
        people.archived.push(row.archived);
        people.here.push(row.here);
    }
    Ok(())
}

/// Writes documents, each with the key of its original. Whoever is unknown here becomes `owner`.
pub(in crate::exports) async fn insert_documents(
    tx: &mut TenantTx,
    lines: &[String],
    keys: &[String],
    people: &People,
    owner: AccountId,
) -> Result<()> {
    let tenant = tx.id();
    sqlx::query!(
        "insert into document (tenant_id, id, name, format, bytes, sha256, object_key, state, failure, title, author,
                               language, authored_at, modified_at, outline, pages, pages_read, pages_failed, words,
                               uploaded_by, created_at, read_at, trashed_at, visibility)
         select $1, r.id, r.name, r.format, r.bytes, decode(r.sha256, 'hex'), l.key, r.state, r.failure, r.title, r.author,
                r.language, r.authored_at, r.modified_at, r.outline, r.pages, r.pages_read, r.pages_failed, r.words,
                coalesce(
                    (select p.here from unnest($4::uuid[], $5::uuid[]) as p (archived, here)
                     where p.archived = r.uploaded_by limit 1),
                    $6::uuid
                ),
                r.created_at, r.read_at, r.trashed_at, r.visibility
         from unnest($2::text[], $3::text[]) as l (line, key)
         cross join lateral jsonb_to_record(l.line::jsonb) as r (
             id uuid, name text, format text, bytes bigint, sha256 text, state text, failure text, title text, author text,
             language text, authored_at timestamptz, modified_at timestamptz, outline jsonb, pages int, pages_read int,
             pages_failed int, words bigint, uploaded_by uuid, created_at timestamptz, read_at timestamptz,
             trashed_at timestamptz, visibility text
         )",
        tenant.0,
        lines,
        keys,
        &people.archived,
        &people.here,
        owner.0,
    )
    .execute(tx.conn())
    .await
    .map_err(|error| row_refused(error, "documents.jsonl"))?;
    Ok(())
}

/// Shares documents with those of their readers who are members here.
pub(in crate::exports) async fn insert_readers(tx: &mut TenantTx, lines: &[String], people: &People) -> Result<()> {
    let tenant = tx.id();
    sqlx::query!(
        "insert into document_reader (tenant_id, document_id, account_id)
         select distinct $1::uuid, r.id, m.account_id
         from unnest($2::text[]) as l (line)
         cross join lateral jsonb_to_record(l.line::jsonb) as r (id uuid, readers uuid[])
         cross join lateral unnest(r.readers) as reader (archived)
         join unnest($3::uuid[], $4::uuid[]) as p (archived, here) on p.archived = reader.archived
         join membership m on m.tenant_id = $1 and m.account_id = p.here",
        tenant.0,
        lines,
        &people.archived,
        &people.here,
    )
    .execute(tx.conn())
    .await
    .map_err(|error| row_refused(error, "documents.jsonl"))?;
    Ok(())
}

/// Writes pages of a document, each with what is indexed of it, and counts their text where that is what reading it costs.
pub(in crate::exports) async fn insert_pages(
    tx: &mut TenantTx,
    document: DocumentId,
    lines: &[String],
    index_texts: &[String],
) -> Result<()> {
    let tenant = tx.id();
    sqlx::query!(
        "with written as (
             insert into page (tenant_id, document_id, number, width, height, text, words, word_count, failure, config, tsv)
             select $1, $2, r.number, r.width, r.height, r.text, r.words, r.word_count, r.failure, r.config,
                    to_tsvector(r.config::regconfig, l.index_text) || array_to_tsvector(array[r.config])
             from unnest($3::text[], $4::text[]) as l (line, index_text)
             cross join lateral jsonb_to_record(l.line::jsonb) as r (
                 number int, width real, height real, text text, words jsonb, word_count int, failure text, config text
             )
             returning length(text) as characters
         )
         update document set characters = characters + (select coalesce(sum(written.characters), 0) from written)
         where tenant_id = $1 and id = $2 and format <> 'pdf'",
        tenant.0,
        document.0,
        lines,
        index_texts,
    )
    .execute(tx.conn())
    .await
    .map_err(|error| row_refused(error, &format!("pages/{document}.jsonl")))?;
    Ok(())
}

/// Writes reports, each with the key of its PDF, which is empty where there is none.
pub(in crate::exports) async fn insert_reports(
    tx: &mut TenantTx,
    lines: &[String],
    keys: &[String],
    people: &People,
    owner: AccountId,
) -> Result<()> {
    let tenant = tx.id();
    sqlx::query!(
        "insert into report (tenant_id, id, title, scope, state, failure, object_key, bytes, sha256, pages, documents,
                             made_by, created_at, finished_at, visibility)
         select $1, r.id, r.title, r.scope, r.state, r.failure, nullif(l.key, ''), r.bytes, decode(r.sha256, 'hex'),
                r.pages, r.documents,
                coalesce(
                    (select p.here from unnest($4::uuid[], $5::uuid[]) as p (archived, here)
                     where p.archived = r.made_by limit 1),
                    $6::uuid
                ),
                r.created_at, r.finished_at, r.visibility
         from unnest($2::text[], $3::text[]) as l (line, key)
         cross join lateral jsonb_to_record(l.line::jsonb) as r (
             id uuid, title text, scope jsonb, state text, failure text, bytes bigint, sha256 text, pages int,
             documents int, made_by uuid, created_at timestamptz, finished_at timestamptz, visibility text
         )",
        tenant.0,
        lines,
        keys,
        &people.archived,
        &people.here,
        owner.0,
    )
    .execute(tx.conn())
    .await
    .map_err(|error| row_refused(error, "reports.jsonl"))?;
    Ok(())
}

pub(in crate::exports) async fn set_job_of_document(tx: &mut TenantTx, id: DocumentId, job: JobId) -> Result<()> {
    let tenant = tx.id();
    sqlx::query!("update document set job_id = $3 where tenant_id = $1 and id = $2", tenant.0, id.0, job.0)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// What the columns do not take (classes 22 and 23 of SQLSTATE) is the archive's fault, and everything else is ours.
fn row_refused(error: sqlx::Error, name: &str) -> Error {
    let is_theirs = error
        .as_database_error()
        .and_then(|database| database.code())
        .is_some_and(|code| code.starts_with("22") || code.starts_with("23"));
    if is_theirs { refused(format!("“{name}” holds what no workspace can hold: {error}")) } else { error.into() }
}
