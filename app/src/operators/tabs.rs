//! From one part of the operators' door to another.

use leptos::prelude::*;

use crate::{
    routes,
    ui::{Tab, Tabs},
};

/// Where one is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum DoorTab {
    Workspaces,
    Health,
    Queues,
    Lanes,
    DeadLetters,
    Revenue,
    Stripe,
    Incidents,
    Switches,
    Slow,
}

/// Links to the parts, of which one is current.
#[component]
pub(super) fn DoorTabs(current: DoorTab) -> impl IntoView {
    let is = move |tab| current == tab;
    view! {
        <Tabs label="For operators">
            <Tab href=routes::OPERATOR current=is(DoorTab::Workspaces)>
                "Workspaces"
            </Tab>
            <Tab href=routes::OPERATOR_HEALTH current=is(DoorTab::Health)>
                "Health"
            </Tab>
            <Tab href=routes::OPERATOR_QUEUES current=is(DoorTab::Queues)>
                "Queues"
            </Tab>
            <Tab href=routes::OPERATOR_LANES current=is(DoorTab::Lanes)>
                "Lanes"
            </Tab>
            <Tab href=routes::OPERATOR_DEAD current=is(DoorTab::DeadLetters)>
                "Dead letters"
            </Tab>
            <Tab href=routes::OPERATOR_REVENUE current=is(DoorTab::Revenue)>
                "Revenue"
            </Tab>
            <Tab href=routes::OPERATOR_STRIPE current=is(DoorTab::Stripe)>
                "Stripe"
            </Tab>
            <Tab href=routes::OPERATOR_INCIDENTS current=is(DoorTab::Incidents)>
                "Incidents"
            </Tab>
            <Tab href=routes::OPERATOR_SWITCHES current=is(DoorTab::Switches)>
                "Switches"
            </Tab>
            <Tab href=routes::OPERATOR_SLOW current=is(DoorTab::Slow)>
                "Slow and failed"
            </Tab>
            <Tab href=routes::STATUS current=false>
                "Status"
            </Tab>
        </Tabs>
    }
}
