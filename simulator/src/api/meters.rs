//! Meters, and what is reported to them.

use serde_json::{Value, json};

use super::{Answer, page};
use crate::{
    engine::usage,
    failure::Failure,
    objects::{Meter, Usage},
    params::Params,
    state::State,
};

/// What was used longer ago cannot be reported any more.
const OLDEST: i64 = 35 * 86_400;

/// For as long an identifier counts once.
const IDENTIFIED: i64 = 86_400;

/// Clocks may differ by as much.
const AHEAD: i64 = 300;

pub fn create(state: &mut State, params: &Params) -> Answer {
    let event_name = params.required("event_name")?.to_owned();
    if state.meters.oldest().any(|row| row.active && row.event_name == event_name) {
        let message = format!("An active meter already exists with the event name `{event_name}`.");
        return Err(Failure::invalid("event_name", message).with_code("resource_already_exists"));
    }
    let row = Meter {
        id: state.meters.next_id(),
        display_name: params.required("display_name")?.to_owned(),
        event_name,
        customer_key: params.text("customer_mapping.event_payload_key").unwrap_or("stripe_customer_id").to_owned(),
        value_key: params.text("value_settings.event_payload_key").unwrap_or("value").to_owned(),
        formula: params.required("default_aggregation.formula")?.to_owned(),
        active: true,
        created: state.now,
    };
    if !["sum", "count"].contains(&row.formula.as_str()) {
        return Err(Failure::invalid("default_aggregation.formula", "Only sum and count are simulated."));
    }
    let json = row.json();
    state.meters.put(row);
    state.emit("billing.meter.created", json.clone());
    Ok(json)
}

pub fn list(state: &State, params: &Params) -> Answer {
    let status = params.text("status");
    let rows = state.meters.newest().filter(|row| status.is_none_or(|status| (status == "active") == row.active));
    page("/v1/billing/meters", params, rows.map(Meter::json))
}

pub fn get(state: &State, id: &str) -> Answer {
    Ok(state.meters.find(id)?.json())
}

/// One report. The same identifier is refused within a day, so that a second send of it counts nothing.
pub fn report(state: &mut State, params: &Params) -> Answer {
    let event_name = params.required("event_name")?;
    let meter = state.meters.oldest().find(|row| row.active && row.event_name == event_name).cloned();
    let meter = meter.ok_or_else(|| {
        let message = format!("No active meter found with event name `{event_name}`.");
        Failure::invalid("event_name", message).with_code("no_meter")
    })?;
    let customer = params.required(&format!("payload.{}", meter.customer_key))?;
    super::customers::living(state, customer)?;
    let value = params.required(&format!("payload.{}", meter.value_key))?;
    let number = value.parse::<i64>().map_err(|_| {
        let message = format!("Invalid value: `{value}` is not a whole number.");
        Failure::invalid("payload.value", message).with_code("meter_event_invalid_value")
    })?;
    let timestamp = params.whole("timestamp")?.unwrap_or(state.now);
    check_time(state.now, timestamp)?;
    let identifier = match params.text("identifier") {
        Some(identifier) => identifier.to_owned(),
        None => state.part_id("meter_event_"),
    };
    if identifier.len() > 100 {
        return Err(Failure::invalid("identifier", "An identifier has 100 characters at most."));
    }
    let now = state.now;
    state.reported.retain(|_, at| *at >= now - IDENTIFIED);
    if state.reported.insert(identifier.clone(), now).is_some() {
        return Err(Failure::invalid("", format!("An event already exists with identifier {identifier}.")));
    }
    let json = json!({
        "object": "billing.meter_event",
        "created": state.now,
        "event_name": event_name,
        "identifier": identifier,
        "livemode": false,
        "payload": params.get("payload"),
        "timestamp": timestamp,
    });
    let usage = Usage { event_name: event_name.to_owned(), identifier, value: number, timestamp };
    state.usage.entry(customer.to_owned()).or_default().push(usage);
    Ok(json)
}

fn check_time(now: i64, timestamp: i64) -> Result<(), Failure> {
    if timestamp < now - OLDEST {
        let message = "The timestamp must be within the past 35 calendar days.";
        return Err(Failure::invalid("timestamp", message).with_code("timestamp_too_far_in_past"));
    }
    if timestamp > now + AHEAD {
        let message = "The timestamp must not be more than 5 minutes in the future.";
        return Err(Failure::invalid("timestamp", message).with_code("timestamp_in_future"));
    }
    Ok(())
}

/// Takes a report of the last day back. Its identifier stays taken.
pub fn take_back(state: &mut State, params: &Params) -> Answer {
    let event_name = params.required("event_name")?;
    let identifier = params.required("cancel.identifier")?;
    let oldest = state.now - 86_400;
    let mut is_found = false;
    for usage in state.usage.values_mut() {
        usage.retain(|usage| {
            let is_it = usage.identifier == identifier && usage.event_name == event_name && usage.timestamp >= oldest;
            is_found |= is_it;
            !is_it
        });
    }
    if !is_found {
        return Err(Failure::invalid("cancel.identifier", "No such meter event of the last 24 hours."));
    }
    Ok(json!({
        "object": "billing.meter_event_adjustment",
        "cancel": { "identifier": identifier },
        "event_name": event_name,
        "livemode": false,
        "status": "complete",
        "type": "cancel",
    }))
}

/// What a customer used, in one sum or by hour or day. An hour or a day of nothing is left out.
pub fn summaries(state: &State, id: &str, params: &Params) -> Answer {
    let meter = state.meters.find(id)?;
    let customer = params.required("customer")?;
    state.customers.find(customer)?;
    let time = |key: &str| params.whole(key)?.ok_or_else(|| Failure::missing_param(key));
    let (start, end) = (time("start_time")?, time("end_time")?);
    let step = match params.text("value_grouping_window") {
        None => end - start,
        Some("hour") => 3_600,
        Some("day") => 86_400,
        Some(_) => return Err(Failure::invalid("value_grouping_window", "Must be one of day or hour.")),
    };
    let unit = if step == 86_400 { 86_400 } else { 60 };
    if end <= start || start % unit != 0 || end % unit != 0 {
        let message = "start_time and end_time must be whole minutes (or days, for days), in their order.";
        return Err(Failure::invalid("start_time", message));
    }
    let summary = |(index, from): (usize, i64)| {
        let until = (from + step).min(end);
        let sum = usage::used(state, &meter.id, customer, from, until);
        let is_asked = params.text("value_grouping_window").is_none() || sum != 0;
        is_asked.then(|| summary_json(meter, index, from, until, sum))
    };
    let windows = (start..end).step_by(usize::try_from(step).unwrap_or(1)).enumerate();
    let mut rows: Vec<Value> = windows.filter_map(summary).collect();
    rows.reverse();
    page(&format!("/v1/billing/meters/{id}/event_summaries"), params, rows.into_iter())
}

fn summary_json(meter: &Meter, index: usize, start: i64, end: i64, sum: i64) -> Value {
    json!({
        "id": format!("mtrusg_{}", index + 1),
        "object": "billing.meter_event_summary",
        "aggregated_value": sum,
        "end_time": end,
        "livemode": false,
        "meter": meter.id,
        "start_time": start,
    })
}
