//! The choice of a plan: what there is, what a change would cost to the cent, and the yes to it.

use domain::{
    billing::{BillingOverview, ChangePreview, Currency, Plan, PlanId},
    roles::Action,
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{hooks::use_query_map, params::ParamsMap};
use serde::{Deserialize, Serialize};

use super::{
    api::{find_billing, preview_change},
    change::{Checkout, Confirm},
    limits::PlanTile,
    outcome::{Outcome, TestMode},
};
use crate::{
    error::AppError,
    failure::Failure,
    frame::{Gate, may},
    routes,
    settings::{SettingsHeader, View},
    ui::{Badge, Button, Cluster, FilterForm, Gap, Loading, Notice, Section, Select, Stack, TextLink, TileGrid, Tone},
};

/// What the address asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Asked {
    to: Option<PlanId>,
    currency: Option<Currency>,
}

impl Asked {
    fn read(params: &ParamsMap) -> Self {
        Self {
            to: params.get_str("to").and_then(PlanId::parse),
            currency: params.get_str("currency").and_then(Currency::parse),
        }
    }
}

/// What the page shows: the preview where somebody who may asks for another plan of a running subscription.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Loaded {
    overview: BillingOverview,
    preview: Option<Result<ChangePreview, AppError>>,
}

/// The page at [`routes::BILLING_PLAN`].
#[component]
pub fn PlanPage() -> impl IntoView {
    view! {
        <Gate action=Action::ReadBilling>
            <Choice />
        </Gate>
    }
}

#[component]
fn Choice() -> impl IntoView {
    let params = use_query_map();
    let asked = Memo::new(move |_| params.with(Asked::read));
    // With what was asked for: while another answer is on its way, the one that is shown stays what it says that it is.
    let loaded = Resource::new(
        move || asked.get(),
        |asked| async move {
            let loaded = load(asked.to).await;
            (asked.to, asked.currency, loaded)
        },
    );
    view! {
        <Title text="Plan" />
        <SettingsHeader view=View::Billing />
        <Outcome />
        <p>
            <TextLink href=routes::BILLING>"Back to plan and billing"</TextLink>
        </p>
        <Transition fallback=|| view! { <Loading label="Loading the plans" /> }>
            {move || {
                loaded
                    .get()
                    .map(|(to, currency, loaded)| match loaded {
                        Ok(loaded) => view! { <Plans loaded to currency /> }.into_any(),
                        Err(error) => view! { <Failure error /> }.into_any(),
                    })
            }}
        </Transition>
    }
}

async fn load(to: Option<PlanId>) -> Result<Loaded, AppError> {
    let overview = find_billing().await?;
    let subscription = &overview.subscription;
    let is_subscribed = overview.is_sold && overview.may_pay && subscription.status.is_subscribed();
    let preview = match to.filter(|to| is_subscribed && *to != subscription.plan && *to != PlanId::Free) {
        Some(to) => Some(preview_change(to).await),
        None => None,
    };
    Ok(Loaded { overview, preview })
}

#[component]
fn Plans(loaded: Loaded, to: Option<PlanId>, currency: Option<Currency>) -> impl IntoView {
    let Loaded { overview: BillingOverview { subscription, meter, is_sold, is_test_mode, may_pay }, preview } = loaded;
    if !is_sold {
        let text = "This Sheaf runs without billing: nothing costs anything here, and nothing is to be chosen.";
        return view! { <Notice>{text}</Notice> }.into_any();
    }
    let is_subscribed = subscription.status.is_subscribed();
    // A currency is chosen with the first subscription and stays.
    let currency = currency.filter(|_| !is_subscribed).unwrap_or(subscription.currency);
    let asked = match (preview, to.filter(|to| may_pay && !is_subscribed && *to != PlanId::Free)) {
        (Some(Ok(preview)), _) => view! { <Confirm preview /> }.into_any(),
        (Some(Err(error)), _) => view! { <Notice tone=Tone::Danger>{error.message().to_owned()}</Notice> }.into_any(),
        (None, Some(plan)) => view! { <Checkout plan currency /> }.into_any(),
        (None, None) => ().into_any(),
    };
    let current = meter.entitlements.plan;
    let tiles = PlanId::ALL
        .map(|id| view! { <Tile plan=Plan::newest(id) currency current is_subscribed /> })
        .into_iter()
        .collect_view();
    view! {
        {is_test_mode.then(|| view! { <TestMode /> })}
        {asked}
        <Section
            title="Plans"
            description="A dearer plan begins at once and costs only what is left of the month; a cheaper one begins with the next month."
        >
            <Stack gap=Gap::Medium>
                {(!is_subscribed).then(|| view! { <CurrencyChoice currency /> })}
                <TileGrid>{tiles}</TileGrid>
            </Stack>
        </Section>
    }
    .into_any()
}

#[component]
fn CurrencyChoice(currency: Currency) -> impl IntoView {
    view! {
        <FilterForm action=routes::BILLING_PLAN label="Currency of the prices">
            <Select
                name="currency"
                id="price-currency"
                label="Currency"
                options=currencies()
                value=currency.as_str().to_owned()
            />
        </FilterForm>
    }
}

/// The currencies of a choice: "EUR €".
pub(super) fn currencies() -> Vec<(String, String)> {
    let choice = |currency: Currency| format!("{} {}", currency.as_str().to_ascii_uppercase(), currency.sign());
    Currency::ALL.map(|currency| (currency.as_str().to_owned(), choice(currency))).into()
}

#[component]
fn Tile(plan: &'static Plan, currency: Currency, current: PlanId, is_subscribed: bool) -> impl IntoView {
    let (is_current, is_free) = (plan.id == current, plan.is_free());
    let may_pay = may(Action::ManageBilling);
    let act = match (is_subscribed, is_current, is_free) {
        (true, true, _) | (false, true, true) => view! { <Badge tone=Tone::Success>"Your plan"</Badge> }.into_any(),
        (true, false, true) => view! { <p>"To go back to Free, cancel the plan."</p> }.into_any(),
        (false, false, true) => view! { <p>"What the workspace has after the trial."</p> }.into_any(),
        (false, true, false) => view! { <Choose plan=plan.id currency label="Keep" trial=true may_pay /> }.into_any(),
        (false, false, false) => view! { <Choose plan=plan.id currency label="Choose" may_pay /> }.into_any(),
        (true, false, false) => view! { <Choose plan=plan.id currency label="Change to" may_pay /> }.into_any(),
    };
    view! {
        <PlanTile plan currency>
            {act}
        </PlanTile>
    }
}

/// The way to one plan, for owners.
#[component]
fn Choose(
    plan: PlanId,
    currency: Currency,
    label: &'static str,
    /// It is what is tried now.
    #[prop(optional)]
    trial: bool,
    may_pay: bool,
) -> impl IntoView {
    let badge = trial.then(|| view! { <Badge tone=Tone::Info>"Your trial"</Badge> });
    let way = may_pay.then(|| {
        view! { <Button href=routes::billing_plan_to(plan, currency)>{format!("{label} {}", plan.label())}</Button> }
    });
    view! { <Cluster>{badge} {way}</Cluster> }
}
