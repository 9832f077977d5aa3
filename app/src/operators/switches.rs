//! The features of the product, as operators switch them. Fields: `key`, `state`, `percent`, `switch_reason`, `confirm`; or
//! `key`, `tenant`, `place`; with either, `q`, what was searched for.

use domain::{
    features::{Place, SwitchChange, SwitchLine, SwitchPlan, SwitchState},
    id::TenantId,
    operators::TenantLine,
};
use leptos::{context::Provider, prelude::*};
use leptos_meta::Title;

use super::{
    form_states::{Wrong, state_of},
    tabs::{DoorTab, DoorTabs},
    tenant_cell::TenantCell,
};
use crate::{
    error::AppError,
    public_site::NoSuchPage,
    routes,
    ui::{
        Badge, Button, ButtonKind, ButtonSize, ButtonVariant, Cell, Checkbox, Cluster, Crumb, EmptyState, ErrorState,
        Field, FieldKind, Form, FormActions, Glyph, HeaderCell, HiddenField, OperatorLayout, PageHeader, PostForm,
        QueryForm, Row, SearchField, Section, Select, Stack, Table, TextLink, Time, Tone,
    },
};

/// The fields of the form of the state, the first of which is in no other form of the page.
const SENT: [&str; 4] = ["switch_reason", "state", "percent", "confirm"];

/// What the server found.
#[derive(Clone)]
pub struct SwitchesShown {
    /// The operator's name.
    pub operator: String,
    pub plan: Result<SwitchPlan, AppError>,
}

/// What the server found of one.
#[derive(Clone)]
pub struct SwitchShown {
    /// The operator's name.
    pub operator: String,
    /// What workspaces were searched for, and those that were found.
    pub search: String,
    pub found: Vec<TenantLine>,
    pub line: Result<SwitchLine, AppError>,
}

/// The page at [`routes::OPERATOR_SWITCHES`], of a [`SwitchesShown`] in context.
#[component]
pub fn SwitchesPage() -> impl IntoView {
    let Some(SwitchesShown { operator, plan }) = use_context() else {
        return view! { <NoSuchPage /> }.into_any();
    };
    let shown = match plan {
        Ok(SwitchPlan { lines, changes }) => view! {
            <Lines lines />
            <Changes changes />
        }
        .into_any(),
        Err(error) => {
            view! { <ErrorState text=error.message().to_owned() retry_href=routes::OPERATOR_SWITCHES /> }.into_any()
        }
    };
    view! {
        <Title text="Switches" />
        <OperatorLayout operator>
            <Stack>
                <DoorTabs current=DoorTab::Switches />
                <PageHeader title="Switches" description="A change is obeyed by all servers within a second." />
                {shown}
            </Stack>
        </OperatorLayout>
    }
    .into_any()
}

#[component]
fn Lines(lines: Vec<SwitchLine>) -> impl IntoView {
    let rows = lines.into_iter().map(|line| view! { <Line line /> }).collect_view();
    view! {
        <Table label="Switches">
            <thead>
                <tr>
                    <HeaderCell>"Feature"</HeaderCell>
                    <HeaderCell>"State"</HeaderCell>
                    <HeaderCell numeric=true>"On by name"</HeaderCell>
                    <HeaderCell numeric=true>"Off by name"</HeaderCell>
                    <HeaderCell>"Changed"</HeaderCell>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
    }
}

#[component]
fn Line(line: SwitchLine) -> impl IntoView {
    let name = match line.feature {
        Some(_) => view! {
            <TextLink href=routes::operator_switch(&line.key, "") quiet=true>
                {line.key.clone()}
            </TextLink>
        }
        .into_any(),
        None => format!("{} (not used by this version)", line.key).into_any(),
    };
    let changed = match line.changed_at {
        Some(at) => view! { <Time at exact=true /> }.into_any(),
        None => "Never".into_any(),
    };
    let (state, allowed, denied) = (line.state, line.allowed.len(), line.denied.len());
    view! {
        <Row>
            <Cell primary=true>{name}</Cell>
            <Cell>
                <Badge tone=tone_of(state)>{state.label()}</Badge>
            </Cell>
            <Cell numeric=true>{allowed.to_string()}</Cell>
            <Cell numeric=true>{denied.to_string()}</Cell>
            <Cell>{changed}</Cell>
        </Row>
    }
}

#[component]
fn Changes(changes: Vec<SwitchChange>) -> impl IntoView {
    if changes.is_empty() {
        let text = "What operators switch is written down here.";
        return view! { <EmptyState glyph=Glyph::Check title="Nothing was switched yet" text /> }.into_any();
    }
    let rows = changes.into_iter().map(|SwitchChange { change, changed_by, changed_at }| {
        view! {
            <Row>
                <Cell primary=true wraps=true>
                    {change}
                </Cell>
                <Cell>{changed_by}</Cell>
                <Cell>
                    <Time at=changed_at exact=true />
                </Cell>
            </Row>
        }
    });
    let rows = rows.collect_view();
    view! {
        <Section title="Latest changes">
            <Table label="Latest changes">
                <thead>
                    <tr>
                        <HeaderCell>"Change"</HeaderCell>
                        <HeaderCell>"By"</HeaderCell>
                        <HeaderCell>"When"</HeaderCell>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </Table>
        </Section>
    }
    .into_any()
}

/// The page at [`routes::OPERATOR_SWITCH`], of a [`SwitchShown`] in context.
#[component]
pub fn SwitchPage() -> impl IntoView {
    let Some(SwitchShown { operator, search, found, line }) = use_context() else {
        return view! { <NoSuchPage /> }.into_any();
    };
    let shown = match line {
        Ok(line) => view! { <One line search found /> }.into_any(),
        Err(error) => {
            view! { <ErrorState text=error.message().to_owned() retry_href=routes::OPERATOR_SWITCHES /> }.into_any()
        }
    };
    view! { <OperatorLayout operator>{shown}</OperatorLayout> }.into_any()
}

#[component]
fn One(line: SwitchLine, search: String, found: Vec<TenantLine>) -> impl IntoView {
    let crumbs = vec![Crumb::new("Switches", routes::OPERATOR_SWITCHES)];
    let description = line.feature.map(|feature| feature.description()).unwrap_or_default();
    let key = line.key.clone();
    let (searched, typed) = (key.clone(), search.clone());
    let (key_of_state, search_of_state) = (key.clone(), search.clone());
    let allowed: Vec<_> = line.allowed.iter().map(|(id, name)| (*id, name.clone(), Place::Allow)).collect();
    let denied = line.denied.iter().map(|(id, name)| (*id, name.clone(), Place::Deny));
    let placed: Vec<_> = allowed.into_iter().chain(denied).collect();
    let others = found.into_iter().filter(|tenant| placed.iter().all(|(id, ..)| *id != tenant.id));
    let others: Vec<_> = others.map(|tenant| (tenant.id, Some(tenant.name), Place::Neither)).collect();
    let is_search = !search.is_empty() && others.is_empty();
    view! {
        <Title text=key.clone() />
        <Stack>
            <DoorTabs current=DoorTab::Switches />
            <PageHeader title=key.clone() crumbs description />
            <Wrong />
            <Provider value=state_of(&SENT)>
                <StateForm key=key_of_state state=line.state search=search_of_state />
            </Provider>
            <Section title="Workspaces by name" description="For these it is on or off, whatever the state is.">
                <Workspaces key=key.clone() tenants=placed search=search.clone() />
                <QueryForm action=routes::OPERATOR_SWITCH>
                    <HiddenField name="key" value=searched />
                    <Cluster>
                        <SearchField label="Search workspaces by name or id" value=typed />
                        <Button kind=ButtonKind::Submit>"Search"</Button>
                    </Cluster>
                </QueryForm>
                {is_search.then(|| view! { <p>"No other workspace was found."</p> })}
                <Workspaces key tenants=others search />
            </Section>
        </Stack>
    }
}

#[component]
fn StateForm(key: String, state: SwitchState, search: String) -> impl IntoView {
    let options = [("on", "On"), ("off", "Off"), ("percentage", "On for a share of the workspaces")];
    let options: Vec<_> = options.map(|(key, text)| (key.to_owned(), text.to_owned())).to_vec();
    view! {
        <Section title="State">
            <Form action=routes::OPERATOR_SWITCH>
                <HiddenField name="key" value=key />
                <HiddenField name="q" value=search />
                <Select name="state" label="For whom it is on" options value=state.as_str().to_owned() />
                <Field
                    name="percent"
                    label="Share in per cent"
                    hint="Counts where it is on for a share. Raising it turns it off for nobody."
                    kind=FieldKind::Number
                    value=state.percent().to_string()
                />
                <Field
                    name="switch_reason"
                    label="Reason"
                    hint="At least 10 characters, for other operators."
                    required=true
                    max_length=500u32
                />
                <Checkbox name="confirm" label="Yes, switch it on all servers now" />
                <FormActions>
                    <Button variant=ButtonVariant::Danger kind=ButtonKind::Submit>
                        "Switch"
                    </Button>
                </FormActions>
            </Form>
        </Section>
    }
}

#[component]
fn Workspaces(
    key: String,
    /// Those that were deleted have no name.
    tenants: Vec<(TenantId, Option<String>, Place)>,
    /// What was searched for, which is there again after a change.
    search: String,
) -> impl IntoView {
    let rows = tenants.into_iter().map(|(tenant, name, place)| {
        view! { <PlaceLine key=key.clone() tenant name place search=search.clone() /> }
    });
    let rows: Vec<_> = rows.collect();
    (!rows.is_empty()).then(|| {
        view! {
            <Table label="Workspaces">
                <thead>
                    <tr>
                        <HeaderCell>"Workspace"</HeaderCell>
                        <HeaderCell>"Now"</HeaderCell>
                        <HeaderCell>"Change"</HeaderCell>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </Table>
        }
    })
}

/// A workspace, how it is there, and what it can be changed to. One that was deleted can be taken out, and no more.
#[component]
fn PlaceLine(key: String, tenant: TenantId, name: Option<String>, place: Place, search: String) -> impl IntoView {
    let (now, tone) = match place {
        Place::Allow => ("On", Tone::Success),
        Place::Deny => ("Off", Tone::Danger),
        Place::Neither => ("As the state says", Tone::Neutral),
    };
    let choices = [(Place::Allow, "Switch on"), (Place::Deny, "Switch off"), (Place::Neither, "As the state says")];
    let is_there = name.is_some();
    let choices = choices.into_iter().filter(|(other, _)| *other != place && (is_there || *other == Place::Neither));
    let choices = choices.map(|(other, label)| {
        let id = format!("{}-{tenant}", other.as_str());
        view! { <PlaceButton id key=key.clone() tenant place=other label search=search.clone() /> }
    });
    let choices = choices.collect_view();
    let whose = match name {
        Some(name) => view! { <TenantCell tenant name /> }.into_any(),
        None => view! { <Cell primary=true>"A deleted workspace"</Cell> }.into_any(),
    };
    view! {
        <Row>
            {whose}
            <Cell>
                <Badge tone=tone>{now}</Badge>
            </Cell>
            <Cell>
                <Cluster>{choices}</Cluster>
            </Cell>
        </Row>
    }
}

#[component]
fn PlaceButton(
    id: String,
    key: String,
    tenant: TenantId,
    place: Place,
    label: &'static str,
    search: String,
) -> impl IntoView {
    view! {
        <PostForm id action=routes::OPERATOR_SWITCH>
            <HiddenField name="key" value=key />
            <HiddenField name="q" value=search />
            <HiddenField name="tenant" value=tenant.to_string() />
            <HiddenField name="place" value=place.as_str() />
            <Button kind=ButtonKind::Submit size=ButtonSize::Small>
                {label}
            </Button>
        </PostForm>
    }
}

fn tone_of(state: SwitchState) -> Tone {
    match state {
        SwitchState::On => Tone::Success,
        SwitchState::Off => Tone::Danger,
        SwitchState::Percentage(_) => Tone::Warning,
    }
}
