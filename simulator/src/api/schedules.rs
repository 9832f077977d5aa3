//! Schedules of subscriptions.

use super::{Answer, has, page, subscriptions};
use crate::{
    engine::{cancel, change, change_subscription, create, phases},
    failure::Failure,
    objects::{Metadata, Phase, Schedule, ScheduleStatus, Subscription},
    params::Params,
    state::State,
};

/// From a subscription that there is: one that begins later is not simulated.
pub fn create(state: &mut State, params: &Params) -> Answer {
    let row = state.subscriptions.find(params.required("from_subscription")?)?.clone();
    if row.status.is_over() {
        return Err(Failure::invalid("from_subscription", "You cannot migrate a subscription that is over."));
    }
    if let Some(schedule) = &row.schedule {
        let message =
            format!("You cannot migrate a subscription that is already attached to a schedule: `{schedule}`.");
        return Err(Failure::invalid("from_subscription", message));
    }
    let schedule = of_subscription(state, &row);
    let json = schedule.json(state.now);
    let id = schedule.id.clone();
    state.schedules.put(schedule);
    state.emit("subscription_schedule.created", json.clone());
    change_subscription(state, &row.id, |row| row.schedule = Some(id))?;
    Ok(json)
}

fn of_subscription(state: &State, row: &Subscription) -> Schedule {
    let phase = Phase {
        start: row.period_start,
        end: row.period_end,
        items: phases::items_of(&row.items),
        proration_behavior: "create_prorations".to_owned(),
        metadata: Metadata::new(),
    };
    Schedule {
        id: state.schedules.next_id(),
        customer: row.customer.clone(),
        subscription: Some(row.id.clone()),
        released_subscription: None,
        status: ScheduleStatus::Active,
        phases: vec![phase],
        end_behavior: if row.cancel_at_period_end { "cancel" } else { "release" }.to_owned(),
        currency: row.currency.clone(),
        metadata: Metadata::new(),
        created: state.now,
        released_at: None,
        canceled_at: None,
    }
}

pub fn list(state: &State, params: &Params) -> Answer {
    let rows = state.schedules.newest().filter(|row| has(params.text("customer"), Some(&row.customer)));
    page("/v1/subscription_schedules", params, rows.map(|row| row.json(state.now)))
}

pub fn get(state: &State, id: &str) -> Answer {
    Ok(state.schedules.find(id)?.json(state.now))
}

/// New phases take the place of the old ones. What the phase that runs now says otherwise than the subscription counts at once.
pub fn update(state: &mut State, id: &str, params: &Params) -> Answer {
    let mut schedule = active(state, id)?.clone();
    let before = schedule.json(state.now);
    if params.has("phases") {
        schedule.phases = phases_of(state, &schedule, params)?;
    }
    if let Some(word) = params.text("end_behavior") {
        word.clone_into(&mut schedule.end_behavior);
    }
    params.merge("metadata", &mut schedule.metadata);
    let json = schedule.json(state.now);
    state.schedules.put(schedule.clone());
    state.emit_change("subscription_schedule.updated", json.clone(), Some(&before));
    apply_current(state, &schedule, params)?;
    Ok(json)
}

fn phases_of(state: &State, schedule: &Schedule, params: &Params) -> Result<Vec<Phase>, Failure> {
    let mut phases: Vec<Phase> = Vec::new();
    for asked in params.parts("phases") {
        let items = subscriptions::items_of(&asked, "items")?;
        let prices = create::prices_of(state, &items)?;
        let interval = &prices.first().ok_or_else(|| Failure::missing_param("phases.items"))?.interval;
        let last = phases.last().map(|phase| phase.end);
        let first = schedule.phases.first().map_or(state.now, |phase| phase.start);
        let start = time(state, &asked, "start_date")?.or(last).unwrap_or(first);
        let periods = asked.whole("iterations")?.unwrap_or(1).max(1);
        let end = match (time(state, &asked, "end_date")?, asked.text("duration.interval")) {
            (Some(end), _) => end,
            (None, Some(unit)) => {
                let count = asked.whole("duration.interval_count")?.unwrap_or(1);
                crate::amount::Interval { unit: unit.to_owned(), count }.end_after(start, start)
            }
            (None, None) => (0..periods).fold(start, |at, _| interval.end_after(start, at)),
        };
        if end <= start || last.is_some_and(|last| last != start) {
            let message = "The phases of a schedule must follow each other, and end after they start.";
            return Err(Failure::invalid("phases", message));
        }
        let mut metadata = Metadata::new();
        asked.merge("metadata", &mut metadata);
        let proration_behavior = asked.text("proration_behavior").unwrap_or("create_prorations").to_owned();
        phases.push(Phase { start, end, items, proration_behavior, metadata });
    }
    Ok(phases)
}

fn time(state: &State, asked: &Params, key: &str) -> Result<Option<i64>, Failure> {
    if asked.text(key) == Some("now") { Ok(Some(state.now)) } else { asked.whole(key) }
}

fn apply_current(state: &mut State, schedule: &Schedule, params: &Params) -> Result<(), Failure> {
    let now = state.now;
    let row = schedule.subscription.as_ref().and_then(|id| state.subscriptions.get(id)).cloned();
    let (Some(row), Some(phase)) = (row, schedule.phase_at(now)) else { return Ok(()) };
    if phase.items == phases::items_of(&row.items) {
        return Ok(());
    }
    let mut items = Vec::new();
    for asked in &phase.items {
        let kept = row.items.iter().find(|item| item.price == asked.price).cloned();
        let mut item = kept.unwrap_or_else(|| create::new_item(state, asked));
        item.quantity = item.quantity.map(|quantity| asked.quantity.unwrap_or(quantity));
        items.push(item);
    }
    let prorating = change::Prorating::parse(params.text("proration_behavior"))?;
    let change = change::Change { items, prorating, at: now, resets: false, ends_trial: false };
    change::apply(state, &row.id, change)
}

/// The subscription goes on as it is now.
pub fn release(state: &mut State, id: &str) -> Answer {
    let schedule = active(state, id)?.clone();
    let subscription = schedule.subscription.clone();
    let schedule = phases::release(state, schedule);
    if let Some(subscription) = subscription {
        change_subscription(state, &subscription, |row| row.schedule = None)?;
    }
    Ok(schedule.json(state.now))
}

/// The subscription ends now.
pub fn cancel(state: &mut State, id: &str) -> Answer {
    let schedule = active(state, id)?.clone();
    if let Some(subscription) = &schedule.subscription {
        let ending = cancel::Ending { bills_usage: true, prorates: true, at_once: true };
        cancel::end(state, subscription, ending)?;
    }
    get(state, id)
}

fn active<'a>(state: &'a State, id: &str) -> Result<&'a Schedule, Failure> {
    let schedule = state.schedules.find(id)?;
    if schedule.status == ScheduleStatus::Active {
        return Ok(schedule);
    }
    let message = "You cannot change a subscription schedule that was released or canceled.";
    Err(Failure::invalid("", message))
}
