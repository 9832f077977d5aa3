//! Bills become final, are paid, or are tried again.

use super::{announce_invoice, change_subscription, compose, discounts};
use crate::{
    failure::Failure,
    objects::{Invoice, InvoiceStatus, PaymentMethod, Status, Subscription},
    state::{Due, State},
};

const DAY: i64 = 86_400;

/// When a bill that was not paid is tried again, in days after it became final.
pub const RETRY_DAYS: [i64; 3] = [3, 5, 7];

/// A draft becomes a bill, with a number and an amount that stays.
pub fn finalize(state: &mut State, id: &str) -> Result<(), Failure> {
    let mut invoice = state.invoices.find(id)?.clone();
    if invoice.status != InvoiceStatus::Draft {
        let message = "This invoice is already finalized, you can't re-finalize a non-draft invoice.";
        return Err(Failure::invalid("", message));
    }
    compose::settle(state, &mut invoice);
    invoice.status = InvoiceStatus::Open;
    invoice.finalized_at = Some(state.now);
    invoice.finalizes_at = None;
    let owed = invoice.total() + invoice.starting_balance;
    invoice.ending_balance = Some(owed.min(0));
    if let Some(customer) = state.customers.get_mut(&invoice.customer) {
        // What is in credit beyond this bill is kept for the next; what was owed is asked for by this one.
        customer.balance = owed.min(0);
        customer.next_invoice = customer.next_invoice.max(1);
        invoice.number = Some(format!("{}-{:04}", customer.invoice_prefix(), customer.next_invoice));
        customer.next_invoice += 1;
    }
    let used = discounts::used_up(&invoice);
    let subscription = invoice.subscription.clone();
    state.invoices.put(invoice);
    if let Some(subscription) = subscription {
        mark_used(state, &subscription, &used)?;
    }
    announce_invoice(state, "invoice.finalized", id);
    Ok(())
}

fn mark_used(state: &mut State, subscription: &str, used: &[String]) -> Result<(), Failure> {
    if used.is_empty() || state.subscriptions.get(subscription).is_none() {
        return Ok(());
    }
    change_subscription(state, subscription, |subscription| {
        subscription.discounts.retain(|discount| !used.contains(&discount.id));
    })?;
    Ok(())
}

/// Tries to be paid, with the card that is named, or the subscription's, or the customer's. Answers why not, where not.
pub fn attempt(state: &mut State, id: &str, card: Option<&str>) -> Result<Option<&'static str>, Failure> {
    let invoice = state.invoices.find(id)?.clone();
    if invoice.status != InvoiceStatus::Open {
        let message = if invoice.status == InvoiceStatus::Paid {
            "Invoice is already paid"
        } else {
            "This invoice is not open, so it cannot be paid."
        };
        return Err(Failure::invalid("", message));
    }
    if invoice.amount_remaining() == 0 {
        paid(state, invoice)?;
        return Ok(None);
    }
    let card = card_of(state, &invoice, card);
    match card.map_or(Some("no_card"), PaymentMethod::decline) {
        None => {
            paid(state, invoice)?;
            Ok(None)
        }
        Some(decline) => {
            failed(state, invoice)?;
            Ok(Some(decline))
        }
    }
}

/// A bill of nothing is paid without anybody.
pub fn settle_if_nothing_is_due(state: &mut State, id: &str) -> Result<(), Failure> {
    let invoice = state.invoices.find(id)?.clone();
    if invoice.amount_remaining() == 0 { paid(state, invoice) } else { Ok(()) }
}

/// The card that a bill is paid with.
pub fn card_of<'a>(state: &'a State, invoice: &Invoice, named: Option<&str>) -> Option<&'a PaymentMethod> {
    let subscription = invoice.subscription.as_ref().and_then(|id| state.subscriptions.get(id));
    let of_subscription = subscription.and_then(|row| row.default_payment_method.as_deref());
    let of_customer = state.customers.get(&invoice.customer).and_then(|row| row.default_payment_method.as_deref());
    state.payment_methods.get(named.or(of_subscription).or(of_customer)?)
}

/// The card that a subscription would be paid with.
pub fn has_card(state: &State, subscription: &Subscription) -> bool {
    let of_customer =
        state.customers.get(&subscription.customer).and_then(|customer| customer.default_payment_method.as_ref());
    subscription.default_payment_method.as_ref().or(of_customer).is_some()
}

fn paid(state: &mut State, mut invoice: Invoice) -> Result<(), Failure> {
    let id = invoice.id.clone();
    if invoice.amount_remaining() > 0 {
        invoice.attempt_count += 1;
    }
    invoice.amount_paid = invoice.amount_due;
    invoice.status = InvoiceStatus::Paid;
    invoice.paid_at = Some(state.now);
    invoice.next_attempt = None;
    let subscription = invoice.subscription.clone();
    state.invoices.put(invoice);
    announce_invoice(state, "invoice.paid", &id);
    announce_invoice(state, "invoice.payment_succeeded", &id);
    refresh(state, subscription.as_deref())
}

fn failed(state: &mut State, mut invoice: Invoice) -> Result<(), Failure> {
    let id = invoice.id.clone();
    invoice.attempt_count += 1;
    let first = invoice.finalized_at.unwrap_or(state.now);
    let subscription = invoice.subscription.clone();
    let row = subscription.as_ref().and_then(|id| state.subscriptions.get(id));
    // An unpaid beginning waits for the customer, and one that is over is not asked for again.
    let is_tried_again = row.is_some_and(|row| row.status.is_billed());
    let tries = RETRY_DAYS.iter().map(|days| first + days * DAY);
    invoice.next_attempt = tries.filter(|_| is_tried_again).find(|at| *at > state.now);
    if let Some(at) = invoice.next_attempt {
        state.plan(at, Due::Attempt(id.clone()));
    }
    state.invoices.put(invoice);
    announce_invoice(state, "invoice.payment_failed", &id);
    refresh(state, subscription.as_deref())
}

/// A bill that nobody has to pay any more.
pub fn close(state: &mut State, id: &str, status: InvoiceStatus) -> Result<(), Failure> {
    let now = state.now;
    let invoice = state.invoices.find_mut(id)?;
    if !matches!(invoice.status, InvoiceStatus::Open | InvoiceStatus::Uncollectible) {
        let message = format!("This invoice is {}, so it cannot be closed.", invoice.status.word());
        return Err(Failure::invalid("", message));
    }
    invoice.status = status;
    invoice.next_attempt = None;
    let kind = if status == InvoiceStatus::Void {
        invoice.voided_at = Some(now);
        "invoice.voided"
    } else {
        invoice.uncollectible_at = Some(now);
        "invoice.marked_uncollectible"
    };
    let subscription = invoice.subscription.clone();
    announce_invoice(state, kind, id);
    refresh(state, subscription.as_deref())
}

/// A subscription is past due while its newest final bill was tried and is not paid.
fn refresh(state: &mut State, subscription: Option<&str>) -> Result<(), Failure> {
    let Some(id) = subscription.filter(|id| state.subscriptions.get(id).is_some()) else { return Ok(()) };
    let is_final =
        |invoice: &&Invoice| invoice.subscription.as_deref() == Some(id) && invoice.status != InvoiceStatus::Draft;
    let newest = state.invoices.newest().find(is_final);
    let is_missing = newest.is_some_and(|invoice| invoice.status == InvoiceStatus::Open && invoice.attempt_count > 0);
    let is_paid = newest.is_some_and(|invoice| invoice.status == InvoiceStatus::Paid);
    change_subscription(state, id, |subscription| {
        subscription.status = match subscription.status {
            Status::Incomplete if is_paid => Status::Active,
            Status::Active | Status::PastDue if is_missing => Status::PastDue,
            Status::PastDue => Status::Active,
            other => other,
        };
    })?;
    Ok(())
}
