//! What the owners are told of a trial, each once: that it ends, that the first payment comes with its end, and that it is over.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Subscription, SubscriptionStatus, store, trial_mails as mails};
use crate::{Services, db::TenantTx, error::Result};

/// How long before the end. `tenants_to_tend` knows it too.
const AHEAD: TimeDelta = TimeDelta::days(3);

/// What was told. A trial is known by its end: one that is made longer is told of again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct TrialTold {
    /// The end of the trial without a card of which was told that it comes.
    pub ends: Option<DateTime<Utc>>,
    /// The end of a trial at Stripe of which was told that the first payment comes with it.
    pub first_payment: Option<DateTime<Utc>>,
    /// Of a trial that ended until then nothing is to be told any more: it was told, or a plan was paid.
    pub over: Option<DateTime<Utc>>,
}

/// What there is to tell, with the end of the trial that it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum News {
    Ends(DateTime<Utc>),
    FirstPayment(DateTime<Utc>),
    Over(DateTime<Utc>),
}

/// Tells the owners what there is to tell, and keeps that they were told. True where there was something.
pub(super) async fn tell(
    services: &Services,
    tx: &mut TenantTx,
    subscription: &Subscription,
    told: TrialTold,
) -> Result<bool> {
    let now = services.clock.now();
    let Some(news) = told.news(subscription, now) else { return Ok(false) };
    store::set_trial_told(tx, &told.with(news, now)).await?;
    match news {
        News::Ends(at) => mails::trial_ends(services, tx, subscription, at).await?,
        News::FirstPayment(at) => mails::first_payment(services, tx, subscription, at).await?,
        News::Over(at) => mails::trial_over(services, tx, subscription, at).await?,
    }
    Ok(true)
}

impl TrialTold {
    /// Whoever has cancelled a trial at Stripe pays nothing, and is told when it is over.
    fn news(&self, subscription: &Subscription, now: DateTime<Utc>) -> Option<News> {
        let is_near = |end: DateTime<Utc>| now < end && end - now <= AHEAD;
        let (end, first_payment) = (subscription.trial_ends_at, subscription.period_end);
        match subscription.status {
            SubscriptionStatus::None if self.over >= Some(self.last_end(end)) => None,
            SubscriptionStatus::None if now >= end => Some(News::Over(now.min(self.last_end(end)))),
            SubscriptionStatus::None if is_near(end) && self.ends != Some(end) => Some(News::Ends(end)),
            SubscriptionStatus::Trialing if subscription.cancels_at.is_some() => None,
            SubscriptionStatus::Trialing if is_near(first_payment) && self.first_payment != Some(first_payment) => {
                Some(News::FirstPayment(first_payment))
            }
            _ => None,
        }
    }

    fn with(self, news: News, now: DateTime<Utc>) -> Self {
        match news {
            News::Ends(at) => Self { ends: Some(at), ..self },
            News::FirstPayment(at) => Self { first_payment: Some(at), ..self },
            News::Over(at) => Self { over: Some(now.max(self.last_end(at))), ..self },
        }
    }

    /// Of the trial without a card, which ends then, and the one at Stripe, the end of the later.
    fn last_end(&self, end: DateTime<Utc>) -> DateTime<Utc> {
        self.first_payment.map_or(end, |first_payment| first_payment.max(end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::billing::{Currency, PlanId, month_at};

    fn day(number: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(number)
    }

    /// Without a card, until the 14th day.
    fn tried() -> Subscription {
        let (period_start, period_end) = month_at(day(0), day(0));
        Subscription {
            plan: PlanId::Free,
            plan_version: 1,
            currency: Currency::Eur,
            status: SubscriptionStatus::None,
            trial_ends_at: day(14),
            period_start,
            period_end,
            cancels_at: None,
            next_plan: None,
            unpaid_since: None,
            cap: 0,
            is_customer: false,
        }
    }

    /// Bought before, so that the first payment is due on this day.
    fn bought(first_payment: i64) -> Subscription {
        let status = SubscriptionStatus::Trialing;
        Subscription { plan: PlanId::Team, status, period_end: day(first_payment), is_customer: true, ..tried() }
    }

    /// What is told on this day, and what was told then.
    fn told_on(told: TrialTold, subscription: &Subscription, number: i64) -> (Option<News>, TrialTold) {
        let news = told.news(subscription, day(number));
        (news, news.map_or(told, |news| told.with(news, day(number))))
    }

    #[test]
    fn a_trial_without_a_card_is_told_of_three_days_before_and_when_it_is_over() {
        let nothing = TrialTold::default();
        assert_eq!(nothing.news(&tried(), day(11) - TimeDelta::seconds(1)), None);
        let (news, told) = told_on(nothing, &tried(), 11);
        assert_eq!(news, Some(News::Ends(day(14))));
        assert_eq!(told_on(told, &tried(), 13).0, None, "once");
        let longer = Subscription { trial_ends_at: day(20), ..tried() };
        assert_eq!(told_on(told, &longer, 18).0, Some(News::Ends(day(20))), "it was made longer");
        let (news, told) = told_on(told, &tried(), 14);
        assert_eq!(news, Some(News::Over(day(14))));
        assert_eq!(told_on(told, &tried(), 400).0, None, "once");
        // Nobody worked for a month.
        assert_eq!(told_on(nothing, &tried(), 44).0, Some(News::Over(day(14))));
    }

    #[test]
    fn a_trial_at_stripe_ends_with_a_payment_unless_it_is_cancelled() {
        let (news, told) = told_on(TrialTold::default(), &bought(14), 12);
        assert_eq!(news, Some(News::FirstPayment(day(14))));
        assert_eq!(told_on(told, &bought(14), 13).0, None, "once");
        let cancelled = Subscription { cancels_at: Some(day(14)), ..bought(14) };
        assert_eq!(told_on(TrialTold::default(), &cancelled, 12).0, None);
        assert_eq!(told_on(told, &tried(), 14).0, Some(News::Over(day(14))), "it was cancelled after that");
        let active = Subscription { status: SubscriptionStatus::Active, ..bought(44) };
        assert_eq!(told_on(told, &active, 42).0, None, "a month that is paid is no trial");
    }

    #[test]
    fn a_later_trial_is_told_of_as_the_first_was() {
        let paid = TrialTold { over: Some(day(30)), ..TrialTold::default() };
        assert_eq!(told_on(paid, &tried(), 60).0, None, "whoever has paid is told nothing when that ends");
        let (news, told) = told_on(paid, &bought(100), 98);
        assert_eq!(news, Some(News::FirstPayment(day(100))));
        // Ended at once by somebody at Stripe.
        let (news, told) = told_on(told, &tried(), 99);
        assert_eq!(news, Some(News::Over(day(99))));
        assert_eq!(told_on(told, &tried(), 100).0, None, "once");
        assert_eq!(told_on(told, &tried(), 101).0, None, "once");
    }
}
