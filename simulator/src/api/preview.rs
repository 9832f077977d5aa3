//! What a bill would be. It is made on a scratch of the state by what makes the bill itself, so the two are the same.

use super::{Answer, subscriptions, update};
use crate::{
    engine::{create, cycle},
    failure::Failure,
    objects::{Invoice, InvoiceStatus},
    params::Params,
    state::State,
};

pub fn create(state: &State, params: &Params) -> Answer {
    let details = params.part("subscription_details").unwrap_or_default();
    let subscription = params.text("subscription").map(str::to_owned).or_else(|| of_schedule(state, params));
    let (invoice, scratch) = match subscription {
        Some(id) => of_subscription(state, &id, &details)?,
        None => of_new(state, params, &details)?,
    };
    let mut json = scratch.invoice_json(&as_draft(invoice));
    let id = json["id"].as_str().unwrap_or_default().replace("in_", "upcoming_in_");
    json["id"] = id.into();
    json["next_payment_attempt"] = json["created"].clone();
    Ok(json)
}

fn of_schedule(state: &State, params: &Params) -> Option<String> {
    state.schedules.get(params.text("schedule")?)?.subscription.clone()
}

/// A bill at once where one would be made at once; else the next one.
fn of_subscription(state: &State, id: &str, details: &Params) -> Result<(Invoice, State), Failure> {
    let before = state.subscriptions.find(id)?;
    let mut scratch = state.scratch(&before.customer);
    update::apply(&mut scratch, id, details)?;
    let after = scratch.subscriptions.find(id)?.latest_invoice.clone();
    let invoice = match after {
        Some(invoice) if before.latest_invoice.as_ref() != Some(&invoice) => invoice,
        _ => cycle::upcoming(&mut scratch, id)?,
    };
    Ok((scratch.invoices.find(&invoice)?.clone(), scratch))
}

/// The first bill of a subscription that there is not yet.
fn of_new(state: &State, params: &Params, details: &Params) -> Result<(Invoice, State), Failure> {
    let customer = params.required("customer")?;
    let mut scratch = state.scratch(customer);
    // The scratch knows this customer's subscriptions, of which none must be in another currency.
    let discounts = crate::engine::discounts::asked_for(&mut scratch, params, customer, &[])?.unwrap_or_default();
    let new = create::New {
        customer: customer.to_owned(),
        items: subscriptions::items_of(details, "items")?,
        currency: params.text("currency").map(str::to_lowercase),
        trial_end: subscriptions::trial_end(state.now, details, "")?,
        without_card: subscriptions::without_card(details, ""),
        discounts,
        default_payment_method: None,
        cancel_at_period_end: false,
        description: None,
        automatic_tax: params.flag("automatic_tax.enabled")?.unwrap_or(false),
        metadata: crate::objects::Metadata::new(),
        payment: create::FirstPayment::MayFail,
    };
    let id = create::create(&mut scratch, new)?;
    let invoice = scratch.subscriptions.find(&id)?.latest_invoice.clone();
    let invoice = invoice.ok_or_else(|| Failure::invalid("", "There is nothing to bill."))?;
    Ok((scratch.invoices.find(&invoice)?.clone(), scratch))
}

/// Nobody was asked to pay it.
fn as_draft(mut invoice: Invoice) -> Invoice {
    invoice.status = InvoiceStatus::Draft;
    invoice.number = None;
    invoice.finalized_at = None;
    invoice.paid_at = None;
    invoice.amount_paid = 0;
    invoice.attempt_count = 0;
    invoice.next_attempt = None;
    invoice
}
