//! The figures of a month, and what follows from them. Where a figure is known by a name, it is counted as the field counts it:
//!
//! - MRR, and its movements: Stripe, Billing metric definitions, <https://docs.stripe.com/billing/subscriptions/analytics/glossary>.
//!   The sum of what the active and the past due subscriptions cost a month, without trials, tax, free plans and what is metered.
//!   Ours is of list prices: a coupon lowers what is invoiced and not the MRR. A subscription that is to end counts until it has
//!   ended.
//! - Net revenue retention: <https://churnzero.net/churnopedia/net-revenue-retention/>. Who is new or came back is not in it.
//! - Churn is told by calendar month, of those who were there at its beginning; Stripe's page tells it of the last 30 days.
//!
//! Invoices and payments have the times that Stripe gives them, and so have the changes that come with time: a month that begins,
//! with a trial that ends or a cheaper plan, and a subscription that is over. A change within a month counts from when Sheaf learns of
//! it: at once where it is made here.

use std::{fmt, ops::AddAssign};

use serde::{Deserialize, Serialize};

macro_rules! figures {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// What is counted of a month: of one workspace, of a plan, or of all. Amounts are cents of one currency.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
        #[serde(default)]
        pub struct Figures {
            $($(#[$doc])* pub $name: i64,)*
        }

        impl Figures {
            /// Each with its name, in the order of declaration.
            pub fn named(&self) -> Vec<(&'static str, i64)> {
                vec![$((stringify!($name), self.$name),)*]
            }
        }

        impl AddAssign for Figures {
            fn add_assign(&mut self, other: Self) {
                $(self.$name += other.$name;)*
            }
        }
    };
}

figures! {
    /// MRR as the month began, before its first moment.
    opening_cents,
    /// MRR as it ended; of the running month, as it is now.
    closing_cents,
    /// MRR at the end of those who had none at the beginning, nor ever before it.
    new_cents,
    /// The same of those who had none at the beginning, and some at an earlier time.
    reactivated_cents,
    /// By how much the MRR of those rose who had some at the beginning.
    expansion_cents,
    /// By how much it fell for those who still have some at the end.
    contraction_cents,
    /// MRR at the beginning of those who have none at the end.
    churned_cents,
    /// Workspaces with MRR at the beginning, and at the end; who came, came back and left.
    opening_customers,
    customers,
    new_customers,
    reactivated_customers,
    churned_customers,
    /// Trials that ended in the month, and those of them who have paid for a plan by the fifth day after it.
    trials_ended,
    trials_converted,
    /// Invoices of the month: those that Stripe made in it and that are open, paid or written off.
    invoices,
    /// Their sum after discounts and before tax.
    invoiced_cents,
    /// Their tax.
    tax_cents,
    /// What was paid in the month, with tax, for whichever month it was invoiced.
    paid_cents,
    /// Invoices of the month of which an attempt to have them paid has failed, and their sum with tax.
    failed,
    failed_cents,
    /// Of what was paid in the month, the part that had failed before, in whichever month. So it stands with the month, however long
    /// people take to pay, and the months together have all of it.
    recovered_cents,
    /// Page credits used, by the ledger; what was credited back is taken off. And those of them beyond the included ones.
    used_credits,
    overage_credits,
    /// What workers took for jobs that were made in the month.
    worker_seconds,
    /// What was stored, in millions of bytes, added up over the days.
    megabyte_days,
}

impl Figures {
    /// ARR: MRR of twelve months.
    pub fn arr_cents(&self) -> i64 {
        self.closing_cents * 12
    }

    /// Net revenue retention: of the MRR at the beginning, how much is there at the end from the same customers.
    pub fn net_retention(&self) -> Option<Share> {
        let kept = self.opening_cents + self.expansion_cents - self.contraction_cents - self.churned_cents;
        Share::of(kept, self.opening_cents)
    }

    /// Revenue churn: how much of the MRR at the beginning was lost, by those who left and those who went to a lesser plan.
    pub fn revenue_churn(&self) -> Option<Share> {
        Share::of(self.churned_cents + self.contraction_cents, self.opening_cents)
    }

    /// Logo churn: how many of the customers at the beginning have left.
    pub fn customer_churn(&self) -> Option<Share> {
        Share::of(self.churned_customers, self.opening_customers)
    }

    /// How many of the trials that ended became customers.
    pub fn trial_conversion(&self) -> Option<Share> {
        Share::of(self.trials_converted, self.trials_ended)
    }

    /// The same with the counts of customers, which follow from the amounts where these are of one workspace.
    #[cfg(feature = "server")]
    pub(super) fn of_one(self) -> Self {
        let one = |cents: i64| i64::from(cents > 0);
        Self {
            opening_customers: one(self.opening_cents),
            customers: one(self.closing_cents),
            new_customers: one(self.new_cents),
            reactivated_customers: one(self.reactivated_cents),
            churned_customers: one(self.churned_cents),
            ..self
        }
    }

    /// Whether there is anything to tell.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// Whether what the month began with, and what came and went, is what it ended with. It is so of all plans together: whoever
    /// went from one to another is in the beginning of the one and in the end of the other.
    pub fn adds_up(&self) -> bool {
        let came = self.new_cents + self.reactivated_cents + self.expansion_cents;
        self.opening_cents + came - self.contraction_cents - self.churned_cents == self.closing_cents
    }
}

/// A part of a whole that is more than nothing. It is told in thousandths and never counted in floating point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    part: i64,
    whole: i64,
}

impl Share {
    /// None where there is no whole.
    pub fn of(part: i64, whole: i64) -> Option<Self> {
        (whole > 0).then_some(Self { part, whole })
    }

    /// Half of one upward.
    pub fn thousandths(self) -> i64 {
        (2 * 1_000 * self.part + self.whole).div_euclid(2 * self.whole)
    }
}

impl fmt::Display for Share {
    /// As in `12.5 %`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let thousandths = self.thousandths();
        let minus = if thousandths < 0 { "−" } else { "" };
        write!(f, "{minus}{}.{} %", thousandths.unsigned_abs() / 10, thousandths.unsigned_abs() % 10)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rates_are_those_of_their_formulas() {
        let month = Figures {
            opening_cents: 27_000,
            new_cents: 1_000,
            reactivated_cents: 500,
            expansion_cents: 8_000,
            contraction_cents: 2_000,
            churned_cents: 3_000,
            closing_cents: 31_500,
            opening_customers: 40,
            churned_customers: 3,
            trials_ended: 3,
            trials_converted: 1,
            ..Figures::default()
        };
        assert!(month.adds_up());
        assert_eq!(month.net_retention().unwrap().to_string(), "111.1 %");
        assert_eq!(month.revenue_churn().unwrap().to_string(), "18.5 %");
        assert_eq!(month.customer_churn().unwrap().to_string(), "7.5 %");
        assert_eq!(month.trial_conversion().unwrap().to_string(), "33.3 %");
        assert_eq!(month.arr_cents(), 378_000);
    }

    #[test]
    fn of_nothing_there_is_no_part() {
        let nothing = Figures::default();
        assert!(nothing.is_nothing() && nothing.adds_up());
        assert_eq!((nothing.net_retention(), nothing.customer_churn()), (None, None));
        assert_eq!(Share::of(1, 3).unwrap().thousandths(), 333);
        assert_eq!(Share::of(2, 3).unwrap().to_string(), "66.7 %");
        assert_eq!(Share::of(-1, 40).unwrap().to_string(), "−2.5 %");
    }

    #[test]
    fn figures_are_added_one_by_one() {
        let mut sum = Figures { invoices: 2, failed: 1, ..Figures::default() };
        sum += Figures { invoices: 3, megabyte_days: 7, ..Figures::default() };
        assert_eq!(sum, Figures { invoices: 5, failed: 1, megabyte_days: 7, ..Figures::default() });
        assert_eq!(sum.named().iter().filter(|(_, value)| *value > 0).count(), 3);
    }
}
