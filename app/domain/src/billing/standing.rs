//! How a workspace stands with its bills, and what follows from it. Time alone moves it on; a payment brings it back at once.

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

/// Days after the first failed payment in which everything works, under a banner.
pub const GRACE_DAYS: i64 = 7;

/// Days after which a workspace that may only be read is closed. Nothing is deleted.
pub const READ_ONLY_DAYS: i64 = 21;

/// What Stripe last said of the subscription, in its words; `none` where there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(sqlx::Type))]
#[cfg_attr(feature = "server", sqlx(type_name = "text", rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum SubscriptionStatus {
    /// There never was one, or it has ended.
    #[default]
    None,
    Trialing,
    Active,
    PastDue,
    Unpaid,
}

impl SubscriptionStatus {
    /// From Stripe's word. What never began and what is over is none.
    pub fn from_stripe(word: &str) -> Self {
        match word {
            "trialing" => Self::Trialing,
            "active" => Self::Active,
            "past_due" => Self::PastDue,
            "unpaid" | "paused" => Self::Unpaid,
            _ => Self::None,
        }
    }

    /// Whether there is a subscription.
    pub fn is_subscribed(self) -> bool {
        self != Self::None
    }
}

/// What a workspace may still do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Everything that its plan grants.
    #[default]
    Good,
    /// The same, while everybody is told that a payment failed.
    Grace,
    /// Reading, exporting and paying.
    ReadOnly,
    /// Paying. Nothing is deleted.
    Suspended,
}

impl Standing {
    /// From when a payment has been missing; none while all are paid.
    pub fn at(unpaid_since: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Self {
        let Some(since) = unpaid_since else { return Self::Good };
        let unpaid = now - since;
        if unpaid < Duration::days(GRACE_DAYS) {
            Self::Grace
        } else if unpaid < Duration::days(READ_ONLY_DAYS) {
            Self::ReadOnly
        } else {
            Self::Suspended
        }
    }

    /// When it will be worse by itself; none where it will not.
    pub fn worsens_at(self, unpaid_since: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
        let days = match self {
            Self::Grace => GRACE_DAYS,
            Self::ReadOnly => READ_ONLY_DAYS,
            Self::Good | Self::Suspended => return None,
        };
        unpaid_since.map(|since| since + Duration::days(days))
    }

    /// Whether anything may be changed.
    pub fn may_change(self) -> bool {
        self <= Self::Grace
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_payment_is_a_banner_then_read_only_then_closed() {
        let since = DateTime::UNIX_EPOCH;
        let after = |hours| Standing::at(Some(since), since + Duration::hours(hours));
        assert_eq!(Standing::at(None, since), Standing::Good);
        assert_eq!(after(0), Standing::Grace);
        assert_eq!(after(7 * 24 - 1), Standing::Grace);
        assert_eq!(after(7 * 24), Standing::ReadOnly);
        assert_eq!(after(21 * 24 - 1), Standing::ReadOnly);
        assert_eq!(after(21 * 24), Standing::Suspended);
        assert_eq!(after(7 * 24).worsens_at(Some(since)), Some(since + Duration::days(21)));
        assert!(Standing::Grace.may_change() && !Standing::ReadOnly.may_change());
    }

    #[test]
    fn what_never_began_and_what_is_over_is_no_subscription() {
        for word in ["incomplete", "incomplete_expired", "canceled", "a_word_of_a_later_version"] {
            assert_eq!(SubscriptionStatus::from_stripe(word), SubscriptionStatus::None, "{word}");
        }
        assert_eq!(SubscriptionStatus::from_stripe("past_due"), SubscriptionStatus::PastDue);
    }
}
