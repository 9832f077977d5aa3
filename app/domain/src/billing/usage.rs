//! What was used, as people see it.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::{Currency, Entitlements, Money, Plan, PlanId, UNMETERED};
use crate::id::DocumentId;

/// Reading so many documents at once, or more, is quoted first.
pub const QUOTE_FROM: usize = 10;

/// The month so far.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MeterReading {
    pub period_start: DateTime<Utc>,
    pub period_end: DateTime<Utc>,
    /// Page credits that were granted, and used; held are those of documents that wait or are being read.
    pub granted: i64,
    pub used: i64,
    /// Of those that were used, the granted ones and those beyond, which are billed.
    pub included: i64,
    pub overage: i64,
    pub held: i64,
    pub stored_bytes: i64,
    pub members: i64,
    pub currency: Currency,
    pub entitlements: Entitlements,
}

impl MeterReading {
    /// Credits that may still be used, with those up to the cap.
    pub fn remaining(&self) -> i64 {
        if !self.entitlements.is_metered {
            return self.entitlements.limits.credits;
        }
        let beyond = (self.entitlements.cap - self.overage).max(0);
        (self.granted - self.included + beyond - self.held).max(0)
    }

    /// Credits used beyond those that were granted.
    pub fn overage(&self) -> i64 {
        self.overage
    }

    /// What those cost so far.
    pub fn overage_cost(&self) -> Money {
        self.plan().overage(self.overage, self.currency)
    }

    /// What so many credits more would cost, if they were used now: how many of them are beyond the included ones, and the money.
    pub fn cost_of(&self, credits: i64) -> (i64, Money) {
        let included = (self.granted - self.included - self.held).max(0);
        let beyond = if self.entitlements.is_metered { (credits - included).max(0) } else { 0 };
        let cents = |credits| self.plan().overage(credits, self.currency).cents;
        (beyond, Money::new(cents(self.overage + beyond) - cents(self.overage), self.currency))
    }

    /// What the month can cost beyond its price, at most.
    pub fn cap_cost(&self) -> Money {
        self.plan().overage(self.entitlements.cap, self.currency)
    }

    fn plan(&self) -> &'static Plan {
        Plan::of(self.entitlements.plan, self.entitlements.plan_version)
    }
}

/// What moved credits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(sqlx::Type))]
#[cfg_attr(feature = "server", sqlx(type_name = "text", rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// What a month or a plan brings.
    Grant,
    Use,
    /// For work that was ours to do well, and was not.
    CreditBack,
    /// By an operator, with a reason.
    Adjustment,
    /// What was left at the end of a month.
    Expiry,
}

impl EntryKind {
    pub const ALL: [Self; 5] = [Self::Grant, Self::Use, Self::CreditBack, Self::Adjustment, Self::Expiry];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Grant => "grant",
            Self::Use => "use",
            Self::CreditBack => "credit_back",
            Self::Adjustment => "adjustment",
            Self::Expiry => "expiry",
        }
    }

    /// What the screen says.
    pub fn label(self) -> &'static str {
        match self {
            Self::Grant => "Granted",
            Self::Use => "Used",
            Self::CreditBack => "Credited back",
            Self::Adjustment => "Adjusted",
            Self::Expiry => "Expired",
        }
    }
}

/// One line of the ledger.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LedgerLine {
    pub id: uuid::Uuid,
    pub kind: EntryKind,
    /// Above zero where they came to the workspace, and below where they left it.
    pub credits: i64,
    /// Whether these were beyond the included ones, and are billed.
    pub is_overage: bool,
    pub document: Option<DocumentId>,
    /// Its name, where it is there and the asker may see it.
    pub document_name: Option<String>,
    /// Who caused it; none where Sheaf did by itself.
    pub who: Option<String>,
    /// The name of the key through which they did; none where they did it themselves.
    pub through: Option<String>,
    pub plan: PlanId,
    pub price_version: i32,
    pub note: Option<String>,
    pub at: DateTime<Utc>,
}

/// Some lines of the ledger, the newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LedgerPage {
    pub lines: Vec<LedgerLine>,
    /// What to ask for the next ones with; none at the end.
    pub next: Option<String>,
}

/// Which usage: of the month that holds this time, of the running one where none is named. A month may be an hour long, where a
/// plan was bought or changed in it, so that a day would not name it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct UsageQuery {
    pub month: Option<DateTime<Utc>>,
}

impl UsageQuery {
    /// The time that an address names, as RFC 3339 has it or as a day, which stands for its end; none where it names none.
    pub fn time(text: &str) -> Option<DateTime<Utc>> {
        let day = || text.parse::<NaiveDate>().ok()?.and_hms_micro_opt(23, 59, 59, 999_999).map(|end| end.and_utc());
        text.parse().ok().or_else(day)
    }
}

/// A sum of what was used by one thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsageSum {
    /// The name of a person, of a kind of work, of a key.
    pub name: String,
    /// What came back is taken off.
    pub credits: i64,
}

/// What was used in a month. Each of the four lists adds up to the total.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Usage {
    pub period_start: DateTime<Utc>,
    pub period_end: DateTime<Utc>,
    /// Each day of the month, in UTC, also where nothing was used.
    pub days: Vec<(NaiveDate, i64)>,
    pub kinds: Vec<UsageSum>,
    pub members: Vec<UsageSum>,
    /// By the key of a program; what people did themselves is one sum.
    pub keys: Vec<UsageSum>,
    pub total: i64,
    /// Of the total, those beyond the included ones.
    pub overage: i64,
    /// The beginnings of the months that have entries, the newest first; at most 24.
    pub months: Vec<DateTime<Utc>>,
}

/// The price of work before it is done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Quote {
    pub documents: i64,
    /// What they will cost at least, from what is known of them.
    pub credits: i64,
    /// Of those that fit into the month, the ones beyond the included ones, and what they cost.
    pub overage: i64,
    pub cost: Money,
    /// Credits that remain afterwards; below zero where the cap is met before the end.
    pub remains: i64,
}

impl Quote {
    /// Whether all of it can be done in this month.
    pub fn fits(&self) -> bool {
        self.remains >= 0
    }

    /// Credits that do not fit, for which documents wait.
    pub fn missing(&self) -> i64 {
        (-self.remains).max(0)
    }

    /// Whether credits are counted here at all; where they are not, more than this remains.
    pub fn is_metered(&self) -> bool {
        self.remains < UNMETERED.credits / 2
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::billing::Standing;

    #[test]
    fn what_is_left_and_what_more_would_cost() {
        let plan = Plan::newest(PlanId::Team);
        let entitlements = Entitlements {
            plan: plan.id,
            plan_version: plan.version,
            limits: plan.limits,
            cap: 1_000,
            standing: Standing::Good,
            trial_ends_at: None,
            is_metered: true,
        };
        let mut meter = MeterReading {
            period_start: DateTime::UNIX_EPOCH,
            period_end: DateTime::UNIX_EPOCH,
            granted: 5_000,
            used: 4_900,
            included: 4_900,
            overage: 0,
            held: 50,
            stored_bytes: 0,
            members: 1,
            currency: Currency::Eur,
            entitlements,
        };
        assert_eq!(meter.remaining(), 1_050);
        assert_eq!(meter.cost_of(50), (0, Money::new(0, Currency::Eur)));
        assert_eq!(meter.cost_of(550), (500, Money::new(600, Currency::Eur)));
        // A larger plan in the middle of the month: what was used beyond stays billed.
        (meter.granted, meter.included, meter.overage, meter.used) = (30_000, 5_000, 100, 5_100);
        assert_eq!((meter.remaining(), meter.overage_cost().cents), (25_000 + 900 - 50, 120));
        meter.entitlements = Entitlements::unmetered();
        assert_eq!(meter.cost_of(1_000_000).0, 0);
    }
}
