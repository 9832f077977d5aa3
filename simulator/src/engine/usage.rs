//! What a meter counted.

use crate::{objects::Price, state::State};

/// What a customer used in a time: from its first second to the one before its last.
pub fn used(state: &State, meter: &str, customer: &str, start: i64, end: i64) -> i64 {
    let Some(meter) = state.meters.get(meter) else { return 0 };
    let of_time = state
        .usage
        .get(customer)
        .into_iter()
        .flatten()
        .filter(|usage| usage.event_name == meter.event_name && (start..end).contains(&usage.timestamp));
    if meter.formula == "count" {
        i64::try_from(of_time.count()).unwrap_or(i64::MAX)
    } else {
        of_time.map(|usage| usage.value).sum()
    }
}

/// The same for a price; nothing where none counts.
pub fn used_of_price(state: &State, price: &Price, customer: &str, start: i64, end: i64) -> i64 {
    // A meter whose sum is below zero bills nothing.
    price.meter.as_ref().map_or(0, |meter| used(state, meter, customer, start, end)).max(0)
}
