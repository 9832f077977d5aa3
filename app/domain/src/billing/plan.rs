//! The plans, and what each grants. This is the one place that knows a price or a limit.
//!
//! A workspace keeps the version of a plan that it bought until it is moved. So a version that was ever sold is never
//! changed here: a new one is added below it.

use serde::{Deserialize, Serialize};

use super::{Currency, Money};

/// How long a new workspace has the trial's plan, without a card.
pub const TRIAL_DAYS: i64 = 14;

/// What is tried.
pub const TRIAL_PLAN: PlanId = PlanId::Team;

/// From the least to the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(sqlx::Type))]
#[cfg_attr(feature = "server", sqlx(type_name = "text", rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum PlanId {
    Free,
    Team,
    Business,
    Enterprise,
}

impl PlanId {
    pub const ALL: [Self; 4] = [Self::Free, Self::Team, Self::Business, Self::Enterprise];

    /// The word in the database, in requests and in the lookup keys of prices.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Team => "team",
            Self::Business => "business",
            Self::Enterprise => "enterprise",
        }
    }

    /// The word that people see.
    pub fn label(self) -> &'static str {
        match self {
            Self::Free => "Free",
            Self::Team => "Team",
            Self::Business => "Business",
            Self::Enterprise => "Enterprise",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|plan| plan.as_str() == text)
    }
}

/// What a plan allows. Each is enforced where the thing happens.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Limits {
    /// People in the workspace, invited ones included.
    pub members: i64,
    /// Bytes of all originals together.
    pub storage_bytes: i64,
    /// Page credits that come with each month.
    pub credits: i64,
    /// Jobs of one kind that run at once.
    pub running_jobs: i32,
    /// The share of the workers beside other workspaces.
    pub weight: f32,
    /// Calls and uploads a minute.
    pub requests_per_minute: u64,
    /// The longest that the trash may keep what is thrown away, in days.
    pub retention_days: i32,
}

/// One version of one plan.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Plan {
    pub id: PlanId,
    pub version: i32,
    pub limits: Limits,
    /// A month, before tax, in cents of each currency, in the order of [`Currency::ALL`].
    month: [i64; 3],
    /// A thousand page credits beyond those that are included, likewise; none where no more can be had.
    thousand_credits: Option<[i64; 3]>,
}

const GB: i64 = 1_000_000_000;

/// Every version of every plan that was ever sold, the newest of each plan last.
static PLANS: [Plan; 4] = [
    Plan {
        id: PlanId::Free,
        version: 1,
        limits: Limits {
            members: 3,
            storage_bytes: GB,
            credits: 200,
            running_jobs: 2,
            weight: 1.0,
            requests_per_minute: 240,
            retention_days: 30,
        },
        month: [0; 3],
        thousand_credits: None,
    },
    Plan {
        id: PlanId::Team,
        version: 1,
        limits: Limits {
            members: 10,
            storage_bytes: 50 * GB,
            credits: 5_000,
            running_jobs: 8,
            weight: 2.0,
            requests_per_minute: 600,
            retention_days: 90,
        },
        month: [4_900, 5_400, 4_200],
        thousand_credits: Some([1_200, 1_300, 1_000]),
    },
    Plan {
        id: PlanId::Business,
        version: 1,
        limits: Limits {
            members: 50,
            storage_bytes: 500 * GB,
            credits: 30_000,
            running_jobs: 32,
            weight: 4.0,
            requests_per_minute: 2_400,
            retention_days: 365,
        },
        month: [19_900, 21_900, 16_900],
        thousand_credits: Some([900, 1_000, 800]),
    },
    Plan {
        id: PlanId::Enterprise,
        version: 1,
        limits: Limits {
            members: 1_000,
            storage_bytes: 5_000 * GB,
            credits: 200_000,
            running_jobs: 64,
            weight: 8.0,
            requests_per_minute: 12_000,
            retention_days: 365,
        },
        month: [99_000, 109_000, 85_000],
        thousand_credits: Some([600, 700, 500]),
    },
];

/// What a workspace may do where Sheaf runs without billing: nobody meters it but the machine.
pub const UNMETERED: Limits = Limits {
    members: i64::MAX,
    storage_bytes: i64::MAX,
    credits: i64::MAX / 4,
    running_jobs: 64,
    weight: 1.0,
    requests_per_minute: u64::MAX,
    retention_days: 365,
};

impl Plan {
    /// What is sold today.
    pub fn newest(id: PlanId) -> &'static Self {
        let mut versions = PLANS.iter().filter(|plan| plan.id == id);
        versions.next_back().unwrap_or(&PLANS[0])
    }

    /// The version that somebody bought; the newest where that version is not known here.
    pub fn of(id: PlanId, version: i32) -> &'static Self {
        PLANS.iter().find(|plan| plan.id == id && plan.version == version).unwrap_or_else(|| Self::newest(id))
    }

    /// Every version of every plan.
    pub fn all() -> &'static [Self] {
        &PLANS
    }

    /// A month, before tax.
    pub fn month(&self, currency: Currency) -> Money {
        Money::new(self.month[currency as usize], currency)
    }

    /// A thousand page credits beyond the included ones; none where no more can be had.
    pub fn thousand_credits(&self, currency: Currency) -> Option<Money> {
        self.thousand_credits.map(|cents| Money::new(cents[currency as usize], currency))
    }

    /// What so many credits beyond the included ones cost, to the cent, half a cent upward, as Stripe rounds.
    pub fn overage(&self, credits: i64, currency: Currency) -> Money {
        let thousand = self.thousand_credits(currency).map_or(0, |price| price.cents);
        Money::new((credits * thousand + 500).div_euclid(1_000), currency)
    }

    pub fn is_free(&self) -> bool {
        self.id == PlanId::Free
    }

    /// The key under which Stripe has the price of a month, as in `sheaf_team_v1`.
    pub fn lookup_key(&self) -> String {
        format!("sheaf_{}_v{}", self.id.as_str(), self.version)
    }

    /// The same of a credit beyond the included ones, as in `sheaf_team_v1_credits`.
    pub fn overage_lookup_key(&self) -> String {
        format!("{}_credits", self.lookup_key())
    }

    /// The plan whose price has this lookup key.
    pub fn with_lookup_key(key: &str) -> Option<&'static Self> {
        PLANS.iter().find(|plan| plan.lookup_key() == key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_plan_grants_at_least_what_the_one_below_it_grants() {
        for pair in PlanId::ALL.windows(2) {
            let [less, more] = [pair[0], pair[1]].map(|id| Plan::newest(id).limits);
            assert!(less.members < more.members && less.storage_bytes < more.storage_bytes);
            assert!(less.credits < more.credits && less.running_jobs < more.running_jobs);
            assert!(less.requests_per_minute < more.requests_per_minute && less.retention_days <= more.retention_days);
            for currency in Currency::ALL {
                let [less, more] = [pair[0], pair[1]].map(|id| Plan::newest(id).month(currency).cents);
                assert!(less < more);
            }
        }
    }

    #[test]
    fn half_a_cent_is_a_cent() {
        let team = Plan::newest(PlanId::Team);
        let cost = |credits| team.overage(credits, Currency::Eur).cents;
        assert_eq!([cost(0), cost(1), cost(2), cost(1_000), cost(12_345)], [0, 1, 2, 1_200, 14_814]);
        assert_eq!(Plan::newest(PlanId::Free).overage(100, Currency::Eur).cents, 0);
    }

    #[test]
    fn a_plan_is_found_by_the_key_of_its_price() {
        for plan in Plan::all() {
            assert_eq!(Plan::with_lookup_key(&plan.lookup_key()), Some(plan));
        }
        assert_eq!(Plan::with_lookup_key("sheaf_team_v1_credits"), None);
    }
}
