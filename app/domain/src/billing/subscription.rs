//! What Sheaf knows of a workspace's subscription: a copy of what Stripe has, from which everything a request asks is answered.

use chrono::{DateTime, Months, Utc};
use serde::{Deserialize, Serialize};

use super::{Currency, Limits, Plan, PlanId, Standing, SubscriptionStatus, TRIAL_PLAN, UNMETERED};
use crate::error::LimitReached;

/// A workspace's subscription as it was last heard of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Subscription {
    /// What was bought last. It counts while there is a subscription.
    pub plan: PlanId,
    pub plan_version: i32,
    pub currency: Currency,
    pub status: SubscriptionStatus,
    /// Until then the trial's plan is granted without a subscription.
    pub trial_ends_at: DateTime<Utc>,
    /// The month that is paid or, without a subscription, counted.
    pub period_start: DateTime<Utc>,
    pub period_end: DateTime<Utc>,
    /// It ends then, unless that is undone.
    pub cancels_at: Option<DateTime<Utc>>,
    /// What it becomes with its next month, if that was asked for.
    pub next_plan: Option<PlanId>,
    /// Since when a payment has been missing.
    pub unpaid_since: Option<DateTime<Utc>>,
    /// Page credits a month beyond the included ones, at most.
    pub cap: i64,
    /// Whether Stripe knows the workspace.
    pub is_customer: bool,
}

/// What a workspace may do now: the one answer that every limit asks.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Entitlements {
    pub plan: PlanId,
    pub plan_version: i32,
    pub limits: Limits,
    /// Page credits a month beyond the included ones, at most; 0 where the plan sells none.
    pub cap: i64,
    pub standing: Standing,
    /// Whether this is the trial, which ends then.
    pub trial_ends_at: Option<DateTime<Utc>>,
    /// Whether anything is metered at all.
    pub is_metered: bool,
}

impl Subscription {
    /// The plan that counts now: what is subscribed to, or the trial's, or the free one. A plan that was to end, or to become
    /// another with its next month, does so by the clock: Stripe may tell of it minutes later, and what a month was granted by then
    /// it keeps.
    pub fn plan_at(&self, now: DateTime<Utc>) -> &'static Plan {
        if self.is_subscribed_at(now) {
            let next = self.next_plan.filter(|_| self.period_end <= now);
            next.map_or_else(|| Plan::of(self.plan, self.plan_version), Plan::newest)
        } else if now < self.trial_ends_at {
            Plan::newest(TRIAL_PLAN)
        } else {
            Plan::newest(PlanId::Free)
        }
    }

    pub fn entitlements(&self, now: DateTime<Utc>) -> Entitlements {
        let plan = self.plan_at(now);
        let is_subscribed = self.is_subscribed_at(now);
        let is_trial = !is_subscribed && now < self.trial_ends_at;
        // A trial sells nothing: there is nobody to send the bill to, and what is used in one at Stripe is billed by nobody.
        let is_paid = is_subscribed && self.status != SubscriptionStatus::Trialing;
        let sells = is_paid && plan.thousand_credits(self.currency).is_some();
        Entitlements {
            plan: plan.id,
            plan_version: plan.version,
            limits: plan.limits,
            cap: if sells { self.cap } else { 0 },
            standing: Standing::at(self.unpaid_since, now),
            trial_ends_at: is_trial.then_some(self.trial_ends_at),
            is_metered: true,
        }
    }

    fn is_subscribed_at(&self, now: DateTime<Utc>) -> bool {
        self.status.is_subscribed() && self.cancels_at.is_none_or(|end| now < end)
    }
}

impl Entitlements {
    /// Of every workspace, where Sheaf runs without billing.
    pub fn unmetered() -> Self {
        Self {
            plan: PlanId::Enterprise,
            plan_version: 1,
            limits: UNMETERED,
            cap: 0,
            standing: Standing::Good,
            trial_ends_at: None,
            is_metered: false,
        }
    }

    /// The next larger plan; none above the largest.
    pub fn upgrade(&self) -> Option<PlanId> {
        PlanId::ALL.into_iter().find(|plan| *plan > self.plan)
    }

    /// Whether there are credits beyond the included ones to be had. A trial sells none.
    pub fn sells_credits(&self) -> bool {
        let plan = Plan::of(self.plan, self.plan_version);
        self.is_metered && self.trial_ends_at.is_none() && plan.thousand_credits(Currency::default()).is_some()
    }

    /// What programs are told of a limit that was met.
    pub fn reached(&self, limit: &str, used: i64, allowed: i64) -> LimitReached {
        LimitReached {
            limit: limit.to_owned(),
            used,
            allowed,
            plan: self.plan.as_str().to_owned(),
            upgrade: self.upgrade().map(|plan| plan.as_str().to_owned()),
        }
    }
}

impl Subscription {
    /// The month that counts now. After the end of the one that was last heard of, it is the one that follows from that.
    pub fn month_at(&self, now: DateTime<Utc>) -> (DateTime<Utc>, DateTime<Utc>) {
        if now < self.period_end {
            return (self.period_start, self.period_end);
        }
        // Months that began on the 31st begin on it again, unless this one began on the last of a shorter month.
        let is_first = month_at(self.period_start, self.period_end).0 == self.period_end;
        month_at(if is_first { self.period_start } else { self.period_end }, now)
    }
}

/// The month that a time lies in, of those that begin with `start`: from its beginning to that of the next. The 31st is the last
/// of a shorter month, and the 31st again after it.
pub fn month_at(start: DateTime<Utc>, now: DateTime<Utc>) -> (DateTime<Utc>, DateTime<Utc>) {
    let nth = |months: u32| start.checked_add_months(Months::new(months)).unwrap_or(start);
    // No month is longer than 31 days, so as many have begun at least.
    let mut months = u32::try_from((now - start).num_days() / 31).unwrap_or(0);
    while nth(months + 1) <= now {
        months += 1;
    }
    (nth(months), nth(months + 1))
}

#[cfg(test)]
mod tests {
    use chrono::{Duration, TimeZone};

    use super::*;

    fn of(year: i32, month: u32, day: u32) -> DateTime<Utc> {
        Utc.with_ymd_and_hms(year, month, day, 12, 0, 0).unwrap()
    }

    fn fresh(now: DateTime<Utc>) -> Subscription {
        let (period_start, period_end) = month_at(now, now);
        Subscription {
            plan: PlanId::Free,
            plan_version: 1,
            currency: Currency::Eur,
            status: SubscriptionStatus::None,
            trial_ends_at: now + Duration::days(super::super::TRIAL_DAYS),
            period_start,
            period_end,
            cancels_at: None,
            next_plan: None,
            unpaid_since: None,
            cap: 100,
            is_customer: false,
        }
    }

    #[test]
    fn a_workspace_tries_then_is_free_then_is_what_it_buys() {
        let now = of(2026, 1, 31);
        let mut subscription = fresh(now);
        let trial = subscription.entitlements(now);
        assert_eq!((trial.plan, trial.cap, trial.trial_ends_at.is_some()), (PlanId::Team, 0, true));
        let later = now + Duration::days(15);
        assert_eq!(subscription.entitlements(later).plan, PlanId::Free);
        subscription.status = SubscriptionStatus::Active;
        subscription.plan = PlanId::Business;
        let bought = subscription.entitlements(later);
        subscription.status = SubscriptionStatus::Trialing;
        assert_eq!(subscription.entitlements(later).cap, 0, "a trial at Stripe bills no credits");
        assert_eq!((bought.plan, bought.cap, bought.trial_ends_at), (PlanId::Business, 100, None));
    }

    #[test]
    fn a_plan_that_was_to_end_or_to_become_cheaper_does_so_before_it_is_heard_of() {
        let bought =
            Subscription { plan: PlanId::Business, status: SubscriptionStatus::Active, ..fresh(of(2026, 1, 31)) };
        let [before, then] = [of(2026, 2, 27), of(2026, 2, 28)];
        let cheaper = Subscription { next_plan: Some(PlanId::Team), ..bought };
        assert_eq!([before, then].map(|now| cheaper.plan_at(now).id), [PlanId::Business, PlanId::Team]);
        let cancelled = Subscription { cancels_at: Some(then), ..bought };
        let [last, over] = [before, then].map(|now| cancelled.entitlements(now));
        assert_eq!((last.plan, last.cap), (PlanId::Business, 100));
        assert_eq!((over.plan, over.cap), (PlanId::Free, 0), "nobody would be sent the bill");
    }

    #[test]
    fn a_month_that_was_not_heard_of_yet_follows_from_the_one_before() {
        let subscription = fresh(of(2026, 1, 31));
        assert_eq!(subscription.month_at(of(2026, 2, 27)), (of(2026, 1, 31), of(2026, 2, 28)));
        assert_eq!(subscription.month_at(of(2026, 2, 28)), (of(2026, 2, 28), of(2026, 3, 31)));
        assert_eq!(subscription.month_at(of(2026, 5, 1)), (of(2026, 4, 30), of(2026, 5, 31)));
        let (period_start, period_end) = (of(2026, 2, 28), of(2026, 3, 31));
        let second = Subscription { period_start, period_end, ..subscription };
        assert_eq!(second.month_at(of(2026, 3, 30)), (period_start, period_end));
        assert_eq!(second.month_at(of(2026, 4, 1)), (period_end, of(2026, 4, 30)));
    }

    #[test]
    fn a_limit_names_the_plan_that_allows_more() {
        let now = of(2026, 1, 31);
        let trial = fresh(now).entitlements(now);
        assert!(!trial.sells_credits(), "a trial sells nothing");
        let reached = trial.reached("members", 10, 10);
        assert_eq!((reached.plan.as_str(), reached.upgrade.as_deref()), ("team", Some("business")));
        assert_eq!(Entitlements::unmetered().upgrade(), None);
    }

    #[test]
    fn months_begin_on_the_day_of_the_first_or_on_the_last() {
        let start = of(2026, 1, 31);
        assert_eq!(month_at(start, start), (start, of(2026, 2, 28)));
        assert_eq!(month_at(start, of(2026, 3, 1)), (of(2026, 2, 28), of(2026, 3, 31)));
        assert_eq!(month_at(start, of(2028, 2, 29)), (of(2028, 2, 29), of(2028, 3, 31)));
        assert_eq!(month_at(start, of(2025, 1, 1)), (start, of(2026, 2, 28)));
    }
}
