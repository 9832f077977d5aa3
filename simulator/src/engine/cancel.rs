//! A subscription ends.

use super::{compose, compose::Span, cycle, pay, prorate};
use crate::{
    failure::Failure,
    objects::{InvoiceStatus, ScheduleStatus, Status, Subscription},
    state::State,
};

/// How it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ending {
    /// Whether what was used and not billed yet is billed.
    pub bills_usage: bool,
    /// Whether unused time is given back.
    pub prorates: bool,
    /// Whether the last bill is final at once.
    pub at_once: bool,
}

impl Ending {
    /// With its period: what was used is billed, as for any other period.
    pub fn at_its_time() -> Self {
        Self { bills_usage: true, prorates: false, at_once: false }
    }
}

/// Ends a subscription now.
pub fn end(state: &mut State, id: &str, ending: Ending) -> Result<(), Failure> {
    let mut subscription = state.subscriptions.find(id)?.clone();
    if subscription.status.is_over() {
        return Err(Failure::missing("subscription", id));
    }
    if ending.prorates {
        for item in prorate::credits_of(state, &subscription, state.now)? {
            state.invoice_items.put(item);
        }
    }
    last_invoice(state, &mut subscription, ending)?;
    subscription.status = Status::Canceled;
    subscription.ended_at = Some(state.now);
    subscription.canceled_at = subscription.canceled_at.or(Some(state.now));
    subscription.cancel_reason.get_or_insert_with(|| "cancellation_requested".to_owned());
    stop_asking(state, id);
    if let Some(schedule) = subscription.schedule.take() {
        end_schedule(state, &schedule);
    }
    state.subscriptions.put(subscription.clone());
    let json = state.subscription_json(&subscription);
    state.emit("customer.subscription.deleted", json);
    Ok(())
}

/// The bill of what was used, if there is anything to bill.
fn last_invoice(state: &mut State, subscription: &mut Subscription, ending: Ending) -> Result<(), Failure> {
    let is_trial = subscription.status == Status::Trialing;
    let now = state.now;
    let mut lines = Vec::new();
    for item in &subscription.items {
        if ending.bills_usage && !is_trial && state.prices.find(&item.price)?.is_metered() {
            lines.push(compose::line_of_usage(state, subscription, item, now)?);
        }
    }
    if ending.bills_usage || ending.prorates {
        let invoice = state.invoices.next_id();
        lines.extend(compose::waiting_lines(state, subscription, &invoice));
    }
    // A bill that waits for late usage is made even when it is of nothing yet.
    if lines.is_empty() || (ending.at_once && lines.iter().all(|line| line.amount == 0)) {
        return Ok(());
    }
    let span = Span { start: subscription.period_start, end: now };
    let finalizes_at = (!ending.at_once).then_some(now + cycle::DRAFT_SECONDS);
    let invoice = compose::draft(state, subscription, "subscription_cycle", span, lines, finalizes_at)?;
    subscription.latest_invoice = Some(invoice.id.clone());
    if ending.at_once {
        state.subscriptions.put(subscription.clone());
        pay::finalize(state, &invoice.id)?;
        let _ = pay::attempt(state, &invoice.id, None)?;
    }
    Ok(())
}

/// What is open stays open, and is not tried again by itself.
fn stop_asking(state: &mut State, subscription: &str) {
    let open = state.invoices.newest().filter(|invoice| {
        invoice.subscription.as_deref() == Some(subscription) && invoice.status == InvoiceStatus::Open
    });
    let ids: Vec<String> = open.map(|invoice| invoice.id.clone()).collect();
    for id in ids {
        if let Some(invoice) = state.invoices.get_mut(&id) {
            invoice.next_attempt = None;
        }
    }
}

fn end_schedule(state: &mut State, id: &str) {
    let now = state.now;
    let Some(schedule) = state.schedules.get_mut(id) else { return };
    schedule.status = ScheduleStatus::Canceled;
    schedule.canceled_at = Some(now);
    let json = schedule.json(now);
    state.emit("subscription_schedule.canceled", json);
}
