//! A subscription is changed.

use super::{Answer, payment_methods, subscriptions};
use crate::{
    engine::{
        change::{self, Change, Prorating},
        change_subscription, create, cycle, discounts, phases,
    },
    failure::Failure,
    objects::{Item, PhaseItem, Price, Status, Subscription},
    params::Params,
    state::State,
};

pub fn update(state: &mut State, id: &str, params: &Params) -> Answer {
    if params.text("payment_behavior") == Some("error_if_incomplete") {
        refuse_what_is_not_paid(state, id, params)?;
    }
    apply(state, id, params)?;
    subscriptions::get(state, id)
}

/// Does it on a scratch first, where the card may say no.
fn refuse_what_is_not_paid(state: &State, id: &str, params: &Params) -> Result<(), Failure> {
    let row = state.subscriptions.find(id)?;
    let mut scratch = state.scratch(&row.customer);
    apply(&mut scratch, id, params)?;
    let after = scratch.subscriptions.find(id)?;
    let is_new = after.latest_invoice != row.latest_invoice;
    if is_new && after.status == Status::PastDue { Err(Failure::declined("generic_decline")) } else { Ok(()) }
}

/// Applies what a request asks for, fields first, then items.
pub fn apply(state: &mut State, id: &str, params: &Params) -> Result<(), Failure> {
    let row = state.subscriptions.find(id)?.clone();
    if row.status.is_over() {
        let message = "A canceled subscription can only update its cancellation_details and metadata.";
        return Err(Failure::invalid("", message));
    }
    if params.text("currency").is_some_and(|currency| !currency.eq_ignore_ascii_case(&row.currency)) {
        return Err(Failure::invalid("currency", "The currency of a subscription cannot be changed."));
    }
    let change = Change {
        items: changed_items(state, &row, params)?,
        prorating: Prorating::parse(params.text("proration_behavior"))?,
        at: params.whole("proration_date")?.unwrap_or(state.now),
        resets: params.text("billing_cycle_anchor") == Some("now"),
        ends_trial: params.text("trial_end") == Some("now") && row.status == Status::Trialing,
    };
    fields(state, &row, params)?;
    ending(state, &row, params)?;
    prolong_trial(state, &row, params)?;
    if change.items != row.items || change.resets || change.ends_trial {
        change::apply(state, id, change)?;
    }
    Ok(())
}

fn fields(state: &mut State, row: &Subscription, params: &Params) -> Result<(), Failure> {
    let card = match params.text("default_payment_method") {
        Some(card) => Some(payment_methods::of_customer(state, card, &row.customer)?),
        None => None,
    };
    let discounts = discounts::asked_for(state, params, &row.customer, &row.discounts)?;
    let tax = params.flag("automatic_tax.enabled")?;
    change_subscription(state, &row.id, |row| {
        params.merge("metadata", &mut row.metadata);
        if params.has("default_payment_method") {
            row.default_payment_method = card;
        }
        if params.has("description") {
            row.description = params.owned("description");
        }
        row.automatic_tax = tax.unwrap_or(row.automatic_tax);
        if let Some(mut discounts) = discounts {
            discounts.iter_mut().for_each(|discount| discount.subscription = Some(row.id.clone()));
            row.discounts = discounts;
        }
    })?;
    Ok(())
}

/// `cancel_at_period_end`, `cancel_at` and why.
fn ending(state: &mut State, row: &Subscription, params: &Params) -> Result<(), Failure> {
    let at_period_end = params.flag("cancel_at_period_end")?;
    let cancel_at = match params.text("cancel_at") {
        Some("min_period_end" | "max_period_end") => Some(row.period_end),
        _ => params.whole("cancel_at")?,
    };
    let is_said = at_period_end.is_some() || params.has("cancel_at");
    if let (true, Some(schedule)) = (is_said, &row.schedule) {
        let message = format!(
            "The subscription is managed by the subscription schedule `{schedule}`, and updating any cancelation \
             behavior directly is not allowed. Please update the schedule instead."
        );
        return Err(Failure::invalid("cancel_at_period_end", message));
    }
    if at_period_end == Some(true) && cancel_at.is_some() {
        return Err(Failure::invalid("cancel_at", "Say one of cancel_at and cancel_at_period_end."));
    }
    let now = state.now;
    let after = change_subscription(state, &row.id, |row| {
        if is_said {
            row.cancel_at_period_end = at_period_end.unwrap_or(false);
            row.cancel_at = cancel_at;
            let ends = row.ends_at().is_some();
            row.canceled_at = if ends { row.canceled_at.or(Some(now)) } else { None };
            row.cancel_reason = ends.then(|| "cancellation_requested".to_owned());
        }
        if params.has("cancellation_details.comment") {
            row.cancel_comment = params.owned("cancellation_details.comment");
        }
        if params.has("cancellation_details.feedback") {
            row.cancel_feedback = params.owned("cancellation_details.feedback");
        }
    })?;
    cycle::plan(state, &after);
    Ok(())
}

/// A trial that goes on moves the first bill.
fn prolong_trial(state: &mut State, row: &Subscription, params: &Params) -> Result<(), Failure> {
    let end = subscriptions::trial_end(state.now, params, "")?;
    let Some(end) = end.filter(|end| row.status == Status::Trialing && *end > state.now) else { return Ok(()) };
    let after = change_subscription(state, &row.id, |row| {
        row.trial_end = Some(end);
        row.period_end = end;
        row.anchor = end;
    })?;
    cycle::plan(state, &after);
    Ok(())
}

/// The items as they are to be: `items[0][id]` names one that is there, without it there is a new one.
fn changed_items(state: &mut State, row: &Subscription, params: &Params) -> Result<Vec<Item>, Failure> {
    let mut items = row.items.clone();
    for asked in params.parts("items") {
        let Some(id) = asked.text("id") else {
            let new =
                PhaseItem { price: asked.required("price")?.to_owned(), quantity: subscriptions::quantity(&asked)? };
            items.push(create::new_item(state, &new));
            continue;
        };
        let index = items.iter().position(|item| item.id == id);
        let index = index.ok_or_else(|| Failure::missing("subscription_item", id))?;
        if asked.flag("deleted")?.unwrap_or(false) {
            items.remove(index);
        } else {
            change_item(state, &mut items[index], &asked)?;
        }
    }
    // Said early, as one that does not exist must change nothing.
    create::prices_of(state, &phases::items_of(&items))?;
    Ok(items)
}

fn change_item(state: &State, item: &mut Item, asked: &Params) -> Result<(), Failure> {
    if let Some(price) = asked.text("price") {
        price.clone_into(&mut item.price);
    }
    asked.merge("metadata", &mut item.metadata);
    let is_metered = state.prices.get(&item.price).is_some_and(Price::is_metered);
    let quantity = subscriptions::quantity(asked)?;
    if is_metered && quantity.is_some() {
        let message = "You cannot set the quantity for metered plans.";
        return Err(Failure::invalid("items.quantity", message));
    }
    item.quantity = if is_metered { None } else { quantity.or(item.quantity).or(Some(1)) };
    Ok(())
}
