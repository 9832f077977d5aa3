//! Time goes on: periods end, drafts become bills, bills are tried again.

use super::{announce_change, cancel, compose, compose::Span, create, pay, phases};
use crate::{
    failure::Failure,
    objects::{InvoiceStatus, SessionStatus, Status, Subscription},
    state::{Due, State},
};

/// The bill of a new period stays a draft for as long, so that usage that is reported late still comes onto it.
pub const DRAFT_SECONDS: i64 = 3_600;

/// A trial's end is announced three days before.
const TRIAL_WARNING: i64 = 3 * 86_400;

/// Does everything that is due until a time, in its order, each at its own time.
pub fn advance(state: &mut State, to: i64) {
    while let Some((at, due)) = state.agenda.first().cloned() {
        if at > to {
            break;
        }
        state.agenda.pop_first();
        state.now = state.now.max(at);
        // What cannot be done here is what is not due any more, such as a bill that was paid meanwhile.
        let _ = act(state, &due);
        state.forget_the_old();
    }
    state.now = state.now.max(to);
}

fn act(state: &mut State, due: &Due) -> Result<(), Failure> {
    match due {
        Due::Finalize(id) => finalize(state, id),
        Due::Attempt(id) => try_again(state, id),
        Due::TrialWillEnd(id) => warn(state, id),
        Due::Subscription(id) => turn(state, id),
        Due::Session(id) => expire(state, id),
    }
}

/// Writes down when a subscription has to be looked at next.
pub fn plan(state: &mut State, subscription: &Subscription) {
    let id = || subscription.id.clone();
    state.plan(subscription.period_end, Due::Subscription(id()));
    if let Some(at) = subscription.cancel_at {
        state.plan(at, Due::Subscription(id()));
    }
    let warning = subscription.trial_end.map(|end| end - TRIAL_WARNING);
    if let Some(at) = warning.filter(|at| subscription.status == Status::Trialing && *at > state.now) {
        state.plan(at, Due::TrialWillEnd(id()));
    }
}

fn finalize(state: &mut State, id: &str) -> Result<(), Failure> {
    pay::finalize(state, id)?;
    pay::attempt(state, id, None)?;
    Ok(())
}

fn try_again(state: &mut State, id: &str) -> Result<(), Failure> {
    let invoice = state.invoices.find(id)?;
    if invoice.status == InvoiceStatus::Open && invoice.next_attempt.is_some_and(|at| at <= state.now) {
        pay::attempt(state, id, None)?;
    }
    Ok(())
}

fn warn(state: &mut State, id: &str) -> Result<(), Failure> {
    let subscription = state.subscriptions.find(id)?;
    if subscription.status == Status::Trialing {
        let json = state.subscription_json(subscription);
        state.emit("customer.subscription.trial_will_end", json);
    }
    Ok(())
}

fn expire(state: &mut State, id: &str) -> Result<(), Failure> {
    let base = state.base.clone();
    let session = state.sessions.find_mut(id)?;
    if session.status == SessionStatus::Open {
        session.status = SessionStatus::Expired;
        let json = session.json(&base);
        state.emit("checkout.session.expired", json);
    }
    Ok(())
}

/// A subscription is looked at: it is given up, ends, or has a new period.
fn turn(state: &mut State, id: &str) -> Result<(), Failure> {
    let subscription = state.subscriptions.find(id)?.clone();
    if create::is_given_up(&subscription, state.now) {
        return give_up(state, &subscription);
    }
    if !subscription.status.is_billed() {
        return Ok(());
    }
    if subscription.ends_at().is_some_and(|at| at <= state.now) {
        return cancel::end(state, id, cancel::Ending::at_its_time());
    }
    if subscription.period_end <= state.now {
        return renew(state, id, Some(DRAFT_SECONDS));
    }
    Ok(())
}

fn give_up(state: &mut State, before: &Subscription) -> Result<(), Failure> {
    let mut after = before.clone();
    after.status = Status::IncompleteExpired;
    after.ended_at = Some(state.now);
    state.subscriptions.put(after.clone());
    announce_change(state, before, &after);
    match &before.latest_invoice {
        Some(invoice) => pay::close(state, invoice, InvoiceStatus::Void),
        None => Ok(()),
    }
}

/// Begins the next period, and bills it: after `drafted` seconds, or at once.
pub fn renew(state: &mut State, id: &str, drafted: Option<i64>) -> Result<(), Failure> {
    let before = state.subscriptions.find(id)?.clone();
    let start = before.period_end;
    let mut next = before.clone();
    if phases::enter(state, &mut next, start)? == phases::Entered::TheEnd {
        return cancel::end(state, id, cancel::Ending::at_its_time());
    }
    let was_trial = before.status == Status::Trialing;
    if was_trial && next.without_card != "create_invoice" && !pay::has_card(state, &before) {
        return without_card(state, &before);
    }
    if was_trial {
        next.status = Status::Active;
    }
    begin_period(&mut next, start);
    // What is used in a trial is given away.
    let used = if was_trial { Vec::new() } else { before.items.clone() };
    let mut lines =
        compose::lines_of_period(state, &next, &used, Span { start: next.period_start, end: next.period_end })?;
    let invoice = state.invoices.next_id();
    lines.extend(compose::waiting_lines(state, &next, &invoice));
    let span = Span { start: before.period_start, end: start };
    let finalizes_at = drafted.map(|seconds| state.now + seconds);
    let invoice = compose::draft(state, &next, "subscription_cycle", span, lines, finalizes_at)?;
    compose::remember_debits(&mut next, &invoice);
    next.latest_invoice = Some(invoice.id.clone());
    state.subscriptions.put(next.clone());
    announce_change(state, &before, &next);
    plan(state, &next);
    if drafted.is_none() { finalize(state, &invoice.id) } else { Ok(()) }
}

/// Moves a subscription into the period that begins then.
pub fn begin_period(subscription: &mut Subscription, start: i64) {
    subscription.period_start = start;
    subscription.period_end = subscription.interval.end_after(subscription.anchor, start);
    for item in &mut subscription.items {
        item.since = start;
    }
}

/// A trial is over, and there is nothing to pay with.
fn without_card(state: &mut State, before: &Subscription) -> Result<(), Failure> {
    if before.without_card == "cancel" {
        return cancel::end(state, &before.id, cancel::Ending::at_its_time());
    }
    let mut after = before.clone();
    after.status = Status::Paused;
    state.subscriptions.put(after.clone());
    let json = state.subscription_json(&after);
    state.emit("customer.subscription.paused", json);
    Ok(())
}

/// The next bill as it would be if nothing changed: composed on a scratch of the state.
pub fn upcoming(scratch: &mut State, id: &str) -> Result<String, Failure> {
    let subscription = scratch.subscriptions.find(id)?.clone();
    let none = || {
        let message = "No upcoming invoices for customer: the subscription ends.";
        Failure::invalid("", message).with_code("invoice_upcoming_none").with_status(404)
    };
    if !subscription.status.is_billed() || subscription.ends_at().is_some_and(|at| at <= subscription.period_end) {
        return Err(none());
    }
    scratch.now = subscription.period_end;
    renew(scratch, id, Some(DRAFT_SECONDS))?;
    scratch.subscriptions.find(id)?.latest_invoice.clone().ok_or_else(none)
}
