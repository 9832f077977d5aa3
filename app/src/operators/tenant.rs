//! One workspace, as operators see it, and what they may do to it. Fields: `suspend_reason`, `confirm`; `visit_reason`.

use domain::operators::{MOST_DOCUMENTS_COUNTED, TenantLine};
use leptos::{context::Provider, prelude::*};
use leptos_meta::Title;

use super::form_states::{Wrong, state_of};
use crate::{
    error::AppError,
    public_site::NoSuchPage,
    routes,
    ui::{
        Button, ButtonKind, ButtonVariant, Checkbox, Cluster, Crumb, ErrorState, Fact, Facts, Field, Form, FormActions,
        Notice, OperatorLayout, PageHeader, Section, Stack, Time, Tone, bytes, counted_to, grouped,
    },
};

/// What the server found.
#[derive(Clone)]
pub struct TenantShown {
    /// The operator's name.
    pub operator: String,
    pub tenant: Result<TenantLine, AppError>,
}

/// The page at [`routes::operator_tenant`], of a [`TenantShown`] in context.
#[component]
pub fn TenantPage() -> impl IntoView {
    let Some(TenantShown { operator, tenant }) = use_context() else {
        return view! { <NoSuchPage /> }.into_any();
    };
    let tenant = match tenant {
        Ok(tenant) => view! { <Tenant tenant /> }.into_any(),
        Err(error) => view! { <ErrorState text=error.message().to_owned() retry_href=routes::OPERATOR /> }.into_any(),
    };
    view! { <OperatorLayout operator>{tenant}</OperatorLayout> }.into_any()
}

#[component]
fn Tenant(tenant: TenantLine) -> impl IntoView {
    let crumbs = vec![Crumb::new("Workspaces", routes::OPERATOR)];
    let state = match tenant.suspended_reason.clone().filter(|_| tenant.suspended_at.is_some()) {
        Some(reason) => view! { <Suspended id=tenant.id.to_string() reason /> }.into_any(),
        None => view! { <Suspend id=tenant.id.to_string() /> }.into_any(),
    };
    view! {
        <Title text=tenant.name.clone() />
        <Stack>
            <PageHeader title=tenant.name.clone() crumbs />
            <Wrong />
            <Size tenant=tenant.clone() />
            <Work id=tenant.id.to_string() />
            {state}
            <Enter id=tenant.id.to_string() />
        </Stack>
    }
}

#[component]
fn Size(tenant: TenantLine) -> impl IntoView {
    let last_use = match tenant.last_used_at {
        Some(at) => view! { <Time at exact=true /> }.into_any(),
        None => "Never".into_any(),
    };
    view! {
        <Facts>
            <Fact label="Id" code=true>
                {tenant.id.to_string()}
            </Fact>
            <Fact label="Made">
                <Time at=tenant.created_at absolute=true />
            </Fact>
            <Fact label="Last use">{last_use}</Fact>
            <Fact label="Members">{grouped(tenant.members.unsigned_abs())}</Fact>
            <Fact label="Shared documents">{counted_to(MOST_DOCUMENTS_COUNTED, tenant.documents)}</Fact>
            <Fact label="Size">{bytes(tenant.bytes.unsigned_abs())}</Fact>
        </Facts>
    }
}

#[component]
fn Work(id: String) -> impl IntoView {
    view! {
        <Section title="Work" description="What waits and runs for it, and what failed. Its work can be held up there.">
            <Cluster>
                <Button href=routes::operator_lanes("", Some(&id), false)>"Lanes"</Button>
                <Button href=routes::operator_dead("", Some(&id))>"Dead letters"</Button>
            </Cluster>
        </Section>
    }
}

#[component]
fn Suspended(id: String, reason: String) -> impl IntoView {
    view! {
        <Section title="Suspended">
            <Notice tone=Tone::Danger>{reason}</Notice>
            <Form action=routes::operator_restore(id)>
                <FormActions>
                    <Button variant=ButtonVariant::Primary kind=ButtonKind::Submit>
                        "Restore the workspace"
                    </Button>
                </FormActions>
            </Form>
        </Section>
    }
}

#[component]
fn Suspend(id: String) -> impl IntoView {
    view! {
        <Section title="Suspend" description="Its members are shut out at once, and its work waits. Nothing is lost.">
            <Provider value=state_of(&["suspend_reason", "confirm"])>
                <Form action=routes::operator_suspend(id)>
                    <Field
                        name="suspend_reason"
                        label="Reason for suspending"
                        hint="For operators, and for the workspace's audit log."
                        required=true
                        max_length=500u32
                    />
                    <Checkbox name="confirm" label="Yes, shut everybody out" />
                    <FormActions>
                        <Button variant=ButtonVariant::Danger kind=ButtonKind::Submit>
                            "Suspend the workspace"
                        </Button>
                    </FormActions>
                </Form>
            </Provider>
        </Section>
    }
}

#[component]
fn Enter(id: String) -> impl IntoView {
    view! {
        <Section
            title="Enter as support"
            description="For 30 minutes. You look, and change nothing until an owner consents. All members see that you are there, and why."
        >
            <Provider value=state_of(&["visit_reason"])>
                <Form action=routes::operator_enter(id)>
                    <Field
                        name="visit_reason"
                        label="Reason for entering"
                        hint="At least 10 characters. The members read it."
                        required=true
                        max_length=500u32
                    />
                    <FormActions>
                        <Button kind=ButtonKind::Submit>"Enter as support"</Button>
                    </FormActions>
                </Form>
            </Provider>
        </Section>
    }
}
