//! How a workspace stands with its bills, and what follows from it. Time alone moves it on; a payment brings it back at once.

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    error::{Error, ErrorKind},
    roles::Action,
};

/// Days after the first failed payment in which everything works, under a banner.
pub const GRACE_DAYS: i64 = 7;

/// Days after which a workspace that may only be read is closed. Nothing is deleted.
pub const READ_ONLY_DAYS: i64 = 21;

/// What people are told in a workspace that may only be read.
const READ_ONLY: &str = "Payment is missing, so nothing in this workspace can be changed. It can still be read and exported. As \
                         soon as an owner has paid under Settings, Billing, everything works again.";

/// And in one that is closed.
const SUSPENDED: &str = "Payment is missing, so this workspace is closed. Nothing in it was deleted, and an owner can still take \
                         all of it out under Settings, Export. As soon as an owner has paid under Settings, Billing, everything \
                         works again.";

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
    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Trialing => "trialing",
            Self::Active => "active",
            Self::PastDue => "past_due",
            Self::Unpaid => "unpaid",
        }
    }

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
#[cfg_attr(feature = "server", derive(sqlx::Type))]
#[cfg_attr(feature = "server", sqlx(type_name = "text", rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Everything that its plan grants.
    #[default]
    Good,
    /// The same, while everybody is told that a payment failed.
    Grace,
    /// Reading, exporting and paying.
    ReadOnly,
    /// Paying, and taking everything out. Nothing is deleted.
    Suspended,
}

impl Standing {
    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Grace => "grace",
            Self::ReadOnly => "read_only",
            Self::Suspended => "suspended",
        }
    }

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

    /// Whether the act is possible, for those whose role allows it: whoever cannot change anything can read and export, and
    /// let somebody else pay; and whoever can do nothing else can pay, or leave with what is theirs.
    pub fn allows(self, action: Action) -> bool {
        match self {
            Self::Good | Self::Grace => true,
            Self::ReadOnly => !action.changes(),
            Self::Suspended => action.is_billing() || action == Action::ExportWorkspace,
        }
    }

    /// What somebody is told who may not do something because of it.
    pub fn refusal(self) -> Error {
        let told = match self {
            Self::Suspended => SUSPENDED,
            _ => READ_ONLY,
        };
        Error::new(ErrorKind::PaymentRequired, told)
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
    fn who_has_not_paid_may_read_and_pay_and_then_pay_or_take_everything_out() {
        for action in Action::ALL {
            assert!(Standing::Good.allows(*action) && Standing::Grace.allows(*action), "{action:?}");
            assert!(Standing::ReadOnly.allows(*action) || !Standing::Suspended.allows(*action), "{action:?}");
        }
        let allowed = |action| [Standing::ReadOnly, Standing::Suspended].map(|standing| standing.allows(action));
        assert_eq!(allowed(Action::UploadDocuments), [false, false]);
        assert_eq!(allowed(Action::ChangeSettings), [false, false]);
        assert_eq!(allowed(Action::ReadDocuments), [true, false]);
        assert_eq!(allowed(Action::InviteMembers), [false, false]);
        assert_eq!(allowed(Action::RemoveMembers), [true, false], "whoever is in goes on reading");
        assert_eq!(allowed(Action::ExportWorkspace), [true, true]);
        assert_eq!(allowed(Action::ReadBilling), [true, true]);
        assert_eq!(allowed(Action::ManageBilling), [true, true]);
        let open = Action::ALL.iter().filter(|action| Standing::Suspended.allows(**action)).count();
        assert_eq!(open, 3, "paying, looking for what, and the archive are all that is open");
        assert!(Standing::Suspended.refusal().message.contains("Nothing in it was deleted"));
    }

    #[test]
    fn what_never_began_and_what_is_over_is_no_subscription() {
        for word in ["incomplete", "incomplete_expired", "canceled", "a_word_of_a_later_version"] {
            assert_eq!(SubscriptionStatus::from_stripe(word), SubscriptionStatus::None, "{word}");
        }
        assert_eq!(SubscriptionStatus::from_stripe("past_due"), SubscriptionStatus::PastDue);
    }
}
