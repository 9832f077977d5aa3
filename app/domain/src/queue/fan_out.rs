//! One job in every tenant, for a tick.

use super::{Enqueue, Job, Tick, enqueue};
use crate::{
    Services,
    actor::System,
    error::{Error, ErrorKind, Result},
    id::TenantId,
    tenants,
};

/// Enqueues a job in each tenant, and answers how many were new. A tenant in which one is unfinished has no second, also where
/// that is of an earlier tick; and where one was made since the tick it was made for it, so that to do this twice is harmless.
///
/// A tenant that is deleted meanwhile, or that may have no more jobs, does not stop the others. Fails at the end where one
/// failed for another reason, and at once where the database is away.
pub async fn fan_out<J: Job>(services: &Services, tick: Tick, job: &J) -> Result<u64> {
    let (mut made, mut failure, mut last) = (0, None, None);
    loop {
        let tenants = tenants::page(services, last).await?;
        for tenant in &tenants {
            match enqueue_in(services, *tenant, tick, job).await {
                Ok(is_new) => made += u64::from(is_new),
                Err(error) => failure = excuse(services, *tenant, error).await?.or(failure),
            }
        }
        last = tenants.last().copied();
        if last.is_none() {
            return failure.map_or(Ok(made), Err);
        }
    }
}

/// None where to try again would not help; the error itself where the others are to go on first.
async fn excuse(services: &Services, tenant: TenantId, error: Error) -> Result<Option<Error>> {
    if error.is(ErrorKind::Unavailable) {
        return Err(error);
    }
    if !tenants::is_there(services, tenant).await? {
        tracing::debug!(tenant.id = %tenant, "a tenant was deleted before its turn");
        return Ok(None);
    }
    tracing::warn!(tenant.id = %tenant, error = %error, "nothing could be enqueued in a tenant; the others go on");
    Ok(error.is(ErrorKind::Internal).then_some(error))
}

async fn enqueue_in<J: Job>(services: &Services, tenant: TenantId, tick: Tick, job: &J) -> Result<bool> {
    let options = Enqueue { window: Some(tick.age()), ..Enqueue::once(tick.schedule) };
    let mut tx = services.db.tenant(&System::for_tenant(tenant)).await?;
    let enqueued = enqueue(&mut tx, &services.clock, job, options).await?;
    tx.commit().await?;
    Ok(!enqueued.existing)
}
