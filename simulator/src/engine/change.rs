//! A subscription gets other items.

use super::{announce_change, compose, compose::Span, cycle, pay, prorate};
use crate::{
    failure::Failure,
    objects::{Item, PhaseItem, Status, Subscription},
    state::State,
};

/// What becomes of the rest of a period that was paid otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prorating {
    /// It comes onto the next bill.
    Create,
    /// It is billed at once.
    AlwaysInvoice,
    /// Nothing.
    None,
}

impl Prorating {
    pub fn parse(word: Option<&str>) -> Result<Self, Failure> {
        match word {
            None | Some("create_prorations") => Ok(Self::Create),
            Some("always_invoice") => Ok(Self::AlwaysInvoice),
            Some("none") => Ok(Self::None),
            Some(other) => {
                let message = format!(
                    "Invalid proration_behavior: must be one of create_prorations, always_invoice, or none, not {other}"
                );
                Err(Failure::invalid("proration_behavior", message))
            }
        }
    }
}

/// What is to be otherwise.
#[derive(Debug, Clone)]
pub struct Change {
    pub items: Vec<Item>,
    pub prorating: Prorating,
    /// For when the proration is counted: now, or what a preview said.
    pub at: i64,
    /// Whether a new period begins now.
    pub resets: bool,
    /// Whether the trial ends now.
    pub ends_trial: bool,
}

/// Applies a change, and bills what is to be billed at once.
pub fn apply(state: &mut State, id: &str, change: Change) -> Result<(), Failure> {
    let before = state.subscriptions.find(id)?.clone();
    let asked: Vec<PhaseItem> = super::phases::items_of(&change.items);
    let prices = super::create::prices_of(state, &asked)?;
    let first = prices.first().ok_or_else(|| Failure::missing_param("items"))?;
    if let Some(price) = prices.iter().find(|price| price.in_currency(&before.currency).is_none()) {
        let message = format!("The price `{}` is not sold in {}.", price.id, before.currency);
        return Err(Failure::invalid("items", message));
    }
    let resets = change.resets || change.ends_trial || first.interval != before.interval;
    let mut next = before.clone();
    next.interval = first.interval.clone();
    if before.status == Status::Trialing && !change.ends_trial {
        next.items = change.items;
        store(state, &before, &next);
        return Ok(());
    }
    if resets { begin_anew(state, &before, next, change) } else { within_period(state, &before, next, change) }
}

fn within_period(
    state: &mut State,
    before: &Subscription,
    mut next: Subscription,
    change: Change,
) -> Result<(), Failure> {
    if before.items == change.items {
        return Ok(());
    }
    let at = change.at.clamp(before.period_start, before.period_end);
    let prorations = prorate::prorate(state, before, &change.items, at)?;
    if change.prorating == Prorating::None {
        next.items = change.items;
        // A meter counts for its new price from now on all the same.
        for (item, counted) in next.items.iter_mut().zip(&prorations.items) {
            item.since = counted.since;
        }
    } else {
        next.items = prorations.items;
        for line in prorations.lines {
            state.invoice_items.put(line);
        }
    }
    store(state, before, &next);
    if change.prorating == Prorating::AlwaysInvoice { bill_what_waits(state, next) } else { Ok(()) }
}

/// A new period begins now: unused time is given back, what was used is billed, and the new period too.
fn begin_anew(state: &mut State, before: &Subscription, mut next: Subscription, change: Change) -> Result<(), Failure> {
    let now = state.now;
    let was_trial = before.status == Status::Trialing;
    if change.prorating != Prorating::None && !was_trial {
        for line in prorate::credits_of(state, before, now)? {
            state.invoice_items.put(line);
        }
    }
    if was_trial {
        (next.status, next.trial_end) = (Status::Active, Some(now));
    }
    next.items = change.items;
    next.anchor = now;
    cycle::begin_period(&mut next, now);
    let used = if was_trial { Vec::new() } else { before.items.clone() };
    let span = Span { start: now, end: next.period_end };
    let mut lines = compose::lines_of_period(state, &next, &used, span)?;
    let invoice = state.invoices.next_id();
    lines.extend(compose::waiting_lines(state, &next, &invoice));
    let at_once = Span { start: before.period_start, end: now };
    let invoice = compose::draft(state, &next, "subscription_update", at_once, lines, None)?;
    compose::remember_debits(&mut next, &invoice);
    next.latest_invoice = Some(invoice.id.clone());
    store(state, before, &next);
    cycle::plan(state, &next);
    pay::finalize(state, &invoice.id)?;
    let _ = pay::attempt(state, &invoice.id, None)?;
    Ok(())
}

/// Bills the lines that wait, now.
fn bill_what_waits(state: &mut State, before: Subscription) -> Result<(), Failure> {
    let invoice = state.invoices.next_id();
    let lines = compose::waiting_lines(state, &before, &invoice);
    if lines.is_empty() {
        return Ok(());
    }
    let span = Span { start: state.now, end: state.now };
    let invoice = compose::draft(state, &before, "subscription_update", span, lines, None)?;
    let mut next = before.clone();
    next.latest_invoice = Some(invoice.id.clone());
    store(state, &before, &next);
    pay::finalize(state, &invoice.id)?;
    let _ = pay::attempt(state, &invoice.id, None)?;
    Ok(())
}

fn store(state: &mut State, before: &Subscription, after: &Subscription) {
    state.subscriptions.put(after.clone());
    announce_change(state, before, after);
}
