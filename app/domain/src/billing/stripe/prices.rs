//! The prices of the plan file, as Stripe has them: found by their lookup keys, and remembered.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Stripe, failure::Failure, form::Form, json::Read};
use crate::{
    billing::{Currency, Plan},
    error::{Error, Result},
};

/// Lookup keys in one question: Stripe takes no more.
const KEYS: usize = 10;

/// What a subscription to a plan is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PlanPrices {
    /// Of a month.
    pub month: String,
    /// Of a credit beyond the included ones; none where no more can be had.
    pub credits: Option<String>,
}

/// Fails with "unavailable" where Stripe has no such price yet.
pub(super) async fn of_plan(stripe: &Stripe, plan: &Plan) -> Result<PlanPrices> {
    let mut keys = vec![plan.lookup_key()];
    keys.extend(sells_credits(plan).then(|| plan.overage_lookup_key()));
    if keys.iter().any(|key| known(stripe, key).is_none()) {
        find(stripe, &keys).await?;
    }
    let price = |key: &str| {
        known(stripe, key).ok_or_else(|| {
            Error::unavailable(format!("stripe: no price has the lookup key {key}; run `sheaf billing setup`"))
        })
    };
    let credits = keys.get(1).map(|key| price(key)).transpose()?;
    Ok(PlanPrices { month: price(&keys[0])?, credits })
}

/// The plan whose month has this price; none where it is no price of ours.
pub(super) async fn plan_of(stripe: &Stripe, price: &str) -> Result<Option<&'static Plan>> {
    let found = || Plan::all().iter().find(|plan| known(stripe, &plan.lookup_key()).as_deref() == Some(price));
    if let Some(plan) = found() {
        return Ok(Some(plan));
    }
    find(stripe, &Plan::all().iter().filter(|plan| !plan.is_free()).map(Plan::lookup_key).collect::<Vec<_>>()).await?;
    Ok(found())
}

/// The prices of credits beyond the included ones, of every version of every plan.
pub(super) async fn of_credits(stripe: &Stripe) -> Result<Vec<String>> {
    let keys: Vec<String> =
        Plan::all().iter().filter(|plan| sells_credits(plan)).map(Plan::overage_lookup_key).collect();
    if keys.iter().any(|key| known(stripe, key).is_none()) {
        find(stripe, &keys).await?;
    }
    Ok(keys.iter().filter_map(|key| known(stripe, key)).collect())
}

/// Those that Stripe has of these, by their lookup keys. They are remembered.
pub(super) async fn find(stripe: &Stripe, keys: &[String]) -> Result<BTreeMap<String, Value>, Failure> {
    let mut found = BTreeMap::new();
    for some in keys.chunks(KEYS) {
        let mut form = Form::new().with("active", true).with("limit", 100);
        form.set("expand[0]", "data.currency_options");
        for (index, key) in some.iter().enumerate() {
            form.set(format!("lookup_keys[{index}]"), key);
        }
        for price in stripe.get("/v1/prices", &form).await?.list("/data") {
            if let (Some(key), Some(id)) = (price.text("/lookup_key"), price.text("/id")) {
                remember(stripe, key, id);
                found.insert(key.to_owned(), price.clone());
            }
        }
    }
    Ok(found)
}

pub(super) fn remember(stripe: &Stripe, lookup_key: &str, price: &str) {
    stripe.keep(format!("price {lookup_key}"), price);
}

/// Whether credits beyond the included ones can be had. They can in every currency or in none.
pub(super) fn sells_credits(plan: &Plan) -> bool {
    plan.thousand_credits(Currency::default()).is_some()
}

fn known(stripe: &Stripe, lookup_key: &str) -> Option<String> {
    stripe.known(&format!("price {lookup_key}"))
}
