//! How Sheaf does: traffic, errors, how long people wait, and under it the parts that it stands on.

use chrono::{DateTime, Utc};
use domain::health::{Health, Part, Period, Sums};
use leptos::prelude::*;
use leptos_meta::Title;

use super::{
    health_parts::{Caches, Costs, Database, Jobs, Queues, Storage},
    health_spared::Spared,
    seconds::{span, span_or_none},
    tabs::{DoorTab, DoorTabs},
};
use crate::{
    error::AppError,
    public_site::NoSuchPage,
    routes,
    ui::{
        Bar, BarChart, Cell, EmptyState, ErrorState, Glyph, HeaderCell, HeatMap, OperatorLayout, PageHeader, Row,
        Section, Stack, Stat, StatGroup, SumRow, Tab, Table, Tabs, TextLink, grouped,
    },
};

/// How often a page loads itself again that nobody touches, and after how many seconds each time: 20 minutes, which is less than
/// what ends the session of an operator who does nothing.
pub const LIVE_LOADS: u8 = 40;
pub const LIVE_SECONDS: u8 = 30;

/// What the server found.
#[derive(Clone)]
pub struct HealthShown {
    /// The operator's name.
    pub operator: String,
    pub period: Period,
    /// How often the page still loads itself again; none where nobody has asked for it.
    pub live: Option<u8>,
    pub health: Result<Health, AppError>,
}

/// The page at [`routes::OPERATOR_HEALTH`], of a [`HealthShown`] in context.
#[component]
pub fn HealthPage() -> impl IntoView {
    let Some(HealthShown { operator, period, live, health }) = use_context() else {
        return view! { <NoSuchPage /> }.into_any();
    };
    let this = routes::operator_health(period.as_str(), live);
    let found = match health {
        Ok(health) => view! { <Found health /> }.into_any(),
        Err(error) => view! { <ErrorState text=error.message().to_owned() retry_href=this /> }.into_any(),
    };
    view! {
        <Title text="Health" />
        <OperatorLayout operator>
            <Stack>
                <DoorTabs current=DoorTab::Health />
                <PageHeader
                    title="Health"
                    description="What all processes have done, counted minute by minute. Whoever only asks whether Sheaf lives is not in it."
                />
                <Periods period live />
                {found}
            </Stack>
        </OperatorLayout>
    }
    .into_any()
}

/// What a period is called.
fn name_of(period: Period) -> &'static str {
    match period {
        Period::Hour => "Last hour",
        Period::Day => "Last day",
        Period::Fortnight => "Last 14 days",
    }
}

#[component]
fn Periods(period: Period, live: Option<u8>) -> impl IntoView {
    // Whoever chooses another period is there, and has the whole time before them again.
    let begun = live.map(|_| LIVE_LOADS);
    let tab = |one: Period| {
        view! {
            <Tab href=routes::operator_health(one.as_str(), begun) current=one == period>
                {name_of(one)}
            </Tab>
        }
    };
    let tabs = Period::ALL.map(tab).collect_view();
    let (told, way, next) = match live {
        None => ("This page stands still. ", "Load it again every 30 seconds", Some(LIVE_LOADS)),
        Some(0) => {
            ("This page has loaded itself again for 20 minutes, and has stopped. ", "Go on with that", Some(LIVE_LOADS))
        }
        Some(_) => ("This page loads itself again every 30 seconds, for 20 minutes. ", "Stop that", None),
    };
    view! {
        <Tabs label="Period">{tabs}</Tabs>
        <p>{told} <TextLink href=routes::operator_health(period.as_str(), next)>{way}</TextLink></p>
    }
}

#[component]
fn Found(health: Health) -> impl IntoView {
    let requests = health.by_slot(Part::Requests);
    let classes = health.by_name(Part::Requests).into_iter().map(|(name, sums)| (name.to_owned(), sums)).collect();
    let all = health.all(Part::Requests);
    let traffic = if all.number == 0 {
        let text = "Figures stand here a minute after the first request.";
        view! { <EmptyState glyph=Glyph::Activity title="Nothing was counted in this time" text /> }.into_any()
    } else {
        view! {
            <Glance all=all.clone() />
            <Traffic requests=requests.clone() period=health.period />
            <Latency requests period=health.period />
            <Classes classes all />
        }
        .into_any()
    };
    view! {
        {traffic}
        <Queues queues=health.queues.clone() />
        <Jobs health=health.clone() />
        <Caches health=health.clone() />
        <Spared health=health.clone() />
        <Database connections=health.connections statements=health.statements />
        <Storage stored=health.stored />
        <Costs month=health.month costs=health.costs />
    }
}

#[component]
fn Glance(all: Sums) -> impl IntoView {
    let [half, most, nearly_all] = [0.5, 0.95, 0.99].map(|share| span_or_none(all.quantile(Part::Requests, share)));
    let (number, share) = (grouped(all.number.unsigned_abs()), per_cent(&all));
    let failed = format!("{} failed", grouped(all.failed.unsigned_abs()));
    view! {
        <StatGroup>
            <Stat label="Requests" value=number note=failed />
            <Stat label="Failed" value=share />
            <Stat label="Half took at most" value=half />
            <Stat label="95 of 100 took at most" value=most />
            <Stat label="99 of 100 took at most" value=nearly_all />
        </StatGroup>
    }
}

/// What failed of all, to a tenth of a per cent.
pub(super) fn per_cent(sums: &Sums) -> String {
    in_per_cent(sums.failed_per_mille())
}

/// Parts of a thousand, to a tenth of a per cent; a dash where there is nothing that they could be parts of.
pub(super) fn in_per_cent(per_mille: Option<i64>) -> String {
    per_mille.map_or_else(|| "–".into(), |parts| format!("{}.{} %", parts / 10, parts % 10))
}

#[component]
fn Traffic(requests: Vec<(DateTime<Utc>, Sums)>, period: Period) -> impl IntoView {
    let bars = |value: fn(&Sums) -> i64| {
        let bar = |(slot, sums): &(DateTime<Utc>, Sums)| Bar { label: clock(*slot, period), value: value(sums) };
        requests.iter().map(bar).collect::<Vec<_>>()
    };
    let sum = |bars: &[Bar]| grouped(bars.iter().map(|bar| bar.value).sum::<i64>().unsigned_abs());
    let (all, failed) = (bars(|sums| sums.number), bars(|sums| sums.failed));
    let every = span(period.step().num_seconds() as f64);
    let told = format!("Requests, a bar for {every}: {} in all", sum(&all));
    let told_of_failed = format!("Requests that failed through Sheaf, a bar for {every}: {} in all", sum(&failed));
    view! {
        <Section title="Traffic">
            <BarChart label=told bars=all />
        </Section>
        <Section title="Errors">
            <BarChart label=told_of_failed bars=failed />
            <Failures requests period />
        </Section>
    }
}

/// What both charts show, for whoever does not see them.
#[component]
fn Failures(requests: Vec<(DateTime<Utc>, Sums)>, period: Period) -> impl IntoView {
    let told = |sums: &Sums| [grouped(sums.number.unsigned_abs()), grouped(sums.failed.unsigned_abs()), per_cent(sums)];
    let mut all = Sums::default();
    requests.iter().for_each(|(_, sums)| all += sums.clone());
    let in_all = told(&all).to_vec();
    let row = |(slot, sums): (DateTime<Utc>, Sums)| {
        let (name, [number, failed, share]) = (clock(slot, period), told(&sums));
        view! {
            <Row>
                <Cell primary=true>{name}</Cell>
                <Cell numeric=true>{number}</Cell>
                <Cell numeric=true>{failed}</Cell>
                <Cell numeric=true>{share}</Cell>
            </Row>
        }
    };
    let rows = requests.into_iter().filter(|(_, sums)| sums.number > 0).map(row).collect_view();
    view! {
        <details>
            <summary>"Requests and errors as a table"</summary>
            <Table label="Requests and errors by time">
                <thead>
                    <tr>
                        <HeaderCell>"From"</HeaderCell>
                        <HeaderCell numeric=true>"Requests"</HeaderCell>
                        <HeaderCell numeric=true>"Failed"</HeaderCell>
                        <HeaderCell numeric=true>"Share"</HeaderCell>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
                <SumRow label="In all" values=in_all />
            </Table>
        </details>
    }
}

#[component]
fn Latency(requests: Vec<(DateTime<Utc>, Sums)>, period: Period) -> impl IntoView {
    let bounds = Part::Requests.bounds();
    let last = bounds.last().copied().unwrap_or_default();
    let mut names: Vec<String> = bounds.iter().map(|bound| format!("≤ {}", span(*bound))).collect();
    names.push(format!("> {}", span(last)));
    let columns = requests.iter().map(|(slot, _)| clock(*slot, period)).collect();
    let counts = requests.iter().map(|(_, sums)| sums.buckets.to_vec()).collect();
    let label = "Requests by time and by how long they took. The table below says the same.";
    let heads =
        names.clone().into_iter().map(|name| view! { <HeaderCell numeric=true>{name}</HeaderCell> }).collect_view();
    let mut sums_of = Sums::default();
    requests.iter().for_each(|(_, sums)| sums_of += sums.clone());
    let mut in_all: Vec<String> = sums_of.buckets.iter().map(|count| grouped(count.unsigned_abs())).collect();
    in_all.push(grouped(sums_of.number.unsigned_abs()));
    let rows = requests
        .into_iter()
        .filter(|(_, sums)| sums.number > 0)
        .map(|(slot, sums)| view! { <LatencyRow name=clock(slot, period) sums /> })
        .collect_view();
    view! {
        <Section title="How long requests take" description="The darker a field, the more requests; each shade stands for many times more.">
            <HeatMap label columns rows=names counts />
            <details>
                <summary>"The same as a table"</summary>
                <Table label="Requests by time and by how long they took">
                    <thead>
                        <tr>
                            <HeaderCell>"From"</HeaderCell>
                            {heads}
                            <HeaderCell numeric=true>"All"</HeaderCell>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                    <SumRow label="In all" values=in_all />
                </Table>
            </details>
        </Section>
    }
}

#[component]
fn LatencyRow(name: String, sums: Sums) -> impl IntoView {
    let counts = sums
        .buckets
        .map(|count| view! { <Cell numeric=true>{grouped(count.unsigned_abs())}</Cell> })
        .into_iter()
        .collect_view();
    view! {
        <Row>
            <Cell primary=true>{name}</Cell>
            {counts}
            <Cell numeric=true>{grouped(sums.number.unsigned_abs())}</Cell>
        </Row>
    }
}

#[component]
fn Classes(classes: Vec<(String, Sums)>, all: Sums) -> impl IntoView {
    let rows = classes.into_iter().map(|(name, sums)| view! { <Timed name sums part=Part::Requests /> }).collect_view();
    view! {
        <Section title="By class of route">
            <Table label="By class of route">
                <TimedHead what="Class" number="Requests" />
                <tbody>{rows} <Timed name="All".to_owned() sums=all part=Part::Requests /></tbody>
            </Table>
        </Section>
    }
}

/// The head of a table of what took time.
#[component]
pub(super) fn TimedHead(what: &'static str, number: &'static str) -> impl IntoView {
    view! {
        <thead>
            <tr>
                <HeaderCell>{what}</HeaderCell>
                <HeaderCell numeric=true>{number}</HeaderCell>
                <HeaderCell numeric=true>"Failed"</HeaderCell>
                <HeaderCell numeric=true>"Half"</HeaderCell>
                <HeaderCell numeric=true hide_narrow=true>
                    "95 of 100"
                </HeaderCell>
                <HeaderCell numeric=true>"99 of 100"</HeaderCell>
            </tr>
        </thead>
    }
}

/// A row of it.
#[component]
pub(super) fn Timed(name: String, sums: Sums, part: Part) -> impl IntoView {
    let [half, most, nearly_all] = [0.5, 0.95, 0.99].map(|share| span_or_none(sums.quantile(part, share)));
    view! {
        <Row>
            <Cell primary=true>{name}</Cell>
            <Cell numeric=true>{grouped(sums.number.unsigned_abs())}</Cell>
            <Cell numeric=true>{per_cent(&sums)}</Cell>
            <Cell numeric=true>{half}</Cell>
            <Cell numeric=true hide_narrow=true>
                {most}
            </Cell>
            <Cell numeric=true>{nearly_all}</Cell>
        </Row>
    }
}

/// When a step began, in the time of the world: operators are anywhere.
fn clock(slot: DateTime<Utc>, period: Period) -> String {
    match period {
        Period::Hour | Period::Day => slot.format("%H:%M UTC").to_string(),
        Period::Fortnight => slot.format("%-d %b, %H:%M UTC").to_string(),
    }
}
