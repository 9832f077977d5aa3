//! Requests that took long or failed, of all workspaces and of none.

use domain::operators::{SlowFilter, SlowLine, SlowPage};
use leptos::prelude::*;
use leptos_meta::Title;

use super::{
    seconds::span,
    tabs::{DoorTab, DoorTabs},
};
use crate::{
    error::AppError,
    public_site::NoSuchPage,
    routes,
    ui::{
        Badge, Button, ButtonKind, Cell, EmptyState, ErrorState, Field, Glyph, HeaderCell, OperatorLayout, PageHeader,
        Pagination, QueryForm, Row, Stack, Tab, Table, Tabs, TextLink, Time, Tone,
    },
};

/// What the server found.
#[derive(Clone)]
pub struct SlowShown {
    /// The operator's name.
    pub operator: String,
    pub filter: SlowFilter,
    /// Whether those of one reference were asked for.
    pub looked_up: bool,
    /// Whether another page comes before this one.
    pub is_later: bool,
    pub page: Result<SlowPage, AppError>,
}

/// The page at [`routes::OPERATOR_SLOW`], of a [`SlowShown`] in context.
#[component]
pub fn SlowRequestsPage() -> impl IntoView {
    let Some(SlowShown { operator, filter, looked_up, is_later, page }) = use_context() else {
        return view! { <NoSuchPage /> }.into_any();
    };
    let found = match page {
        Ok(page) if page.requests.is_empty() => view! { <Nothing filter looked_up /> }.into_any(),
        Ok(page) => view! { <Requests page filter is_later /> }.into_any(),
        Err(error) => {
            view! { <ErrorState text=error.message().to_owned() retry_href=routes::OPERATOR_SLOW /> }.into_any()
        }
    };
    view! {
        <Title text="Slow and failed requests" />
        <OperatorLayout operator>
            <Stack>
                <DoorTabs current=DoorTab::Slow />
                <PageHeader
                    title="Slow and failed requests"
                    description="Requests that took half a second or more, or failed, the newest first. Each shows what it waited for, and what was logged of its error."
                />
                <Lookup />
                <Filters filter looked_up />
                {found}
            </Stack>
        </OperatorLayout>
    }
    .into_any()
}

/// The status of an answer, in a word where it is not one. Of what was answered well although a part of it failed, both.
#[component]
pub(super) fn Status(status: i16, failed: bool) -> impl IntoView {
    let told = if status == 499 { "Given up".to_owned() } else { status.to_string() };
    let (tone, text) = match status {
        500.. => (Tone::Danger, told),
        _ if failed => (Tone::Danger, format!("{told}, with an error")),
        499 => (Tone::Warning, told),
        _ => (Tone::Neutral, told),
    };
    view! { <Badge tone>{text}</Badge> }
}

/// Asks for one by what its sender was shown.
#[component]
fn Lookup() -> impl IntoView {
    view! {
        <QueryForm action=routes::OPERATOR_SLOW>
            <Field
                name="reference"
                label="Reference"
                hint="As a page that failed shows it, or trace.id of a line of the log"
                autocomplete="off"
                max_length=100u32
            />
            <Button kind=ButtonKind::Submit>"Look it up"</Button>
        </QueryForm>
    }
}

#[component]
fn Filters(filter: SlowFilter, looked_up: bool) -> impl IntoView {
    let tab = |one: SlowFilter| {
        let current = one == filter && !looked_up;
        view! {
            <Tab href=routes::operator_slow(one, None::<&str>) current>
                {one.label()}
            </Tab>
        }
    };
    let tabs = SlowFilter::ALL.map(tab).collect_view();
    view! { <Tabs label="Which requests">{tabs}</Tabs> }
}

#[component]
fn Nothing(filter: SlowFilter, looked_up: bool) -> impl IntoView {
    if looked_up {
        let text = "No request with this reference is kept. Either it was quick and nothing failed in it, or it is older than what is \
                    kept: seven days, the newest 2,000 that failed and as many that were slow, and of each 30 a minute of one \
                    server. Its lines may still be in the log. While the database is away, nothing is kept.";
        return view! { <EmptyState glyph=Glyph::Clock title="It was not kept" text /> }.into_any();
    }
    let title = match filter {
        SlowFilter::All => "Nothing was slow or failed",
        SlowFilter::Failed => "Nothing failed",
        SlowFilter::Slow => "Nothing was slow",
    };
    let text = "A request that takes half a second or more, or fails, stands here for seven days.";
    view! { <EmptyState glyph=Glyph::Clock title text /> }.into_any()
}

#[component]
fn Requests(page: SlowPage, filter: SlowFilter, is_later: bool) -> impl IntoView {
    let newest = is_later.then(|| routes::operator_slow(filter, None::<&str>));
    let older = page.older.map(|last| routes::operator_slow(filter, Some(last)));
    let rows = page.requests.into_iter().map(|line| view! { <Request line /> }).collect_view();
    view! {
        <Table label="Slow and failed requests">
            <thead>
                <tr>
                    <HeaderCell>"Request"</HeaderCell>
                    <HeaderCell>"Status"</HeaderCell>
                    <HeaderCell numeric=true>"Took"</HeaderCell>
                    <HeaderCell hide_narrow=true>"Workspace"</HeaderCell>
                    <HeaderCell>"When"</HeaderCell>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
        <Pagination label="Slow and failed requests" newer=newest older newer_label="Newest" />
    }
}

#[component]
fn Request(line: SlowLine) -> impl IntoView {
    let SlowLine { id, at, method, route, status, took_ms, tenant, name, failed } = line;
    let whose = match (tenant, name) {
        (Some(tenant), Some(name)) => view! {
            <TextLink href=routes::operator_tenant(tenant) quiet=true>
                {name}
            </TextLink>
        }
        .into_any(),
        _ => "Nobody’s".into_any(),
    };
    view! {
        <Row>
            <Cell primary=true>
                <TextLink href=routes::operator_slow_request(id) quiet=true>
                    {format!("{method} {route}")}
                </TextLink>
            </Cell>
            <Cell>
                <Status status failed />
            </Cell>
            <Cell numeric=true>{span(f64::from(took_ms) / 1_000.0)}</Cell>
            <Cell hide_narrow=true>{whose}</Cell>
            <Cell>
                <Time at exact=true />
            </Cell>
        </Row>
    }
}
