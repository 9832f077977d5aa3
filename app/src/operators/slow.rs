//! Requests that took long or failed, of all workspaces and of none.

use domain::operators::{SlowLine, SlowPage};
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
        Badge, Cell, EmptyState, ErrorState, Glyph, HeaderCell, OperatorLayout, PageHeader, Pagination, Row, Stack,
        Table, TextLink, Time, Tone,
    },
};

/// What the server found.
#[derive(Clone)]
pub struct SlowShown {
    /// The operator's name.
    pub operator: String,
    /// Whether another page comes before this one.
    pub is_later: bool,
    pub page: Result<SlowPage, AppError>,
}

/// The page at [`routes::OPERATOR_SLOW`], of a [`SlowShown`] in context.
#[component]
pub fn SlowRequestsPage() -> impl IntoView {
    let Some(SlowShown { operator, is_later, page }) = use_context() else {
        return view! { <NoSuchPage /> }.into_any();
    };
    let found = match page {
        Ok(page) if page.requests.is_empty() => {
            let text = "A request that takes half a second or more, or fails, stands here for seven days.";
            view! { <EmptyState glyph=Glyph::Clock title="Nothing was slow" text /> }.into_any()
        }
        Ok(page) => view! { <Requests page is_later /> }.into_any(),
        Err(error) => {
            view! { <ErrorState text=error.message().to_owned() retry_href=routes::OPERATOR_SLOW /> }.into_any()
        }
    };
    view! {
        <Title text="Slow requests" />
        <OperatorLayout operator>
            <Stack>
                <DoorTabs current=DoorTab::Slow />
                <PageHeader
                    title="Slow requests"
                    description="Requests that took half a second or more, or failed, the newest first. Each shows what it waited for."
                />
                {found}
            </Stack>
        </OperatorLayout>
    }
    .into_any()
}

/// The status of an answer, in a word where it is not one.
#[component]
pub(super) fn Status(status: i16) -> impl IntoView {
    let (tone, text) = match status {
        499 => (Tone::Warning, "Given up".to_owned()),
        status if status >= 500 => (Tone::Danger, status.to_string()),
        status => (Tone::Neutral, status.to_string()),
    };
    view! { <Badge tone>{text}</Badge> }
}

#[component]
fn Requests(page: SlowPage, is_later: bool) -> impl IntoView {
    let newest = is_later.then(|| routes::OPERATOR_SLOW.to_owned());
    let older = page.older.map(routes::operator_slow_after);
    let rows = page.requests.into_iter().map(|line| view! { <Request line /> }).collect_view();
    view! {
        <Table label="Slow requests">
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
        <Pagination label="Slow requests" newer=newest older newer_label="Newest" />
    }
}

#[component]
fn Request(line: SlowLine) -> impl IntoView {
    let SlowLine { id, at, method, route, status, took_ms, tenant, name } = line;
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
                <Status status />
            </Cell>
            <Cell numeric=true>{span(f64::from(took_ms) / 1_000.0)}</Cell>
            <Cell hide_narrow=true>{whose}</Cell>
            <Cell>
                <Time at exact=true />
            </Cell>
        </Row>
    }
}
