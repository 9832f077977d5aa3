//! The subscriptions of a customer, as Stripe has them now, and the one among them that counts.

use std::cmp::Reverse;

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{Stripe, form::Form, json::Read};
use crate::{
    billing::{Currency, Plan, SubscriptionStatus},
    error::Result,
};

/// Of a customer. One has a single one, and those that ended.
const SUBSCRIPTIONS: i64 = 20;

/// How a subscription is to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    No,
    /// With the month that is paid.
    WithPeriod,
    /// At a time that somebody chose.
    At(DateTime<Utc>),
}

/// A subscription that is there.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct LiveSubscription {
    pub id: String,
    pub status: SubscriptionStatus,
    /// None where its price is none of ours.
    pub plan: Option<&'static Plan>,
    pub currency: Currency,
    pub period_start: DateTime<Utc>,
    pub period_end: DateTime<Utc>,
    pub ending: Ending,
    /// The item of the month's price, and that of the credits.
    pub month_item: Option<String>,
    pub credits_item: Option<String>,
    /// What has it changed at the end of its month.
    pub schedule: Option<String>,
    /// The price of the month in the schedule's later phases.
    pub next_price: Option<String>,
    pub payment_method: Option<String>,
}

/// All that a customer has and had.
#[derive(Debug, Default)]
pub(super) struct Subscriptions {
    pub live: Option<LiveSubscription>,
    /// What the first one was paid in: Stripe takes no other from then on.
    pub currency: Option<Currency>,
    /// When the last one ended that has.
    pub ended_at: Option<DateTime<Utc>>,
    /// Live ones beside the one that counts.
    pub more: Vec<String>,
}

/// Nothing where the customer is gone.
pub(super) async fn subscriptions(stripe: &Stripe, customer: &str) -> Result<Subscriptions> {
    let form = Form::new()
        .with("customer", customer)
        .with("status", "all")
        .with("limit", SUBSCRIPTIONS)
        .with("expand[0]", "data.schedule");
    match stripe.get("/v1/subscriptions", &form).await {
        Ok(answer) => Ok(Subscriptions::read(answer.list("/data"))),
        Err(failure) if failure.is_missing() => Ok(Subscriptions::default()),
        Err(failure) => Err(failure.into()),
    }
}

impl Subscriptions {
    pub fn read(data: &[Value]) -> Self {
        let currency = data.iter().rev().find_map(currency);
        let ended_at = data.iter().filter_map(|one| one.time("/ended_at")).max();
        let mut live: Vec<LiveSubscription> = data.iter().filter_map(LiveSubscription::read).collect();
        // The dearest, and of two that cost the same, always the same.
        live.sort_by_key(|one| (Reverse(one.plan.map(|plan| plan.month(one.currency).cents)), one.id.clone()));
        let mut live = live.into_iter();
        Self { live: live.next(), currency, ended_at, more: live.map(|one| one.id).collect() }
    }

    /// When time last changed what there is, as Stripe has it: a month began, and with it perhaps another plan or the end of a
    /// trial; or there is nothing any more.
    pub fn turned_at(&self) -> Option<DateTime<Utc>> {
        self.live.as_ref().map_or(self.ended_at, |live| Some(live.period_start))
    }
}

impl LiveSubscription {
    /// None where it never began, or is over.
    pub fn read(value: &Value) -> Option<Self> {
        let status = SubscriptionStatus::from_stripe(value.text("/status")?);
        if !status.is_subscribed() {
            return None;
        }
        let items = value.list("/items/data");
        let month = items.iter().find(|item| !is_metered(item));
        // It was the subscription's own until version 2025-03-31 of the API.
        let period = |name: &str| {
            let of_item = month.or_else(|| items.first()).and_then(|item| item.time(name));
            of_item.or_else(|| value.time(name))
        };
        let (period_start, period_end) = (period("/current_period_start")?, period("/current_period_end")?);
        let id = |item: &Value| item.text("/id").map(str::to_owned);
        Some(Self {
            id: id(value)?,
            status,
            plan: month.and_then(|item| Plan::with_lookup_key(item.text("/price/lookup_key")?)),
            currency: currency(value).unwrap_or_default(),
            period_start,
            period_end,
            ending: ending(value),
            month_item: month.and_then(id),
            credits_item: items.iter().find(|item| is_metered(item)).and_then(id),
            schedule: value.id("/schedule").map(str::to_owned),
            next_price: next_price(value, period_end).map(str::to_owned),
            payment_method: value.id("/default_payment_method").map(str::to_owned),
        })
    }

    /// When it ends; none where it goes on.
    pub fn ends_at(&self) -> Option<DateTime<Utc>> {
        match self.ending {
            Ending::No => None,
            Ending::WithPeriod => Some(self.period_end),
            Ending::At(time) => Some(time),
        }
    }
}

fn is_metered(item: &Value) -> bool {
    item.text("/price/recurring/usage_type") == Some("metered")
}

fn currency(value: &Value) -> Option<Currency> {
    Currency::parse(value.text("/currency")?)
}

fn ending(value: &Value) -> Ending {
    match value.time("/cancel_at") {
        _ if value.flag("/cancel_at_period_end") => Ending::WithPeriod,
        Some(time) => Ending::At(time),
        None => Ending::No,
    }
}

/// Of the first phase that begins when this month is over.
fn next_price(value: &Value, period_end: DateTime<Utc>) -> Option<&str> {
    let mut later = value
        .list("/schedule/phases")
        .iter()
        .filter(|phase| phase.time("/start_date").is_some_and(|start| start >= period_end));
    later.next()?.list("/items").iter().find(|item| item.whole("/quantity").is_some())?.id("/price")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::billing::PlanId;

    fn subscription(status: &str, lookup_key: &str) -> Value {
        json!({
            "id": "sub_1", "status": status, "currency": "gbp", "cancel_at": null, "cancel_at_period_end": false,
            "ended_at": null, "schedule": null, "default_payment_method": "pm_1",
            "items": { "data": [
                { "id": "si_2", "current_period_start": 100, "current_period_end": 200,
                  "price": { "id": "price_2", "lookup_key": "x", "recurring": { "usage_type": "metered" } } },
                { "id": "si_1", "current_period_start": 100, "current_period_end": 200, "quantity": 1,
                  "price": { "id": "price_1", "lookup_key": lookup_key, "recurring": { "usage_type": "licensed" } } },
            ] },
        })
    }

    #[test]
    fn a_subscription_is_read_from_its_items() {
        let live = LiveSubscription::read(&subscription("active", "sheaf_business_v1")).unwrap();
        assert_eq!(live.plan.map(|plan| plan.id), Some(PlanId::Business));
        assert_eq!((live.month_item.as_deref(), live.credits_item.as_deref()), (Some("si_1"), Some("si_2")));
        assert_eq!((live.period_start.timestamp(), live.period_end.timestamp()), (100, 200));
        assert_eq!((live.currency, live.ends_at(), live.status), (Currency::Gbp, None, SubscriptionStatus::Active));
        assert_eq!(LiveSubscription::read(&subscription("active", "another")).unwrap().plan, None);
        assert_eq!(LiveSubscription::read(&subscription("incomplete", "sheaf_team_v1")), None);
    }

    #[test]
    fn its_end_and_what_it_becomes_are_read() {
        let mut value = subscription("active", "sheaf_business_v1");
        value["cancel_at_period_end"] = json!(true);
        value["cancel_at"] = json!(200);
        assert_eq!(LiveSubscription::read(&value).unwrap().ending, Ending::WithPeriod);
        value["cancel_at_period_end"] = json!(false);
        assert_eq!(LiveSubscription::read(&value).unwrap().ends_at().map(|time| time.timestamp()), Some(200));
        value["schedule"] = json!({ "id": "sub_sched_1", "phases": [
            { "start_date": 100, "items": [{ "price": "price_1", "quantity": 1 }] },
            { "start_date": 200, "items": [{ "price": "price_4" }, { "price": { "id": "price_3" }, "quantity": 1 }] },
        ] });
        let live = LiveSubscription::read(&value).unwrap();
        assert_eq!((live.schedule.as_deref(), live.next_price.as_deref()), (Some("sub_sched_1"), Some("price_3")));
    }

    #[test]
    fn the_dearest_of_two_counts_and_the_other_is_told() {
        let mut other = subscription("active", "sheaf_team_v1");
        other["id"] = json!("sub_2");
        let mut over = subscription("canceled", "sheaf_enterprise_v1");
        over["ended_at"] = json!(150);
        let data = [other, over, subscription("past_due", "sheaf_business_v1")];
        let read = Subscriptions::read(&data);
        assert_eq!(read.turned_at().map(|time| time.timestamp()), Some(100));
        let ended = Subscriptions::read(&data[1..2]).turned_at();
        assert_eq!(ended.map(|time| time.timestamp()), Some(150));
        assert_eq!(read.live.map(|live| live.id).as_deref(), Some("sub_1"));
        assert_eq!((read.more, read.currency), (vec!["sub_2".to_owned()], Some(Currency::Gbp)));
        assert!(Subscriptions::read(&[]).live.is_none());
    }
}
