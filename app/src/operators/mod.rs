//! The operators' door, and what members see of a visit. The pages of the door are plain: the server finds what is in one,
//! provides it as context, and renders it; without it there is no such page.

mod banner;
#[cfg(feature = "ssr")]
mod dead_letters;
#[cfg(feature = "ssr")]
mod form_states;
#[cfg(feature = "ssr")]
mod health;
#[cfg(feature = "ssr")]
mod health_parts;
#[cfg(feature = "ssr")]
mod health_spared;
#[cfg(feature = "ssr")]
mod incidents;
#[cfg(feature = "ssr")]
mod lane;
#[cfg(feature = "ssr")]
mod lanes;
#[cfg(feature = "ssr")]
mod pause_form;
#[cfg(feature = "ssr")]
mod queues;
#[cfg(feature = "ssr")]
mod revenue;
#[cfg(feature = "ssr")]
mod revenue_plans;
#[cfg(feature = "ssr")]
mod revenue_workspaces;
#[cfg(feature = "ssr")]
mod seconds;
#[cfg(feature = "ssr")]
mod sign_in;
#[cfg(feature = "ssr")]
mod slow;
#[cfg(feature = "ssr")]
mod slow_request;
#[cfg(feature = "ssr")]
mod stripe_event;
#[cfg(feature = "ssr")]
mod stripe_events;
#[cfg(feature = "ssr")]
mod switches;
#[cfg(feature = "ssr")]
mod tabs;
#[cfg(feature = "ssr")]
mod tenant;
#[cfg(feature = "ssr")]
mod tenant_cell;
#[cfg(feature = "ssr")]
mod tenants;

#[cfg(feature = "ssr")]
pub use self::{
    dead_letters::{DeadLettersPage, DeadLettersShown},
    health::{HealthPage, HealthShown, LIVE_LOADS, LIVE_SECONDS},
    incidents::{IncidentPage, IncidentShown, IncidentsPage, IncidentsShown},
    lane::{LanePage, LaneShown},
    lanes::{LanesPage, LanesShown},
    queues::{QueuesPage, QueuesShown},
    revenue::{RevenuePage, RevenueShown},
    revenue_workspaces::{RevenueWorkspacesPage, RevenueWorkspacesShown},
    sign_in::OperatorSignIn,
    slow::{SlowRequestsPage, SlowShown},
    slow_request::{SlowRequestPage, SlowRequestShown},
    stripe_event::{StripeEventPage, StripeEventShown},
    stripe_events::{StripeEventsPage, StripeEventsShown},
    switches::{SwitchPage, SwitchShown, SwitchesPage, SwitchesShown},
    tenant::{TenantPage, TenantShown},
    tenants::{TenantsPage, TenantsShown},
};
pub use banner::SupportBanner;
