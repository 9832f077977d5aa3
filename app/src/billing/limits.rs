//! A plan as it is told: what a month costs and what it grants. The pricing page and the choice of a plan show the same.

use domain::billing::{Currency, Limits, Plan};
use leptos::prelude::*;

use crate::ui::{Card, Fact, Facts, Stat, StatGroup, bytes, counted, grouped};

/// One plan.
#[component]
pub fn PlanTile(
    plan: &'static Plan,
    currency: Currency,
    /// What can be done about it.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let month = plan.month(currency).to_string();
    view! {
        <Card title=plan.id.label() class:plan=true>
            <StatGroup>
                <Stat label="A month, before tax" value=month />
            </StatGroup>
            <Grants plan currency />
            {children.map(|children| children())}
        </Card>
    }
}

#[component]
fn Grants(plan: &'static Plan, currency: Currency) -> impl IntoView {
    let Limits { members, storage_bytes, credits, running_jobs, requests_per_minute, retention_days, .. } = plan.limits;
    let more = match plan.thousand_credits(currency) {
        Some(price) => format!("{price} a thousand, up to a cap that you set"),
        None => "None: the month ends with the included ones".to_owned(),
    };
    view! {
        <Facts>
            <Fact label="Page credits">{format!("{} a month", grouped(credits.unsigned_abs()))}</Fact>
            <Fact label="More credits">{more}</Fact>
            <Fact label="Members">{grouped(members.unsigned_abs())}</Fact>
            <Fact label="Storage">{bytes(storage_bytes.unsigned_abs())}</Fact>
            <Fact label="At once">{counted(running_jobs.unsigned_abs().into(), "job", "jobs")}</Fact>
            <Fact label="Requests">{format!("{} a minute", grouped(requests_per_minute))}</Fact>
            <Fact label="Trash">{format!("Keeps up to {}", counted(retention_days.unsigned_abs().into(), "day", "days"))}</Fact>
        </Facts>
    }
}
