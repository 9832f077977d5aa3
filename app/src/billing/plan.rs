//! The plan that counts now, until when, and what is to become of it.

use chrono::{DateTime, Utc};
use domain::{
    billing::{BillingOverview, Plan, Subscription, SubscriptionStatus},
    roles::Action,
};
use leptos::prelude::*;

use super::cancel::{CancelButton, CancelDialog, KeepForm};
use crate::{
    frame::may,
    routes,
    ui::{Badge, Button, ButtonKind, ButtonVariant, Cluster, Fact, Facts, Notice, PostForm, Section, Time, Tone},
};

/// The workspace's plan, and for owners what can be done about it.
#[component]
pub(super) fn CurrentPlan(overview: BillingOverview) -> impl IntoView {
    let BillingOverview { subscription, meter, is_sold, .. } = overview;
    if !is_sold {
        return view! { <NothingSold /> }.into_any();
    }
    let trial_ends_at = meter.entitlements.trial_ends_at;
    let plan = Plan::of(meter.entitlements.plan, meter.entitlements.plan_version);
    let is_subscribed = subscription.status.is_subscribed();
    let month = plan.month(subscription.currency).to_string();
    // Without a subscription its copy says nothing of months after the first one.
    let (from, to) = (meter.period_start, meter.period_end);
    let badge = view! { <StateBadge subscription=subscription.clone() trial_ends_at /> };
    let coming = view! { <Coming subscription=subscription.clone() trial_ends_at month=month.clone() /> };
    let month = price(is_subscribed, plan, month);
    view! {
        <Section title="Plan">
            <Facts>
                <Fact label="Plan">
                    <Cluster>{plan.id.label()} {badge}</Cluster>
                </Fact>
                <Fact label="A month">{month}</Fact>
                <Fact label="This month">
                    <Time at=from absolute=true />
                    " to "
                    <Time at=to absolute=true />
                </Fact>
            </Facts>
            {coming}
            {may(Action::ManageBilling).then(|| view! { <Acts subscription /> })}
        </Section>
    }
    .into_any()
}

#[component]
fn NothingSold() -> impl IntoView {
    view! {
        <Notice title="This Sheaf runs without billing">
            "Nothing costs anything here, and no limit of a plan is kept. What is used is counted all the same."
        </Notice>
    }
}

fn price(is_subscribed: bool, plan: &Plan, month: String) -> String {
    match (is_subscribed, plan.is_free()) {
        (true, _) => format!("{month}, before tax"),
        (false, true) => "Nothing".to_owned(),
        (false, false) => format!("Nothing during the trial; {month}, before tax, if you keep it"),
    }
}

#[component]
fn StateBadge(subscription: Subscription, trial_ends_at: Option<DateTime<Utc>>) -> impl IntoView {
    let (tone, word) = match subscription.status {
        SubscriptionStatus::PastDue | SubscriptionStatus::Unpaid => (Tone::Danger, "Payment is missing"),
        _ if subscription.cancels_at.is_some() => (Tone::Warning, "Cancelled"),
        SubscriptionStatus::Trialing => (Tone::Info, "Trial"),
        SubscriptionStatus::None if trial_ends_at.is_some() => (Tone::Info, "Trial"),
        SubscriptionStatus::None => (Tone::Neutral, "Free"),
        SubscriptionStatus::Active => (Tone::Success, "Active"),
    };
    view! { <Badge tone>{word}</Badge> }
}

/// What happens by itself.
#[component]
fn Coming(
    subscription: Subscription,
    trial_ends_at: Option<DateTime<Utc>>,
    /// What the plan costs a month.
    month: String,
) -> impl IntoView {
    match (subscription.cancels_at, subscription.next_plan, trial_ends_at) {
        (Some(at), _, _) => view! {
            <Notice tone=Tone::Warning>
                "The plan ends on " <Time at absolute=true /> ". Then the workspace is on the Free plan: nothing is \
                 deleted, and what is above its limits stays readable."
            </Notice>
        }
        .into_any(),
        (None, Some(next), _) => view! {
            <Notice>
                {format!("It becomes {} on ", next.label())} <Time at=subscription.period_end absolute=true /> "."
            </Notice>
        }
        .into_any(),
        (None, None, Some(at)) => view! {
            <Notice>
                "The trial ends on " <Time at absolute=true /> ". Then the workspace is on the Free plan, unless a plan is \
                 bought. No card is known, so nothing is charged."
            </Notice>
        }
        .into_any(),
        (None, None, None) if subscription.status == SubscriptionStatus::Trialing => view! {
            <Notice>
                "The trial ends on " <Time at=subscription.period_end absolute=true />
                {format!(". Then {month}, before tax, is charged to the card, and each month after it.")}
            </Notice>
        }
        .into_any(),
        (None, None, None) => ().into_any(),
    }
}

/// Plain forms: each leads elsewhere, or changes what stands around every page.
#[component]
fn Acts(subscription: Subscription) -> impl IntoView {
    let is_subscribed = subscription.status.is_subscribed();
    let ends = subscription.cancels_at.is_some();
    let changes = ends || subscription.next_plan.is_some();
    let choose = if is_subscribed { "Change the plan" } else { "Choose a plan" };
    let variant = if is_subscribed { ButtonVariant::Secondary } else { ButtonVariant::Primary };
    view! {
        <Cluster>
            <Button variant href=routes::BILLING_PLAN>
                {choose}
            </Button>
            {subscription
                .is_customer
                .then(|| {
                    view! {
                        <PostForm id="billing-portal" action=routes::BILLING_PORTAL>
                            <Button kind=ButtonKind::Submit>"Manage payment"</Button>
                        </PostForm>
                    }
                })}
            {changes.then(|| view! { <KeepForm ends /> })}
            {(is_subscribed && !ends).then(|| view! { <CancelButton /> })}
        </Cluster>
        {(is_subscribed && !ends)
            .then(|| view! { <CancelDialog plan=subscription.plan until=subscription.period_end /> })}
    }
}
