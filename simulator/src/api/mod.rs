//! The requests that are understood: the part of Stripe's API that a seller of subscriptions needs.

mod checkout;
mod clocks;
mod coupons;
mod customers;
mod endpoints;
mod events;
mod invoices;
mod meters;
mod payment_methods;
mod portal;
mod preview;
mod prices;
mod products;
mod schedules;
mod subscriptions;
mod update;

pub use checkout::price_it as price_session;
pub use payment_methods::{card_of_number, keep};

use serde_json::Value;

use crate::{expand::expand, failure::Failure, params::Params, state::State};

/// Answers a request. `path` is what follows `/v1/`.
pub fn call(state: &mut State, method: &str, path: &str, params: &Params) -> Result<Value, Failure> {
    let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
    let mut answer = route(state, method, &segments, params)?;
    expand(state, &mut answer, &params.texts("expand"))?;
    Ok(answer)
}

type Answer = Result<Value, Failure>;

fn route(state: &mut State, method: &str, path: &[&str], params: &Params) -> Answer {
    match path {
        ["products", ..] | ["prices", ..] | ["coupons", ..] | ["promotion_codes", ..] => {
            catalogue(state, method, path, params)
        }
        ["customers", ..] | ["payment_methods", ..] | ["tax_ids", ..] => people(state, method, path, params),
        ["invoices", ..] | ["invoiceitems", ..] => bills(state, method, path, params),
        _ => rest(state, method, path, params),
    }
}

fn catalogue(state: &mut State, method: &str, path: &[&str], params: &Params) -> Answer {
    match (method, path) {
        ("POST", ["products"]) => products::create(state, params),
        ("GET", ["products"]) => products::list(state, params),
        ("GET", ["products", id]) => products::get(state, id),
        ("POST", ["products", id]) => products::update(state, id, params),
        ("POST", ["prices"]) => prices::create(state, params),
        ("GET", ["prices"]) => prices::list(state, params),
        ("GET", ["prices", id]) => prices::get(state, id),
        ("POST", ["prices", id]) => prices::update(state, id, params),
        ("POST", ["coupons"]) => coupons::create(state, params),
        ("GET", ["coupons"]) => coupons::list(state, params),
        ("GET", ["coupons", id]) => coupons::get(state, id),
        ("DELETE", ["coupons", id]) => coupons::delete(state, id),
        ("POST", ["promotion_codes"]) => coupons::create_code(state, params),
        ("GET", ["promotion_codes"]) => coupons::list_codes(state, params),
        ("GET", ["promotion_codes", id]) => coupons::get_code(state, id),
        ("POST", ["promotion_codes", id]) => coupons::update_code(state, id, params),
        _ => Err(unknown(method, path)),
    }
}

fn people(state: &mut State, method: &str, path: &[&str], params: &Params) -> Answer {
    match (method, path) {
        ("POST", ["customers"]) => customers::create(state, params),
        ("GET", ["customers"]) => customers::list(state, params),
        ("GET", ["customers", id]) => customers::get(state, id),
        ("POST", ["customers", id]) => customers::update(state, id, params),
        ("DELETE", ["customers", id]) => customers::delete(state, id),
        ("POST", ["customers", id, "tax_ids"]) => customers::create_tax_id(state, id, params),
        ("GET", ["customers", id, "tax_ids"]) => customers::list_tax_ids(state, id, params),
        ("GET", ["customers", _, "tax_ids", id] | ["tax_ids", id]) => customers::get_tax_id(state, id),
        ("DELETE", ["customers", _, "tax_ids", id] | ["tax_ids", id]) => customers::delete_tax_id(state, id),
        ("GET", ["customers", id, "payment_methods"]) => payment_methods::list(state, Some(id), params),
        ("GET", ["customers", _, "payment_methods", id]) => payment_methods::get(state, id),
        ("POST", ["payment_methods"]) => payment_methods::create(state, params),
        ("GET", ["payment_methods"]) => payment_methods::list(state, params.text("customer"), params),
        ("GET", ["payment_methods", id]) => payment_methods::get(state, id),
        ("POST", ["payment_methods", id, "attach"]) => payment_methods::attach(state, id, params),
        ("POST", ["payment_methods", id, "detach"]) => payment_methods::detach(state, id),
        _ => Err(unknown(method, path)),
    }
}

fn bills(state: &mut State, method: &str, path: &[&str], params: &Params) -> Answer {
    match (method, path) {
        ("POST", ["invoices", "create_preview"]) => preview::create(state, params),
        ("GET", ["invoices"]) => invoices::list(state, params),
        ("GET", ["invoices", id]) => invoices::get(state, id),
        ("GET", ["invoices", id, "lines"]) => invoices::lines(state, id, params),
        ("POST", ["invoices", id]) => invoices::update(state, id, params),
        ("POST", ["invoices", id, "finalize"]) => invoices::finalize(state, id),
        ("POST", ["invoices", id, "pay"]) => invoices::pay(state, id, params),
        ("POST", ["invoices", id, "void"]) => invoices::void(state, id),
        ("POST", ["invoices", id, "mark_uncollectible"]) => invoices::write_off(state, id),
        ("POST", ["invoiceitems"]) => invoices::create_item(state, params),
        ("GET", ["invoiceitems"]) => invoices::list_items(state, params),
        ("GET", ["invoiceitems", id]) => invoices::get_item(state, id),
        ("DELETE", ["invoiceitems", id]) => invoices::delete_item(state, id),
        _ => Err(unknown(method, path)),
    }
}

fn rest(state: &mut State, method: &str, path: &[&str], params: &Params) -> Answer {
    match (method, path) {
        ("POST", ["checkout", "sessions"]) => checkout::create(state, params),
        ("GET", ["checkout", "sessions"]) => checkout::list(state, params),
        ("GET", ["checkout", "sessions", id]) => checkout::get(state, id),
        ("GET", ["checkout", "sessions", id, "line_items"]) => checkout::line_items(state, id),
        ("POST", ["checkout", "sessions", id, "expire"]) => checkout::expire(state, id),
        ("POST", ["subscriptions"]) => subscriptions::create(state, params),
        ("GET", ["subscriptions"]) => subscriptions::list(state, params),
        ("GET", ["subscriptions", id]) => subscriptions::get(state, id),
        ("POST", ["subscriptions", id]) => update::update(state, id, params),
        ("DELETE", ["subscriptions", id]) => subscriptions::cancel(state, id, params),
        ("GET", ["subscription_items"]) => subscriptions::items(state, params),
        ("POST", ["subscription_schedules"]) => schedules::create(state, params),
        ("GET", ["subscription_schedules"]) => schedules::list(state, params),
        ("GET", ["subscription_schedules", id]) => schedules::get(state, id),
        ("POST", ["subscription_schedules", id]) => schedules::update(state, id, params),
        ("POST", ["subscription_schedules", id, "release"]) => schedules::release(state, id),
        ("POST", ["subscription_schedules", id, "cancel"]) => schedules::cancel(state, id),
        ("POST", ["billing", "meters"]) => meters::create(state, params),
        ("GET", ["billing", "meters"]) => meters::list(state, params),
        ("GET", ["billing", "meters", id]) => meters::get(state, id),
        ("GET", ["billing", "meters", id, "event_summaries"]) => meters::summaries(state, id, params),
        ("POST", ["billing", "meter_events"]) => meters::report(state, params),
        ("POST", ["billing", "meter_event_adjustments"]) => meters::take_back(state, params),
        ("POST", ["billing_portal", "configurations"]) => portal::configure(state, params),
        ("GET", ["billing_portal", "configurations"]) => portal::configurations(state, params),
        ("GET", ["billing_portal", "configurations", id]) => portal::configuration(state, id),
        ("POST", ["billing_portal", "configurations", id]) => portal::reconfigure(state, id, params),
        ("POST", ["billing_portal", "sessions"]) => portal::create(state, params),
        ("GET", ["events"]) => events::list(state, params),
        ("GET", ["events", id]) => events::get(state, id),
        ("POST", ["webhook_endpoints"]) => endpoints::create(state, params),
        ("GET", ["webhook_endpoints"]) => endpoints::list(state, params),
        ("GET", ["webhook_endpoints", id]) => endpoints::get(state, id),
        ("DELETE", ["webhook_endpoints", id]) => endpoints::delete(state, id),
        ("POST", ["test_helpers", "test_clocks"]) => clocks::create(state, params),
        ("GET", ["test_helpers", "test_clocks"]) => clocks::list(state, params),
        ("GET", ["test_helpers", "test_clocks", id]) => clocks::get(state, id),
        ("POST", ["test_helpers", "test_clocks", id, "advance"]) => clocks::advance(state, id, params),
        ("DELETE", ["test_helpers", "test_clocks", id]) => clocks::delete(state, id),
        _ => Err(unknown(method, path)),
    }
}

fn unknown(method: &str, path: &[&str]) -> Failure {
    let message = format!("Unrecognized request URL ({method}: /v1/{}).", path.join("/"));
    Failure::invalid("", message).with_status(404)
}

/// A page of a list, the newest first: `limit`, `starting_after`, `ending_before`.
fn page(url: &str, params: &Params, rows: impl Iterator<Item = Value>) -> Answer {
    let limit = params.whole("limit")?.unwrap_or(10);
    if !(1..=100).contains(&limit) {
        let message = format!("Invalid limit: it must be from 1 to 100, and is {limit}.");
        return Err(Failure::invalid("limit", message));
    }
    let limit = usize::try_from(limit).unwrap_or(10);
    let mut rows: Vec<Value> = rows.collect();
    if let Some(before) = params.text("ending_before") {
        let end = rows.iter().position(|row| row["id"] == before).unwrap_or(0);
        rows.truncate(end);
        rows.drain(..end.saturating_sub(limit));
    }
    if let Some(after) = params.text("starting_after") {
        let start = rows.iter().position(|row| row["id"] == after).map_or(rows.len(), |index| index + 1);
        rows.drain(..start);
    }
    let has_more = rows.len() > limit;
    rows.truncate(limit);
    let mut list = crate::objects::list(url, rows);
    list["has_more"] = Value::Bool(has_more);
    Ok(list)
}

/// Whether a time is one that `created=` or `created[gte]=` asks for.
fn is_asked_for(params: &Params, created: i64) -> Result<bool, Failure> {
    let after = params.whole("created.gt")?.is_none_or(|at| created > at);
    let from = params.whole("created.gte")?.is_none_or(|at| created >= at);
    let before = params.whole("created.lt")?.is_none_or(|at| created < at);
    let until = params.whole("created.lte")?.is_none_or(|at| created <= at);
    let exactly = params.whole("created")?.is_none_or(|at| created == at);
    Ok(after && from && before && until && exactly)
}

/// Whether a row has what a filter asks for, where one does.
fn has(asked: Option<&str>, value: Option<&str>) -> bool {
    asked.is_none_or(|asked| value == Some(asked))
}
