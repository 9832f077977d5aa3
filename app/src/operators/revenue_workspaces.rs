//! What each workspace used, cost and paid in a month.

use domain::{
    billing::{Currency, Money},
    revenue::{self, Month, WorkspaceMonth, WorkspacePage},
};
use leptos::prelude::*;
use leptos_meta::Title;

use super::{
    seconds::span,
    tabs::{DoorTab, DoorTabs},
    tenant_cell::TenantCell,
};
use crate::{
    billing::signed,
    error::AppError,
    public_site::NoSuchPage,
    routes,
    ui::{
        Cell, Cluster, EmptyState, ErrorState, Glyph, HeaderCell, OperatorLayout, PageHeader, Pagination, Row, Stack,
        Table, TextLink, bytes,
    },
};

/// What was stored, each day of it, is told as so much for these days, as it is priced. In a month that has just begun it is little.
const DAYS: u64 = 30;

/// What the server found.
#[derive(Clone)]
pub struct RevenueWorkspacesShown {
    /// The operator's name.
    pub operator: String,
    pub month: Month,
    pub currency: Currency,
    /// Whether another page comes before this one.
    pub is_later: bool,
    pub page: Result<WorkspacePage, AppError>,
}

/// The page at [`routes::OPERATOR_REVENUE_WORKSPACES`], of a [`RevenueWorkspacesShown`] in context.
#[component]
pub fn RevenueWorkspacesPage() -> impl IntoView {
    let Some(RevenueWorkspacesShown { operator, month, currency, is_later, page }) = use_context() else {
        return view! { <NoSuchPage /> }.into_any();
    };
    let code = currency.as_str();
    let this = routes::operator_revenue_workspaces(month, code, None::<&str>);
    let found = match page {
        Ok(page) if page.lines.is_empty() => {
            let text = "A workspace stands here when it used, cost or paid anything in the month.";
            view! { <EmptyState glyph=Glyph::Activity title="No workspace in this month" text /> }.into_any()
        }
        Ok(page) => view! { <Found page is_later first=this /> }.into_any(),
        Err(error) => view! { <ErrorState text=error.message().to_owned() retry_href=this /> }.into_any(),
    };
    let title = format!("Workspaces, {} in {}", month.label(), code.to_uppercase());
    let euros = |cents| Money::new(cents, revenue::COST_CURRENCY);
    let description = format!(
        "Those that used most first. The cost is an estimate: {} an hour of a worker, and {} a gigabyte that is stored for 30 days.",
        euros(revenue::CENTS_A_WORKER_HOUR),
        euros(revenue::CENTS_A_GIGABYTE_MONTH)
    );
    view! {
        <Title text="Revenue by workspace" />
        <OperatorLayout operator>
            <Stack>
                <DoorTabs current=DoorTab::Revenue />
                <PageHeader title description />
                <Cluster>
                    <TextLink href=routes::operator_revenue(month, code)>"All of the month"</TextLink>
                    <TextLink href=routes::operator_revenue_workspaces_csv(month, code)>"Download as CSV"</TextLink>
                </Cluster>
                {found}
            </Stack>
        </OperatorLayout>
    }
    .into_any()
}

#[component]
fn Found(page: WorkspacePage, is_later: bool, first: String) -> impl IntoView {
    let WorkspacePage { month, currency, lines, next } = page;
    let rows: Vec<_> = lines.into_iter().map(|line| view! { <Workspace line currency /> }).collect();
    let older = next.map(|next| routes::operator_revenue_workspaces(month, currency.as_str(), Some(next)));
    view! {
        <Table label="Workspaces">
            <thead>
                <tr>
                    <HeaderCell>"Workspace"</HeaderCell>
                    <HeaderCell>"Plan"</HeaderCell>
                    <HeaderCell numeric=true>"Credits"</HeaderCell>
                    <HeaderCell numeric=true hide_narrow=true>
                        "Beyond included"
                    </HeaderCell>
                    <HeaderCell numeric=true hide_narrow=true>
                        "Workers"
                    </HeaderCell>
                    <HeaderCell numeric=true hide_narrow=true>
                        "Stored for 30 days"
                    </HeaderCell>
                    <HeaderCell numeric=true>"Cost"</HeaderCell>
                    <HeaderCell numeric=true>"MRR"</HeaderCell>
                    <HeaderCell numeric=true>"Invoiced"</HeaderCell>
                    <HeaderCell numeric=true>"Failed"</HeaderCell>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
        <Pagination
            label="Workspaces"
            newer=is_later.then_some(first)
            older
            newer_label="First"
            older_label="Next"
        />
    }
}

#[component]
fn Workspace(line: WorkspaceMonth, currency: Currency) -> impl IntoView {
    let WorkspaceMonth { tenant, name, plan, figures } = line;
    let money = move |cents| Money::new(cents, currency).to_string();
    let stored = bytes(figures.megabyte_days.unsigned_abs() * 1_000_000 / DAYS);
    view! {
        <Row>
            <TenantCell tenant name />
            <Cell>{plan.label()}</Cell>
            <Cell numeric=true>{signed(figures.used_credits)}</Cell>
            <Cell numeric=true hide_narrow=true>
                {signed(figures.overage_credits)}
            </Cell>
            <Cell numeric=true hide_narrow=true>
                {span(figures.worker_seconds as f64)}
            </Cell>
            <Cell numeric=true hide_narrow=true>
                {stored}
            </Cell>
            <Cell numeric=true>{revenue::cost(&figures).to_string()}</Cell>
            <Cell numeric=true>{money(figures.closing_cents)}</Cell>
            <Cell numeric=true>{money(figures.invoiced_cents)}</Cell>
            <Cell numeric=true>{money(figures.failed_cents)}</Cell>
        </Row>
    }
}
