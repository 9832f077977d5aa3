//! One request that took long or failed, and what it waited for.

use domain::operators::{SlowRequest, SlowSpan};
use leptos::prelude::*;
use leptos_meta::Title;

use super::{seconds::span, slow::Status};
use crate::{
    error::AppError,
    public_site::NoSuchPage,
    routes,
    ui::{
        Badge, Cell, Crumb, ErrorState, Fact, Facts, HeaderCell, OperatorLayout, PageHeader, Row, Section, Stack,
        Table, TextLink, Time, Tone, Waterfall, WaterfallBar,
    },
};

/// What the server found.
#[derive(Clone)]
pub struct SlowRequestShown {
    /// The operator's name.
    pub operator: String,
    pub request: Result<SlowRequest, AppError>,
}

/// The page of one, of a [`SlowRequestShown`] in context.
#[component]
pub fn SlowRequestPage() -> impl IntoView {
    let Some(SlowRequestShown { operator, request }) = use_context() else {
        return view! { <NoSuchPage /> }.into_any();
    };
    let request = match request {
        Ok(request) => view! { <Request request /> }.into_any(),
        Err(error) => {
            view! { <ErrorState text=error.message().to_owned() retry_href=routes::OPERATOR_SLOW /> }.into_any()
        }
    };
    view! { <OperatorLayout operator>{request}</OperatorLayout> }.into_any()
}

#[component]
fn Request(request: SlowRequest) -> impl IntoView {
    let depths = request.depths();
    let SlowRequest { line, trace, error, spans } = request;
    let title = format!("{} {}", line.method, line.route);
    let crumbs = vec![Crumb::new("Slow and failed requests", routes::OPERATOR_SLOW)];
    let whose = match (line.tenant, line.name) {
        (Some(tenant), Some(name)) => {
            view! { <TextLink href=routes::operator_tenant(tenant)>{name}</TextLink> }.into_any()
        }
        _ => "Nobody’s".into_any(),
    };
    let bars = spans.iter().zip(&depths).map(|(span, depth)| bar(span, *depth)).collect::<Vec<_>>();
    let label =
        format!("What it waited for, in the order in which it began: {}. The table says the same.", parts(spans.len()));
    let rows = spans.into_iter().map(|span| view! { <SpanRow span /> }).collect_view();
    view! {
        <Title text=title.clone() />
        <Stack>
            <PageHeader title crumbs />
            <Facts>
                <Fact label="When">
                    <Time at=line.at exact=true />
                </Fact>
                <Fact label="Status">
                    <Status status=line.status failed=line.failed />
                </Fact>
                <Fact label="Took">{span(f64::from(line.took_ms) / 1_000.0)}</Fact>
                <Fact label="Workspace">{whose}</Fact>
                <Fact label="Reference" code=true>
                    {trace}
                </Fact>
                {error
                    .map(|error| {
                        view! {
                            <Fact label="What was logged" code=true>
                                {error}
                            </Fact>
                        }
                    })}
            </Facts>
            <Section title="What it waited for">
                <Waterfall label bars />
                <Table label="What it waited for">
                    <thead>
                        <tr>
                            <HeaderCell>"Name"</HeaderCell>
                            <HeaderCell numeric=true>"After"</HeaderCell>
                            <HeaderCell numeric=true>"Took"</HeaderCell>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </Table>
            </Section>
        </Stack>
    }
}

#[component]
fn SpanRow(span: SlowSpan) -> impl IntoView {
    let SlowSpan { name, start_ms, took_ms, failed, .. } = span;
    view! {
        <Row>
            <Cell primary=true>
                {name} " " {failed.then(|| view! { <Badge tone=Tone::Danger>"Failed"</Badge> })}
            </Cell>
            <Cell numeric=true>{milliseconds(start_ms)}</Cell>
            <Cell numeric=true>{milliseconds(took_ms)}</Cell>
        </Row>
    }
}

fn bar(span: &SlowSpan, depth: usize) -> WaterfallBar {
    WaterfallBar {
        name: span.name.clone(),
        text: milliseconds(span.took_ms),
        start: span.start_ms,
        length: span.took_ms,
        depth,
        is_failed: span.failed,
    }
}

fn milliseconds(time: f64) -> String {
    if time < 10.0 { format!("{time:.1} ms") } else { format!("{time:.0} ms") }
}

fn parts(number: usize) -> String {
    crate::ui::counted(number as u64, "part", "parts")
}
