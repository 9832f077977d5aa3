//! What time alone changes: a missing payment that is missing for longer, and the end of a trial.

use super::{Standing, Subscription, mails, store, trial};
use crate::{
    Services,
    actor::System,
    audit::{self, Act},
    db::TenantTx,
    error::{ErrorKind, Result},
    id::TenantId,
    live,
};

/// Looks after the workspaces in which time may have changed something, as a worker, and says in how many it had. One that fails
/// waits for the next time, and the others go on.
pub async fn tend(services: &Services) -> Result<usize> {
    if services.stripe.is_none() {
        return Ok(0);
    }
    let (mut tended, mut last) = (0, None);
    loop {
        let tenants = page(services, last).await?;
        for tenant in &tenants {
            match tend_one(services, *tenant).await {
                Ok(has_changed) => tended += usize::from(has_changed),
                Err(error) if error.is(ErrorKind::Unavailable) => return Err(error),
                Err(error) if error.is(ErrorKind::NotFound) => {
                    tracing::debug!(tenant.id = %tenant, "a workspace was deleted before its turn");
                }
                Err(error) => {
                    tracing::error!(tenant.id = %tenant, error = %error, "could not look after the bills of a workspace");
                }
            }
        }
        last = tenants.last().copied();
        if last.is_none() {
            return Ok(tended);
        }
    }
}

/// Tells the owners how the workspace stands with its bills, if it is not as they were last told. True where they were told.
pub(super) async fn step(
    services: &Services,
    tx: &mut TenantTx,
    subscription: &Subscription,
    dunned: Standing,
) -> Result<bool> {
    let standing = Standing::at(subscription.unpaid_since, services.clock.now());
    if standing == dunned {
        return Ok(false);
    }
    store::set_dunned(tx, standing).await?;
    mails::standing_changed(services, tx, subscription, standing).await?;
    Ok(true)
}

async fn page(services: &Services, last: Option<TenantId>) -> Result<Vec<TenantId>> {
    let mut system = services.db.system().await?;
    let tenants = store::to_tend(&mut system, services.clock.now(), last).await?;
    system.commit().await?;
    Ok(tenants)
}

async fn tend_one(services: &Services, tenant: TenantId) -> Result<bool> {
    let mut tx = services.db.tenant(&System::for_tenant(tenant)).await?;
    let store::Locked { subscription, dunned, lanes_of, trial: told, .. } = store::lock(&mut tx).await?;
    let plan = subscription.plan_at(services.clock.now());
    let is_other_plan = lanes_of != Some(plan.id);
    if is_other_plan {
        store::set_lanes(&mut tx, plan.id, &plan.limits).await?;
    }
    let is_told = step(services, &mut tx, &subscription, dunned).await?;
    if is_told {
        let standing = Standing::at(subscription.unpaid_since, services.clock.now());
        let detail = serde_json::json!({ "from": dunned, "to": standing });
        audit::record_detail(&mut tx, &services.clock, Act::StandingChanged, tenant.0, detail).await?;
    }
    if is_told || is_other_plan {
        live::announce(&mut tx, "billing", tenant).await?;
    }
    let is_told_of_trial = trial::tell(services, &mut tx, &subscription, told).await?;
    tx.commit().await?;
    Ok(is_told || is_other_plan || is_told_of_trial)
}
