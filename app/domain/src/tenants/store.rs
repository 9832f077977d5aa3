//! All SQL of tenants.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{LogoType, NewSettings, ScreenLanguage, Slug, TenantSettings};
use crate::{
    actor::Role,
    db::{SystemTx, TenantTx},
    error::{Error, Result},
    id::{AccountId, TenantId},
};

/// Whoever answers for the workspace, to be written to.
pub(crate) struct Owner {
    pub account: AccountId,
    pub name: String,
    pub email: String,
}

/// False where the address is taken: then nothing was inserted.
pub(super) async fn insert_tenant(tx: &mut TenantTx, name: &str, slug: &Slug, now: DateTime<Utc>) -> Result<bool> {
    let tenant = tx.id();
    let inserted = sqlx::query!(
        "insert into tenant (tenant_id, name, slug, created_at) values ($1, $2, $3, $4) on conflict (slug) do nothing",
        tenant.0,
        name,
        slug.as_str(),
        now,
    );
    Ok(inserted.execute(tx.conn()).await?.rows_affected() == 1)
}

pub(super) async fn insert_membership(
    tx: &mut TenantTx,
    account: AccountId,
    role: Role,
    now: DateTime<Utc>,
) -> Result<()> {
    let tenant = tx.id();
    sqlx::query!(
        "insert into membership (tenant_id, account_id, role, created_at) values ($1, $2, $3, $4)",
        tenant.0,
        account.0,
        role.as_str(),
        now,
    )
    .execute(tx.conn())
    .await
    .map_err(|error| match error.as_database_error().and_then(|database| database.constraint()) {
        Some("membership_pkey") => Error::conflict("You are a member of this workspace already."),
        _ => error.into(),
    })?;
    Ok(())
}

pub(super) async fn name(tx: &mut TenantTx) -> Result<String> {
    let tenant = tx.id();
    Ok(sqlx::query_scalar!("select name from tenant where tenant_id = $1", tenant.0).fetch_one(tx.conn()).await?)
}

/// Up to 500 tenants after this one, by their ids.
pub(super) async fn page(tx: &mut SystemTx, last: Option<TenantId>) -> Result<Vec<TenantId>> {
    // The nil id comes before every other, and is no tenant's.
    let last = last.map_or(Uuid::nil(), |tenant| tenant.0);
    let page = sqlx::query_scalar!(r#"select id as "id!: TenantId" from tenants_after($1) as id"#, last);
    Ok(page.fetch_all(tx.conn()).await?)
}

/// Whether the tenant of this transaction is there.
pub(super) async fn is_there(tx: &mut TenantTx) -> Result<bool> {
    let tenant = tx.id();
    let found =
        sqlx::query_scalar!(r#"select exists (select from tenant where tenant_id = $1) as "is_there!""#, tenant.0);
    Ok(found.fetch_one(tx.conn()).await?)
}

/// Whether work is begun in the tenant of this transaction: it is there, it is not suspended, and the grace of a deletion is not
/// over.
pub(crate) async fn is_working(tx: &mut TenantTx, now: DateTime<Utc>) -> Result<bool> {
    let tenant = tx.id();
    let is_working = sqlx::query_scalar!(
        r#"select suspended_at is null and (delete_after is null or delete_after > $2) as "is_working!"
           from tenant where tenant_id = $1"#,
        tenant.0,
        now,
    );
    Ok(is_working.fetch_optional(tx.conn()).await?.unwrap_or(false))
}

pub(super) async fn settings(tx: &mut TenantTx) -> Result<TenantSettings> {
    let tenant = tx.id();
    let settings = sqlx::query_as!(
        TenantSettings,
        r#"select name, slug, logo_id as logo, time_zone, language as "language: ScreenLanguage", document_language,
                  trash_days, delete_after
           from tenant where tenant_id = $1"#,
        tenant.0,
    );
    Ok(settings.fetch_one(tx.conn()).await?)
}

/// Fails at the field where another workspace has the address: the unique index is the validation.
pub(super) async fn change_settings(tx: &mut TenantTx, new: &NewSettings) -> Result<()> {
    let tenant = tx.id();
    sqlx::query!(
        "update tenant set name = $2, slug = $3, time_zone = $4, language = $5, document_language = $6, trash_days = $7
         where tenant_id = $1",
        tenant.0,
        new.name,
        new.slug.as_str(),
        new.time_zone,
        new.language.code(),
        new.document_language,
        new.trash_days,
    )
    .execute(tx.conn())
    .await
    .map_err(|error| match error.as_database_error().and_then(|database| database.constraint()) {
        Some("tenant_slug_key") => {
            Error::invalid("slug", format!("“{}” is taken. Choose another one.", new.slug.as_str()))
        }
        _ => error.into(),
    })?;
    Ok(())
}

pub(super) async fn logo(tx: &mut TenantTx) -> Result<Option<(Uuid, LogoType)>> {
    let tenant = tx.id();
    let row = sqlx::query!(
        r#"select logo_id, logo_type as "logo_type: LogoType" from tenant where tenant_id = $1"#,
        tenant.0,
    );
    let row = row.fetch_one(tx.conn()).await?;
    Ok(row.logo_id.zip(row.logo_type))
}

pub(super) async fn set_logo(tx: &mut TenantTx, logo: Option<(Uuid, LogoType)>) -> Result<()> {
    let tenant = tx.id();
    sqlx::query!(
        "update tenant set logo_id = $2, logo_type = $3 where tenant_id = $1",
        tenant.0,
        logo.map(|(id, _)| id),
        logo.map(|(_, kind)| kind.media_type()),
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn trash_days(tx: &mut TenantTx) -> Result<i32> {
    let tenant = tx.id();
    let days = sqlx::query_scalar!("select trash_days from tenant where tenant_id = $1", tenant.0);
    Ok(days.fetch_one(tx.conn()).await?)
}

pub(super) async fn document_language(tx: &mut TenantTx) -> Result<Option<String>> {
    let tenant = tx.id();
    let language = sqlx::query_scalar!("select document_language from tenant where tenant_id = $1", tenant.0);
    Ok(language.fetch_one(tx.conn()).await?)
}

/// The owners, oldest first; of more than a hundred, the first hundred.
pub(crate) async fn owners(tx: &mut TenantTx) -> Result<Vec<Owner>> {
    let tenant = tx.id();
    let owners = sqlx::query_as!(
        Owner,
        r#"select a.id as "account: AccountId", a.name, a.email
           from membership m join account a on a.id = m.account_id
           where m.tenant_id = $1 and m.role = 'owner' order by m.created_at limit 100"#,
        tenant.0,
    );
    Ok(owners.fetch_all(tx.conn()).await?)
}

/// False where it is to be deleted already; then the time stays.
pub(super) async fn ask_deletion(tx: &mut TenantTx, at: DateTime<Utc>) -> Result<bool> {
    let tenant = tx.id();
    let asked = sqlx::query!(
        "update tenant set delete_after = $2 where tenant_id = $1 and delete_after is null",
        tenant.0,
        at,
    );
    Ok(asked.execute(tx.conn()).await?.rows_affected() == 1)
}

/// False where there is nothing to undo, or not any more.
pub(super) async fn undo_deletion(tx: &mut TenantTx, now: DateTime<Utc>) -> Result<bool> {
    let tenant = tx.id();
    let undone = sqlx::query!(
        "update tenant set delete_after = null where tenant_id = $1 and delete_after > $2",
        tenant.0,
        now,
    );
    Ok(undone.execute(tx.conn()).await?.rows_affected() == 1)
}

/// Up to a hundred tenants whose grace was over at this time, the longest first.
pub(super) async fn due(tx: &mut SystemTx, at: DateTime<Utc>) -> Result<Vec<TenantId>> {
    let due = sqlx::query_scalar!(r#"select id as "id!: TenantId" from tenants_to_delete($1) as id"#, at);
    Ok(due.fetch_all(tx.conn()).await?)
}

/// Deletes a tenant whose grace was over at this time, with every row that names it; nothing where another worker was first.
pub(super) async fn delete(tx: &mut SystemTx, tenant: TenantId, at: DateTime<Utc>) -> Result<()> {
    sqlx::query!(r#"select delete_tenant($1, $2) as "deleted!""#, tenant.0, at).fetch_one(tx.conn()).await?;
    Ok(())
}
