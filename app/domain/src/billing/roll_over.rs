//! The end of a month: what is left expires, and what the plan brings is granted. Whoever first asks for the meter of a month
//! that is over does it, under the lock, so that it is done once; and once an hour somebody looks for those that nobody asks.

use chrono::{DateTime, SecondsFormat, Utc};

use super::{
    Account, Entitlements, EntryKind, Subscription,
    entitlements::entitlements,
    ledger_store::{self as store, Cause, NewEntry},
    meter::Meter,
    resume::resume_held,
    store::subscription,
};
use crate::{
    Services,
    actor::System,
    clock::Clock,
    db::TenantTx,
    error::{Error, ErrorKind, Result},
    id::TenantId,
    tenants,
};

/// The locked meter of the month that is now.
pub(super) async fn current(tx: &mut TenantTx, clock: &Clock, e: &Entitlements) -> Result<Meter> {
    let mut meter = store::lock(tx).await?;
    if meter.period_end <= clock.now() {
        let subscription = subscription(tx).await?;
        roll(tx, clock, &subscription, e.is_metered, &mut meter).await?;
    }
    Ok(meter)
}

/// The same for whoever only looks, and has others wait only where a month has to begin.
pub(super) async fn look(tx: &mut TenantTx, clock: &Clock, e: &Entitlements) -> Result<Meter> {
    let meter = store::look(tx).await?.ok_or_else(Error::not_found)?;
    if meter.period_end <= clock.now() { current(tx, clock, e).await } else { Ok(meter) }
}

/// Brings the meter into the month that the subscription is in: what is left of the one before expires, and this one gets what
/// its plan brings. Where the plan brings more than before in the same month, that month gets the difference; it never gets
/// less. What is set aside stays so, and warnings that do not hold any more are taken back. To be called last, as it locks the
/// meter; it is harmless the second time.
pub(crate) async fn roll_over(tx: &mut TenantTx, clock: &Clock, subscription: &Subscription) -> Result<()> {
    let mut meter = store::lock(tx).await?;
    roll(tx, clock, subscription, true, &mut meter).await
}

/// Takes back what people were told of the meter that was seen, where it does not hold any more. Nobody waits where it does. To be
/// called last, as it locks the meter.
pub(super) async fn take_warnings_back(tx: &mut TenantTx, e: &Entitlements, mut seen: Meter) -> Result<()> {
    let told = (seen.warned_credits, seen.warned_storage);
    seen.take_warnings_back(e);
    if !e.is_metered || told == (seen.warned_credits, seen.warned_storage) {
        return Ok(());
    }
    let mut meter = store::lock(tx).await?;
    meter.take_warnings_back(e);
    store::write(tx, &meter).await
}

/// Looks at each workspace: begins the months that nobody has asked for, lets documents go on that have waited for credits which
/// came free, and takes back warnings that do not hold any more. One workspace that fails does not stop the others.
pub async fn begin_months(services: &Services) -> Result<()> {
    let mut last = None;
    loop {
        let tenants = tenants::page(services, last).await?;
        for tenant in &tenants {
            match begin_month(services, *tenant).await {
                Err(error) if error.is(ErrorKind::Unavailable) => return Err(error),
                Err(error) => tracing::error!(tenant.id = %tenant, error = %error, "a month could not begin"),
                Ok(()) => {}
            }
        }
        last = tenants.last().copied();
        if last.is_none() {
            return Ok(());
        }
    }
}

async fn begin_month(services: &Services, tenant: TenantId) -> Result<()> {
    let e = entitlements(services, tenant).await?;
    let mut tx = services.db.tenant(&System::for_tenant(tenant)).await?;
    // Deleted since it was listed.
    let Some(meter) = store::look(&mut tx).await? else { return Ok(()) };
    if meter.period_end <= services.clock.now() {
        current(&mut tx, &services.clock, &e).await?;
    } else {
        resume_held(&mut tx, &services.clock).await?;
        // Something may have been deleted.
        take_warnings_back(&mut tx, &e, meter).await?;
    }
    tx.commit().await
}

async fn roll(
    tx: &mut TenantTx,
    clock: &Clock,
    subscription: &Subscription,
    is_metered: bool,
    meter: &mut Meter,
) -> Result<()> {
    let now = clock.now();
    let (start, end) = subscription.month_at(now);
    let mut e = subscription.entitlements(now);
    e.is_metered = is_metered;
    let is_new = start > meter.period_start;
    if is_new {
        expire(tx, clock, &e, meter).await?;
        begin(meter, start, end);
    } else if end > meter.period_start {
        meter.period_end = end;
    }
    let granted = is_metered && grant(tx, clock, &e, is_new, meter).await?;
    if is_metered {
        meter.take_warnings_back(&e);
    }
    store::write(tx, meter).await?;
    if granted { resume_held(tx, clock).await } else { Ok(()) }
}

/// What is left of the month expires.
async fn expire(tx: &mut TenantTx, clock: &Clock, e: &Entitlements, meter: &Meter) -> Result<()> {
    if meter.available() == 0 {
        return Ok(());
    }
    let entry = NewEntry {
        kind: EntryKind::Expiry,
        debit: Account::Available,
        credit: Account::Expired,
        credits: meter.available(),
        key: &format!("expiry:{}", month(meter.period_start)),
        period_start: meter.period_start,
        cause: Cause::default(),
        e,
        note: None,
    };
    store::insert_entry(tx, clock, &entry).await
}

/// Nothing is granted or used yet, nobody was told anything, and what is set aside or stored is as it was.
fn begin(meter: &mut Meter, start: DateTime<Utc>, end: DateTime<Utc>) {
    *meter = Meter {
        period_start: start,
        period_end: end,
        held: meter.held,
        stored_bytes: meter.stored_bytes,
        granted: 0,
        included: 0,
        overage: 0,
        used: 0,
        warned_credits: 0,
        warned_storage: 0,
    };
}

/// Grants what the plan brings and the month has not got yet. Says whether that was anything.
async fn grant(tx: &mut TenantTx, clock: &Clock, e: &Entitlements, is_new: bool, meter: &mut Meter) -> Result<bool> {
    let before = if is_new { 0 } else { store::granted_in(tx, meter.period_start).await? };
    let credits = e.limits.credits - before;
    if credits <= 0 {
        return Ok(false);
    }
    let mut key = format!("grant:{}", month(meter.period_start));
    if !is_new {
        key.push_str(&format!(":{}:{}", e.plan.as_str(), e.plan_version));
    }
    let entry = NewEntry {
        kind: EntryKind::Grant,
        debit: Account::Plan,
        credit: Account::Available,
        credits,
        key: &key,
        period_start: meter.period_start,
        cause: Cause::default(),
        e,
        note: None,
    };
    store::insert_entry(tx, clock, &entry).await?;
    meter.granted += credits;
    Ok(true)
}

/// A month in a key.
fn month(start: DateTime<Utc>) -> String {
    start.to_rfc3339_opts(SecondsFormat::Micros, true)
}
