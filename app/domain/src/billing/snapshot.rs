//! What Stripe has of a workspace at one moment, and what that makes of our copy.

use chrono::{DateTime, Utc};

use super::{Currency, Plan, PlanId, Subscription, SubscriptionStatus};

/// All that Stripe was asked for at once.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// Whose price is paid; none without a subscription, and where the price is none of the plan file.
    pub plan: Option<&'static Plan>,
    pub currency: Currency,
    pub status: SubscriptionStatus,
    /// The month that is paid. Without a subscription these say nothing.
    pub period_start: DateTime<Utc>,
    pub period_end: DateTime<Utc>,
    pub cancels_at: Option<DateTime<Utc>>,
    pub next_plan: Option<PlanId>,
    pub unpaid_since: Option<DateTime<Utc>>,
    /// Stripe's names.
    pub customer: String,
    pub subscription: Option<String>,
}

impl Snapshot {
    /// Our copy, brought up to what Stripe has. The trial and the cap are ours alone and stay.
    ///
    /// Without a subscription the workspace is free: its months are counted on from the one that it had, and the currency it
    /// chose stays. A price that is none of the plan file changes no plan: somebody pays, and loses nothing.
    pub fn onto(&self, before: &Subscription) -> Subscription {
        if !self.status.is_subscribed() {
            let free = Plan::newest(PlanId::Free);
            return Subscription {
                plan: free.id,
                plan_version: free.version,
                status: SubscriptionStatus::None,
                cancels_at: None,
                next_plan: None,
                unpaid_since: None,
                is_customer: true,
                ..before.clone()
            };
        }
        let (plan, plan_version) = self.plan.map_or((before.plan, before.plan_version), |plan| (plan.id, plan.version));
        // An empty month would be no month.
        let is_month = self.period_start < self.period_end;
        let (period_start, period_end) = match is_month {
            true => (self.period_start, self.period_end),
            false => (before.period_start, before.period_end),
        };
        Subscription {
            plan,
            plan_version,
            currency: self.currency,
            status: self.status,
            period_start,
            period_end,
            cancels_at: self.cancels_at,
            next_plan: self.next_plan,
            unpaid_since: self.unpaid_since,
            is_customer: true,
            ..before.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::Duration;

    use super::*;

    fn before() -> Subscription {
        let now = DateTime::UNIX_EPOCH;
        Subscription {
            plan: PlanId::Team,
            plan_version: 1,
            currency: Currency::Gbp,
            status: SubscriptionStatus::Active,
            trial_ends_at: now,
            period_start: now,
            period_end: now + Duration::days(31),
            cancels_at: Some(now + Duration::days(31)),
            next_plan: Some(PlanId::Free),
            unpaid_since: Some(now),
            cap: 700,
            is_customer: true,
        }
    }

    fn bought() -> Snapshot {
        let start = DateTime::UNIX_EPOCH + Duration::days(31);
        Snapshot {
            plan: Some(Plan::newest(PlanId::Business)),
            currency: Currency::Gbp,
            status: SubscriptionStatus::Active,
            period_start: start,
            period_end: start + Duration::days(28),
            cancels_at: None,
            next_plan: None,
            unpaid_since: None,
            customer: "cus_1".into(),
            subscription: Some("sub_1".into()),
        }
    }

    #[test]
    fn what_was_bought_takes_the_place_of_what_was_there() {
        let after = bought().onto(&before());
        assert_eq!((after.plan, after.cap), (PlanId::Business, 700));
        assert_eq!((after.cancels_at, after.next_plan, after.unpaid_since), (None, None, None));
        assert_eq!(after.period_start, before().period_end);
        assert_eq!(bought().onto(&after), after, "a second time changes nothing");
    }

    #[test]
    fn without_a_subscription_it_is_free_and_its_months_go_on() {
        let over = Snapshot { plan: None, status: SubscriptionStatus::None, subscription: None, ..bought() };
        let after = over.onto(&before());
        assert_eq!((after.plan, after.status), (PlanId::Free, SubscriptionStatus::None));
        assert_eq!((after.period_start, after.currency), (before().period_start, Currency::Gbp));
        assert_eq!((after.cancels_at, after.unpaid_since), (None, None));
    }

    #[test]
    fn a_price_that_nobody_knows_takes_nothing_away() {
        let odd = Snapshot { plan: None, ..bought() };
        assert_eq!(odd.onto(&before()).plan, PlanId::Team);
        let empty = Snapshot { period_end: bought().period_start, ..bought() };
        assert_eq!(empty.onto(&before()).period_end, before().period_end);
    }
}
