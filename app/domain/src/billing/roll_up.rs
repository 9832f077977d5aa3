//! Telling Stripe what was used beyond the included credits, an hour of a month at a time.
//!
//! The entries of the ledger are added up into rows of `meter_event`, while the meter is locked and nobody can add one; then
//! each row is sent, and noted as sent. Whatever of it is done again does nothing:
//!
//! - A row has one hour, which is its key. What comes into the ledger for an hour that was written, or is taken back of it, is
//!   a row of its own a second later, so that all rows of a month together are what the ledger has of it.
//! - A row has one identifier, which Stripe counts once within a day. Whoever was interrupted for longer between sending and
//!   noting asks Stripe what it has counted of that hour before it is sent again; so does who comes to an hour that late, as a
//!   database that was set back does not know what was sent.

use chrono::{DateTime, DurationRound, TimeDelta, Utc};

use super::{
    Stripe, customer,
    roll_over::roll_over,
    roll_up_store::{self as store, MeterEvent},
    stripe, subscription,
};
use crate::{
    Services,
    actor::System,
    error::{Error, ErrorKind, Result},
    id::TenantId,
    queue::fault,
};

/// Months that began earlier are closed: with all its hours, one is over by then, and Stripe hears of none of them any more.
const OPEN: TimeDelta = TimeDelta::days(70);

/// Stripe takes nothing that is older.
const LATEST: TimeDelta = TimeDelta::days(35);

/// So long Stripe is sure to know an identifier; it promises a day.
const KNOWN: TimeDelta = TimeDelta::hours(23);

/// Where Stripe did not do what it was asked for so many workspaces, one after the other, it is away for all. A single one may have a
/// trouble of its own, and the others are to be told before their months are billed.
const AWAY_AFTER: u32 = 3;

/// What was done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RolledUp {
    /// Hours that were written down.
    pub written: u64,
    /// Hours that Stripe was told.
    pub sent: u64,
}

/// Writes down and sends what is due in all workspaces, one after the other. One that fails is logged and waits for the next
/// time. Where Stripe is away, it is asked no more, and the rest is written down. Fails where the database is away.
pub async fn roll_up(services: &Services) -> Result<RolledUp> {
    let (mut done, mut unanswered, mut last) = (RolledUp::default(), 0, None);
    if services.stripe.is_none() {
        return Ok(done);
    }
    loop {
        let page = customers(services, last).await?;
        for tenant in &page {
            let is_away = unanswered >= AWAY_AFTER;
            let rolled_up = match is_away {
                true => write(services, *tenant).await.map(|written| RolledUp { written, sent: 0 }),
                false => roll_up_of(services, *tenant).await,
            };
            match rolled_up {
                Ok(RolledUp { written, sent }) => {
                    done = RolledUp { written: done.written + written, sent: done.sent + sent };
                    // Whoever had nothing to tell has not asked.
                    unanswered = if sent > 0 { 0 } else { unanswered };
                }
                Err(error) if is_away && error.is(ErrorKind::Unavailable) => return Err(error),
                Err(error) => {
                    unanswered += u32::from(error.is(ErrorKind::Unavailable));
                    tracing::warn!(tenant.id = %tenant, error = %error, "Stripe was not told of all use; trying again later");
                }
            }
        }
        last = page.last().copied();
        if last.is_none() {
            return Ok(done);
        }
    }
}

/// The same in one workspace. Fails as "unavailable" where Stripe is away; what was written down stays.
pub async fn roll_up_of(services: &Services, tenant: TenantId) -> Result<RolledUp> {
    let Some(stripe) = &services.stripe else { return Ok(RolledUp::default()) };
    let written = write(services, tenant).await?;
    fault::point("roll_up.after_insert");
    let sent = send(services, stripe, tenant).await?;
    Ok(RolledUp { written, sent })
}

/// Up to 500 workspaces that Stripe knows, the first or those after `last`, for a worker. None after the last one.
pub async fn customers(services: &Services, last: Option<TenantId>) -> Result<Vec<TenantId>> {
    let mut system = services.db.system().await?;
    let page = store::customers(&mut system, last).await?;
    system.commit().await?;
    Ok(page)
}

async fn write(services: &Services, tenant: TenantId) -> Result<u64> {
    let now = services.clock.now();
    let mut tx = services.db.tenant(&System::for_tenant(tenant)).await?;
    // Where the month is over, so is its last hour.
    let subscription = subscription(&mut tx).await?;
    roll_over(&mut tx, &services.clock, &subscription).await?;
    let month = store::lock(&mut tx).await?;
    let written = store::insert(&mut tx, now - OPEN, now, month).await?;
    tx.commit().await?;
    Ok(written)
}

async fn send(services: &Services, stripe: &Stripe, tenant: TenantId) -> Result<u64> {
    let Some((customer, events)) = unsent(services, tenant).await? else { return Ok(0) };
    let mut sent = 0;
    for event in &events {
        if !was_counted(services, stripe, tenant, &customer, event).await? {
            let now = services.clock.now();
            stripe::send_meter_event(stripe, &customer, &event.identifier, event.credits, event.used_at, now).await?;
        }
        fault::point("roll_up.after_send");
        let mut tx = services.db.tenant(&System::for_tenant(tenant)).await?;
        store::note_sent(&mut tx, event.hour, services.clock.now()).await?;
        tx.commit().await?;
        sent += 1;
    }
    Ok(sent)
}

/// What is to be sent, and whose it is. That it is being sent is noted before.
async fn unsent(services: &Services, tenant: TenantId) -> Result<Option<(String, Vec<MeterEvent>)>> {
    let now = services.clock.now();
    let mut tx = services.db.tenant(&System::for_tenant(tenant)).await?;
    let Some(known) = customer(&mut tx).await? else { return Ok(None) };
    let events = store::unsent(&mut tx, now - LATEST).await?;
    if events.is_empty() {
        return Ok(None);
    }
    let hours: Vec<DateTime<Utc>> = events.iter().map(|event| event.hour).collect();
    store::note_tried(&mut tx, &hours, now).await?;
    tx.commit().await?;
    Ok(Some((known.customer, events)))
}

/// Whether Stripe has counted it, though nobody has noted that.
async fn was_counted(
    services: &Services,
    stripe: &Stripe,
    tenant: TenantId,
    customer: &str,
    event: &MeterEvent,
) -> Result<bool> {
    let since = event.tried_at.unwrap_or(event.used_at);
    if services.clock.now() - since < KNOWN {
        return Ok(false);
    }
    let from = event.hour.duration_trunc(TimeDelta::hours(1)).map_err(Error::internal)?;
    let until = from + TimeDelta::hours(1);
    let mut tx = services.db.tenant(&System::for_tenant(tenant)).await?;
    let told = store::sent_between(&mut tx, from, until).await?;
    tx.commit().await?;
    let counted = stripe::credits_on_meter(stripe, customer, from, until).await?;
    Ok(counted == told + event.credits)
}
