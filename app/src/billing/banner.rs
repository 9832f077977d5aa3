//! What stands over every page about money: a payment that is missing, a month that is used up, a trial that ends.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    billing::{BillingNotice, Standing},
    roles::Action,
};
use leptos::prelude::*;

use crate::{
    frame::may,
    routes,
    ui::{Button, ButtonKind, ButtonSize, Notice, Now, PostForm, Stack, TextLink, Time, Tone},
};

/// From so many days before its end on, the trial is spoken of on every page; the page of the plan always does.
const TRIAL_SOON: TimeDelta = TimeDelta::days(5);

/// What there is to tell, to whom it may concern; nothing as a rule.
#[component]
pub fn BillingBanner(notice: BillingNotice) -> impl IntoView {
    let BillingNotice { standing, worsens_at, warned_credits, warned_storage, .. } = notice;
    let BillingNotice { trial_ends_at, first_payment_at, .. } = notice;
    let unpaid = (standing != Standing::Good).then(|| view! { <Unpaid standing worsens_at /> });
    let warned =
        may(Action::UploadDocuments).then(|| view! { <Warned credits=warned_credits storage=warned_storage /> });
    let is_told = may(Action::ReadBilling);
    let trial = trial_ends_at.filter(|_| is_told).map(|at| {
        let then = ". After that the workspace is on the Free plan, unless a plan is bought. ";
        view! { <TrialEnds at then href=routes::BILLING_PLAN link="See the plans" /> }
    });
    let first_payment = first_payment_at.filter(|_| is_told).map(|at| {
        let then = ", and the plan is paid for the first time then, unless it is cancelled before. ";
        view! { <TrialEnds at then href=routes::BILLING link="See what it costs" /> }
    });
    view! {
        {unpaid}
        {warned}
        {trial}
        {first_payment}
    }
}

#[component]
fn Unpaid(standing: Standing, worsens_at: Option<DateTime<Utc>>) -> impl IntoView {
    let (tone, title, then) = match standing {
        Standing::Good | Standing::Grace => {
            (Tone::Warning, "A payment has failed", "the workspace can only be read, until it is paid.")
        }
        Standing::ReadOnly => (
            Tone::Danger,
            "A payment is missing: this workspace can only be read",
            "it is closed until it is paid. Nothing is deleted.",
        ),
        Standing::Suspended => (Tone::Danger, "A payment is missing: this workspace is closed", ""),
    };
    let worsens = worsens_at.map(|at| view! { <p>"From " <Time at absolute=true /> " on " {then}</p> });
    let pay = may(Action::ManageBilling);
    let who = match (pay, standing) {
        (true, Standing::Suspended) => {
            "As soon as it is paid, everything works again within seconds. Until then you can export everything."
        }
        (true, _) => "As soon as it is paid, everything works again within seconds.",
        (false, _) => "An owner can pay it.",
    };
    view! {
        <Notice tone title>
            <Stack>
                {worsens} <p>{who}</p>
                {pay
                    .then(|| {
                        view! {
                            <PostForm id="pay-now" action=routes::BILLING_PORTAL>
                                <Button kind=ButtonKind::Submit size=ButtonSize::Small>
                                    "Pay now"
                                </Button>
                            </PostForm>
                        }
                    })}
            </Stack>
        </Notice>
    }
}

/// What is used up, or nearly so; to whoever uses it.
#[component]
fn Warned(
    /// Per cent that people are told of: 0, 80 or 100.
    credits: i32,
    storage: i32,
) -> impl IntoView {
    let told: Vec<_> = [of_credits(credits), of_storage(storage)].into_iter().flatten().collect();
    let is_shown = !told.is_empty();
    let way = may(Action::ReadBilling).then(|| {
        view! {
            <p>
                <TextLink href=routes::BILLING>"See what remains"</TextLink>
            </p>
        }
    });
    is_shown.then(|| {
        let told = told.into_iter().map(|text| view! { <p>{text}</p> }).collect_view();
        view! { <Notice tone=Tone::Warning>{told} {way}</Notice> }
    })
}

fn of_credits(warned: i32) -> Option<&'static str> {
    match warned {
        100.. => Some(
            "The page credits of this month are used up, with those that the workspace's cap allows beyond the plan. Documents \
             wait until there are new ones.",
        ),
        80.. => Some("Four fifths of this month's page credits are used."),
        _ => None,
    }
}

fn of_storage(warned: i32) -> Option<&'static str> {
    match warned {
        100.. => Some("The storage of the plan is full. What is deleted for good makes room."),
        80.. => Some("Four fifths of the plan's storage are used."),
        _ => None,
    }
}

/// The end of a trial, once it is near: what follows from it, and where to go.
#[component]
fn TrialEnds(at: DateTime<Utc>, then: &'static str, href: &'static str, link: &'static str) -> impl IntoView {
    let is_soon = is_soon(at);
    move || {
        is_soon.get().then(|| {
            view! {
                <Notice>
                    <p>
                        "The trial ends on " <Time at absolute=true /> {then} <TextLink href>{link}</TextLink>
                    </p>
                </Notice>
            }
        })
    }
}

/// Whether a trial that ends then is spoken of.
fn is_soon(at: DateTime<Utc>) -> Memo<bool> {
    let now = use_context::<Now>();
    Memo::new(move |_| now.is_some_and(|Now(now)| at - now.get() <= TRIAL_SOON))
}
