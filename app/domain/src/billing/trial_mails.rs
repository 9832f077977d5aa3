//! The mails about a trial, to every owner: what changes with its end, and the way up.

use chrono::{DateTime, Utc};

use super::{
    Plan, PlanId, Subscription, TRIAL_PLAN,
    mails::{Letter, day, number, send},
};
use crate::{Services, db::TenantTx, error::Result};

/// Tells that a trial without a card ends then.
pub(super) async fn trial_ends(
    services: &Services,
    tx: &mut TenantTx,
    subscription: &Subscription,
    at: DateTime<Utc>,
) -> Result<()> {
    let plan = Plan::newest(TRIAL_PLAN);
    let (label, until) = (plan.id.label(), day(at));
    let paragraphs = vec![
        format!(
            "The workspace [workspace] is trying the plan {label}, and the trial ends on {until}. Nobody is charged by \
             itself: unless a plan is bought, the workspace is on the Free plan from then on."
        ),
        what_free_allows(),
        way_up(plan, subscription),
    ];
    let key = format!("trial/ends/{}", at.timestamp());
    send(services, tx, Letter { key, subject: "The trial of [workspace] ends soon", paragraphs }).await
}

/// Tells that a trial at Stripe ends then, and the first payment is due.
pub(super) async fn first_payment(
    services: &Services,
    tx: &mut TenantTx,
    subscription: &Subscription,
    at: DateTime<Utc>,
) -> Result<()> {
    let plan = Plan::of(subscription.plan, subscription.plan_version);
    let (label, due, month) = (plan.id.label(), day(at), plan.month(subscription.currency));
    let paragraphs = vec![
        format!(
            "The trial of the plan {label} in the workspace [workspace] ends on {due}, and the first payment is due then: \
             {month} for a month, before tax and before what a coupon takes off. After that it is due each month."
        ),
        "If you want to go on, there is nothing to do. If you do not, open the billing before that day and choose “Cancel \
         the plan”: then nothing is charged, and the workspace is on the Free plan from that day on."
            .into(),
        what_free_allows(),
    ];
    let key = format!("trial/first_payment/{}", at.timestamp());
    send(services, tx, Letter { key, subject: "The first payment for [workspace] is due soon", paragraphs }).await
}

/// Tells that a trial has ended without a payment.
pub(super) async fn trial_over(
    services: &Services,
    tx: &mut TenantTx,
    subscription: &Subscription,
    at: DateTime<Utc>,
) -> Result<()> {
    let ended = day(at);
    let paragraphs = vec![
        format!(
            "The trial of the workspace [workspace] ended on {ended}, and nothing was charged. So the workspace is on the \
             Free plan now."
        ),
        what_free_allows(),
        way_up(Plan::newest(TRIAL_PLAN), subscription),
    ];
    let key = format!("trial/over/{}", at.timestamp());
    send(services, tx, Letter { key, subject: "The trial of [workspace] is over", paragraphs }).await
}

pub(super) fn what_free_allows() -> String {
    let limits = Plan::newest(PlanId::Free).limits;
    format!(
        "The Free plan is for {} people and has room for {} GB of documents and {} page credits a month. Nothing is deleted: \
         whoever is a member stays one, and what is above these limits can still be read and exported. Only what is new has to \
         fit.",
        limits.members,
        limits.storage_bytes / 1_000_000_000,
        number(limits.credits),
    )
}

fn way_up(tried: &Plan, subscription: &Subscription) -> String {
    let month = tried.month(subscription.currency);
    format!(
        "As an owner you can choose a plan in the billing at any time. {}, which was tried, costs {month} a month, before tax.",
        tried.id.label(),
    )
}
