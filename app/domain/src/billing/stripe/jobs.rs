//! The job that asks Stripe, and what makes it.

use std::time::Duration;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::{store, sync};
use crate::{
    Services,
    actor::System,
    clock::Clock,
    db::TenantTx,
    error::Result,
    id::TenantId,
    queue::{self, Enqueue, Job, JobContext, JobError, JobState},
};

/// Of a job that waits, and of one that was made while that was running already.
const KEYS: [&str; 2] = ["stripe", "stripe again"];

/// A workspace about which nothing was heard for so long is looked at: an event may have been lost.
const SILENCE: TimeDelta = TimeDelta::hours(6);

/// Keeps what Stripe has of a workspace.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct SyncSubscription {
    /// Whether nobody has told of anything, and the sweep asks: what is other then was missed. Jobs of versions before do not say it.
    #[serde(default)]
    pub is_swept: bool,
}

impl Job for SyncSubscription {
    const KIND: &'static str = "sync_subscription";
    const MAX_ATTEMPTS: i32 = 20;
    const TIMEOUT: Duration = Duration::from_secs(60);
    const CONCURRENCY: usize = 4;

    /// Whoever has just paid waits for it.
    fn backoff(attempt: i32) -> Duration {
        Duration::from_secs(u64::from(attempt.unsigned_abs()) * 2).min(Duration::from_secs(60))
    }

    async fn run(self, context: &JobContext) -> Result<(), JobError> {
        let (services, tenant) = (&context.services, context.tenant);
        if self.is_swept {
            sync::sync_again(services, tenant).await?
        } else {
            sync(services, tenant).await?
        };
        Ok(())
    }
}

/// Has Stripe asked about the tenant once more, by this job. One that waits will ask later than this; one that runs may have asked
/// already, so that another is made.
pub(super) async fn look_again(tx: &mut TenantTx, clock: &Clock, job: &SyncSubscription) -> Result<()> {
    for key in KEYS {
        let enqueued = queue::enqueue(tx, clock, job, Enqueue::once(key)).await?;
        if !enqueued.existing || queue::status(tx, enqueued.id).await?.state == JobState::Waiting {
            return Ok(());
        }
    }
    queue::enqueue(tx, clock, job, Enqueue::default()).await?;
    Ok(())
}

/// Has Stripe asked about every workspace that it knows and of which nothing was heard for six hours, as a worker. Says how many
/// those are.
pub async fn sweep_subscriptions(services: &Services) -> Result<usize> {
    if services.stripe.is_none() {
        return Ok(0);
    }
    let before = services.clock.now() - SILENCE;
    let (mut found, mut last) = (0, None);
    loop {
        let mut system = services.db.system().await?;
        let page = store::to_sync(&mut system, before, last).await?;
        system.commit().await?;
        for tenant in &page {
            // One that was deleted meanwhile, or whose queue is full, does not stop the others: the next hour finds it.
            if let Err(error) = look_later(services, *tenant).await {
                tracing::warn!(tenant.id = %tenant, error = %error, "could not have a subscription looked at");
            }
        }
        found += page.len();
        last = page.last().copied();
        if last.is_none() {
            return Ok(found);
        }
    }
}

async fn look_later(services: &Services, tenant: TenantId) -> Result<()> {
    let mut tx = services.db.tenant(&System::for_tenant(tenant)).await?;
    look_again(&mut tx, &services.clock, &SyncSubscription { is_swept: true }).await?;
    tx.commit().await
}
