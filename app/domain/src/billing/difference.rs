//! What does not agree between the books.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A place in which two books differ that are to be the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Difference {
    /// The meter is not what the ledger adds up to.
    Meter(String),
    /// An hour of the ledger, and what was written down of it for Stripe.
    Hour { hour: DateTime<Utc>, ledger: i64, written: i64 },
    /// An hour that was written down long ago, and that Stripe was not told.
    Unsent { hour: DateTime<Utc>, credits: i64 },
    /// What Stripe was told of a month, and what it has counted.
    Counted { month: DateTime<Utc>, told: i64, counted: i64 },
    /// What the ledger has of a month beyond the included credits, and what its invoices bill.
    Billed { month: DateTime<Utc>, ledger: i64, billed: i64 },
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = |at: &DateTime<Utc>| at.format("%Y-%m-%d %H:%M:%S UTC").to_string();
        match self {
            Self::Meter(told) => f.write_str(told),
            Self::Hour { hour, ledger, written } => {
                write!(f, "hour of {}: {ledger} in the ledger, {written} written down for Stripe", time(hour))
            }
            Self::Unsent { hour, credits } => {
                write!(f, "hour of {}: {credits} written down, and Stripe was not told", time(hour))
            }
            Self::Counted { month, told, counted } => {
                write!(f, "month of {}: Stripe was told {told}, and has counted {counted}", time(month))
            }
            Self::Billed { month, ledger, billed } => {
                write!(f, "month of {}: {ledger} in the ledger, {billed} on invoices", time(month))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_says_where_it_is_and_both_numbers() {
        let hour = DateTime::UNIX_EPOCH;
        let told = Difference::Hour { hour, ledger: 5, written: 3 }.to_string();
        assert_eq!(told, "hour of 1970-01-01 00:00:00 UTC: 5 in the ledger, 3 written down for Stripe");
        let told = Difference::Billed { month: hour, ledger: 5, billed: 0 }.to_string();
        assert_eq!(told, "month of 1970-01-01 00:00:00 UTC: 5 in the ledger, 0 on invoices");
    }
}
