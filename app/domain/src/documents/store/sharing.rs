//! The SQL of who may see a document. That nobody else does is for the policies of the tables to say.

use std::collections::BTreeSet;

use uuid::Uuid;

use crate::{
    db::TenantTx,
    documents::{Reader, Visibility},
    error::{Error, Result},
    id::{AccountId, DocumentId},
    live::Audience,
};

/// The account that uploaded it.
pub(crate) async fn uploader(tx: &mut TenantTx, id: DocumentId) -> Result<AccountId> {
    let tenant = tx.id();
    let uploader = sqlx::query_scalar!(
        r#"select uploaded_by as "uploaded_by: AccountId" from document where tenant_id = $1 and id = $2"#,
        tenant.0,
        id.0,
    );
    Ok(uploader.fetch_one(tx.conn()).await?)
}

/// Whom a document is shared with, and then the other members: at most 500, without whoever uploaded it.
pub(crate) async fn readers(tx: &mut TenantTx, id: DocumentId) -> Result<Vec<Reader>> {
    let tenant = tx.id();
    let readers = sqlx::query_as!(
        Reader,
        r#"select m.account_id as "account: AccountId", a.name, a.email,
                  m.account_id = any (array(
                      select r.account_id from document_reader r where r.tenant_id = $1 and r.document_id = $2
                  )) as "reads!"
           from membership m
           join account a on a.id = m.account_id
           where m.tenant_id = $1
             and m.account_id <> (select d.uploaded_by from document d where d.tenant_id = $1 and d.id = $2)
           order by 4 desc, lower(a.name), m.account_id limit 500"#,
        tenant.0,
        id.0,
    );
    Ok(readers.fetch_all(tx.conn()).await?)
}

/// Fails with "invalid" where a reader is no member. The order is that in which whoever changes it sees it all along.
pub(crate) async fn set_visibility(tx: &mut TenantTx, id: DocumentId, visibility: &Visibility) -> Result<()> {
    let tenant = tx.id();
    let readers: Vec<Uuid> = match visibility {
        Visibility::Workspace => Vec::new(),
        Visibility::Private { readers } => readers.iter().map(|AccountId(account)| *account).collect(),
    };
    sqlx::query!(
        "insert into document_reader (tenant_id, document_id, account_id)
         select $1, $2, account from unnest($3::uuid[]) as account on conflict do nothing",
        tenant.0,
        id.0,
        &readers,
    )
    .execute(tx.conn())
    .await
    .map_err(not_a_member)?;
    sqlx::query!(
        "update document set visibility = $3 where tenant_id = $1 and id = $2",
        tenant.0,
        id.0,
        visibility.as_str(),
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "delete from document_reader where tenant_id = $1 and document_id = $2 and account_id <> all ($3)",
        tenant.0,
        id.0,
        &readers,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Whether one of these documents is private.
pub(crate) async fn any_private(tx: &mut TenantTx, ids: &[DocumentId]) -> Result<bool> {
    let tenant = tx.id();
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let private = sqlx::query_scalar!(
        r#"select count(*) from document where tenant_id = $1 and id = any ($2) and visibility = 'private'"#,
        tenant.0,
        &ids,
    );
    Ok(private.fetch_one(tx.conn()).await?.is_some_and(|count| count > 0))
}

/// Who is to be told of a change of these documents: everybody, if one of them is the workspace's.
pub(crate) async fn audience(tx: &mut TenantTx, ids: &[DocumentId]) -> Result<Audience> {
    let tenant = tx.id();
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let documents = sqlx::query_scalar!(
        // Who sees what is private is said here once more, as the policies say it of one account at a time.
        r#"select case when d.visibility = 'private' then array(
                      select d.uploaded_by
                      union
                      select r.account_id from document_reader r where r.tenant_id = $1 and r.document_id = d.id
                  ) end as "accounts?"
           from document d
           where d.tenant_id = $1 and d.id = any ($2)"#,
        tenant.0,
        &ids,
    );
    let mut told = BTreeSet::new();
    for accounts in documents.fetch_all(tx.conn()).await? {
        let Some(accounts) = accounts else { return Ok(Audience::Everybody) };
        told.extend(accounts.into_iter().map(AccountId));
    }
    Ok(Audience::Only(told))
}

/// Shares at most `limit` private documents, whose uploaders are no members any more, with the owners. Says how many rows
/// that took; none when all are shared.
pub(crate) async fn leave_to_owners(tx: &mut TenantTx, limit: i64) -> Result<u64> {
    let tenant = tx.id();
    let shared = sqlx::query!(
        "insert into document_reader (tenant_id, document_id, account_id)
         select $1, d.id, o.account_id
         from document d
         join membership o on o.tenant_id = $1 and o.role = 'owner'
         where d.tenant_id = $1
           and d.visibility = 'private'
           and not exists (select from membership u where u.tenant_id = $1 and u.account_id = d.uploaded_by)
           and not exists (
               select from document_reader r
               where r.tenant_id = $1 and r.document_id = d.id and r.account_id = o.account_id
           )
         limit $2
         on conflict do nothing",
        tenant.0,
        limit,
    );
    Ok(shared.execute(tx.conn()).await?.rows_affected())
}

fn not_a_member(error: sqlx::Error) -> Error {
    match error.as_database_error().and_then(|database| database.constraint()) {
        Some("document_reader_tenant_id_account_id_fkey") => Error::invalid(
            "readers",
            "One of these people is no member of this workspace any more. Please choose again.",
        ),
        _ => error.into(),
    }
}
