//! What Stripe has told, of all workspaces. Filters are `state`, `kind` and `tenant`.

use domain::operators::{StripeEventLine, StripeEventState, StripeFilter, StripePage};
use leptos::prelude::*;
use leptos_meta::Title;

use super::tabs::{DoorTab, DoorTabs};
use crate::{
    error::AppError,
    public_site::NoSuchPage,
    routes,
    ui::{
        Badge, Button, ButtonKind, Cell, Cluster, EmptyState, ErrorState, Field, Glyph, HeaderCell, HiddenField,
        OperatorLayout, PageHeader, Pagination, QueryForm, Row, Select, Stack, Table, TextLink, Time, Tone,
    },
};

/// What the server found.
#[derive(Clone)]
pub struct StripeEventsShown {
    /// The operator's name.
    pub operator: String,
    pub filter: StripeFilter,
    pub page: Result<StripePage, AppError>,
}

/// The page at [`routes::OPERATOR_STRIPE`], of a [`StripeEventsShown`] in context.
#[component]
pub fn StripeEventsPage() -> impl IntoView {
    let Some(StripeEventsShown { operator, filter, page }) = use_context() else {
        return view! { <NoSuchPage /> }.into_any();
    };
    let found = match page {
        Ok(page) if page.events.is_empty() => {
            let text = "What Stripe tells by its webhook stands here, the newest first.";
            view! { <EmptyState glyph=Glyph::Mail title="Nothing is like that" text /> }.into_any()
        }
        Ok(page) => view! { <Events page filter=filter.clone() /> }.into_any(),
        Err(error) => {
            view! { <ErrorState text=error.message().to_owned() retry_href=routes::OPERATOR_STRIPE /> }.into_any()
        }
    };
    let description =
        "What Stripe has told by its webhook. Each has us ask Stripe what is so now: what it said is not believed.";
    view! {
        <Title text="Stripe" />
        <OperatorLayout operator>
            <Stack>
                <DoorTabs current=DoorTab::Stripe />
                <PageHeader title="Stripe" description />
                <Filter filter />
                {found}
            </Stack>
        </OperatorLayout>
    }
    .into_any()
}

/// What became of it, in a word.
#[component]
pub(super) fn EventState(state: StripeEventState) -> impl IntoView {
    let tone = match state {
        StripeEventState::Received => Tone::Info,
        StripeEventState::Done => Tone::Success,
        StripeEventState::Ignored => Tone::Neutral,
        StripeEventState::Unknown => Tone::Warning,
    };
    view! { <Badge tone>{state.label()}</Badge> }
}

#[component]
fn Filter(filter: StripeFilter) -> impl IntoView {
    let all = (String::new(), "In any state".to_owned());
    let states = StripeEventState::ALL.map(|state| (state.as_str().to_owned(), state.label().to_owned()));
    let options = std::iter::once(all).chain(states).collect::<Vec<_>>();
    let state = filter.state.map_or("", StripeEventState::as_str);
    let is_filtered = filter != StripeFilter::default();
    view! {
        <QueryForm action=routes::OPERATOR_STRIPE>
            <Select name="state" label="State" options value=state />
            <Field
                name="kind"
                label="Type"
                hint="As in invoice.paid"
                value=filter.kind.unwrap_or_default()
                max_length=200u32
            />
            {filter.tenant.map(|tenant| view! { <HiddenField name="tenant" value=tenant.to_string() /> })}
            <Cluster>
                <Button kind=ButtonKind::Submit>"Show"</Button>
                {is_filtered.then(|| view! { <TextLink href=routes::OPERATOR_STRIPE>"All of it"</TextLink> })}
            </Cluster>
        </QueryForm>
    }
}

#[component]
fn Events(page: StripePage, filter: StripeFilter) -> impl IntoView {
    let newest = filter.after.is_some().then(|| routes::operator_stripe(&filter, None));
    let older = page.older.map(|last| routes::operator_stripe(&filter, Some(&last)));
    let rows = page.events.into_iter().map(|event| view! { <Event event /> }).collect_view();
    view! {
        <Table label="What Stripe has told">
            <thead>
                <tr>
                    <HeaderCell>"Type"</HeaderCell>
                    <HeaderCell>"State"</HeaderCell>
                    <HeaderCell>"Workspace"</HeaderCell>
                    <HeaderCell>"Received"</HeaderCell>
                    <HeaderCell hide_narrow=true>"Note"</HeaderCell>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
        <Pagination label="What Stripe has told" newer=newest older newer_label="Newest" />
    }
}

#[component]
fn Event(event: StripeEventLine) -> impl IntoView {
    let StripeEventLine { id, kind, customer, tenant, name, received_at, state, note, .. } = event;
    let whose = match (tenant, name) {
        (Some(tenant), Some(name)) => {
            let only = StripeFilter { tenant: Some(tenant), ..StripeFilter::default() };
            view! {
                <TextLink href=routes::operator_stripe(&only, None) quiet=true>
                    {name}
                </TextLink>
            }
            .into_any()
        }
        _ => customer.unwrap_or_else(|| "Nobody".to_owned()).into_any(),
    };
    view! {
        <Row>
            <Cell primary=true>
                <TextLink href=routes::operator_stripe_event(&id) quiet=true>
                    {kind}
                </TextLink>
            </Cell>
            <Cell>
                <EventState state />
            </Cell>
            <Cell>{whose}</Cell>
            <Cell>
                <Time at=received_at exact=true />
            </Cell>
            <Cell hide_narrow=true muted=true>
                {note.unwrap_or_default()}
            </Cell>
        </Row>
    }
}
