//! What Stripe has told, for operators, and having it looked into again.

use serde_json::json;

use super::{Operator, StripeEvent, StripeFilter, StripePage, store, stripe_store};
use crate::{
    Services,
    audit::{self, Act},
    billing::SyncSubscription,
    error::{Error, Result},
    live,
    queue::{self, Enqueue, Priority},
};

/// On a page. The database answers one more, which tells that another page follows.
const PAGE: usize = 50;

/// What Stripe has told, of what the filter lets through: the newest 50, or those after the place that it names.
pub async fn stripe_events(services: &Services, operator: &Operator, filter: &StripeFilter) -> Result<StripePage> {
    let mut system = services.db.system().await?;
    let mut events = stripe_store::events(&mut system, operator, services.clock.now(), filter).await?;
    system.commit().await?;
    let older = (events.len() > PAGE).then(|| events[PAGE - 1].place());
    events.truncate(PAGE);
    Ok(StripePage { events, older })
}

/// One of them with what it said, and whose it is now.
pub async fn stripe_event(services: &Services, operator: &Operator, id: &str) -> Result<StripeEvent> {
    let mut system = services.db.system().await?;
    let found = stripe_store::event(&mut system, operator, services.clock.now(), id).await?;
    system.commit().await?;
    found.ok_or_else(Error::not_found)
}

/// Asks Stripe again for what one of them is about. Fails with "conflict" where it is about nobody who is known here.
pub async fn replay_stripe_event(services: &Services, operator: &Operator, id: &str) -> Result<()> {
    let now = services.clock.now();
    let event = stripe_event(services, operator, id).await?.line;
    let Some(tenant) = event.tenant else {
        return Err(Error::conflict(
            "This is about no customer of Sheaf’s: there is nobody whose plan could be asked for.",
        ));
    };
    let mut tx = services.db.tenant(&operator.at(tenant)).await?;
    if !stripe_store::reopen(&mut tx, operator, now, id).await? {
        return Err(Error::not_found());
    }
    // Without a key: one that is under way may have asked Stripe already.
    let options = Enqueue { priority: Some(Priority::Interactive), ..Enqueue::default() };
    queue::enqueue(&mut tx, &services.clock, &SyncSubscription::default(), options).await?;
    let why = format!("{} of Stripe", event.kind);
    let (subject, reason) = (Some(tenant.0), Some(why.as_str()));
    let act = store::Act { operator: operator.id, act: "stripe.replayed", subject, reason, from: operator.from };
    store::record(tx.identity(), &services.clock, &act).await?;
    let detail = json!({ "operator": operator.name, "kind": "sync_subscription", "jobs": 1 });
    audit::record_detail(&mut tx, &services.clock, Act::WorkReplayed, tenant.0, detail).await?;
    live::announce(&mut tx, "job", tenant).await?;
    tx.commit().await
}
