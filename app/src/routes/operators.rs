//! The operators' door: server rendered, without scripts, for nobody else.

use std::fmt::Display;

use domain::operators::{SlowFilter, StripeEventState, StripeFilter};

use super::encode;

pub const OPERATOR: &str = "/operator";
pub const OPERATOR_SIGN_IN: &str = "/operator/sign-in";
/// POST only.
pub const OPERATOR_SIGN_OUT: &str = "/operator/sign-out";
/// The queues of all workspaces.
pub const OPERATOR_QUEUES: &str = "/operator/queues";
pub const OPERATOR_LANES: &str = "/operator/queues/lanes";
/// One lane; POST: another share and other limits.
pub const OPERATOR_LANE: &str = "/operator/queues/lane";
pub const OPERATOR_DEAD: &str = "/operator/queues/dead";
/// POST only: holds up a kind of work, or a workspace.
pub const OPERATOR_PAUSE: &str = "/operator/queues/pause";
/// POST only: lets it go on.
pub const OPERATOR_RESUME: &str = "/operator/queues/resume";
/// POST only: runs dead letters again.
pub const OPERATOR_REPLAY: &str = "/operator/queues/replay";
/// How Sheaf does.
pub const OPERATOR_HEALTH: &str = "/operator/health";
/// What Sheaf earns.
pub const OPERATOR_REVENUE: &str = "/operator/revenue";
pub const OPERATOR_REVENUE_CSV: &str = "/operator/revenue.csv";
/// The workspaces of a month.
pub const OPERATOR_REVENUE_WORKSPACES: &str = "/operator/revenue/workspaces";
pub const OPERATOR_REVENUE_WORKSPACES_CSV: &str = "/operator/revenue/workspaces.csv";
/// What Stripe has told.
pub const OPERATOR_STRIPE: &str = "/operator/stripe";
/// One thing of it.
pub const OPERATOR_STRIPE_EVENT: &str = "/operator/stripe/event";
/// POST only: has one looked into again.
pub const OPERATOR_STRIPE_REPLAY: &str = "/operator/stripe/replay";
/// Incidents; POST: opens one.
pub const OPERATOR_INCIDENTS: &str = "/operator/incidents";
/// One of them; POST: says more of it.
pub const OPERATOR_INCIDENT: &str = "/operator/incidents/incident";
/// The features of the product.
pub const OPERATOR_SWITCHES: &str = "/operator/switches";
/// One of them; POST: switches it.
pub const OPERATOR_SWITCH: &str = "/operator/switches/switch";
/// Requests that took long or failed.
pub const OPERATOR_SLOW: &str = "/operator/slow";

/// A workspace, as operators see it.
pub fn operator_tenant(id: impl Display) -> String {
    format!("{OPERATOR}/tenants/{id}")
}

/// POST only: closes a workspace.
pub fn operator_suspend(id: impl Display) -> String {
    format!("{OPERATOR}/tenants/{id}/suspend")
}

/// POST only: opens it again.
pub fn operator_restore(id: impl Display) -> String {
    format!("{OPERATOR}/tenants/{id}/restore")
}

/// POST only: begins a visit.
pub fn operator_enter(id: impl Display) -> String {
    format!("{OPERATOR}/tenants/{id}/enter")
}

/// Workspaces after one, with a word in their names.
pub fn operator_tenants(search: &str, before: Option<impl Display>) -> String {
    let before = before.map(|before| format!("&before={before}")).unwrap_or_default();
    format!("{OPERATOR}?q={}{before}", encode(search))
}

/// The lanes of a kind, of a workspace, or of both; of all where neither is given. `by_use`: those that have used most.
pub fn operator_lanes(kind: &str, tenant: Option<impl Display>, by_use: bool) -> String {
    format!("{OPERATOR_LANES}{}{}", filter(kind, tenant), if by_use { "&order=use" } else { "" })
}

/// A lane, and what may be changed of it.
pub fn operator_lane(tenant: impl Display, kind: &str) -> String {
    format!("{OPERATOR_LANE}{}", filter(kind, Some(tenant)))
}

/// The dead letters of a kind, of a workspace, or of both.
pub fn operator_dead(kind: &str, tenant: Option<impl Display>) -> String {
    format!("{OPERATOR_DEAD}{}", filter(kind, tenant))
}

/// The same with a word about how many of them run again, and how many do not.
pub fn operator_replayed(kind: &str, tenant: Option<impl Display>, replayed: usize, skipped: usize) -> String {
    format!("{OPERATOR_DEAD}{}&replayed={replayed}&skipped={skipped}", filter(kind, tenant))
}

/// How Sheaf did for a time; `live`: how often the page still loads itself again, none for one that does not.
pub fn operator_health(period: &str, live: Option<u8>) -> String {
    format!("{OPERATOR_HEALTH}?period={period}{}", live.map(|loads| format!("&live={loads}")).unwrap_or_default())
}

/// The figures of a month, in a currency.
pub fn operator_revenue(month: impl Display, currency: &str) -> String {
    format!("{OPERATOR_REVENUE}?month={month}&currency={currency}")
}

/// The same of the months around it, as a table to take out.
pub fn operator_revenue_csv(month: impl Display) -> String {
    format!("{OPERATOR_REVENUE_CSV}?month={month}")
}

/// Its workspaces, from a place in the list on.
pub fn operator_revenue_workspaces(month: impl Display, currency: &str, after: Option<impl Display>) -> String {
    let after = after.map(|after| format!("&after={after}")).unwrap_or_default();
    format!("{OPERATOR_REVENUE_WORKSPACES}?month={month}&currency={currency}{after}")
}

/// All of them, as a table to take out.
pub fn operator_revenue_workspaces_csv(month: impl Display, currency: &str) -> String {
    format!("{OPERATOR_REVENUE_WORKSPACES_CSV}?month={month}&currency={currency}")
}

/// What Stripe has told, of what a filter lets through; from a place on that an earlier page named.
pub fn operator_stripe(filter: &StripeFilter, after: Option<&str>) -> String {
    let state = filter.state.map_or("", StripeEventState::as_str);
    let kind = encode(filter.kind.as_deref().unwrap_or_default());
    let tenant = filter.tenant.map(|tenant| format!("&tenant={tenant}")).unwrap_or_default();
    let after = after.map(|after| format!("&after={}", encode(after))).unwrap_or_default();
    format!("{OPERATOR_STRIPE}?state={state}&kind={kind}{tenant}{after}")
}

/// One thing that Stripe has told.
pub fn operator_stripe_event(id: &str) -> String {
    format!("{OPERATOR_STRIPE_EVENT}?id={}", encode(id))
}

/// An incident, and what may be said of it.
pub fn operator_incident(id: impl Display) -> String {
    format!("{OPERATOR_INCIDENT}?id={id}")
}

/// A feature, and for whom it is on, with the workspaces that were searched for.
pub fn operator_switch(key: &str, search: &str) -> String {
    let search = if search.is_empty() { String::new() } else { format!("&q={}", encode(search)) };
    format!("{OPERATOR_SWITCH}?key={}{search}", encode(key))
}

/// One request that took long or failed.
pub fn operator_slow_request(id: impl Display) -> String {
    format!("{OPERATOR_SLOW}/{id}")
}

/// Those that a filter lets through, from a place on that an earlier page named.
pub fn operator_slow(filter: SlowFilter, after: Option<impl Display>) -> String {
    let show = (filter != SlowFilter::All).then(|| format!("show={}", filter.as_str()));
    let asked: Vec<String> = show.into_iter().chain(after.map(|after| format!("after={after}"))).collect();
    if asked.is_empty() { OPERATOR_SLOW.to_owned() } else { format!("{OPERATOR_SLOW}?{}", asked.join("&")) }
}

fn filter(kind: &str, tenant: Option<impl Display>) -> String {
    let tenant = tenant.map(|tenant| format!("&tenant={tenant}")).unwrap_or_default();
    format!("?kind={}{tenant}", encode(kind))
}
