//! All SQL of keys.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{
    actor::Role,
    db::TenantTx,
    error::Result,
    id::{AccountId, ApiKeyId},
};

pub(super) struct NewRow<'a> {
    pub id: ApiKeyId,
    pub name: &'a str,
    pub role: Role,
    pub secret_hash: &'a [u8],
    pub made_by: AccountId,
    pub now: DateTime<Utc>,
    pub expires_at: Option<DateTime<Utc>>,
}

/// A key of which a text claims to be, with what became of it and of whoever made it.
pub(super) struct KnownKey {
    pub name: String,
    pub role: Role,
    pub secret_hash: Vec<u8>,
    pub made_by: AccountId,
    /// What the maker is now.
    pub maker_role: Role,
    pub expires_at: Option<DateTime<Utc>>,
    pub last_used_at: Option<DateTime<Utc>>,
    pub is_revoked: bool,
    /// Whether the workspace is suspended.
    pub is_suspended: bool,
}

/// A key as it is listed.
pub(super) struct Row {
    pub id: ApiKeyId,
    pub name: String,
    pub role: Role,
    pub made_by: String,
    pub created_at: DateTime<Utc>,
    pub last_used_at: Option<DateTime<Utc>>,
    pub expires_at: Option<DateTime<Utc>>,
}

pub(super) async fn insert(tx: &mut TenantTx, key: &NewRow<'_>) -> Result<()> {
    let tenant = tx.id();
    sqlx::query!(
        "insert into api_key (tenant_id, id, name, role, secret_hash, made_by, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        tenant.0,
        key.id.0,
        key.name,
        key.role.as_str(),
        key.secret_hash,
        key.made_by.0,
        key.now,
        key.expires_at,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// None where there is no such key, or its maker is in the workspace no more.
pub(super) async fn known(tx: &mut TenantTx, id: ApiKeyId) -> Result<Option<KnownKey>> {
    let tenant = tx.id();
    let known = sqlx::query_as!(
        KnownKey,
        r#"select k.name, k.role as "role: Role", k.secret_hash, k.made_by as "made_by: AccountId",
                  m.role as "maker_role: Role", k.expires_at, k.last_used_at, k.revoked_at is not null as "is_revoked!",
                  t.suspended_at is not null as "is_suspended!"
           from api_key k
           join membership m on m.tenant_id = $1 and m.account_id = k.made_by
           join tenant t on t.tenant_id = $1
           where k.tenant_id = $1 and k.id = $2"#,
        tenant.0,
        id.0,
    );
    Ok(known.fetch_optional(tx.conn()).await?)
}

/// Notes that it was used, unless that was noted since `before`.
pub(super) async fn touch(tx: &mut TenantTx, id: ApiKeyId, now: DateTime<Utc>, before: DateTime<Utc>) -> Result<()> {
    let tenant = tx.id();
    sqlx::query!(
        "update api_key set last_used_at = $3
         where tenant_id = $1 and id = $2 and (last_used_at is null or last_used_at <= $4)",
        tenant.0,
        id.0,
        now,
        before,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Those that were not revoked, the newest first.
pub(super) async fn list(tx: &mut TenantTx, limit: i64) -> Result<Vec<Row>> {
    let tenant = tx.id();
    let keys = sqlx::query_as!(
        Row,
        r#"select k.id as "id: ApiKeyId", k.name, k.role as "role: Role", a.name as made_by, k.created_at, k.last_used_at,
                  k.expires_at
           from api_key k join account a on a.id = k.made_by
           where k.tenant_id = $1 and k.revoked_at is null
           order by k.created_at desc, k.id
           limit $2"#,
        tenant.0,
        limit,
    );
    Ok(keys.fetch_all(tx.conn()).await?)
}

/// How many were not revoked.
pub(super) async fn count(tx: &mut TenantTx) -> Result<i64> {
    let tenant = tx.id();
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from api_key where tenant_id = $1 and revoked_at is null"#,
        tenant.0,
    );
    Ok(count.fetch_one(tx.conn()).await?)
}

/// Ends a key, and answers its name; none where there is none that was not revoked before.
pub(super) async fn revoke(tx: &mut TenantTx, id: ApiKeyId, now: DateTime<Utc>) -> Result<Option<String>> {
    let tenant = tx.id();
    let name = sqlx::query_scalar!(
        "update api_key set revoked_at = $3 where tenant_id = $1 and id = $2 and revoked_at is null returning name",
        tenant.0,
        id.0,
        now,
    );
    Ok(name.fetch_optional(tx.conn()).await?)
}

/// Ends all keys that somebody has made, and answers which those are.
pub(super) async fn revoke_of(tx: &mut TenantTx, account: AccountId, now: DateTime<Utc>) -> Result<Vec<Uuid>> {
    let tenant = tx.id();
    let ids = sqlx::query_scalar!(
        "update api_key set revoked_at = $3 where tenant_id = $1 and made_by = $2 and revoked_at is null returning id",
        tenant.0,
        account.0,
        now,
    );
    Ok(ids.fetch_all(tx.conn()).await?)
}
