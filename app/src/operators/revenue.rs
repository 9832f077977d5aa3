//! What Sheaf earns, month by month.

use domain::{
    billing::{Currency, Money},
    revenue::{Figures, Month, RevenueOverview, Share},
};
use leptos::prelude::*;
use leptos_meta::Title;

use super::{
    revenue_plans::{HowCounted, Plans},
    tabs::{DoorTab, DoorTabs},
};
use crate::{
    error::AppError,
    public_site::NoSuchPage,
    routes,
    ui::{
        Button, ButtonKind, Cell, Cluster, EmptyState, ErrorState, Glyph, HeaderCell, MonthBar, MonthChart,
        OperatorLayout, PageHeader, QueryForm, Row, Section, Select, Stack, Stat, StatGroup, Table, TextLink, counted,
        grouped,
    },
};

/// What the server found.
#[derive(Clone)]
pub struct RevenueShown {
    /// The operator's name.
    pub operator: String,
    pub overview: Result<RevenueOverview, AppError>,
}

/// The page at [`routes::OPERATOR_REVENUE`], of a [`RevenueShown`] in context.
#[component]
pub fn RevenuePage() -> impl IntoView {
    let Some(RevenueShown { operator, overview }) = use_context() else {
        return view! { <NoSuchPage /> }.into_any();
    };
    let found = match overview {
        Ok(overview) => view! { <Overview overview /> }.into_any(),
        Err(error) => {
            view! { <ErrorState text=error.message().to_owned() retry_href=routes::OPERATOR_REVENUE /> }.into_any()
        }
    };
    view! {
        <Title text="Revenue" />
        <OperatorLayout operator>
            <Stack>
                <DoorTabs current=DoorTab::Revenue />
                <PageHeader
                    title="Revenue"
                    description="Counted every night from the invoices, the subscriptions and the ledger. Currencies are never added."
                />
                {found}
            </Stack>
        </OperatorLayout>
    }
    .into_any()
}

#[component]
fn Overview(overview: RevenueOverview) -> impl IntoView {
    let RevenueOverview { month, currency, is_running, .. } = overview;
    let choice = view! { <Choice months=overview.months() month currency /> };
    if overview.lines.is_empty() {
        let text = "The figures stand here after the first night in which they were counted.";
        return view! {
            {choice}
            <EmptyState glyph=Glyph::Activity title="Nothing was counted yet" text />
        }
        .into_any();
    }
    let title = if is_running { format!("{}, so far", month.label()) } else { month.label() };
    let of_month = overview.of(month);
    let everybody = overview.of_everybody(month);
    let plans = overview.plans();
    view! {
        {choice}
        <Section title>
            <Glance figures=of_month everybody currency />
            <Cluster>
                <TextLink href=routes::operator_revenue_workspaces(month, currency.as_str(), None::<&str>)>
                    "Usage and cost by workspace"
                </TextLink>
                <TextLink href=routes::operator_revenue_csv(month)>"Download all months as CSV"</TextLink>
            </Cluster>
        </Section>
        <Plans plans total=of_month currency month />
        <Charts overview=overview.clone() />
        <Months overview />
        <HowCounted />
    }
    .into_any()
}

#[component]
fn Choice(months: Vec<Month>, month: Month, currency: Currency) -> impl IntoView {
    let months = months.into_iter().rev().map(|month| (month.to_string(), month.label())).collect::<Vec<_>>();
    let currencies = Currency::ALL
        .into_iter()
        .map(|currency| (currency.as_str().to_owned(), currency.as_str().to_uppercase()))
        .collect::<Vec<_>>();
    view! {
        <QueryForm action=routes::OPERATOR_REVENUE>
            <Cluster>
                <Select name="month" label="Month" options=months value=month.to_string() />
                <Select name="currency" label="Currency" options=currencies value=currency.as_str().to_owned() />
                <Button kind=ButtonKind::Submit>"Show"</Button>
            </Cluster>
        </QueryForm>
    }
}

/// Amounts and revenue rates are of the chosen currency, customers and trials of all.
#[component]
fn Glance(figures: Figures, everybody: Figures, currency: Currency) -> impl IntoView {
    let money = move |cents| Money::new(cents, currency).to_string();
    let customers = counted(everybody.customers.unsigned_abs(), "customer", "customers");
    let trials = format!("{} of {} trials that ended", everybody.trials_converted, everybody.trials_ended);
    let left = format!("{} of {} have left", everybody.churned_customers, everybody.opening_customers);
    let tax = format!("and {} of tax", money(figures.tax_cents));
    let failed = format!("{} came in after all", money(figures.recovered_cents));
    view! {
        <StatGroup>
            <Stat label="MRR" value=money(figures.closing_cents) note=customers />
            <Stat label="ARR" value=money(figures.arr_cents()) />
            <Stat label="Net revenue retention" value=share(figures.net_retention()) />
            <Stat label="Revenue churn" value=share(figures.revenue_churn()) />
            <Stat label="Customer churn" value=share(everybody.customer_churn()) note=left />
            <Stat label="Trial conversion" value=share(everybody.trial_conversion()) note=trials />
            <Stat label="Invoiced" value=money(figures.invoiced_cents) note=tax />
            <Stat label="Paid" value=money(figures.paid_cents) />
            <Stat
                label=format!("Failed payments: {}", grouped(figures.failed.unsigned_abs()))
                value=money(figures.failed_cents)
                note=failed
            />
        </StatGroup>
    }
}

#[component]
fn Charts(overview: RevenueOverview) -> impl IntoView {
    let currency = overview.currency;
    let of_months: Vec<(Month, Figures)> =
        overview.months().into_iter().map(|month| (month, overview.of(month))).collect();
    let bars = move |value: fn(&Figures) -> i64| {
        let bar = |(month, figures): &(Month, Figures)| MonthBar {
            name: month.short_label(),
            value: value(figures),
            text: Money::new(value(figures), currency).to_string(),
            is_current: *month == overview.month,
        };
        of_months.iter().map(bar).collect::<Vec<_>>()
    };
    let mrr = bars(|figures| figures.closing_cents);
    let invoiced = bars(|figures| figures.invoiced_cents);
    view! {
        <Section title="MRR by month">
            <MonthChart label=told("MRR", &mrr) bars=mrr />
        </Section>
        <Section title="Invoiced by month">
            <MonthChart label=told("Invoiced", &invoiced) bars=invoiced />
        </Section>
    }
}

/// What a chart shows, for whoever does not see it. The table under it has every value.
fn told(what: &str, bars: &[MonthBar]) -> String {
    match (bars.first(), bars.last()) {
        (Some(first), Some(last)) => format!(
            "{what} by month: from {} in {} to {} in {}. Every month stands in the table below.",
            first.text, first.name, last.text, last.name
        ),
        _ => what.to_owned(),
    }
}

#[component]
fn Months(overview: RevenueOverview) -> impl IntoView {
    let rows = overview.months().into_iter().rev().map(|month| {
        let (figures, everybody) = (overview.of(month), overview.of_everybody(month));
        view! { <MonthRow month figures everybody currency=overview.currency /> }
    });
    let rows = rows.collect::<Vec<_>>();
    view! {
        <Section
            title="All months"
            description="What a month opens with, and what is new, came back and rose, less what fell and was lost, is what it closes with."
        >
            <Table label="All months">
                <thead>
                    <tr>
                        <HeaderCell>"Month"</HeaderCell>
                        <HeaderCell numeric=true>"Opening"</HeaderCell>
                        <HeaderCell numeric=true>"New"</HeaderCell>
                        <HeaderCell numeric=true>"Came back"</HeaderCell>
                        <HeaderCell numeric=true>"Rose"</HeaderCell>
                        <HeaderCell numeric=true>"Fell"</HeaderCell>
                        <HeaderCell numeric=true>"Lost"</HeaderCell>
                        <HeaderCell numeric=true>"MRR"</HeaderCell>
                        <HeaderCell numeric=true>"Retention"</HeaderCell>
                        <HeaderCell numeric=true>"Customers"</HeaderCell>
                        <HeaderCell numeric=true>"Trials"</HeaderCell>
                        <HeaderCell numeric=true>"Invoiced"</HeaderCell>
                        <HeaderCell numeric=true>"Paid"</HeaderCell>
                        <HeaderCell numeric=true>"Failed"</HeaderCell>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </Table>
        </Section>
    }
}

#[component]
fn MonthRow(month: Month, figures: Figures, everybody: Figures, currency: Currency) -> impl IntoView {
    let money = move |cents| Money::new(cents, currency).to_string();
    let trials = format!("{} of {}", everybody.trials_converted, everybody.trials_ended);
    view! {
        <Row>
            <Cell>
                <TextLink href=routes::operator_revenue(month, currency.as_str()) quiet=true>
                    {month.label()}
                </TextLink>
            </Cell>
            <Cell numeric=true>{money(figures.opening_cents)}</Cell>
            <Cell numeric=true>{money(figures.new_cents)}</Cell>
            <Cell numeric=true>{money(figures.reactivated_cents)}</Cell>
            <Cell numeric=true>{money(figures.expansion_cents)}</Cell>
            <Cell numeric=true>{money(-figures.contraction_cents)}</Cell>
            <Cell numeric=true>{money(-figures.churned_cents)}</Cell>
            <Cell numeric=true>{money(figures.closing_cents)}</Cell>
            <Cell numeric=true>{share(figures.net_retention())}</Cell>
            <Cell numeric=true>{grouped(everybody.customers.unsigned_abs())}</Cell>
            <Cell numeric=true>{trials}</Cell>
            <Cell numeric=true>{money(figures.invoiced_cents)}</Cell>
            <Cell numeric=true>{money(figures.paid_cents)}</Cell>
            <Cell numeric=true>{money(figures.failed_cents)}</Cell>
        </Row>
    }
}

/// A dash where there is nothing of which it could be a part.
fn share(share: Option<Share>) -> String {
    share.map_or_else(|| "–".to_owned(), |share| share.to_string())
}
