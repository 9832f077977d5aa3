//! Prices. All of them are due again and again: nothing is sold once.

use std::collections::BTreeMap;

use super::{Answer, page, products};
use crate::{
    amount::{Decimal, Interval},
    failure::Failure,
    objects::{Metadata, Price},
    params::Params,
    state::State,
};

pub fn create(state: &mut State, params: &Params) -> Answer {
    let currency = params.required("currency")?.to_lowercase();
    let product = product_of(state, params)?;
    let mut metadata = Metadata::new();
    params.merge("metadata", &mut metadata);
    let price = Price {
        id: state.prices.next_id(),
        product,
        active: params.flag("active")?.unwrap_or(true),
        currency,
        unit_amount: amount(params, "")?,
        currency_options: currency_options(params)?,
        interval: interval(params)?,
        meter: meter(state, params)?,
        lookup_key: params.owned("lookup_key"),
        nickname: params.owned("nickname"),
        tax_behavior: params.text("tax_behavior").unwrap_or("unspecified").to_owned(),
        metadata,
        created: state.now,
    };
    take_lookup_key(state, params, &price.id)?;
    let json = price.json();
    state.prices.put(price);
    state.emit("price.created", json.clone());
    Ok(json)
}

fn product_of(state: &mut State, params: &Params) -> Result<String, Failure> {
    if let Some(id) = params.text("product") {
        return Ok(products::find(state, id)?.id.clone());
    }
    let data = params.part("product_data").ok_or_else(|| Failure::missing_param("product"))?;
    let product = products::new(state, &data, "name")?;
    let (id, json) = (product.id.clone(), product.json());
    state.products.insert(id.clone(), product);
    state.emit("product.created", json);
    Ok(id)
}

fn amount(params: &Params, below: &str) -> Result<Decimal, Failure> {
    let (whole, decimal) = (format!("{below}unit_amount"), format!("{below}unit_amount_decimal"));
    match (params.whole(&whole)?, params.text(&decimal)) {
        (Some(_), Some(_)) => {
            Err(Failure::invalid(&whole, "Only one of unit_amount and unit_amount_decimal can be said."))
        }
        (Some(cents), None) if cents >= 0 => Ok(Decimal::of_cents(cents)),
        (Some(_), None) => Err(Failure::invalid(&whole, "Invalid non-negative integer.")),
        (None, Some(text)) => Decimal::parse(text, &decimal),
        (None, None) => Err(Failure::missing_param(&whole)),
    }
}

fn currency_options(params: &Params) -> Result<BTreeMap<String, Decimal>, Failure> {
    let option = |currency: String| -> Result<(String, Decimal), Failure> {
        let amount = amount(params, &format!("currency_options.{currency}."))?;
        Ok((currency.to_lowercase(), amount))
    };
    params.keys("currency_options").into_iter().map(option).collect()
}

fn interval(params: &Params) -> Result<Interval, Failure> {
    let unit = params.required("recurring.interval")?;
    if !["day", "week", "month", "year"].contains(&unit) {
        let message = "Invalid recurring[interval]: must be one of day, month, week, or year";
        return Err(Failure::invalid("recurring.interval", message));
    }
    let count = params.whole("recurring.interval_count")?.unwrap_or(1);
    if !(1..=1_095).contains(&count) {
        return Err(Failure::invalid("recurring.interval_count", "Invalid interval count."));
    }
    Ok(Interval { unit: unit.to_owned(), count })
}

fn meter(state: &State, params: &Params) -> Result<Option<String>, Failure> {
    if params.text("recurring.usage_type") != Some("metered") {
        return Ok(None);
    }
    let id = params.required("recurring.meter")?;
    Ok(Some(state.meters.find(id)?.id.clone()))
}

/// A key belongs to one price. It is given up by its owner only where `transfer_lookup_key` says so.
fn take_lookup_key(state: &mut State, params: &Params, taker: &str) -> Result<(), Failure> {
    let Some(key) = params.text("lookup_key") else { return Ok(()) };
    let is_owner = |row: &&Price| row.lookup_key.as_deref() == Some(key) && row.id != taker;
    let Some(owner) = state.prices.oldest().find(is_owner).map(|row| row.id.clone()) else { return Ok(()) };
    if !params.flag("transfer_lookup_key")?.unwrap_or(false) {
        let message = format!("A price (`{owner}`) already uses that lookup key.");
        return Err(Failure::invalid("lookup_key", message));
    }
    state.prices.find_mut(&owner)?.lookup_key = None;
    Ok(())
}

pub fn list(state: &State, params: &Params) -> Answer {
    let (active, keys) = (params.flag("active")?, params.texts("lookup_keys"));
    if keys.len() > 10 {
        return Err(Failure::invalid("lookup_keys", "At most 10 lookup keys can be asked for at once."));
    }
    let has_key = |row: &Price| keys.is_empty() || row.lookup_key.as_ref().is_some_and(|key| keys.contains(key));
    let rows = state.prices.newest().filter(|row| {
        active.is_none_or(|active| row.active == active)
            && super::has(params.text("product"), Some(&row.product))
            && super::has(params.text("currency"), Some(&row.currency))
            && has_key(row)
    });
    page("/v1/prices", params, rows.map(Price::json))
}

pub fn get(state: &State, id: &str) -> Answer {
    Ok(state.prices.find(id)?.json())
}

pub fn update(state: &mut State, id: &str, params: &Params) -> Answer {
    let options = currency_options(params)?;
    let active = params.flag("active")?;
    take_lookup_key(state, params, id)?;
    let row = state.prices.find_mut(id)?;
    let before = row.json();
    row.active = active.unwrap_or(row.active);
    row.currency_options.extend(options);
    params.merge("metadata", &mut row.metadata);
    if params.has("lookup_key") {
        row.lookup_key = params.owned("lookup_key");
    }
    if params.has("nickname") {
        row.nickname = params.owned("nickname");
    }
    let json = row.json();
    state.emit_change("price.updated", json.clone(), Some(&before));
    Ok(json)
}
