//! Subscriptions: begun, listed, ended.

use super::{Answer, has, is_asked_for, page, payment_methods};
use crate::{
    engine::{
        cancel,
        create::{self, FirstPayment, New},
        discounts,
    },
    failure::Failure,
    objects::{Metadata, PhaseItem, Status, Subscription},
    params::Params,
    state::State,
};

const DAY: i64 = 86_400;

pub fn create(state: &mut State, params: &Params) -> Answer {
    let new = new(state, params)?;
    let id = create::create(state, new)?;
    let row = state.subscriptions.find(&id)?;
    Ok(state.subscription_json(row))
}

/// What a request asks a new subscription to be.
pub fn new(state: &mut State, params: &Params) -> Result<New, Failure> {
    let customer = params.required("customer")?.to_owned();
    super::customers::living(state, &customer)?;
    let card = match params.text("default_payment_method") {
        Some(card) => Some(payment_methods::of_customer(state, card, &customer)?),
        None => None,
    };
    let discounts = discounts::asked_for(state, params, &customer, &[])?.unwrap_or_default();
    let mut metadata = Metadata::new();
    params.merge("metadata", &mut metadata);
    Ok(New {
        customer,
        items: items_of(params, "items")?,
        currency: params.text("currency").map(str::to_lowercase),
        trial_end: trial_end(state.now, params, "")?,
        without_card: without_card(params, ""),
        discounts,
        default_payment_method: card,
        cancel_at_period_end: params.flag("cancel_at_period_end")?.unwrap_or(false),
        description: params.owned("description"),
        automatic_tax: params.flag("automatic_tax.enabled")?.unwrap_or(false),
        metadata,
        payment: FirstPayment::parse(params.text("payment_behavior")),
    })
}

/// Prices and quantities of a list.
pub fn items_of(params: &Params, path: &str) -> Result<Vec<PhaseItem>, Failure> {
    let item = |item: Params| -> Result<PhaseItem, Failure> {
        Ok(PhaseItem { price: item.required("price")?.to_owned(), quantity: quantity(&item)? })
    };
    params.parts(path).into_iter().map(item).collect()
}

pub fn quantity(item: &Params) -> Result<Option<i64>, Failure> {
    match item.whole("quantity")? {
        Some(quantity) if quantity < 0 => Err(Failure::invalid("quantity", "Invalid non-negative integer.")),
        quantity => Ok(quantity),
    }
}

/// From `trial_end` or `trial_period_days` below a path; none where there is no trial.
pub fn trial_end(now: i64, params: &Params, below: &str) -> Result<Option<i64>, Failure> {
    let end = format!("{below}trial_end");
    if params.text(&end) == Some("now") {
        return Ok(None);
    }
    let days = params.whole(&format!("{below}trial_period_days"))?;
    Ok(params.whole(&end)?.or(days.map(|days| now + days * DAY)))
}

/// What happens at the end of a trial without a card.
pub fn without_card(params: &Params, below: &str) -> String {
    let path = format!("{below}trial_settings.end_behavior.missing_payment_method");
    params.text(&path).unwrap_or("create_invoice").to_owned()
}

/// Without `status`, those that are not over; `all` and `ended` are words for several.
pub fn list(state: &State, params: &Params) -> Answer {
    let mut rows = Vec::new();
    for row in state.subscriptions.newest() {
        let is_asked = has(params.text("customer"), Some(&row.customer))
            && params.text("price").is_none_or(|price| row.items.iter().any(|item| item.price == price))
            && has_status(row, params.text("status"))
            && is_asked_for(params, row.created)?;
        if is_asked {
            rows.push(row);
        }
    }
    page("/v1/subscriptions", params, rows.into_iter().map(|row| state.subscription_json(row)))
}

fn has_status(row: &Subscription, asked: Option<&str>) -> bool {
    match asked {
        None => row.status != Status::Canceled,
        Some("all") => true,
        Some("ended") => row.status.is_over(),
        Some(word) => row.status.word() == word,
    }
}

pub fn get(state: &State, id: &str) -> Answer {
    let row = state.subscriptions.find(id)?;
    Ok(state.subscription_json(row))
}

pub fn items(state: &State, params: &Params) -> Answer {
    let row = state.subscriptions.find(params.required("subscription")?)?;
    let items = row.items.iter().map(|item| row.item_json(item, state.prices.get(&item.price)));
    page("/v1/subscription_items", params, items)
}

/// Ends it now. `invoice_now` bills what was used, `prorate` gives unused time back.
pub fn cancel(state: &mut State, id: &str, params: &Params) -> Answer {
    let ending = cancel::Ending {
        bills_usage: params.flag("invoice_now")?.unwrap_or(false),
        prorates: params.flag("prorate")?.unwrap_or(false),
        at_once: true,
    };
    if let Some(row) = state.subscriptions.get_mut(id) {
        row.cancel_comment = params.owned("cancellation_details.comment").or(row.cancel_comment.take());
        row.cancel_feedback = params.owned("cancellation_details.feedback").or(row.cancel_feedback.take());
    }
    cancel::end(state, id, ending)?;
    get(state, id)
}
