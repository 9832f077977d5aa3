//! Bringing our copy of a subscription up to what Stripe has, with all that follows from it, in one transaction.

use serde_json::json;

use super::{
    Snapshot, Subscription, dunning,
    resume::resume_held,
    roll_over::roll_over,
    store::{self, CustomerIds},
};
use crate::{
    Services,
    audit::{self, Act},
    db::TenantTx,
    error::Result,
    insights::{self, ProductEvent},
    live,
};

/// Keeps what Stripe answered to a question. True where that changed something.
///
/// `revision` was taken before Stripe was asked (`next_revision`). The answer to an earlier question than the one whose answer is
/// kept changes nothing. So the answers may come in any order: the one to the latest question stays, and that was asked after
/// the last change that we were told of.
pub(crate) async fn apply(services: &Services, tx: &mut TenantTx, snapshot: &Snapshot, revision: i64) -> Result<bool> {
    let (tenant, now) = (tx.id(), services.clock.now());
    let store::Locked { subscription: before, applied, dunned, lanes_of, .. } = store::lock(tx).await?;
    if revision <= applied {
        return Ok(false);
    }
    let after = snapshot.onto(&before);
    let ids = CustomerIds { customer: snapshot.customer.clone(), subscription: snapshot.subscription.clone() };
    store::keep(tx, &after, &ids, revision, now).await?;
    if after == before {
        return Ok(false);
    }
    // What it was to become is told once it has become that, though it counted from its time on.
    let heard = Subscription { cancels_at: None, next_plan: None, ..before.clone() };
    let (plan, old) = (after.plan_at(now), heard.plan_at(now));
    if lanes_of != Some(plan.id) || plan.version != old.version {
        store::set_lanes(tx, plan.id, &plan.limits).await?;
    }
    dunning::step(services, tx, &after, dunned).await?;
    if !is_renewal(&before, &after) {
        let detail = json!({ "plan": after.plan, "status": after.status, "changed": changes(&before, &after) });
        audit::record_detail(tx, &services.clock, Act::SubscriptionChanged, tenant.0, detail).await?;
    }
    if plan.id != old.id {
        insights::note(services, tx, ProductEvent::PlanChosen { plan: plan.id.as_str().to_owned() }).await?;
    }
    live::announce(tx, "billing", tenant).await?;
    // These lock the meter, for which an upload waits that has recorded already.
    roll_over(tx, &services.clock, &after).await?;
    resume_held(tx, &services.clock).await?;
    Ok(true)
}

/// Whether another month has begun, and nothing else is new. That is no act of anybody's.
fn is_renewal(before: &Subscription, after: &Subscription) -> bool {
    let (period_start, period_end) = (before.period_start, before.period_end);
    Subscription { period_start, period_end, ..after.clone() } == *before
}

/// The names of what differs, but for the times of the month: none where another month has begun and nothing else is new.
pub(crate) fn changes(before: &Subscription, after: &Subscription) -> Vec<&'static str> {
    let fields = [
        ("plan", (before.plan, before.plan_version) != (after.plan, after.plan_version)),
        ("currency", before.currency != after.currency),
        ("status", before.status != after.status),
        ("cancels_at", before.cancels_at != after.cancels_at),
        ("next_plan", before.next_plan != after.next_plan),
        ("unpaid_since", before.unpaid_since != after.unpaid_since),
    ];
    fields.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect()
}
