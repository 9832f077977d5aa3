//! What an archive holds, as lines of JSON: rows as Postgres writes them, in batches after an id.

use crate::{
    db::TenantTx,
    error::Result,
    id::{AccountId, AuditId, DocumentId, ReportId},
};

/// A document, and how it is said twice.
pub(in crate::exports) struct ExportedDocument {
    pub id: DocumentId,
    pub object_key: String,
    /// Pages that are kept of it; none of one that is being read.
    pub pages: i32,
    pub line: String,
    /// The same, were none of it read.
    pub unread: String,
}

pub(in crate::exports) struct ExportedPage {
    pub number: i32,
    pub line: String,
}

pub(in crate::exports) struct ExportedMember {
    pub id: AccountId,
    pub line: String,
}

pub(in crate::exports) struct ExportedReport {
    pub id: ReportId,
    /// Of its PDF, where it has one.
    pub object_key: Option<String>,
    pub line: String,
}

pub(in crate::exports) struct ExportedEntry {
    pub id: AuditId,
    pub line: String,
}

/// The row of the workspace.
pub(in crate::exports) async fn workspace(tx: &mut TenantTx) -> Result<serde_json::Value> {
    let tenant = tx.id();
    let row = sqlx::query_scalar!(r#"select to_jsonb(t) as "row!" from tenant t where tenant_id = $1"#, tenant.0);
    Ok(row.fetch_one(tx.conn()).await?)
}

/// All documents, those in the trash included.
pub(in crate::exports) async fn count_documents(tx: &mut TenantTx) -> Result<i64> {
    let tenant = tx.id();
    let count = sqlx::query_scalar!(r#"select count(id) as "count!" from document where tenant_id = $1"#, tenant.0,);
    Ok(count.fetch_one(tx.conn()).await?)
}

/// The next documents, by id. What belongs to this Sheaf alone is left out: the tenant, the place in the store, the job,
/// what is computed from other columns or from the text, what was paid for and through which key, and whether page images were
/// drawn, which an import has done anew.
pub(in crate::exports) async fn documents(
    tx: &mut TenantTx,
    after: DocumentId,
    limit: i64,
) -> Result<Vec<ExportedDocument>> {
    let tenant = tx.id();
    let documents = sqlx::query_as!(
        ExportedDocument,
        r#"select d.id as "id: DocumentId", d.object_key,
                  case when d.state in ('waiting', 'reading') then 0 else d.pages_read end as "pages!",
                  case when d.state in ('waiting', 'reading') then (l.line || u.unread)::text else l.line::text end as "line!",
                  (l.line || u.unread)::text as "unread!"
           from document d
           cross join lateral (
               select (to_jsonb(d) - array['tenant_id', 'object_key', 'job_id', 'name_key', 'has_images', 'characters',
                                         'read_anew', 'charged_until', 'api_key_id'])
                      || jsonb_build_object(
                          'sha256', encode(d.sha256, 'hex'),
                          'readers', array(
                              select r.account_id from document_reader r
                              where r.tenant_id = $1 and r.document_id = d.id order by r.account_id
                          )
                      ) as line
           ) as l
           cross join (
               select '{"state": "waiting", "failure": null, "language": null, "pages": null, "pages_read": 0,
                        "pages_failed": 0, "words": 0, "read_at": null, "outline": []}'::jsonb as unread
           ) as u
           where d.tenant_id = $1 and d.id > $2
           order by d.id limit $3"#,
        tenant.0,
        after.0,
        limit,
    );
    Ok(documents.fetch_all(tx.conn()).await?)
}

/// The next pages of a document. What is indexed is computed anew from the text and its configuration.
pub(in crate::exports) async fn pages(
    tx: &mut TenantTx,
    document: DocumentId,
    after: i32,
    limit: i64,
) -> Result<Vec<ExportedPage>> {
    let tenant = tx.id();
    let pages = sqlx::query_as!(
        ExportedPage,
        r#"select p.number, (to_jsonb(p) - array['tenant_id', 'document_id', 'tsv'])::text as "line!"
           from page p where p.tenant_id = $1 and p.document_id = $2 and p.number > $3
           order by p.number limit $4"#,
        tenant.0,
        document.0,
        after,
        limit,
    );
    Ok(pages.fetch_all(tx.conn()).await?)
}

/// The next members, by their accounts.
pub(in crate::exports) async fn members(
    tx: &mut TenantTx,
    after: AccountId,
    limit: i64,
) -> Result<Vec<ExportedMember>> {
    let tenant = tx.id();
    let members = sqlx::query_as!(
        ExportedMember,
        r#"select m.account_id as "id: AccountId",
                  jsonb_build_object(
                      'account', a.id, 'email', a.email, 'name', a.name, 'role', m.role, 'joined_at', m.created_at
                  )::text as "line!"
           from membership m join account a on a.id = m.account_id
           where m.tenant_id = $1 and m.account_id > $2
           order by m.account_id limit $3"#,
        tenant.0,
        after.0,
        limit,
    );
    Ok(members.fetch_all(tx.conn()).await?)
}

/// The next reports that are done, by id.
pub(in crate::exports) async fn reports(tx: &mut TenantTx, after: ReportId, limit: i64) -> Result<Vec<ExportedReport>> {
    let tenant = tx.id();
    let reports = sqlx::query_as!(
        ExportedReport,
        r#"select r.id as "id: ReportId", case when r.state = 'ready' then r.object_key end as "object_key?",
                  ((to_jsonb(r) - array['tenant_id', 'object_key', 'job_id'])
                      || jsonb_build_object('sha256', encode(r.sha256, 'hex')))::text as "line!"
           from report r
           where r.tenant_id = $1 and r.id > $2 and r.state in ('ready', 'failed')
           order by r.id limit $3"#,
        tenant.0,
        after.0,
        limit,
    );
    Ok(reports.fetch_all(tx.conn()).await?)
}

/// The next lines of the audit log, by id, with every column that they have.
pub(in crate::exports) async fn audit_entries(
    tx: &mut TenantTx,
    after: AuditId,
    limit: i64,
) -> Result<Vec<ExportedEntry>> {
    let tenant = tx.id();
    let entries = sqlx::query_as!(
        ExportedEntry,
        r#"select e.id as "id: AuditId", (to_jsonb(e) - array['tenant_id'])::text as "line!"
           from audit_entry e where e.tenant_id = $1 and e.id > $2
           order by e.id limit $3"#,
        tenant.0,
        after.0,
        limit,
    );
    Ok(entries.fetch_all(tx.conn()).await?)
}
