//! What Stripe does by itself: bills, months, payments, and what follows from each.

pub mod cancel;
pub mod change;
pub mod compose;
pub mod create;
pub mod cycle;
pub mod discounts;
pub mod pay;
pub mod phases;
pub mod prorate;
pub mod usage;

use serde_json::Value;

use crate::{failure::Failure, objects::Subscription, state::State};

/// Changes a subscription and says so, if anything of it is otherwise now.
pub fn change_subscription(
    state: &mut State,
    id: &str,
    change: impl FnOnce(&mut Subscription),
) -> Result<Subscription, Failure> {
    let subscription = state.subscriptions.find_mut(id)?;
    let before = subscription.clone();
    change(subscription);
    let after = subscription.clone();
    announce_change(state, &before, &after);
    Ok(after)
}

/// Says that a subscription is otherwise now, unless it is not.
pub fn announce_change(state: &mut State, before: &Subscription, after: &Subscription) {
    let (before, json) = (state.subscription_json(before), state.subscription_json(after));
    if before != json {
        state.emit_change("customer.subscription.updated", json, Some(&before));
    }
}

/// Says that something happened to a bill.
pub fn announce_invoice(state: &mut State, kind: &str, id: &str) {
    if let Some(json) = invoice_json(state, id) {
        state.emit(kind, json);
    }
}

fn invoice_json(state: &State, id: &str) -> Option<Value> {
    state.invoices.get(id).map(|invoice| state.invoice_json(invoice))
}
