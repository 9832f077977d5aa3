//! Closing a workspace and opening it again. Nothing in it changes: its members are shut out by `accounts::authenticate`, and
//! its jobs are not begun.

use serde_json::json;

use super::{Operator, Reason, store, tenant_store};
use crate::{
    Services,
    audit::{self, Act},
    db::TenantTx,
    error::{Error, Result},
    id::TenantId,
    live,
};

/// Shuts the members out on all servers within two seconds, and stops new jobs from beginning.
pub async fn suspend(services: &Services, operator: &Operator, tenant: TenantId, reason: &Reason) -> Result<()> {
    let mut tx = services.db.tenant(&operator.at(tenant)).await?;
    if !tenant_store::suspend(&mut tx, reason.as_str(), services.clock.now()).await? {
        return Err(Error::conflict("This workspace is suspended already."));
    }
    note(services, &mut tx, operator, "tenant.suspended", Some(reason)).await?;
    let detail = json!({ "operator": operator.name, "reason": reason.as_str() });
    audit::record_detail(&mut tx, &services.clock, Act::TenantSuspended, tenant.0, detail).await?;
    live::announce(&mut tx, "everything", tenant).await?;
    tx.commit().await
}

/// Undoes it.
pub async fn restore(services: &Services, operator: &Operator, tenant: TenantId) -> Result<()> {
    let mut tx = services.db.tenant(&operator.at(tenant)).await?;
    if !tenant_store::restore(&mut tx).await? {
        return Err(Error::conflict("This workspace is not suspended."));
    }
    note(services, &mut tx, operator, "tenant.restored", None).await?;
    let detail = json!({ "operator": operator.name });
    audit::record_detail(&mut tx, &services.clock, Act::TenantRestored, tenant.0, detail).await?;
    live::announce(&mut tx, "everything", tenant).await?;
    tx.commit().await
}

/// In the operators' own record, which outlives the workspace.
pub(crate) async fn note(
    services: &Services,
    tx: &mut TenantTx,
    operator: &Operator,
    act: &'static str,
    reason: Option<&Reason>,
) -> Result<()> {
    let (subject, from) = (Some(tx.id().0), operator.from);
    let act = store::Act { operator: operator.id, act, subject, reason: reason.map(Reason::as_str), from };
    store::record(tx.identity(), &services.clock, &act).await
}
