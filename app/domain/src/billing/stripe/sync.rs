//! Asking Stripe what it has of a workspace, and keeping that.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{
    Stripe, invoices,
    live::{self, LiveSubscription, Subscriptions},
    prices, store,
};
use crate::{
    Services,
    actor::System,
    billing::{self, PlanId, Snapshot, Subscription, SubscriptionStatus},
    db::TenantTx,
    error::Result,
    id::TenantId,
    metrics, revenue,
};

/// What a question begins with.
struct Question {
    customer: String,
    revision: i64,
    asked_at: DateTime<Utc>,
    /// Whether nobody has told of anything.
    is_swept: bool,
}

/// Keeps what Stripe has of this tenant now. True where something is other than before; false too where Stripe does not know it,
/// and where nothing is sold here. To do it often, at once or twice, leads to the same: of two answers, that of the later
/// question counts.
pub async fn sync(services: &Services, tenant: TenantId) -> Result<bool> {
    ask(services, tenant, false).await
}

/// The same where nobody has told of anything: what is other than before was missed, and is counted as such.
pub(super) async fn sync_again(services: &Services, tenant: TenantId) -> Result<bool> {
    ask(services, tenant, true).await
}

async fn ask(services: &Services, tenant: TenantId, is_swept: bool) -> Result<bool> {
    let Some(stripe) = &services.stripe else { return Ok(false) };
    let Some(question) = begin(services, tenant, is_swept).await? else { return Ok(false) };
    let subscriptions = live::subscriptions(stripe, &question.customer).await?;
    if !subscriptions.more.is_empty() {
        tracing::error!(tenant.id = %tenant, more = subscriptions.more.len(), "a workspace pays for two subscriptions");
    }
    let next_plan = next_plan(stripe, subscriptions.live.as_ref()).await?;
    let invoices = invoices::list(stripe, &question.customer).await?;
    let turned_at = subscriptions.turned_at();
    keep(
        services,
        tenant,
        question,
        |before| snapshot(before, &subscriptions, next_plan, &invoices),
        &invoices,
        turned_at,
    )
    .await
}

/// Its number is taken before Stripe is asked. None where the tenant is no customer.
async fn begin(services: &Services, tenant: TenantId, is_swept: bool) -> Result<Option<Question>> {
    let mut tx = services.db.tenant(&System::for_tenant(tenant)).await?;
    let Some(ids) = billing::customer(&mut tx).await? else { return Ok(None) };
    let revision = billing::next_revision(&mut tx).await?;
    tx.commit().await?;
    Ok(Some(Question { customer: ids.customer, revision, asked_at: services.clock.now(), is_swept }))
}

async fn next_plan(stripe: &Stripe, live: Option<&LiveSubscription>) -> Result<Option<PlanId>> {
    let Some(price) = live.and_then(|live| live.next_price.as_deref()) else { return Ok(None) };
    let next = prices::plan_of(stripe, price).await?.map(|plan| plan.id);
    // A schedule whose later phases go on with the same plan changes nothing.
    Ok(next.filter(|next| live.and_then(|live| live.plan).is_none_or(|plan| plan.id != *next)))
}

async fn keep(
    services: &Services,
    tenant: TenantId,
    question: Question,
    snapshot: impl FnOnce(&Before) -> Snapshot,
    invoices: &[Value],
    turned_at: Option<DateTime<Utc>>,
) -> Result<bool> {
    let now = services.clock.now();
    let mut tx = services.db.tenant(&System::for_tenant(tenant)).await?;
    // Of one who is gone, and in whose place there is another, nothing is kept any more.
    if billing::customer(&mut tx).await?.is_none_or(|ids| ids.customer != question.customer) {
        return Ok(false);
    }
    let subscription = billing::subscription(&mut tx).await?;
    // What we have not seen yet is as old as Stripe says, and not as new as our looking.
    let seen = store::synced_at(&mut tx).await?;
    let turned_at = turned_at.filter(|at| seen.is_none_or(|seen| seen < *at) && *at <= now);
    let before = Before { customer: question.customer, subscription };
    let changed = billing::apply(services, &mut tx, &snapshot(&before), question.revision).await?;
    let missed = if question.is_swept && changed { missed(&mut tx, &before.subscription).await? } else { Vec::new() };
    // Whoever asked later knows better, and keeps what they know.
    if store::is_applied(&mut tx, question.revision).await? {
        let kept: Vec<_> = invoices.iter().filter_map(invoices::kept).collect();
        revenue::keep(&mut tx, turned_at, &kept).await?;
        store::finish_events(&mut tx, question.asked_at, now).await?;
    }
    tx.commit().await?;
    if !missed.is_empty() {
        metrics::ENTITLEMENT_DRIFT.add(1, metrics::NO_LABELS);
        tracing::warn!(tenant.id = %tenant, ?missed, "what a workspace has bought was other at Stripe, and no event had told of it");
    }
    Ok(changed)
}

/// The names of what has become other though no event tells of it. One that came while Stripe was asked may be about just that. A
/// month that has begun is nothing missed: by the clock it has begun here too, and the event may be on its way.
async fn missed(tx: &mut TenantTx, before: &Subscription) -> Result<Vec<&'static str>> {
    if store::has_open_events(tx).await? {
        return Ok(Vec::new());
    }
    Ok(billing::changes(before, &billing::subscription(tx).await?))
}

/// What was known before the answer.
struct Before {
    customer: String,
    subscription: Subscription,
}

fn snapshot(before: &Before, subscriptions: &Subscriptions, next_plan: Option<PlanId>, invoices: &[Value]) -> Snapshot {
    match &subscriptions.live {
        Some(live) => subscribed(before, live, next_plan, invoices),
        None => unsubscribed(before, subscriptions),
    }
}

fn subscribed(before: &Before, live: &LiveSubscription, next_plan: Option<PlanId>, invoices: &[Value]) -> Snapshot {
    let is_behind = matches!(live.status, SubscriptionStatus::PastDue | SubscriptionStatus::Unpaid);
    Snapshot {
        plan: live.plan,
        currency: live.currency,
        status: live.status,
        period_start: live.period_start,
        period_end: live.period_end,
        cancels_at: live.ends_at(),
        next_plan,
        // Where no invoice says since when, the month that began unpaid does.
        unpaid_since: is_behind.then(|| invoices::unpaid_since(invoices, &live.id).unwrap_or(live.period_start)),
        customer: before.customer.clone(),
        subscription: Some(live.id.clone()),
    }
}

/// The months go on as they were counted.
fn unsubscribed(before: &Before, subscriptions: &Subscriptions) -> Snapshot {
    Snapshot {
        plan: None,
        currency: subscriptions.currency.unwrap_or(before.subscription.currency),
        status: SubscriptionStatus::None,
        period_start: before.subscription.period_start,
        period_end: before.subscription.period_end,
        cancels_at: None,
        next_plan: None,
        unpaid_since: None,
        customer: before.customer.clone(),
        subscription: None,
    }
}
