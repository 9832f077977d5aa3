//! All SQL of tenants.

use chrono::{DateTime, Utc};

use crate::{
    actor::Role,
    db::{SystemTx, TenantTx},
    error::{Error, Result},
    id::{AccountId, TenantId},
};

pub(super) async fn insert_tenant(tx: &mut TenantTx, name: &str, now: DateTime<Utc>) -> Result<()> {
    let tenant = tx.id();
    sqlx::query!("insert into tenant (tenant_id, name, created_at) values ($1, $2, $3)", tenant.0, name, now)
        .execute(tx.conn())
        .await?;
    Ok(())
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

pub(super) async fn all(tx: &mut SystemTx) -> Result<Vec<TenantId>> {
    let ids = sqlx::query_scalar!(r#"select id as "id!: TenantId" from tenant_ids() as id"#);
    Ok(ids.fetch_all(tx.conn()).await?)
}
