//! The plans of a month, and how everything on the page is counted.

use domain::{
    billing::{Currency, Money, PlanId},
    revenue::{Figures, Month},
};
use leptos::prelude::*;

use crate::{
    billing::signed,
    ui::{Cell, EmptyState, Fact, Facts, Glyph, HeaderCell, Row, Section, Table, grouped},
};

/// Revenue and usage by plan. The last row is the sum of those above it.
#[component]
pub(super) fn Plans(
    plans: Vec<(PlanId, Figures)>,
    /// Of all of them.
    total: Figures,
    currency: Currency,
    month: Month,
) -> impl IntoView {
    if plans.is_empty() {
        let text = format!("In {} nothing is counted in this currency.", month.label());
        return view! { <EmptyState glyph=Glyph::Activity title="Nothing in this month" text /> }.into_any();
    }
    let rows: Vec<_> =
        plans.into_iter().map(|(plan, figures)| view! { <Plan name=plan.label() figures currency /> }).collect();
    view! {
        <Section title="By plan" description="A workspace stands with the plan that it paid for last in the month.">
            <Table label="By plan">
                <thead>
                    <tr>
                        <HeaderCell>"Plan"</HeaderCell>
                        <HeaderCell numeric=true>"Customers"</HeaderCell>
                        <HeaderCell numeric=true>"MRR"</HeaderCell>
                        <HeaderCell numeric=true>"Invoices"</HeaderCell>
                        <HeaderCell numeric=true>"Invoiced"</HeaderCell>
                        <HeaderCell numeric=true>"Paid"</HeaderCell>
                        <HeaderCell numeric=true hide_narrow=true>
                            "Credits"
                        </HeaderCell>
                        <HeaderCell numeric=true hide_narrow=true>
                            "Beyond included"
                        </HeaderCell>
                    </tr>
                </thead>
                <tbody>{rows} <Plan name="All plans" figures=total currency /></tbody>
            </Table>
        </Section>
    }
    .into_any()
}

#[component]
fn Plan(name: &'static str, figures: Figures, currency: Currency) -> impl IntoView {
    let money = move |cents| Money::new(cents, currency).to_string();
    view! {
        <Row>
            <Cell primary=true>{name}</Cell>
            <Cell numeric=true>{grouped(figures.customers.unsigned_abs())}</Cell>
            <Cell numeric=true>{money(figures.closing_cents)}</Cell>
            <Cell numeric=true>{grouped(figures.invoices.unsigned_abs())}</Cell>
            <Cell numeric=true>{money(figures.invoiced_cents)}</Cell>
            <Cell numeric=true>{money(figures.paid_cents)}</Cell>
            <Cell numeric=true hide_narrow=true>
                {signed(figures.used_credits)}
            </Cell>
            <Cell numeric=true hide_narrow=true>
                {signed(figures.overage_credits)}
            </Cell>
        </Row>
    }
}

/// The formulas, so that nobody has to guess what a figure means.
#[component]
pub(super) fn HowCounted() -> impl IntoView {
    view! {
        <Section title="How it is counted">
            <Facts>
                <Fact label="MRR">
                    "What the active and the past due subscriptions cost a month at list price, at the end of the month: without trials, coupons, tax and credits beyond the included ones. A subscription that is to end counts until it ends."
                </Fact>
                <Fact label="ARR">"12 × MRR."</Fact>
                <Fact label="Net revenue retention">
                    "(Opening + rose − fell − lost) ÷ opening. Who is new or came back is not in it."
                </Fact>
                <Fact label="Revenue churn">"(Fell + lost) ÷ opening."</Fact>
                <Fact label="Customer churn">"Customers who left ÷ customers at the beginning, of all currencies."</Fact>
                <Fact label="Trial conversion">
                    "Of the trials that ended in the month, those that paid for a plan by the fifth day after it."
                </Fact>
                <Fact label="Invoiced">
                    "Invoices made in the month that are open, paid or written off: after discounts, before tax."
                </Fact>
                <Fact label="Paid">"What came in during the month, with tax, for whichever month it was."</Fact>
                <Fact label="Failed payments">
                    "Invoices of the month of which a payment failed at least once, with tax; and what came in during the month of all that had failed, in whichever month."
                </Fact>
                <Fact label="When">
                    "Every night, of the running month, and of the one before it for a week; then a month stands. A workspace that was deleted is counted as lost, and takes its invoices of the running month along."
                </Fact>
            </Facts>
        </Section>
    }
}
