//! What a workspace may do now: asked by every limit, answered from our copy of its subscription, and never by Stripe.
//!
//! How it fails:
//! - Stripe away, or its events late: the copy stands as it is. What time alone changes (the end of a trial, of a month, of a
//!   grace, of a plan that was cancelled, and the beginning of a cheaper one) is told from the copy and the clock, so it happens
//!   without Stripe. What was bought meanwhile counts when the next event or the hourly sweep brings it.
//! - The database away: for ten minutes the last answer of this process, brought up to the clock; a workspace that it does not
//!   know, and any later, "unavailable". A limit that is counted in the database is refused with it anyway.
//! - Redis away: nothing here. The calls a minute are counted by each server for itself.
//! - Another process has changed the copy: this one knows as soon as it hears of it, and within ten seconds. Whatever must be exact (credits, storage, members,
//!   what the trash keeps) asks inside its own transaction, and keeps nothing.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use moka::sync::Cache;
use tokio::time::timeout;

use super::{BillingNotice, Entitlements, Subscription, store};
use crate::{
    Services,
    actor::System,
    db::TenantTx,
    error::{Error, ErrorKind, Result},
    id::TenantId,
    metrics,
};

/// What is announced where a copy has changed.
const CHANGE: [&str; 1] = ["billing"];

/// How old an answer may be.
const FRESH: TimeDelta = TimeDelta::seconds(10);

/// And while the database is away.
const USABLE: TimeDelta = TimeDelta::minutes(10);

/// Workspaces that one process knows at once, of about 200 bytes each.
const CAPACITY: u64 = 100_000;

/// How long the database may take to answer, before it is taken for away: whoever asks is in the middle of a request.
const LOOK_UP: Duration = Duration::from_secs(2);

/// The subscriptions that this process has looked up lately. Cheap to clone. They are no values of `Cache::cached`: what is kept
/// here outlives its time while the database is away, and is as old as the `Clock` says.
///
/// Invalidated by: what is announced of the workspace's bills, and by ten seconds.
#[derive(Clone)]
pub struct Known {
    copies: Cache<TenantId, Arc<Kept>>,
}

/// A subscription, and when it was asked for.
struct Kept {
    subscription: Subscription,
    at: DateTime<Utc>,
    /// What was heard of its bills before it was asked for.
    epoch: u64,
}

impl Default for Known {
    fn default() -> Self {
        let ttl = USABLE.to_std().unwrap_or_default();
        Self { copies: Cache::builder().max_capacity(CAPACITY).time_to_live(ttl).build() }
    }
}

impl Kept {
    /// Whether it is no older than this. A clock that was set back makes it older than anything.
    fn is_within(&self, age: TimeDelta, now: DateTime<Utc>) -> bool {
        (TimeDelta::zero()..age).contains(&(now - self.at))
    }
}

/// What the workspace may do now, from memory where it was asked for within ten seconds.
pub async fn entitlements(services: &Services, tenant: TenantId) -> Result<Entitlements> {
    if services.stripe.is_none() {
        return Ok(Entitlements::unmetered());
    }
    let now = services.clock.now();
    let known = services.known.copies.get(&tenant);
    let epoch = services.db.epochs().of(tenant, &CHANGE);
    let fresh = known.as_ref().filter(|copy| copy.is_within(FRESH, now) && copy.epoch == epoch);
    metrics::looked_up("entitlements", fresh.is_some());
    if let Some(copy) = fresh {
        return Ok(copy.subscription.entitlements(now));
    }
    match look_up(services, tenant).await {
        Ok(subscription) => {
            let entitlements = subscription.entitlements(now);
            services.known.copies.insert(tenant, Arc::new(Kept { subscription, at: now, epoch }));
            Ok(entitlements)
        }
        Err(error) if error.is(ErrorKind::Unavailable) => {
            let copy = known.filter(|copy| copy.is_within(USABLE, now)).ok_or(error)?;
            Ok(copy.subscription.entitlements(now))
        }
        Err(error) => Err(error),
    }
}

/// The same within a transaction, as the database has it now.
pub(crate) async fn entitlements_in(services: &Services, tx: &mut TenantTx) -> Result<Entitlements> {
    if services.stripe.is_none() {
        return Ok(Entitlements::unmetered());
    }
    Ok(store::subscription(tx).await?.entitlements(services.clock.now()))
}

/// What people are told of the bills, where Sheaf runs with billing; nothing where it does not.
pub(crate) fn told_here(services: &Services, notice: BillingNotice) -> BillingNotice {
    match &services.stripe {
        Some(stripe) => BillingNotice { is_test_mode: stripe.is_test_mode(), ..notice },
        None => BillingNotice::default(),
    }
}

async fn look_up(services: &Services, tenant: TenantId) -> Result<Subscription> {
    let asked = async {
        let mut tx = services.db.tenant(&System::for_tenant(tenant)).await?;
        let subscription = store::subscription(&mut tx).await?;
        tx.commit().await?;
        Ok::<_, Error>(subscription)
    };
    timeout(LOOK_UP, asked).await.unwrap_or_else(|_| Err(Error::unavailable("a subscription was not found in time")))
}
