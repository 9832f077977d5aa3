//! The busiest lanes: what of one kind waits and runs for one workspace. Of one workspace, all, and holding it up.

use domain::operators::{self, COUNTED_OF_A_LANE, LaneLine, PauseLine, QueueFilter};
use leptos::prelude::*;
use leptos_meta::Title;

use super::{
    form_states::Wrong,
    pause_form::{PauseForm, ResumeButton},
    seconds::{counted_to, span, span_or_none},
    tabs::{DoorTab, DoorTabs},
};
use crate::{
    error::AppError,
    public_site::NoSuchPage,
    routes,
    ui::{
        Button, ButtonKind, Cell, Cluster, EmptyState, ErrorState, Field, Glyph, HeaderCell, HiddenField, Notice,
        OperatorLayout, PageHeader, QueryForm, Row, Section, Select, Stack, Table, TextLink, Tone, grouped,
    },
};

/// What the server found.
#[derive(Clone)]
pub struct LanesShown {
    /// The operator's name.
    pub operator: String,
    pub filter: QueueFilter,
    pub by_use: bool,
    pub page: Result<operators::LanePage, AppError>,
}

/// The page at [`routes::OPERATOR_LANES`], of a [`LanesShown`] in context.
#[component]
pub fn LanesPage() -> impl IntoView {
    let Some(LanesShown { operator, filter, by_use, page }) = use_context() else {
        return view! { <NoSuchPage /> }.into_any();
    };
    let tenant = filter.tenant.map(|tenant| tenant.to_string());
    let found = match page {
        Ok(page) => view! { <Found page tenant=tenant.clone() /> }.into_any(),
        Err(error) => {
            view! { <ErrorState text=error.message().to_owned() retry_href=routes::OPERATOR_LANES /> }.into_any()
        }
    };
    let description = match tenant {
        Some(_) => "All lanes of one workspace.",
        None => "A lane is the work of one kind of one workspace. These are the busiest 50.",
    };
    view! {
        <Title text="Lanes" />
        <OperatorLayout operator>
            <Stack>
                <DoorTabs current=DoorTab::Lanes />
                <PageHeader title="Lanes" description />
                <Wrong />
                <Filter kind=filter.kind.unwrap_or_default() tenant by_use />
                {found}
            </Stack>
        </OperatorLayout>
    }
    .into_any()
}

#[component]
fn Filter(kind: String, tenant: Option<String>, by_use: bool) -> impl IntoView {
    let orders = vec![("waiting".to_owned(), "Most waiting".to_owned()), ("use".into(), "Most used".into())];
    let order = if by_use { "use" } else { "waiting" };
    let everywhere = tenant.is_some().then(|| routes::operator_lanes(&kind, None::<&str>, by_use));
    view! {
        <QueryForm action=routes::OPERATOR_LANES>
            <Field name="kind" label="Kind of work" value=kind max_length=100u32 />
            {tenant.map(|tenant| view! { <HiddenField name="tenant" value=tenant /> })}
            <Select name="order" label="Order" options=orders value=order />
            <Cluster>
                <Button kind=ButtonKind::Submit>"Show"</Button>
                {everywhere.map(|href| view! { <TextLink href>"Of all workspaces"</TextLink> })}
            </Cluster>
        </QueryForm>
    }
}

#[component]
fn Found(page: operators::LanePage, tenant: Option<String>) -> impl IntoView {
    let operators::LanePage { lanes, pauses } = page;
    let dead = tenant.as_ref().map(|tenant| routes::operator_dead("", Some(tenant)));
    let workspace = tenant.as_ref().map(routes::operator_tenant);
    let control = tenant.map(|tenant| view! { <Control tenant pauses /> });
    let lanes = if lanes.is_empty() {
        let text = "A lane stands here while work waits or runs in it, and all lanes of a workspace that is asked for.";
        view! { <EmptyState glyph=Glyph::Clock title="No lane is like that" text /> }.into_any()
    } else {
        view! { <Lanes lanes /> }.into_any()
    };
    view! {
        {workspace
            .map(|href| {
                view! {
                    <Cluster>
                        <TextLink href>"The workspace"</TextLink>
                        {dead.map(|href| view! { <TextLink href>"Its dead letters"</TextLink> })}
                    </Cluster>
                }
            })}
        {lanes}
        {control}
    }
}

#[component]
fn Lanes(lanes: Vec<LaneLine>) -> impl IntoView {
    let rows = lanes.into_iter().map(|lane| view! { <Lane lane /> }).collect_view();
    view! {
        <Table label="Lanes">
            <thead>
                <tr>
                    <HeaderCell>"Workspace"</HeaderCell>
                    <HeaderCell>"Kind"</HeaderCell>
                    <HeaderCell numeric=true>"Running"</HeaderCell>
                    <HeaderCell numeric=true>"Waiting"</HeaderCell>
                    <HeaderCell numeric=true>"Oldest"</HeaderCell>
                    <HeaderCell numeric=true hide_narrow=true>
                        "Used"
                    </HeaderCell>
                    <HeaderCell numeric=true hide_narrow=true>
                        "Weight"
                    </HeaderCell>
                    <HeaderCell>"Act"</HeaderCell>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
    }
}

#[component]
fn Lane(lane: LaneLine) -> impl IntoView {
    let running = format!("{} of {}", lane.running, grouped(lane.max_running.unsigned_abs().into()));
    let change = routes::operator_lane(lane.tenant, &lane.kind);
    view! {
        <Row>
            <Cell primary=true>
                <TextLink href=routes::operator_lanes("", Some(lane.tenant), false) quiet=true>
                    {lane.name}
                </TextLink>
            </Cell>
            <Cell>{lane.kind}</Cell>
            <Cell numeric=true>{running}</Cell>
            <Cell numeric=true>{counted_to(lane.waiting, COUNTED_OF_A_LANE)}</Cell>
            <Cell numeric=true>{span_or_none(lane.oldest_seconds)}</Cell>
            <Cell numeric=true hide_narrow=true>
                {span(lane.used)}
            </Cell>
            <Cell numeric=true hide_narrow=true>
                {lane.weight.to_string()}
            </Cell>
            <Cell>
                <TextLink href=change>"Change"</TextLink>
            </Cell>
        </Row>
    }
}

#[component]
fn Control(tenant: String, pauses: Vec<PauseLine>) -> impl IntoView {
    match pauses.into_iter().next() {
        Some(pause) => view! {
            <Section title="Held up">
                <Notice tone=Tone::Warning title=format!("Held up by {}", pause.paused_by)>
                    {pause.reason}
                </Notice>
                <ResumeButton
                    id="resume".to_owned()
                    kind=None
                    tenant=Some(tenant)
                    label="Resume its work".to_owned()
                />
            </Section>
        }
        .into_any(),
        None => view! {
            <Section
                title="Hold up its work"
                description="No more of it begins, within a second. What runs is left alone, and nothing is lost."
            >
                <PauseForm tenant=Some(tenant) />
            </Section>
        }
        .into_any(),
    }
}
