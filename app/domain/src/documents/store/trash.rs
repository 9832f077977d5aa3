//! The SQL of the trash.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{db::TenantTx, error::Result, id::DocumentId};

/// What was deleted for good.
pub(crate) struct Deleted {
    pub documents: Vec<Uuid>,
    /// Of their originals.
    pub bytes: i64,
}

pub(crate) async fn trash(tx: &mut TenantTx, ids: &[DocumentId], now: DateTime<Utc>) -> Result<Vec<Uuid>> {
    let tenant = tx.id();
    let moved = sqlx::query_scalar!(
        "update document set trashed_at = $3 where tenant_id = $1 and id = any ($2) and trashed_at is null returning id",
        tenant.0,
        &uuids(ids),
        now,
    );
    Ok(moved.fetch_all(tx.conn()).await?)
}

pub(crate) async fn restore(tx: &mut TenantTx, ids: &[DocumentId]) -> Result<Vec<Uuid>> {
    let tenant = tx.id();
    let restored = sqlx::query_scalar!(
        "update document set trashed_at = null where tenant_id = $1 and id = any ($2) and trashed_at is not null
         returning id",
        tenant.0,
        &uuids(ids),
    );
    Ok(restored.fetch_all(tx.conn()).await?)
}

pub(crate) async fn delete_trashed(tx: &mut TenantTx, ids: &[DocumentId]) -> Result<Deleted> {
    let tenant = tx.id();
    let deleted = sqlx::query!(
        "delete from document where tenant_id = $1 and id = any ($2) and trashed_at is not null returning id, bytes",
        tenant.0,
        &uuids(ids),
    );
    let deleted = deleted.fetch_all(tx.conn()).await?;
    let bytes = deleted.iter().map(|row| row.bytes).sum();
    Ok(Deleted { documents: deleted.into_iter().map(|row| row.id).collect(), bytes })
}

pub(crate) async fn delete_trashed_before(tx: &mut TenantTx, due: DateTime<Utc>, limit: i64) -> Result<Deleted> {
    let tenant = tx.id();
    let deleted = sqlx::query!(
        "delete from document where tenant_id = $1 and id in (
             select id from document where tenant_id = $1 and trashed_at < $2 limit $3
         ) returning id, bytes",
        tenant.0,
        due,
        limit,
    );
    let deleted = deleted.fetch_all(tx.conn()).await?;
    let bytes = deleted.iter().map(|row| row.bytes).sum();
    Ok(Deleted { documents: deleted.into_iter().map(|row| row.id).collect(), bytes })
}

fn uuids(ids: &[DocumentId]) -> Vec<Uuid> {
    ids.iter().map(|id| id.0).collect()
}
