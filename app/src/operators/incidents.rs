//! Incidents, as operators open them and tell of them. Fields: `title`, `severity`, `component_…`, `state`, `text`, `confirm`;
//! of one that is open, `incident`, `state`, `text`, `confirm`.

use domain::status::{Component, Incident, IncidentState, Severity};
use leptos::prelude::*;
use leptos_meta::Title;

use super::tabs::{DoorTab, DoorTabs};
use crate::{
    error::AppError,
    public_site::NoSuchPage,
    routes,
    ui::{
        Badge, Button, ButtonKind, ButtonVariant, Cell, Checkbox, Crumb, EmptyState, ErrorState, Field, Form,
        FormActions, FormState, Glyph, HeaderCell, HiddenField, OperatorLayout, PageHeader, Row, Section, Select,
        Stack, Table, TextBlock, TextLink, Time, Tone,
    },
};

/// What the server found.
#[derive(Clone)]
pub struct IncidentsShown {
    /// The operator's name.
    pub operator: String,
    pub incidents: Result<Vec<Incident>, AppError>,
}

/// What the server found of one.
#[derive(Clone)]
pub struct IncidentShown {
    /// The operator's name.
    pub operator: String,
    pub incident: Result<Incident, AppError>,
}

/// The page at [`routes::OPERATOR_INCIDENTS`], of an [`IncidentsShown`] in context.
#[component]
pub fn IncidentsPage() -> impl IntoView {
    let Some(IncidentsShown { operator, incidents }) = use_context() else {
        return view! { <NoSuchPage /> }.into_any();
    };
    let found = match incidents {
        Ok(incidents) if incidents.is_empty() => {
            view! { <EmptyState glyph=Glyph::Check title="No incidents" text="None was told in the last 90 days." /> }
                .into_any()
        }
        Ok(incidents) => view! { <List incidents /> }.into_any(),
        Err(error) => {
            view! { <ErrorState text=error.message().to_owned() retry_href=routes::OPERATOR_INCIDENTS /> }.into_any()
        }
    };
    view! {
        <Title text="Incidents" />
        <OperatorLayout operator>
            <Stack>
                <DoorTabs current=DoorTab::Incidents />
                <PageHeader title="Incidents" description="What the public status page tells." />
                <TextLink href=routes::STATUS>"The status page"</TextLink>
                {found}
                <Open />
            </Stack>
        </OperatorLayout>
    }
    .into_any()
}

#[component]
fn List(incidents: Vec<Incident>) -> impl IntoView {
    let rows = incidents.into_iter().map(|incident| {
        let state = incident.updates.first().map_or(IncidentState::Investigating, |update| update.state);
        let tone = if incident.resolved_at.is_some() { Tone::Success } else { Tone::Warning };
        let updated_at = incident.updated_at();
        let Incident { id, title, severity, .. } = incident;
        view! {
            <Row>
                <Cell primary=true>
                    <TextLink href=routes::operator_incident(id) quiet=true>
                        {title}
                    </TextLink>
                </Cell>
                <Cell>
                    <Badge tone=tone>{state.label()}</Badge>
                </Cell>
                <Cell>{severity.label()}</Cell>
                <Cell>
                    <Time at=updated_at exact=true />
                </Cell>
            </Row>
        }
    });
    let rows = rows.collect_view();
    view! {
        <Table label="Incidents">
            <thead>
                <tr>
                    <HeaderCell>"Title"</HeaderCell>
                    <HeaderCell>"State"</HeaderCell>
                    <HeaderCell>"Severity"</HeaderCell>
                    <HeaderCell>"Last told"</HeaderCell>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
    }
}

#[component]
fn Open() -> impl IntoView {
    let missing = use_context::<FormState>().and_then(|state| state.error("components").map(str::to_owned));
    let described_by = missing.is_some().then_some("field-components-error");
    let components = Component::ALL
        .map(|component| {
            view! { <Checkbox name=format!("component_{}", component.as_str()) label=component.label() /> }
        })
        .into_iter()
        .collect_view();
    let severities = Severity::ALL.map(|severity| (severity.as_str().to_owned(), severity.label().to_owned()));
    view! {
        <Section title="Open an incident" description="It is public at once, and what was said stays.">
            <Form action=routes::OPERATOR_INCIDENTS>
                <Field name="title" label="Title" hint="5 to 120 characters." required=true max_length=120u32 />
                <Select name="severity" label="Severity" options=severities.to_vec() />
                <fieldset class="field" id="field-components" aria-describedby=described_by>
                    <legend class="field-label">"Affected parts"</legend>
                    {components}
                    {missing
                        .map(|missing| {
                            view! {
                                <p class="field-error" id="field-components-error">
                                    {missing}
                                </p>
                            }
                        })}
                </fieldset>
                <Say state=IncidentState::Investigating />
                <FormActions>
                    <Button variant=ButtonVariant::Danger kind=ButtonKind::Submit>
                        "Publish the incident"
                    </Button>
                </FormActions>
            </Form>
        </Section>
    }
}

/// What every form that says something has.
#[component]
fn Say(
    /// As it is now.
    state: IncidentState,
) -> impl IntoView {
    let states = IncidentState::ALL.map(|state| (state.as_str().to_owned(), state.label().to_owned()));
    view! {
        <Select name="state" label="State" options=states.to_vec() value=state.as_str().to_owned() />
        <Field
            name="text"
            label="What is to be said"
            hint="10 to 2,000 characters, for everybody to read."
            required=true
            max_length=2000u32
            rows=5u32
        />
        <Checkbox name="confirm" label="Yes, publish this now" />
    }
}

/// The page at [`routes::OPERATOR_INCIDENT`], of an [`IncidentShown`] in context.
#[component]
pub fn IncidentPage() -> impl IntoView {
    let Some(IncidentShown { operator, incident }) = use_context() else {
        return view! { <NoSuchPage /> }.into_any();
    };
    let shown = match incident {
        Ok(incident) => view! { <One incident /> }.into_any(),
        Err(error) => {
            view! { <ErrorState text=error.message().to_owned() retry_href=routes::OPERATOR_INCIDENTS /> }.into_any()
        }
    };
    view! { <OperatorLayout operator>{shown}</OperatorLayout> }.into_any()
}

#[component]
fn One(incident: Incident) -> impl IntoView {
    let crumbs = vec![Crumb::new("Incidents", routes::OPERATOR_INCIDENTS)];
    // As it was last told of. Whoever says more and chooses nothing opens nothing again.
    let state = incident.updates.iter().max_by_key(|update| update.posted_at).map(|update| update.state);
    let state = state.unwrap_or(IncidentState::Investigating);
    let updates = incident.updates.into_iter().map(|update| {
        view! {
            <Section title=update.state.label()>
                <p>
                    <Time at=update.posted_at exact=true />
                </p>
                <TextBlock text=update.text />
            </Section>
        }
    });
    let updates = updates.collect_view();
    view! {
        <Title text=incident.title.clone() />
        <Stack>
            <DoorTabs current=DoorTab::Incidents />
            <PageHeader title=incident.title crumbs />
            <Section title="Say more" description="“Resolved” closes it; anything else opens it again.">
                <Form action=routes::OPERATOR_INCIDENT>
                    <HiddenField name="incident" value=incident.id.to_string() />
                    <Say state />
                    <FormActions>
                        <Button variant=ButtonVariant::Primary kind=ButtonKind::Submit>
                            "Publish"
                        </Button>
                    </FormActions>
                </Form>
            </Section>
            {updates}
        </Stack>
    }
}
