//! One lane, its share and its limits. Fields: `tenant`, `kind`; `weight`, `max_running`, `max_waiting`.

use domain::operators::{COUNTED_OF_A_LANE, LaneLine};
use leptos::prelude::*;
use leptos_meta::Title;

use super::{
    seconds::{counted_to, span, span_or_none},
    tabs::{DoorTab, DoorTabs},
};
use crate::{
    error::AppError,
    public_site::NoSuchPage,
    routes,
    ui::{
        Button, ButtonKind, ButtonVariant, Crumb, ErrorState, Fact, Facts, Field, FieldKind, Form, FormActions,
        HiddenField, OperatorLayout, PageHeader, Section, Stack,
    },
};

/// What the server found.
#[derive(Clone)]
pub struct LaneShown {
    /// The operator's name.
    pub operator: String,
    pub lane: Result<LaneLine, AppError>,
}

/// The page at [`routes::OPERATOR_LANE`], of a [`LaneShown`] in context.
#[component]
pub fn LanePage() -> impl IntoView {
    let Some(LaneShown { operator, lane }) = use_context() else {
        return view! { <NoSuchPage /> }.into_any();
    };
    let lane = match lane {
        Ok(lane) => view! { <Lane lane /> }.into_any(),
        Err(error) => {
            view! { <ErrorState text=error.message().to_owned() retry_href=routes::OPERATOR_LANES /> }.into_any()
        }
    };
    view! { <OperatorLayout operator>{lane}</OperatorLayout> }.into_any()
}

#[component]
fn Lane(lane: LaneLine) -> impl IntoView {
    let title = format!("{} of {}", lane.kind, lane.name);
    let crumbs = vec![
        Crumb::new("Lanes", routes::OPERATOR_LANES),
        Crumb::new(lane.name.clone(), routes::operator_lanes("", Some(lane.tenant), false)),
    ];
    view! {
        <Title text=title.clone() />
        <Stack>
            <DoorTabs current=DoorTab::Lanes />
            <PageHeader title crumbs />
            <Facts>
                <Fact label="Running">{lane.running.to_string()}</Fact>
                <Fact label="Waiting">{counted_to(lane.waiting, COUNTED_OF_A_LANE)}</Fact>
                <Fact label="Oldest">{span_or_none(lane.oldest_seconds)}</Fact>
                <Fact label="Used of late">{span(lane.used)}</Fact>
            </Facts>
            <Limits lane />
        </Stack>
    }
}

#[component]
fn Limits(lane: LaneLine) -> impl IntoView {
    view! {
        <Section
            title="Share and limits"
            description="Of a kind, a lane of twice the weight has twice the time of workers while others wait as well."
        >
            <Form action=routes::OPERATOR_LANE>
                <HiddenField name="tenant" value=lane.tenant.to_string() />
                <HiddenField name="kind" value=lane.kind />
                <Field
                    name="weight"
                    label="Weight"
                    hint="1 is usual; between 0.01 and 1000."
                    value=lane.weight.to_string()
                    required=true
                    max_length=10u32
                />
                <Field
                    name="max_running"
                    label="Running at once"
                    kind=FieldKind::Number
                    value=lane.max_running.to_string()
                    required=true
                />
                <Field
                    name="max_waiting"
                    label="Unfinished at once"
                    hint="More is refused."
                    kind=FieldKind::Number
                    value=lane.max_waiting.to_string()
                    required=true
                />
                <FormActions>
                    <Button variant=ButtonVariant::Primary kind=ButtonKind::Submit>
                        "Change the lane"
                    </Button>
                </FormActions>
            </Form>
        </Section>
    }
}
