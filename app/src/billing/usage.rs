//! What was used in a month: by day as a chart, by kind, person and key as tables that add up, and the ledger line by line.

use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    billing::{LedgerPage, Usage, UsageQuery, UsageSum},
    roles::Action,
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{hooks::use_query_map, params::ParamsMap};
use serde::{Deserialize, Serialize};

use super::{
    api::{find_usage, read_ledger},
    credits,
    ledger::Ledger,
    signed,
    usage_sums::{Days, Sums},
};
use crate::{
    error::AppError,
    failure::Failure,
    frame::Gate,
    routes,
    settings::{SettingsHeader, View},
    ui::{
        Bar, BarChart, Button, Cluster, EmptyState, FilterForm, Gap, Glyph, Loading, Section, Select, Stack, Stat,
        StatGroup,
    },
};

/// What the address asks for. A value that means nothing is passed over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Asked {
    month: Option<DateTime<Utc>>,
    /// Where the ledger goes on.
    after: Option<String>,
}

impl Asked {
    fn read(params: &ParamsMap) -> Self {
        let text = |name: &str| params.get_str(name).filter(|value| !value.is_empty());
        Self { month: text("month").and_then(UsageQuery::time), after: text("after").map(str::to_owned) }
    }
}

/// The page at [`routes::USAGE`].
#[component]
pub fn UsagePage() -> impl IntoView {
    view! {
        <Gate action=Action::ReadBilling>
            <Used />
        </Gate>
    }
}

#[component]
fn Used() -> impl IntoView {
    let params = use_query_map();
    let asked = Memo::new(move |_| params.with(Asked::read));
    let month = Memo::new(move |_| asked.with(|asked| asked.month));
    let usage = Resource::new(move || month.get(), |month| find_usage(UsageQuery { month }));
    // With what was asked for: while another page is on its way, the one that is shown stays what it says that it is.
    let ledger = Resource::new(
        move || asked.get(),
        |asked| async move {
            let page = read_ledger(asked.after.clone()).await;
            (asked, page)
        },
    );
    view! {
        <Title text="Usage" />
        <SettingsHeader view=View::Usage />
        <Transition fallback=|| view! { <Loading label="Loading what was used" /> }>
            {move || usage.get().map(|usage| view! { <Month usage /> })}
        </Transition>
        <Transition fallback=|| view! { <Loading label="Loading the ledger" /> }>
            {move || ledger.get().map(|(asked, page)| view! { <Lines asked page /> })}
        </Transition>
    }
}

#[component]
fn Lines(asked: Asked, page: Result<LedgerPage, AppError>) -> impl IntoView {
    match page {
        Ok(page) => {
            let next = page.next.as_deref().map(|next| routes::usage(asked.month, Some(next)));
            let start = asked.after.map(|_| routes::usage(asked.month, None));
            view! { <Ledger lines=page.lines start next /> }.into_any()
        }
        Err(error) => view! { <Failure error /> }.into_any(),
    }
}

#[component]
fn Month(usage: Result<Usage, AppError>) -> impl IntoView {
    let usage = match usage {
        Ok(usage) => usage,
        Err(error) => return view! { <Failure error /> }.into_any(),
    };
    let Usage { period_start, days, kinds, members, keys, total, overage, months, .. } = usage;
    let body = if total == 0 && kinds.is_empty() {
        let text = "Reading a page of a PDF is one page credit, and so are 3,000 characters of anything else.";
        view! { <EmptyState glyph=Glyph::Report title="Nothing was used in this month" text /> }.into_any()
    } else {
        view! { <Parts days kinds members keys total overage /> }.into_any()
    };
    view! {
        <Section title="Usage" description="What work has cost in page credits. Days are those of UTC, as on the bill.">
            <Stack gap=Gap::Medium>
                <Cluster>
                    <MonthChoice months start=period_start />
                    <Button href=routes::usage_csv(Some(period_start)) external=true download=true glyph=Glyph::Download>
                        "Download as CSV"
                    </Button>
                </Cluster>
                {body}
            </Stack>
        </Section>
    }
    .into_any()
}

#[component]
fn MonthChoice(mut months: Vec<DateTime<Utc>>, start: DateTime<Utc>) -> impl IntoView {
    // The running month may have no entry yet.
    if !months.contains(&start) {
        months.insert(0, start);
    }
    let options: Vec<_> = months.iter().map(|month| (routes::month_name(*month), began(*month, &months))).collect();
    view! {
        <FilterForm action=routes::USAGE label="Choose a month">
            <Select name="month" label="Month" options=options value=routes::month_name(start) />
        </FilterForm>
    }
}

/// A month by the day on which it began; with the time where another one began on that day, as with a plan that is bought in a trial.
fn began(month: DateTime<Utc>, months: &[DateTime<Utc>]) -> String {
    let is_alone = months.iter().filter(|other| other.date_naive() == month.date_naive()).count() < 2;
    month.format(if is_alone { "From %-d %B %Y" } else { "From %-d %B %Y, %H:%M UTC" }).to_string()
}

#[component]
fn Parts(
    days: Vec<(NaiveDate, i64)>,
    kinds: Vec<UsageSum>,
    members: Vec<UsageSum>,
    keys: Vec<UsageSum>,
    total: i64,
    overage: i64,
) -> impl IntoView {
    let bars = days.iter().map(|(day, used)| Bar { label: day.format("%-d %b").to_string(), value: *used }).collect();
    let summary = summary(&days, total);
    view! {
        <StatGroup>
            <Stat label="Used" value=signed(total) note="page credits" />
            <Stat label="Of these beyond the plan" value=signed(overage) note="billed with the next invoice" />
        </StatGroup>
        <BarChart label=summary bars />
        <Sums title="By kind of work" of="Kind" sums=kinds total />
        <Sums title="By person" of="Person" sums=members total />
        <Sums title="By API key" of="Key" sums=keys total />
        <Days days total />
    }
}

/// What the chart shows, for those who do not see it.
fn summary(days: &[(NaiveDate, i64)], total: i64) -> String {
    // The first of the highest.
    let most = days.iter().rev().max_by_key(|(_, used)| *used).filter(|(_, used)| *used > 0);
    match most {
        Some((day, used)) => {
            format!("By day: {} in all, the most on {}: {}", credits(total), day.format("%-d %B"), credits(*used))
        }
        None => format!("By day: {} in all", credits(total)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_is_told_by_its_sum_and_its_highest_day() {
        let day = |day| NaiveDate::from_ymd_opt(2026, 11, day).expect("a day of November");
        let told = summary(&[(day(1), 0), (day(2), 7), (day(3), 7)], 14);
        assert_eq!(told, "By day: 14 page credits in all, the most on 2 November: 7 page credits");
        assert_eq!(summary(&[(day(1), 0)], 0), "By day: 0 page credits in all");
    }

    #[test]
    fn months_that_began_on_one_day_are_told_apart() {
        let months = ["2026-11-23T05:01:00Z", "2026-11-23T04:48:00Z", "2026-11-01T00:00:00Z"];
        let months = months.map(|month| month.parse().expect("a time"));
        let told = months.map(|month| began(month, &months));
        assert_eq!(
            told,
            ["From 23 November 2026, 05:01 UTC", "From 23 November 2026, 04:48 UTC", "From 1 November 2026"]
        );
    }
}
