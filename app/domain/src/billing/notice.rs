//! What everybody in a workspace is told of its bills, on every page.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Standing, SubscriptionStatus};

/// Nothing of it is set where there is nothing to tell, and where Sheaf runs without billing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct BillingNotice {
    pub standing: Standing,
    /// When the standing will be worse by itself.
    pub worsens_at: Option<DateTime<Utc>>,
    /// The per cent of the month's credits, and of the storage, that are used, as far as people are told: 0, 80 or 100.
    pub warned_credits: i32,
    pub warned_storage: i32,
    /// While the workspace tries Sheaf: when that ends.
    pub trial_ends_at: Option<DateTime<Utc>>,
    /// While it tries a plan that was bought: when that is paid for the first time.
    pub first_payment_at: Option<DateTime<Utc>>,
    /// Whether no real money moves.
    pub is_test_mode: bool,
}

/// What the database tells of it with whoever signs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    pub status: SubscriptionStatus,
    pub trial_ends_at: DateTime<Utc>,
    /// The end of a trial at Stripe that was not cancelled.
    pub first_payment_at: Option<DateTime<Utc>>,
    pub unpaid_since: Option<DateTime<Utc>>,
    /// Of the month that ends then.
    pub warned_credits: i32,
    pub warned_storage: i32,
    pub month_ends_at: DateTime<Utc>,
}

impl Told {
    /// What people are told now. What was said of a month is over with it.
    pub fn notice(self, now: DateTime<Utc>) -> BillingNotice {
        let standing = Standing::at(self.unpaid_since, now);
        let is_trial = !self.status.is_subscribed() && now < self.trial_ends_at;
        let is_of_now = now < self.month_ends_at;
        BillingNotice {
            standing,
            worsens_at: standing.worsens_at(self.unpaid_since),
            warned_credits: if is_of_now { self.warned_credits } else { 0 },
            warned_storage: if is_of_now { self.warned_storage } else { 0 },
            trial_ends_at: is_trial.then_some(self.trial_ends_at),
            first_payment_at: self.first_payment_at.filter(|at| now < *at),
            is_test_mode: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::Duration;

    use super::*;

    #[test]
    fn what_was_said_of_a_month_ends_with_it_and_a_trial_with_a_subscription() {
        let now = DateTime::UNIX_EPOCH;
        let told = Told {
            status: SubscriptionStatus::None,
            trial_ends_at: now + Duration::days(14),
            first_payment_at: None,
            unpaid_since: None,
            warned_credits: 80,
            warned_storage: 100,
            month_ends_at: now + Duration::days(30),
        };
        let notice = told.notice(now);
        assert_eq!((notice.warned_credits, notice.warned_storage), (80, 100));
        assert_eq!((notice.trial_ends_at, notice.standing), (Some(told.trial_ends_at), Standing::Good));
        let bought = Told { status: SubscriptionStatus::PastDue, unpaid_since: Some(now), ..told };
        let later = bought.notice(now + Duration::days(30));
        assert_eq!((later.warned_credits, later.warned_storage, later.trial_ends_at), (0, 0, None));
        assert_eq!(later.standing, Standing::Suspended);
        assert_eq!(told.notice(told.trial_ends_at), BillingNotice { trial_ends_at: None, ..notice });
        let first_payment_at = Some(told.trial_ends_at);
        let trialing = Told { status: SubscriptionStatus::Trialing, first_payment_at, ..told };
        let notice = trialing.notice(now);
        assert_eq!((notice.trial_ends_at, notice.first_payment_at), (None, first_payment_at));
        assert_eq!(trialing.notice(told.trial_ends_at).first_payment_at, None);
    }
}
