//! Work that failed for good, of all workspaces, and running it again. Fields: `kind` and `tenant`, by which the list is
//! filtered; `of` and `job` of one, or `confirm` for all.

use domain::operators::{DeadLine, QueueFilter, REPLAYED_AT_ONCE, Replayed};
use leptos::{context::Provider, prelude::*};
use leptos_meta::Title;

use super::{
    form_states::{Wrong, state_of},
    tabs::{DoorTab, DoorTabs},
};
use crate::{
    error::AppError,
    public_site::NoSuchPage,
    routes,
    ui::{
        Badge, Button, ButtonKind, ButtonSize, ButtonVariant, Cell, Checkbox, Cluster, EmptyState, ErrorState, Field,
        Form, FormActions, Glyph, HeaderCell, HiddenField, Notice, OperatorLayout, PageHeader, PostForm, QueryForm,
        Row, Section, Stack, Table, TextLink, Time, Tone, counted, grouped,
    },
};

/// What the server found.
#[derive(Clone)]
pub struct DeadLettersShown {
    /// The operator's name.
    pub operator: String,
    pub filter: QueueFilter,
    /// Where some were just run again.
    pub replayed: Option<Replayed>,
    pub letters: Result<Vec<DeadLine>, AppError>,
}

/// The page at [`routes::OPERATOR_DEAD`], of a [`DeadLettersShown`] in context.
#[component]
pub fn DeadLettersPage() -> impl IntoView {
    let Some(DeadLettersShown { operator, filter, replayed, letters }) = use_context() else {
        return view! { <NoSuchPage /> }.into_any();
    };
    let found = match letters {
        Ok(letters) if letters.is_empty() => {
            let text = "What fails for good stands here for 30 days.";
            view! { <EmptyState glyph=Glyph::Check title="No dead letters" text /> }.into_any()
        }
        Ok(letters) => view! { <Letters letters filter=filter.clone() /> }.into_any(),
        Err(error) => {
            view! { <ErrorState text=error.message().to_owned() retry_href=routes::OPERATOR_DEAD /> }.into_any()
        }
    };
    view! {
        <Title text="Dead letters" />
        <OperatorLayout operator>
            <Stack>
                <DoorTabs current=DoorTab::DeadLetters />
                <PageHeader title="Dead letters" description="Work that failed for good: the newest 200." />
                {replayed.map(|replayed| view! { <Notice tone=Tone::Success>{told(replayed)}</Notice> })}
                <Wrong />
                <Filter filter />
                {found}
            </Stack>
        </OperatorLayout>
    }
    .into_any()
}

fn told(replayed: Replayed) -> String {
    let again = counted(replayed.replayed as u64, "dead letter runs again.", "dead letters run again.");
    match replayed.skipped {
        0 => again,
        skipped => {
            let left = counted(skipped as u64, "was left", "were left");
            format!("{again} {left}, as the same work is under way.")
        }
    }
}

#[component]
fn Filter(filter: QueueFilter) -> impl IntoView {
    let kind = filter.kind.unwrap_or_default();
    let everywhere = filter.tenant.map(|_| routes::operator_dead(&kind, None::<&str>));
    view! {
        <QueryForm action=routes::OPERATOR_DEAD>
            <Field name="kind" label="Kind of work" value=kind max_length=100u32 />
            {filter.tenant.map(|tenant| view! { <HiddenField name="tenant" value=tenant.to_string() /> })}
            <Cluster>
                <Button kind=ButtonKind::Submit>"Show"</Button>
                {everywhere.map(|href| view! { <TextLink href>"Of all workspaces"</TextLink> })}
            </Cluster>
        </QueryForm>
    }
}

#[component]
fn Letters(letters: Vec<DeadLine>, filter: QueueFilter) -> impl IntoView {
    let rows = letters.into_iter().map(|letter| view! { <Letter letter filter=filter.clone() /> }).collect_view();
    view! {
        <Table label="Dead letters">
            <thead>
                <tr>
                    <HeaderCell>"Workspace"</HeaderCell>
                    <HeaderCell>"Kind"</HeaderCell>
                    <HeaderCell>"Last error"</HeaderCell>
                    <HeaderCell numeric=true hide_narrow=true>
                        "Attempts"
                    </HeaderCell>
                    <HeaderCell hide_narrow=true>"Died"</HeaderCell>
                    <HeaderCell>"Act"</HeaderCell>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
        <ReplayAll filter />
    }
}

#[component]
fn Letter(letter: DeadLine, filter: QueueFilter) -> impl IntoView {
    let id = letter.job.to_string();
    let act = if letter.is_under_way {
        view! { <Badge>"Under way again"</Badge> }.into_any()
    } else {
        view! {
            <PostForm id=format!("replay-{id}") action=routes::OPERATOR_REPLAY>
                <FilterFields filter />
                <HiddenField name="of" value=letter.tenant.to_string() />
                <HiddenField name="job" value=id />
                <Button kind=ButtonKind::Submit size=ButtonSize::Small>
                    "Run again"
                </Button>
            </PostForm>
        }
        .into_any()
    };
    view! {
        <Row>
            <Cell>
                <TextLink href=routes::operator_dead("", Some(letter.tenant)) quiet=true>
                    {letter.name}
                </TextLink>
            </Cell>
            <Cell>{letter.kind}</Cell>
            <Cell primary=true wraps=true>
                {letter.error.unwrap_or_default()}
            </Cell>
            <Cell numeric=true hide_narrow=true>
                {letter.attempts.to_string()}
            </Cell>
            <Cell hide_narrow=true>
                <Time at=letter.died_at exact=true />
            </Cell>
            <Cell>{act}</Cell>
        </Row>
    }
}

#[component]
fn ReplayAll(filter: QueueFilter) -> impl IntoView {
    let which = match (&filter.kind, filter.tenant) {
        (Some(kind), Some(_)) => format!("all of kind {kind} of this workspace"),
        (Some(kind), None) => format!("all of kind {kind}, of all workspaces"),
        (None, Some(_)) => "all of this workspace".into(),
        (None, None) => "all of all kinds and workspaces".into(),
    };
    let description = format!(
        "The newest {}, of at most 100 workspaces at once. Where the same work is under way, it is left.",
        grouped(REPLAYED_AT_ONCE.unsigned_abs().into()),
    );
    view! {
        <Section title="Run again" description>
            <Provider value=state_of(&["confirm"])>
                <Form action=routes::OPERATOR_REPLAY>
                    <FilterFields filter />
                    <Checkbox name="confirm" label=format!("Yes, {which}") />
                    <FormActions>
                        <Button variant=ButtonVariant::Danger kind=ButtonKind::Submit>
                            "Run them again"
                        </Button>
                    </FormActions>
                </Form>
            </Provider>
        </Section>
    }
}

#[component]
fn FilterFields(filter: QueueFilter) -> impl IntoView {
    let QueueFilter { kind, tenant } = filter;
    view! {
        {kind.map(|kind| view! { <HiddenField name="kind" value=kind /> })}
        {tenant.map(|tenant| view! { <HiddenField name="tenant" value=tenant.to_string() /> })}
    }
}
