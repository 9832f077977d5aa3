//! What it costs: every plan of the plan file, in every currency of it.

use domain::billing::{Currency, Picked, Plan, PlanId, TRIAL_DAYS, TRIAL_PLAN};
use leptos::prelude::*;
use leptos_meta::{Meta, Title};
use leptos_router::hooks::use_query_map;

use crate::{
    billing::PlanTile,
    routes,
    ui::{Button, ButtonSize, ButtonVariant, Gap, Notice, Prose, PublicLayout, Stack, Tab, Tabs, TileGrid},
};

/// The page at [`routes::PRICING`]. `?currency=` chooses the prices.
#[component]
pub fn Pricing() -> impl IntoView {
    let query = use_query_map();
    let currency =
        query.with_untracked(|query| query.get_str("currency").and_then(Currency::parse)).unwrap_or_default();
    let lede = format!(
        "Try {} for {TRIAL_DAYS} days, without a card. After that the workspace is on the Free plan until you buy another one.",
        TRIAL_PLAN.label()
    );
    let tiles = PlanId::ALL
        .map(|id| {
            let href = Picked::new(id, currency).map_or_else(|| routes::SIGN_UP.to_owned(), routes::sign_up_with);
            view! {
                <PlanTile plan=Plan::newest(id) currency>
                    <Button href>{format!("Start with {}", id.label())}</Button>
                </PlanTile>
            }
        })
        .into_iter()
        .collect_view();
    view! {
        <Title text="Pricing" />
        <Meta name="description" content=lede.clone() />
        <PublicLayout>
            <section class="hero">
                <h1 class="hero-title">"You see the price before the work."</h1>
                <p class="hero-lede">{lede}</p>
                <div class="hero-actions">
                    <Button variant=ButtonVariant::Primary size=ButtonSize::Large href=routes::SIGN_UP>
                        "Create a workspace"
                    </Button>
                </div>
            </section>
            <Stack gap=Gap::Large>
                <Here />
                <Currencies currency />
                <TileGrid>{tiles}</TileGrid>
            </Stack>
            <Questions />
        </PublicLayout>
    }
}

/// What is true of this very server, where it differs.
#[component]
fn Here() -> impl IntoView {
    let stripe = use_context::<domain::Services>().map(|services| services.stripe);
    let text = match stripe {
        Some(None) => "This Sheaf runs without billing: a workspace here has everything, and nothing costs anything.",
        Some(Some(stripe)) if stripe.is_test_mode() => {
            "This Sheaf is in test mode: plans can be bought to see how that is, and no real money moves."
        }
        _ => return ().into_any(),
    };
    view! { <Notice>{text}</Notice> }.into_any()
}

#[component]
fn Currencies(currency: Currency) -> impl IntoView {
    let tabs = Currency::ALL
        .map(|each| {
            view! {
                <Tab href=routes::pricing(each) current=each == currency>
                    {format!("{} {}", each.as_str().to_ascii_uppercase(), each.sign())}
                </Tab>
            }
        })
        .into_iter()
        .collect_view();
    view! { <Tabs label="Currency of the prices">{tabs}</Tabs> }
}

/// What people ask before they buy.
#[component]
fn Questions() -> impl IntoView {
    view! {
        <section class="promise">
            <h2 class="promise-title">"What is a page credit?"</h2>
            <div class="promise-body">
                <Prose>
                    <p>
                        "Reading one page of a PDF costs one, and so do 3,000 characters of anything else. What could not be \
                         read costs nothing, and what fails on our side is credited back by itself. Credits come with each \
                         month and end with it."
                    </p>
                </Prose>
            </div>
        </section>
        <section class="promise">
            <h2 class="promise-title">"Can a month cost more than I expect?"</h2>
            <div class="promise-body">
                <Prose>
                    <p>
                        "No. The cap on what is used beyond the plan is 0 until an owner sets another one. Where it is met, \
                         documents wait instead of costing more. A ledger has a line for every credit, and the invoice is its sum."
                    </p>
                </Prose>
            </div>
        </section>
        <section class="promise">
            <h2 class="promise-title">"And when I stop paying?"</h2>
            <div class="promise-body">
                <Prose>
                    <p>
                        "A cancelled plan goes on to the end of its month, and then the workspace is on the Free plan. Nothing is \
                         deleted because of it, and everything can be exported. Prices are before tax, and the currency stays as \
                         it was with the first payment."
                    </p>
                </Prose>
            </div>
        </section>
    }
}
