//! The figures as operators see them.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{Figures, Month};
use crate::{
    billing::{Currency, PlanId},
    id::TenantId,
};

/// Months on the page, the chosen one among them.
pub const MONTHS_SHOWN: u32 = 24;

/// Which figures: of a month, the running one where none is named, and in a currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RevenueQuery {
    pub month: Option<Month>,
    /// Where none is named, the first in which there is anything.
    pub currency: Option<Currency>,
}

impl RevenueQuery {
    /// From what an address says. What nobody could have meant is passed over.
    pub fn parse(month: &str, currency: &str) -> Self {
        Self { month: Month::parse(month), currency: Currency::parse(currency) }
    }
}

/// A month of a plan in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanMonth {
    pub month: Month,
    pub plan: PlanId,
    pub currency: Currency,
    pub figures: Figures,
}

/// What is shown: the chosen month in the chosen currency, among the months around it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevenueOverview {
    pub month: Month,
    pub currency: Currency,
    /// Whether the chosen month is not over.
    pub is_running: bool,
    /// The first of the months and the last; between them there may be some without figures.
    pub first: Month,
    pub last: Month,
    /// Of all currencies.
    pub lines: Vec<PlanMonth>,
}

impl RevenueOverview {
    /// The months shown, the oldest first.
    pub fn months(&self) -> Vec<Month> {
        let mut months = vec![self.first];
        while let Some(last) = months.last().copied().filter(|last| *last < self.last) {
            months.push(last.next());
        }
        months
    }

    /// A month of all plans, in the chosen currency.
    pub fn of(&self, month: Month) -> Figures {
        sum(self.lines.iter().filter(|line| line.month == month && line.currency == self.currency))
    }

    /// The same of all currencies. Its amounts mean nothing, and its counts are of everybody.
    pub fn of_everybody(&self, month: Month) -> Figures {
        sum(self.lines.iter().filter(|line| line.month == month))
    }

    /// The plans of the chosen month, in the chosen currency, from the least to the most.
    pub fn plans(&self) -> Vec<(PlanId, Figures)> {
        let mut plans: Vec<_> = self
            .lines
            .iter()
            .filter(|line| line.month == self.month && line.currency == self.currency)
            .map(|line| (line.plan, line.figures))
            .collect();
        plans.sort_by_key(|(plan, _)| *plan);
        plans
    }
}

fn sum<'a>(lines: impl Iterator<Item = &'a PlanMonth>) -> Figures {
    let mut sum = Figures::default();
    for line in lines {
        sum += line.figures;
    }
    sum
}

/// A month of a workspace in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkspaceMonth {
    pub tenant: TenantId,
    pub name: String,
    /// What it paid for last in the month; free where it paid for nothing.
    pub plan: PlanId,
    pub figures: Figures,
}

/// Some workspaces of a month, those first that used most.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkspacePage {
    pub month: Month,
    pub currency: Currency,
    pub lines: Vec<WorkspaceMonth>,
    /// Where the next ones begin; none at the end.
    pub next: Option<After>,
}

/// The place after a workspace in the list of a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct After {
    pub used: i64,
    pub tenant: TenantId,
}

impl fmt::Display for After {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.used, self.tenant)
    }
}

impl FromStr for After {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (used, tenant) = text.split_once('.').ok_or(())?;
        Ok(Self { used: used.parse().map_err(|_| ())?, tenant: tenant.parse().map_err(|_| ())? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month(text: &str) -> Month {
        Month::parse(text).unwrap()
    }

    fn line(at: &str, plan: PlanId, currency: Currency, closing_cents: i64) -> PlanMonth {
        PlanMonth { month: month(at), plan, currency, figures: Figures { closing_cents, ..Figures::default() } }
    }

    #[test]
    fn currencies_are_never_added() {
        let overview = RevenueOverview {
            month: month("2026-11"),
            currency: Currency::Eur,
            is_running: true,
            first: month("2026-09"),
            last: month("2026-11"),
            lines: vec![
                line("2026-10", PlanId::Team, Currency::Eur, 1),
                line("2026-11", PlanId::Business, Currency::Eur, 20),
                line("2026-11", PlanId::Team, Currency::Eur, 300),
                line("2026-11", PlanId::Team, Currency::Usd, 4_000),
            ],
        };
        assert_eq!(overview.months(), [month("2026-09"), month("2026-10"), month("2026-11")]);
        assert_eq!(overview.of(month("2026-09")), Figures::default());
        assert_eq!(overview.of(month("2026-11")).closing_cents, 320);
        assert_eq!(overview.of_everybody(month("2026-11")).closing_cents, 4_320);
        assert_eq!(
            overview.plans().iter().map(|(plan, _)| *plan).collect::<Vec<_>>(),
            [PlanId::Team, PlanId::Business]
        );
    }

    #[test]
    fn a_place_in_a_list_is_written_as_it_is_read() {
        let place = After { used: 12, tenant: TenantId(uuid::Uuid::nil()) };
        assert_eq!(place.to_string().parse::<After>(), Ok(place));
        for wrong in ["", "12", "12.", ".x", "x.00000000-0000-0000-0000-000000000000"] {
            assert_eq!(wrong.parse::<After>(), Err(()), "{wrong}");
        }
    }
}
