//! The phases of a subscription's schedule.

use super::create;
use crate::{
    failure::Failure,
    objects::{Item, Phase, PhaseItem, Schedule, ScheduleStatus, Subscription},
    state::State,
};

/// What came of a new period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entered {
    /// The subscription goes on, perhaps with other items.
    GoesOn,
    /// Its schedule ends it.
    TheEnd,
}

/// Gives a subscription the items of the phase that begins, or lets its schedule go, if it has one.
pub fn enter(state: &mut State, subscription: &mut Subscription, at: i64) -> Result<Entered, Failure> {
    let Some(schedule) = subscription.schedule.as_ref().and_then(|id| state.schedules.get(id)).cloned() else {
        return Ok(Entered::GoesOn);
    };
    if let Some(phase) = schedule.phase_at(at) {
        // What was changed by hand within a phase stays until the next one begins.
        if phase.start > subscription.period_start {
            take_items(state, subscription, phase)?;
            let json = schedule.json(at);
            state.emit("subscription_schedule.updated", json);
        }
        return Ok(Entered::GoesOn);
    }
    if schedule.end_behavior == "cancel" {
        return Ok(Entered::TheEnd);
    }
    release(state, schedule);
    subscription.schedule = None;
    Ok(Entered::GoesOn)
}

fn take_items(state: &mut State, subscription: &mut Subscription, phase: &Phase) -> Result<(), Failure> {
    let prices = create::prices_of(state, &phase.items)?;
    let mut items = Vec::new();
    for asked in &phase.items {
        let kept = subscription.items.iter().find(|item| item.price == asked.price).cloned();
        let mut item = kept.unwrap_or_else(|| create::new_item(state, asked));
        item.quantity = item.quantity.map(|quantity| asked.quantity.unwrap_or(quantity));
        items.push(item);
    }
    if let Some(first) = prices.first().filter(|first| first.interval != subscription.interval) {
        subscription.interval = first.interval.clone();
        subscription.anchor = phase.start;
    }
    subscription.items = items;
    subscription.metadata.extend(phase.metadata.clone());
    Ok(())
}

/// Lets a subscription go on without its schedule. The caller forgets it at the subscription.
pub fn release(state: &mut State, mut schedule: Schedule) -> Schedule {
    schedule.status = ScheduleStatus::Released;
    schedule.released_at = Some(state.now);
    schedule.released_subscription = schedule.subscription.take();
    state.schedules.put(schedule.clone());
    let json = schedule.json(state.now);
    state.emit("subscription_schedule.released", json);
    schedule
}

/// The items of a subscription as a phase has them.
pub fn items_of(items: &[Item]) -> Vec<PhaseItem> {
    let item = |item: &Item| PhaseItem { price: item.price.clone(), quantity: item.quantity };
    items.iter().map(item).collect()
}
