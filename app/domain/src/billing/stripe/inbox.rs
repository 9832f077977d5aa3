//! What Stripe sends: kept as it came, and answered at once. What follows from it is asked of Stripe by a job, so that events
//! that come twice, late, in another order or not at all lead to the same.

use super::{
    Stripe, SyncSubscription,
    event::Event,
    jobs, signature,
    store::{self, Inbox},
};
use crate::{
    Services,
    actor::System,
    error::{Error, ErrorKind, Result},
    id::TenantId,
    metrics,
};

/// Keeps an event of Stripe, and has its workspace looked at. Each is kept once, also of a kind or in a form that is not known
/// here, and where it is about nobody.
///
/// Fails with "forbidden" where the signature is not good, and with "invalid" where what was signed is no event.
pub async fn receive(services: &Services, body: &[u8], signature: &str) -> Result<()> {
    let received = take(services, body, signature).await;
    let outcome = match &received {
        Ok(true) => "taken",
        Ok(false) => "known",
        Err(error) if error.is(ErrorKind::Forbidden) || error.is(ErrorKind::Invalid) => "refused",
        Err(_) => "failed",
    };
    metrics::STRIPE_EVENTS.add(1, [("outcome", outcome)]);
    received.map(|_| ())
}

/// Whether it had not come before.
async fn take(services: &Services, body: &[u8], signature: &str) -> Result<bool> {
    let stripe = Stripe::of(services)?;
    if !signature::is_good(stripe.webhook_secrets(), body, signature, services.clock.now()) {
        return Err(Error::forbidden("This is not signed by Stripe."));
    }
    let event = Event::parse(body)?;
    match tenant(services, &event).await? {
        Some(tenant) if event.is_ours() => keep_for(services, tenant, &event).await,
        tenant => keep(services, tenant, &event).await,
    }
}

async fn tenant(services: &Services, event: &Event) -> Result<Option<TenantId>> {
    let Some(customer) = &event.customer else { return Ok(None) };
    let mut system = services.db.system().await?;
    let tenant = store::tenant_of_customer(&mut system, customer).await?;
    system.commit().await?;
    Ok(tenant)
}

/// The job is made with the event, and with the first of two that are the same.
async fn keep_for(services: &Services, tenant: TenantId, event: &Event) -> Result<bool> {
    let mut tx = services.db.tenant(&System::for_tenant(tenant)).await?;
    let now = services.clock.now();
    let is_new = store::insert_event(tx.identity(), event, Some(tenant), Inbox::Received, now).await?;
    if is_new {
        jobs::look_again(&mut tx, &services.clock, &SyncSubscription::default()).await?;
    }
    tx.commit().await?;
    Ok(is_new)
}

async fn keep(services: &Services, tenant: Option<TenantId>, event: &Event) -> Result<bool> {
    let state = if event.is_ours() { Inbox::Unknown } else { Inbox::Ignored };
    let mut system = services.db.system().await?;
    let is_new = store::insert_event(&mut system, event, tenant, state, services.clock.now()).await?;
    system.commit().await?;
    Ok(is_new)
}
