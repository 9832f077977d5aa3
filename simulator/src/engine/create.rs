//! A subscription begins.

use super::{announce_change, compose, compose::Span, cycle, pay};
use crate::{
    failure::Failure,
    objects::{Discount, Item, Metadata, PhaseItem, Price, Status, Subscription},
    state::{Due, State},
};

/// An unpaid beginning is given up after 23 hours.
const INCOMPLETE_SECONDS: i64 = 23 * 3_600;

/// What happens where the first bill cannot be paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FirstPayment {
    /// The subscription is incomplete.
    MayFail,
    /// Nothing is tried: somebody pays the bill later.
    Later,
    /// There is no subscription.
    MustSucceed,
}

impl FirstPayment {
    pub fn parse(word: Option<&str>) -> Self {
        match word {
            Some("error_if_incomplete") => Self::MustSucceed,
            Some("default_incomplete") => Self::Later,
            _ => Self::MayFail,
        }
    }
}

/// What is asked for.
#[derive(Debug, Clone)]
pub struct New {
    pub customer: String,
    pub items: Vec<PhaseItem>,
    /// That of the first price, where none is said.
    pub currency: Option<String>,
    pub trial_end: Option<i64>,
    pub without_card: String,
    pub discounts: Vec<Discount>,
    pub default_payment_method: Option<String>,
    pub cancel_at_period_end: bool,
    pub description: Option<String>,
    pub automatic_tax: bool,
    pub metadata: Metadata,
    pub payment: FirstPayment,
}

/// Begins a subscription, bills its first period, and tries to be paid. Answers its id.
pub fn create(state: &mut State, new: New) -> Result<String, Failure> {
    if new.payment == FirstPayment::MustSucceed {
        refuse_what_is_not_paid(state, &new)?;
    }
    let payment = new.payment;
    let subscription = subscription(state, new)?;
    let id = subscription.id.clone();
    state.subscriptions.put(subscription.clone());
    state.emit("customer.subscription.created", state.subscription_json(&subscription));
    cycle::plan(state, &subscription);
    let invoice = first_invoice(state, &subscription)?;
    pay::finalize(state, &invoice)?;
    if payment == FirstPayment::Later {
        pay::settle_if_nothing_is_due(state, &invoice)?;
    } else {
        // That a card says no is no failure of the request.
        let _ = pay::attempt(state, &invoice, None)?;
    }
    Ok(id)
}

fn refuse_what_is_not_paid(state: &State, new: &New) -> Result<(), Failure> {
    let mut scratch = state.scratch(&new.customer);
    let id = create(&mut scratch, New { payment: FirstPayment::MayFail, ..new.clone() })?;
    let status = scratch.subscriptions.find(&id)?.status;
    if status == Status::Incomplete { Err(Failure::declined("generic_decline")) } else { Ok(()) }
}

fn subscription(state: &mut State, new: New) -> Result<Subscription, Failure> {
    let customer = state.customers.find(&new.customer)?.clone();
    if customer.deleted {
        return Err(Failure::missing("customer", &new.customer));
    }
    let prices = prices_of(state, &new.items)?;
    let first = prices.first().ok_or_else(|| Failure::missing_param("items"))?.clone();
    let currency = new.currency.unwrap_or_else(|| first.currency.clone());
    check_currency(state, &customer.id, &currency, &prices)?;
    let now = state.now;
    let trial_end = new.trial_end.filter(|end| *end > now);
    let anchor = trial_end.unwrap_or(now);
    let id = state.subscriptions.next_id();
    let mut discounts = new.discounts;
    for discount in &mut discounts {
        discount.subscription = Some(id.clone());
    }
    if let Some(row) = state.customers.get_mut(&customer.id) {
        row.currency = Some(currency.clone());
    }
    Ok(Subscription {
        id,
        customer: customer.id,
        status: if trial_end.is_some() { Status::Trialing } else { Status::Incomplete },
        currency,
        created: now,
        anchor,
        period_start: now,
        period_end: trial_end.unwrap_or_else(|| first.interval.end_after(anchor, now)),
        interval: first.interval,
        trial_start: trial_end.map(|_| now),
        trial_end,
        without_card: new.without_card,
        cancel_at_period_end: new.cancel_at_period_end,
        cancel_at: None,
        canceled_at: new.cancel_at_period_end.then_some(now),
        ended_at: None,
        cancel_reason: new.cancel_at_period_end.then(|| "cancellation_requested".to_owned()),
        cancel_comment: None,
        cancel_feedback: None,
        items: new.items.iter().map(|item| new_item(state, item)).collect(),
        discounts,
        default_payment_method: new.default_payment_method,
        latest_invoice: None,
        schedule: None,
        description: new.description,
        automatic_tax: new.automatic_tax,
        test_clock: customer.test_clock,
        metadata: new.metadata,
    })
}

/// An item that begins now.
pub fn new_item(state: &mut State, asked: &PhaseItem) -> Item {
    let is_metered = state.prices.get(&asked.price).is_some_and(Price::is_metered);
    Item {
        id: state.part_id("si_"),
        price: asked.price.clone(),
        quantity: if is_metered { None } else { Some(asked.quantity.unwrap_or(1)) },
        metadata: Metadata::new(),
        created: state.now,
        since: state.now,
        debit: None,
    }
}

/// The prices of items, which must be for sale and due equally often.
pub fn prices_of(state: &State, items: &[PhaseItem]) -> Result<Vec<Price>, Failure> {
    let mut prices: Vec<Price> = Vec::new();
    for item in items {
        let price = state.prices.find(&item.price)?;
        if !price.active {
            return Err(Failure::invalid("items", format!("The price `{}` is inactive.", price.id)));
        }
        if prices.first().is_some_and(|first| first.interval != price.interval) {
            return Err(Failure::invalid("items", "Prices of one subscription must have the same interval here."));
        }
        if prices.iter().any(|other| other.id == price.id) {
            let message = format!("Cannot add multiple subscription items with the same price: {}", price.id);
            return Err(Failure::invalid("items", message));
        }
        prices.push(price.clone());
    }
    Ok(prices)
}

fn check_currency(state: &State, customer: &str, currency: &str, prices: &[Price]) -> Result<(), Failure> {
    if let Some(price) = prices.iter().find(|price| price.in_currency(currency).is_none()) {
        let message = format!("The price `{}` is not sold in {currency}.", price.id);
        return Err(Failure::invalid("currency", message));
    }
    let of_customer = state.subscriptions.oldest().filter(|row| row.customer == customer && !row.status.is_over());
    match of_customer.map(|row| &row.currency).find(|other| *other != currency) {
        Some(other) => Err(Failure::invalid(
            "currency",
            format!(
                "You cannot combine currencies on a single customer. This customer has an active subscription, \
                 subscription schedule, discount, quote, invoice, or invoice item with currency {other}"
            ),
        )),
        None => Ok(()),
    }
}

fn first_invoice(state: &mut State, subscription: &Subscription) -> Result<String, Failure> {
    let span = Span { start: subscription.period_start, end: subscription.period_end };
    let mut lines = compose::lines_of_period(state, subscription, &[], span)?;
    let id = state.invoices.next_id();
    lines.extend(compose::waiting_lines(state, subscription, &id));
    let at_once = Span { start: state.now, end: state.now };
    let invoice = compose::draft(state, subscription, "subscription_create", at_once, lines, None)?;
    let mut after = subscription.clone();
    compose::remember_debits(&mut after, &invoice);
    after.latest_invoice = Some(invoice.id.clone());
    state.subscriptions.put(after.clone());
    announce_change(state, subscription, &after);
    if subscription.status == Status::Incomplete {
        state.plan(state.now + INCOMPLETE_SECONDS, Due::Subscription(subscription.id.clone()));
    }
    Ok(invoice.id)
}

/// Whether an unpaid beginning is to be given up.
pub fn is_given_up(subscription: &Subscription, now: i64) -> bool {
    subscription.status == Status::Incomplete && subscription.created + INCOMPLETE_SECONDS <= now
}
