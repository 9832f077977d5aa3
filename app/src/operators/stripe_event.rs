//! One thing that Stripe has told, and having it looked into again. The field is `event`.

use domain::operators::{StripeEvent, StripeEventLine};
use leptos::prelude::*;
use leptos_meta::Title;

use super::{form_states::Wrong, stripe_events::EventState};
use crate::{
    error::AppError,
    public_site::NoSuchPage,
    routes,
    ui::{
        Button, ButtonKind, Crumb, ErrorState, Fact, Facts, HiddenField, OperatorLayout, PageHeader, PostForm, Section,
        Stack, TextBlock, TextLink, Time,
    },
};

/// What the server found.
#[derive(Clone)]
pub struct StripeEventShown {
    /// The operator's name.
    pub operator: String,
    pub event: Result<StripeEvent, AppError>,
}

/// The page at [`routes::OPERATOR_STRIPE_EVENT`], of a [`StripeEventShown`] in context.
#[component]
pub fn StripeEventPage() -> impl IntoView {
    let Some(StripeEventShown { operator, event }) = use_context() else {
        return view! { <NoSuchPage /> }.into_any();
    };
    let event = match event {
        Ok(event) => view! { <Event event /> }.into_any(),
        Err(error) => {
            view! { <ErrorState text=error.message().to_owned() retry_href=routes::OPERATOR_STRIPE /> }.into_any()
        }
    };
    view! { <OperatorLayout operator>{event}</OperatorLayout> }.into_any()
}

#[component]
fn Event(event: StripeEvent) -> impl IntoView {
    let StripeEvent { line, body } = event;
    let crumbs = vec![Crumb::new("Stripe", routes::OPERATOR_STRIPE)];
    view! {
        <Title text=line.kind.clone() />
        <Stack>
            <PageHeader title=line.kind.clone() crumbs />
            <Wrong />
            <Known line=line.clone() />
            <Replay id=line.id />
            <Section title="What it said">
                <TextBlock text=body lang="en" />
            </Section>
        </Stack>
    }
}

#[component]
fn Known(line: StripeEventLine) -> impl IntoView {
    let StripeEventLine {
        id,
        api_version,
        customer,
        tenant,
        name,
        created_at,
        received_at,
        state,
        handled_at,
        note,
        ..
    } = line;
    let or_none = |text: Option<String>| text.unwrap_or_else(|| "None".to_owned());
    let whose = match tenant {
        Some(tenant) => {
            let name = name.unwrap_or_else(|| tenant.to_string());
            view! { <TextLink href=routes::operator_tenant(tenant)>{name}</TextLink> }.into_any()
        }
        None => "Nobody’s who is known here".into_any(),
    };
    let handled = match handled_at {
        Some(at) => view! { <Time at exact=true /> }.into_any(),
        None => "Not yet".into_any(),
    };
    view! {
        <Facts>
            <Fact label="Id" code=true>
                {id}
            </Fact>
            <Fact label="State">
                <EventState state />
            </Fact>
            <Fact label="Workspace">{whose}</Fact>
            <Fact label="Customer" code=true>
                {or_none(customer)}
            </Fact>
            <Fact label="Version">{or_none(api_version)}</Fact>
            <Fact label="Happened">
                <Time at=created_at exact=true />
            </Fact>
            <Fact label="Received">
                <Time at=received_at exact=true />
            </Fact>
            <Fact label="Looked into">{handled}</Fact>
            {note.map(|note| view! { <Fact label="Note">{note}</Fact> })}
        </Facts>
    }
}

#[component]
fn Replay(id: String) -> impl IntoView {
    view! {
        <Section
            title="Look into it again"
            description="Stripe is asked once more what the workspace has bought. It is harmless at any time."
        >
            <PostForm id="replay" action=routes::OPERATOR_STRIPE_REPLAY>
                <HiddenField name="event" value=id />
                <Button kind=ButtonKind::Submit>"Ask Stripe again"</Button>
            </PostForm>
        </Section>
    }
}
