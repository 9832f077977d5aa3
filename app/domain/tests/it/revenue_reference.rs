//! The operator's figures, counted from scratch beside Sheaf: from what each workspace bought when, from the bills that the other
//! reference wrote for it, and from what it used. Of the product it has prices, the names of the figures and the calendar.
//!
//! - What a workspace is worth is the list price of what it pays for, and a trial is worth nothing. It counts at the moments at
//!   which the month begins and ends, and whoever has left by then has left with all of it.
//! - What a month begins with, and what was lost of that, stands under the plan that it began with, and all else under the last
//!   that was paid for in it.
//! - A bill is of the month in which it was made, and a payment of the one in which it came.

use std::collections::BTreeMap;

use domain::{
    billing::{Currency, Plan, PlanId},
    revenue::{Figures, Month},
};

use crate::billing_reference::{Bill, DAY};

/// Whoever pays for a plan so long after the month in which the trial ended has come of it.
const CONVERTS_WITHIN: i64 = 5 * DAY;

/// What a workspace has bought and used, in the order of time.
#[derive(Debug, Clone)]
pub struct History {
    trial_ends: i64,
    /// What it pays in, since it first bought something.
    currency: Option<(i64, Currency)>,
    /// What is paid for from each time on.
    plans: Vec<(i64, Option<PlanId>)>,
    used: Vec<Use>,
}

#[derive(Debug, Clone, Copy)]
struct Use {
    at: i64,
    credits: i64,
    /// Those of them that were not included.
    beyond: i64,
}

/// A month of a workspace.
#[derive(Debug, Clone, Copy)]
pub struct Told {
    pub currency: Currency,
    /// What it began with, and the last that was paid for in it.
    pub opening_plan: PlanId,
    pub plan: PlanId,
    pub figures: Figures,
}

impl History {
    pub fn new(trial_ends: i64) -> Self {
        Self { trial_ends, currency: None, plans: Vec::new(), used: Vec::new() }
    }

    /// Something is bought in a currency, which stays the first one.
    pub fn chooses(&mut self, at: i64, currency: Currency) {
        self.currency = self.currency.or(Some((at, currency)));
    }

    pub fn pays_for(&mut self, at: i64, plan: Option<PlanId>) {
        if self.plan_before(at + 1) != plan {
            self.plans.push((at, plan));
        }
    }

    pub fn uses(&mut self, at: i64, credits: i64, beyond: i64) {
        self.used.push(Use { at, credits, beyond });
    }

    /// What is to be told of a month; none where there is nothing.
    pub fn told(&self, bills: &[Bill], month: Month) -> Option<Told> {
        let (start, end) = (month.start().timestamp(), month.end().timestamp());
        let chosen = self.currency.filter(|(since, _)| *since < end);
        let currency = chosen.map_or(Currency::Eur, |(_, currency)| currency);
        let mut figures = self.movement(start, end, currency);
        figures += billed(bills, start, end);
        figures += self.usage(start, end);
        let opening = self.plan_before(start);
        let told = Told {
            currency,
            opening_plan: opening.unwrap_or(PlanId::Free),
            plan: self.last_paid(start, end).or(opening).unwrap_or(PlanId::Free),
            figures,
        };
        (!figures.is_nothing()).then_some(told)
    }

    fn plan_before(&self, at: i64) -> Option<PlanId> {
        self.plans.iter().rev().find(|(since, _)| *since < at)?.1
    }

    /// The last plan that began in this time, and was paid for.
    fn last_paid(&self, start: i64, end: i64) -> Option<PlanId> {
        let mut of_it = self.plans.iter().rev().filter(|(since, _)| (start..end).contains(since));
        of_it.find_map(|(_, plan)| *plan)
    }

    fn has_paid_before(&self, at: i64) -> bool {
        self.plans.iter().any(|(since, plan)| *since < at && plan.is_some())
    }

    fn movement(&self, start: i64, end: i64, currency: Currency) -> Figures {
        let worth = |at| self.plan_before(at).map_or(0, |plan| Plan::newest(plan).month(currency).cents);
        let (before, after) = (worth(start), worth(end));
        let (more, less) = ((after - before).max(0), (before - after).max(0));
        let mut figures = Figures { opening_cents: before, closing_cents: after, ..Figures::default() };
        (figures.opening_customers, figures.customers) = (i64::from(before > 0), i64::from(after > 0));
        if before > 0 && after > 0 {
            (figures.expansion_cents, figures.contraction_cents) = (more, less);
        } else if after > 0 && self.has_paid_before(start) {
            (figures.reactivated_cents, figures.reactivated_customers) = (more, 1);
        } else if after > 0 {
            (figures.new_cents, figures.new_customers) = (more, 1);
        } else if before > 0 {
            (figures.churned_cents, figures.churned_customers) = (less, 1);
        }
        figures
    }

    fn usage(&self, start: i64, end: i64) -> Figures {
        let mut figures = Figures::default();
        for used in self.used.iter().filter(|used| (start..end).contains(&used.at)) {
            figures.used_credits += used.credits;
            figures.overage_credits += used.beyond;
        }
        if (start..end).contains(&self.trial_ends) {
            figures.trials_ended = 1;
            figures.trials_converted = i64::from(self.has_paid_before(end + CONVERTS_WITHIN));
        }
        figures
    }
}

fn billed(bills: &[Bill], start: i64, end: i64) -> Figures {
    let mut figures = Figures::default();
    for bill in bills {
        let failed = if bill.has_failed { bill.cents } else { 0 };
        if (start..end).contains(&bill.at) && !bill.is_draft {
            figures.invoices += 1;
            figures.invoiced_cents += bill.cents;
            figures.failed += i64::from(bill.has_failed);
            figures.failed_cents += failed;
        }
        if bill.paid_at.is_some_and(|at| (start..end).contains(&at)) {
            figures.paid_cents += bill.cents;
            figures.recovered_cents += failed;
        }
    }
    figures
}

/// A month of all of these, by currency and plan.
pub fn by_plan(told: &[Told]) -> BTreeMap<(Currency, PlanId), Figures> {
    let mut sums: BTreeMap<_, Figures> = BTreeMap::new();
    for Told { currency, opening_plan, plan, figures } in told {
        let began = Figures {
            opening_cents: figures.opening_cents,
            opening_customers: figures.opening_customers,
            churned_cents: figures.churned_cents,
            churned_customers: figures.churned_customers,
            ..Figures::default()
        };
        let rest =
            Figures { opening_cents: 0, opening_customers: 0, churned_cents: 0, churned_customers: 0, ..*figures };
        *sums.entry((*currency, *opening_plan)).or_default() += began;
        *sums.entry((*currency, *plan)).or_default() += rest;
    }
    sums.retain(|_, figures| !figures.is_nothing());
    sums
}

/// Net revenue retention, revenue churn, logo churn and trial conversion of all of these, in thousandths: counted customer by
/// customer, of those who were there as the month began, and of those whose trial ended.
pub fn rates(told: &[Told]) -> [Option<i64>; 4] {
    let old: Vec<&Figures> = told.iter().map(|told| &told.figures).filter(|of| of.opening_cents > 0).collect();
    let began: i64 = old.iter().map(|of| of.opening_cents).sum();
    let kept: i64 = old.iter().map(|of| of.closing_cents).sum();
    let lost: i64 = old.iter().map(|of| (of.opening_cents - of.closing_cents).max(0)).sum();
    let left = old.iter().filter(|of| of.closing_cents == 0).count();
    let tried: Vec<&Told> = told.iter().filter(|told| told.figures.trials_ended > 0).collect();
    let stayed = tried.iter().filter(|told| told.figures.trials_converted > 0).count();
    [
        thousandths(kept, began),
        thousandths(lost, began),
        thousandths(left as i64, old.len() as i64),
        thousandths(stayed as i64, tried.len() as i64),
    ]
}

/// Half of one upward; none of nothing.
fn thousandths(part: i64, whole: i64) -> Option<i64> {
    (whole > 0).then(|| (2_000 * part + whole) / (2 * whole))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEAR: Option<PlanId> = Some(PlanId::Business);

    fn month(text: &str) -> Month {
        Month::parse(text).unwrap()
    }

    fn at(text: &str, day: i64) -> i64 {
        month(text).start().timestamp() + (day - 1) * DAY
    }

    /// Tries in May, pays from June on, is away in August, and pays for less in September.
    fn ada() -> History {
        let mut ada = History::new(at("2027-05", 31));
        ada.uses(at("2027-05", 20), 40, 0);
        ada.chooses(at("2027-06", 3), Currency::Usd);
        ada.pays_for(at("2027-06", 3), DEAR);
        ada.pays_for(at("2027-07", 3), DEAR);
        ada.uses(at("2027-07", 31), 31_000, 1_000);
        ada.pays_for(at("2027-08", 3), None);
        ada.pays_for(at("2027-09", 1), Some(PlanId::Team));
        ada
    }

    #[test]
    fn a_customer_tries_comes_leaves_and_comes_back() {
        let of = |text| ada().told(&[], month(text)).unwrap();
        let may = of("2027-05");
        assert_eq!((may.currency, may.plan, may.figures.used_credits), (Currency::Eur, PlanId::Free, 40));
        assert_eq!((may.figures.trials_ended, may.figures.trials_converted), (1, 1), "on the third day after it");
        let june = of("2027-06");
        assert_eq!((june.currency, june.opening_plan, june.plan), (Currency::Usd, PlanId::Free, PlanId::Business));
        assert_eq!((june.figures.new_cents, june.figures.new_customers), (21_900, 1));
        assert_eq!((of("2027-07").figures.used_credits, of("2027-07").figures.overage_credits), (31_000, 1_000));
        let august = of("2027-08");
        assert_eq!((august.opening_plan, august.plan), (PlanId::Business, PlanId::Business));
        assert_eq!((august.figures.churned_cents, august.figures.customers), (21_900, 0));
        let september = of("2027-09");
        assert_eq!((september.plan, september.figures.reactivated_cents), (PlanId::Team, 5_400));
        assert!(ada().told(&[], month("2027-04")).is_none());
        for told in ["2027-05", "2027-06", "2027-07", "2027-08", "2027-09", "2027-10"].map(of) {
            assert!(told.figures.adds_up(), "{told:?}");
        }
    }

    #[test]
    fn a_bill_is_of_its_month_and_a_payment_of_the_one_in_which_it_comes() {
        let made = at("2027-07", 31);
        let late = Bill { at: made, cents: 4_900, is_draft: false, paid_at: Some(made + DAY), has_failed: true };
        let draft = Bill { at: made, cents: 100, is_draft: true, paid_at: None, has_failed: false };
        let of = |text: &str| billed(&[late, draft], at(text, 1), month(text).end().timestamp());
        let (july, august) = (of("2027-07"), of("2027-08"));
        assert_eq!((july.invoices, july.invoiced_cents, july.failed_cents), (1, 4_900, 4_900));
        assert_eq!((july.paid_cents, july.recovered_cents), (0, 0));
        assert_eq!((august.invoices, august.paid_cents, august.recovered_cents), (0, 4_900, 4_900));
    }

    #[test]
    fn what_is_lost_stands_under_the_plan_that_the_month_began_with() {
        let of = |text| vec![ada().told(&[], month(text)).unwrap()];
        let mut changes = ada();
        changes.pays_for(at("2027-09", 20), DEAR);
        let october = changes.told(&[], month("2027-10")).unwrap();
        assert_eq!((october.opening_plan, october.plan), (PlanId::Business, PlanId::Business));
        let august = by_plan(&of("2027-08"));
        assert_eq!(august[&(Currency::Usd, PlanId::Business)].churned_cents, 21_900);
        assert_eq!(rates(&of("2027-08")), [Some(0), Some(1_000), Some(1_000), None]);
        assert_eq!(rates(&of("2027-07")), [Some(1_000), Some(0), Some(0), None]);
        assert_eq!(rates(&of("2027-05")), [None, None, None, Some(1_000)]);
    }
}
