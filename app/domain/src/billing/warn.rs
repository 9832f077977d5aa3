//! Telling the owners of what is nearly used up: once a month at four fifths, and once at the end.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Entitlements, entitlements_in, mails, meter::share, store};
use crate::{
    Services,
    actor::System,
    clock::Clock,
    db::TenantTx,
    error::Result,
    id::TenantId,
    live,
    queue::{self, Enqueue, Job, JobContext, JobError},
};

/// What the meter says, as far as people are told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Gauge {
    pub period_start: DateTime<Utc>,
    pub period_end: DateTime<Utc>,
    pub granted: i64,
    pub used: i64,
    pub stored_bytes: i64,
    /// The per cent that were told of: 0, 80 or 100.
    pub warned_credits: i32,
    pub warned_storage: i32,
}

impl Gauge {
    /// Page credits that may be used in the month.
    pub fn credits(&self, entitlements: &Entitlements) -> i64 {
        self.granted.saturating_add(entitlements.cap)
    }

    /// The per cent of the credits and of the storage that people are to have been told of.
    fn reached(&self, entitlements: &Entitlements) -> (i32, i32) {
        if !entitlements.is_metered {
            return (0, 0);
        }
        let credits = share(self.used, self.credits(entitlements));
        (credits, share(self.stored_bytes, entitlements.limits.storage_bytes))
    }
}

/// Tells the owners of what their workspace has nearly used up.
#[derive(Debug, Serialize, Deserialize)]
pub struct TellUsage {}

impl Job for TellUsage {
    const KIND: &'static str = "tell_usage";
    const TIMEOUT: Duration = Duration::from_secs(30);

    async fn run(self, context: &JobContext) -> Result<(), JobError> {
        Ok(tell(&context.services, context.tenant).await?)
    }
}

/// Has the owners told. To be called by whoever has moved the meter to where they are; a second time while it is under way, or
/// after they were told, it is harmless.
pub(crate) async fn warn(tx: &mut TenantTx, clock: &Clock) -> Result<()> {
    queue::enqueue(tx, clock, &TellUsage {}, Enqueue::once(TellUsage::KIND)).await?;
    Ok(())
}

async fn tell(services: &Services, tenant: TenantId) -> Result<()> {
    let mut tx = services.db.tenant(&System::for_tenant(tenant)).await?;
    let entitlements = entitlements_in(services, &mut tx).await?;
    let gauge = store::lock_gauge(&mut tx).await?;
    let (credits, storage) = gauge.reached(&entitlements);
    if credits <= gauge.warned_credits && storage <= gauge.warned_storage {
        return Ok(());
    }
    store::set_warned(&mut tx, credits.max(gauge.warned_credits), storage.max(gauge.warned_storage)).await?;
    if credits > gauge.warned_credits {
        mails::credits_used(services, &mut tx, &entitlements, &gauge, credits).await?;
    }
    if storage > gauge.warned_storage {
        mails::storage_used(services, &mut tx, &entitlements, &gauge, storage).await?;
    }
    live::announce(&mut tx, "billing", tenant).await?;
    tx.commit().await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::billing::{Plan, PlanId, Standing};

    #[test]
    fn the_cap_counts_and_what_is_not_metered_does_not() {
        let now = DateTime::UNIX_EPOCH;
        let gauge = Gauge {
            period_start: now,
            period_end: now,
            granted: 100,
            used: 100,
            stored_bytes: 0,
            warned_credits: 0,
            warned_storage: 0,
        };
        let team = Entitlements {
            plan: PlanId::Team,
            plan_version: 1,
            limits: Plan::newest(PlanId::Team).limits,
            cap: 0,
            standing: Standing::Good,
            trial_ends_at: None,
            is_metered: true,
        };
        assert_eq!(gauge.reached(&team), (100, 0));
        assert_eq!(gauge.reached(&Entitlements { cap: 20, ..team }), (80, 0));
        assert_eq!(gauge.reached(&Entitlements::unmetered()), (0, 0));
    }
}
