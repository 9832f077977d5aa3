//! Workspaces: the boundary that nothing crosses.

#[cfg(feature = "server")]
mod store;

#[cfg(feature = "server")]
use chrono::{DateTime, Utc};

#[cfg(feature = "server")]
use crate::{
    Services,
    actor::Role,
    db::TenantTx,
    error::Result,
    id::{AccountId, TenantId},
};

/// Makes the transaction's tenant with its first member.
#[cfg(feature = "server")]
pub async fn found(tx: &mut TenantTx, name: &str, owner: AccountId, role: Role, now: DateTime<Utc>) -> Result<()> {
    store::insert_tenant(tx, name, now).await?;
    store::insert_membership(tx, owner, role, now).await
}

/// Brings an account into the transaction's tenant; "conflict" where it is in it.
#[cfg(feature = "server")]
pub async fn join(tx: &mut TenantTx, account: AccountId, role: Role, now: DateTime<Utc>) -> Result<()> {
    store::insert_membership(tx, account, role, now).await
}

/// The workspace's name.
#[cfg(feature = "server")]
pub async fn name(tx: &mut TenantTx) -> Result<String> {
    store::name(tx).await
}

/// Every tenant, for housekeeping by a worker: it visits each in a transaction of its own.
#[cfg(feature = "server")]
pub async fn all(services: &Services) -> Result<Vec<TenantId>> {
    let mut system = services.db.system().await?;
    let tenants = store::all(&mut system).await?;
    system.commit().await?;
    Ok(tenants)
}
