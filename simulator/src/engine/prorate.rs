//! A change in the middle of a period: what was paid for the rest of it is given back, and the rest of it is billed anew.

use super::{compose, discounts, usage};
use crate::{
    amount::{Decimal, prorated},
    failure::Failure,
    objects::{Debit, InvoiceItem, Item, Metadata, Price, Subscription},
    state::State,
};

/// What a change of items costs at a time: lines to bill, and the items with what is billed for them.
pub struct Prorations {
    pub lines: Vec<InvoiceItem>,
    pub items: Vec<Item>,
}

/// Compares the items of a subscription with those that it is to have. Credits come first, in the order of the items.
pub fn prorate(state: &State, before: &Subscription, after: &[Item], at: i64) -> Result<Prorations, Failure> {
    let mut lines = Vec::new();
    for old in &before.items {
        if is_changed(old, after.iter().find(|new| new.id == old.id)) {
            lines.extend(credit(state, before, old, at)?);
        }
    }
    let mut items = Vec::new();
    for new in after {
        let mut new = new.clone();
        if is_changed(&new, before.items.iter().find(|old| old.id == new.id)) {
            lines.extend(charge(state, before, &mut new, at)?);
        }
        items.push(new);
    }
    number(state, &mut lines);
    Ok(Prorations { lines, items })
}

/// What a subscription gets back that ends at a time, or begins a new period then.
pub fn credits_of(state: &State, subscription: &Subscription, at: i64) -> Result<Vec<InvoiceItem>, Failure> {
    let mut lines = Vec::new();
    for item in &subscription.items {
        if !state.prices.find(&item.price)?.is_metered() {
            lines.extend(credit(state, subscription, item, at)?);
        }
    }
    number(state, &mut lines);
    Ok(lines)
}

fn is_changed(one: &Item, other: Option<&Item>) -> bool {
    other.is_none_or(|other| other.price != one.price || other.quantity != one.quantity)
}

/// The unused time of an item that was paid in advance, or what a meter counted for it until now.
fn credit(state: &State, subscription: &Subscription, item: &Item, at: i64) -> Result<Option<InvoiceItem>, Failure> {
    let price = state.prices.find(&item.price)?;
    let unit = price.in_currency(&subscription.currency).unwrap_or_default();
    if price.is_metered() {
        let quantity = usage::used_of_price(state, price, &subscription.customer, item.since, at);
        let text = compose::usage_text(state, price, unit, quantity);
        let mut line = line(state, subscription, item, price, text);
        (line.quantity, line.amount) = (quantity, unit.times(quantity));
        (line.start, line.end) = (item.since, at);
        (line.proration, line.discountable) = (false, true);
        return Ok((quantity > 0).then_some(line));
    }
    let amount = item.debit.map_or(0, |debit| unused(debit, at));
    let text = compose::proration_text(true, &compose::product_name(state, price), at);
    let mut line = line(state, subscription, item, price, text);
    (line.start, line.end) = (at, subscription.period_end);
    (line.amount, line.unit_amount) = (-amount, Decimal::of_cents(-amount));
    Ok((amount != 0).then_some(line))
}

/// The part of what was billed that is for the time from then on.
fn unused(debit: Debit, at: i64) -> i64 {
    prorated(debit.amount, debit.until - at.max(debit.from), debit.until - debit.from)
}

/// The remaining time of an item that is paid in advance. A metered one counts from now.
fn charge(
    state: &State,
    subscription: &Subscription,
    item: &mut Item,
    at: i64,
) -> Result<Option<InvoiceItem>, Failure> {
    let price = state.prices.find(&item.price)?;
    if price.is_metered() {
        item.since = at;
        item.debit = None;
        return Ok(None);
    }
    let unit = price.in_currency(&subscription.currency).unwrap_or_default();
    let (start, end) = (subscription.period_start, subscription.period_end);
    let full = unit.times(item.quantity.unwrap_or(1));
    let gross = prorated(full, end - at, end - start);
    let amount = discounts::net_of_percent(&subscription.discounts_at(at), gross);
    item.debit = Some(Debit { amount, from: at, until: end });
    let text = compose::proration_text(false, &compose::product_name(state, price), at);
    let mut line = line(state, subscription, item, price, text);
    (line.start, line.end) = (at, end);
    line.amount = amount;
    Ok((amount != 0).then_some(line))
}

fn line(state: &State, subscription: &Subscription, item: &Item, price: &Price, description: String) -> InvoiceItem {
    InvoiceItem {
        id: String::new(),
        customer: subscription.customer.clone(),
        subscription: Some(subscription.id.clone()),
        item: Some(item.id.clone()),
        price: Some(price.id.clone()),
        product: Some(price.product.clone()),
        unit_amount: price.in_currency(&subscription.currency).unwrap_or_default(),
        quantity: item.quantity.unwrap_or(1),
        amount: 0,
        currency: subscription.currency.clone(),
        description,
        start: 0,
        end: 0,
        proration: true,
        discountable: false,
        metadata: Metadata::new(),
        created: state.now,
        invoice: None,
    }
}

/// Gives the lines their ids. They are put into the table by whoever asked.
fn number(state: &State, lines: &mut [InvoiceItem]) {
    let mut table = state.invoice_items.only(|_| false);
    for line in lines {
        line.id = table.next_id();
        table.put(line.clone());
    }
}
