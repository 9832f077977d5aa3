//! Puts a bill together.

use super::{announce_invoice, discounts, usage};
use crate::{
    amount::{Decimal, day, money},
    failure::Failure,
    objects::{Debit, Invoice, InvoiceItem, InvoiceStatus, Item, Line, Price, Status, Subscription},
    state::{Due, State},
};

/// A time that a line is for.
#[derive(Debug, Clone, Copy)]
pub struct Span {
    pub start: i64,
    pub end: i64,
}

/// The line of an item that is paid in advance.
pub fn line_in_advance(
    state: &mut State,
    subscription: &Subscription,
    item: &Item,
    span: Span,
    is_trial: bool,
) -> Result<Line, Failure> {
    let price = state.prices.find(&item.price)?.clone();
    let quantity = item.quantity.unwrap_or(1);
    let unit = price.in_currency(&subscription.currency).unwrap_or_default();
    let name = product_name(state, &price);
    let (amount, description) = if is_trial {
        (0, format!("Trial period for {name}"))
    } else {
        let each = money(unit.times(1), &subscription.currency);
        (unit.times(quantity), format!("{quantity} × {name} (at {each} / {})", price.interval.unit))
    };
    Ok(Line {
        id: state.part_id("il_"),
        item: Some(item.id.clone()),
        invoice_item: None,
        price: Some(price.id),
        product: Some(price.product),
        unit_amount: unit,
        quantity,
        amount,
        description,
        start: span.start,
        end: span.end,
        proration: false,
        discountable: true,
        metered: false,
        discounts: Vec::new(),
    })
}

/// The line of what a meter counted for an item until the end of a period.
pub fn line_of_usage(state: &mut State, subscription: &Subscription, item: &Item, until: i64) -> Result<Line, Failure> {
    let price = state.prices.find(&item.price)?.clone();
    let quantity = usage::used_of_price(state, &price, &subscription.customer, item.since, until);
    let unit = price.in_currency(&subscription.currency).unwrap_or_default();
    Ok(Line {
        id: state.part_id("il_"),
        item: Some(item.id.clone()),
        invoice_item: None,
        description: usage_text(state, &price, unit, quantity),
        price: Some(price.id),
        product: Some(price.product),
        unit_amount: unit,
        quantity,
        amount: unit.times(quantity),
        start: item.since,
        end: until,
        proration: false,
        discountable: true,
        metered: true,
        discounts: Vec::new(),
    })
}

pub fn usage_text(state: &State, price: &Price, unit: Decimal, quantity: i64) -> String {
    format!("{quantity} × {} (at {} cents each)", product_name(state, price), unit.text())
}

/// The lines that waited for the next bill of a subscription. They wait no longer.
pub fn waiting_lines(state: &mut State, subscription: &Subscription, invoice: &str) -> Vec<Line> {
    let of_it = |item: &&InvoiceItem| {
        let is_its = item.subscription.as_deref().is_none_or(|id| id == subscription.id);
        item.customer == subscription.customer && item.invoice.is_none() && is_its
    };
    let waiting: Vec<InvoiceItem> = state.invoice_items.oldest().filter(of_it).cloned().collect();
    let mut lines = Vec::new();
    for mut item in waiting {
        lines.push(line_of_item(state, &item));
        item.invoice = Some(invoice.to_owned());
        state.invoice_items.put(item);
    }
    lines
}

fn line_of_item(state: &mut State, item: &InvoiceItem) -> Line {
    Line {
        id: state.part_id("il_"),
        item: item.item.clone(),
        invoice_item: Some(item.id.clone()),
        price: item.price.clone(),
        product: item.product.clone(),
        unit_amount: item.unit_amount,
        quantity: item.quantity,
        amount: item.amount,
        description: item.description.clone(),
        start: item.start,
        end: item.end,
        proration: item.proration,
        discountable: item.discountable,
        metered: false,
        discounts: Vec::new(),
    }
}

/// A draft of a bill for a subscription, with the discounts that count now. `finalizes_at` is none for one that is finalized at
/// once.
pub fn draft(
    state: &mut State,
    subscription: &Subscription,
    reason: &str,
    span: Span,
    lines: Vec<Line>,
    finalizes_at: Option<i64>,
) -> Result<Invoice, Failure> {
    let customer = state.customers.find(&subscription.customer)?;
    let mut invoice = Invoice {
        id: state.invoices.next_id(),
        customer: customer.id.clone(),
        customer_email: customer.email.clone(),
        customer_name: customer.name.clone(),
        subscription: Some(subscription.id.clone()),
        subscription_metadata: subscription.metadata.clone(),
        number: None,
        status: InvoiceStatus::Draft,
        currency: subscription.currency.clone(),
        reason: reason.to_owned(),
        lines,
        discounts: subscription.discounts_at(state.now),
        period_start: span.start,
        period_end: span.end,
        created: state.now,
        finalizes_at,
        finalized_at: None,
        paid_at: None,
        voided_at: None,
        uncollectible_at: None,
        starting_balance: customer.balance,
        ending_balance: None,
        amount_due: 0,
        amount_paid: 0,
        attempt_count: 0,
        next_attempt: None,
        automatic_tax: subscription.automatic_tax,
        metadata: std::collections::BTreeMap::new(),
    };
    settle(state, &mut invoice);
    state.invoices.put(invoice.clone());
    announce_invoice(state, "invoice.created", &invoice.id);
    if let Some(at) = finalizes_at {
        state.plan(at, Due::Finalize(invoice.id.clone()));
    }
    Ok(invoice)
}

/// Counts a draft anew: what meters counted meanwhile, discounts, and what the customer has in credit.
pub fn settle(state: &State, invoice: &mut Invoice) {
    let customer = invoice.customer.clone();
    for line in invoice.lines.iter_mut().filter(|line| line.metered) {
        let Some(price) = line.price.as_ref().and_then(|id| state.prices.get(id)) else { continue };
        line.quantity = usage::used_of_price(state, price, &customer, line.start, line.end);
        line.amount = line.unit_amount.times(line.quantity);
        line.description = usage_text(state, price, line.unit_amount, line.quantity);
    }
    discounts::take_off(invoice);
    invoice.starting_balance = state.customers.get(&customer).map_or(0, |customer| customer.balance);
    invoice.amount_due = (invoice.total() + invoice.starting_balance).max(0);
}

/// Keeps at each item what the bill asks for it in advance, after discounts: a later credit is a part of that.
pub fn remember_debits(subscription: &mut Subscription, invoice: &Invoice) {
    for item in &mut subscription.items {
        let in_advance = |line: &&Line| line.item.as_ref() == Some(&item.id) && !line.metered && !line.proration;
        let line = invoice.lines.iter().find(|line| in_advance(line) && line.invoice_item.is_none());
        if let Some(line) = line {
            item.debit = Some(Debit { amount: line.net(), from: line.start, until: line.end });
        }
    }
}

/// The lines of a period that begins: what is paid in advance, then what meters counted for the items of the one before.
pub fn lines_of_period(
    state: &mut State,
    subscription: &Subscription,
    before: &[Item],
    span: Span,
) -> Result<Vec<Line>, Failure> {
    let mut lines = Vec::new();
    let is_trial = subscription.status == Status::Trialing;
    for item in &subscription.items {
        if !state.prices.find(&item.price)?.is_metered() {
            lines.push(line_in_advance(state, subscription, item, span, is_trial)?);
        }
    }
    for item in before {
        if state.prices.find(&item.price)?.is_metered() && item.since < span.start {
            lines.push(line_of_usage(state, subscription, item, span.start)?);
        }
    }
    Ok(lines)
}

pub fn product_name(state: &State, price: &Price) -> String {
    state.products.get(&price.product).map_or_else(|| price.id.clone(), |product| product.name.clone())
}

/// As in `Unused time on Team after 15 Jan 2026`.
pub fn proration_text(is_credit: bool, name: &str, at: i64) -> String {
    let what = if is_credit { "Unused" } else { "Remaining" };
    format!("{what} time on {name} after {}", day(at))
}
