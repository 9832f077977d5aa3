//! What a month was for one workspace, from what is known of it.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::Figures;
use crate::billing::{Currency, Plan, PlanId, SubscriptionStatus};

/// What a subscription was from a time on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct State {
    pub at: DateTime<Utc>,
    pub plan: PlanId,
    pub plan_version: i32,
    pub currency: Currency,
    pub status: SubscriptionStatus,
}

impl State {
    /// What it is worth a month. A trial pays nothing yet, and of what was given up as unpaid nothing comes any more.
    fn cents(&self) -> i64 {
        match self.status {
            SubscriptionStatus::Active | SubscriptionStatus::PastDue => {
                Plan::of(self.plan, self.plan_version).month(self.currency).cents
            }
            SubscriptionStatus::None | SubscriptionStatus::Trialing | SubscriptionStatus::Unpaid => 0,
        }
    }
}

/// What is known of a month of a workspace.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// Before its first moment, and before the first of the next month.
    pub opening: Option<State>,
    pub closing: Option<State>,
    /// The last that was paid for, before the first moment and before the end.
    pub paid_before: Option<State>,
    pub paid_last: Option<State>,
    /// The invoices, summed up by currency.
    pub billed: Vec<(Currency, Figures)>,
    /// What has no currency: trials, credits, seconds and bytes.
    pub used: Figures,
}

/// A month in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) struct CurrencyMonth {
    pub currency: Currency,
    pub opening_plan: PlanId,
    pub plan: PlanId,
    #[serde(flatten)]
    pub figures: Figures,
}

impl Facts {
    /// The month in each currency in which anything is to be told of it. What has no currency stands with the last one.
    pub fn months(&self) -> Vec<CurrencyMonth> {
        let own = self.closing.or(self.opening).map_or_else(Currency::default, |state| state.currency);
        let months = Currency::ALL.into_iter().map(|currency| self.month(currency, currency == own));
        months.filter(|month| !month.figures.is_nothing()).collect()
    }

    fn month(&self, currency: Currency, is_own: bool) -> CurrencyMonth {
        let paying = |state: Option<State>| state.filter(|state| state.currency == currency && state.cents() > 0);
        let (opening, closing) = (paying(self.opening), paying(self.closing));
        let mut figures = movement(
            opening.map_or(0, |state| state.cents()),
            closing.map_or(0, |state| state.cents()),
            self.paid_before.is_some(),
        );
        for (_, billed) in self.billed.iter().filter(|(of, _)| *of == currency) {
            figures += *billed;
        }
        if is_own {
            figures += self.used;
        }
        // Whoever paid for a plan in the month and left it is counted with that plan.
        let is_of_month = opening.is_some() || self.paid_last != self.paid_before;
        let last = paying(self.paid_last).filter(|_| is_of_month);
        CurrencyMonth {
            currency,
            opening_plan: opening.map_or(PlanId::Free, |state| state.plan),
            plan: last.map_or(PlanId::Free, |state| state.plan),
            figures,
        }
    }
}

/// From what it was worth at the beginning to what it was worth at the end.
fn movement(opening: i64, closing: i64, has_paid_before: bool) -> Figures {
    let mut figures = Figures { opening_cents: opening, closing_cents: closing, ..Figures::default() };
    match (opening, closing) {
        (0, 0) => {}
        (0, _) if has_paid_before => figures.reactivated_cents = closing,
        (0, _) => figures.new_cents = closing,
        (_, 0) => figures.churned_cents = opening,
        _ => {
            figures.expansion_cents = (closing - opening).max(0);
            figures.contraction_cents = (opening - closing).max(0);
        }
    }
    figures
}

#[cfg(test)]
mod tests {
    use chrono::Duration;

    use super::*;

    fn state(day: i64, plan: PlanId, currency: Currency, status: SubscriptionStatus) -> Option<State> {
        Some(State { at: DateTime::UNIX_EPOCH + Duration::days(day), plan, plan_version: 1, currency, status })
    }

    fn active(day: i64, plan: PlanId) -> Option<State> {
        state(day, plan, Currency::Eur, SubscriptionStatus::Active)
    }

    fn cents(plan: PlanId) -> i64 {
        Plan::newest(plan).month(Currency::Eur).cents
    }

    #[test]
    fn every_movement_has_a_name_and_the_month_adds_up() {
        let (team, business) = (cents(PlanId::Team), cents(PlanId::Business));
        let none = state(9, PlanId::Team, Currency::Eur, SubscriptionStatus::None);
        let figures = |opening: Option<State>, closing: Option<State>, paid_before: Option<State>| {
            let paid_last = closing.filter(|state| state.cents() > 0).or(paid_before);
            let months = Facts { opening, closing, paid_before, paid_last, ..Facts::default() }.months();
            assert!(months.iter().all(|month| month.figures.adds_up()), "{months:?}");
            months.first().map(|month| (month.opening_plan, month.plan, month.figures)).unwrap()
        };
        let (.., new) = figures(None, active(9, PlanId::Team), None);
        assert_eq!((new.new_cents, new.closing_cents), (team, team));
        let (.., back) = figures(none, active(10, PlanId::Team), active(1, PlanId::Team));
        assert_eq!((back.new_cents, back.reactivated_cents), (0, team));
        let old = active(1, PlanId::Team);
        let (from, to, more) = figures(old, active(9, PlanId::Business), old);
        assert_eq!((from, to, more.expansion_cents), (PlanId::Team, PlanId::Business, business - team));
        let old = active(1, PlanId::Business);
        let (.., less) = figures(old, active(9, PlanId::Team), old);
        assert_eq!(less.contraction_cents, business - team);
        let (from, to, gone) = figures(old, none, old);
        assert_eq!((from, to, gone.churned_cents), (PlanId::Business, PlanId::Business, business));
    }

    #[test]
    fn a_trial_and_what_was_given_up_are_worth_nothing() {
        for status in [SubscriptionStatus::Trialing, SubscriptionStatus::Unpaid, SubscriptionStatus::None] {
            let closing = state(9, PlanId::Team, Currency::Eur, status);
            assert_eq!(Facts { closing, ..Facts::default() }.months(), []);
        }
        let closing = state(9, PlanId::Team, Currency::Eur, SubscriptionStatus::PastDue);
        let months = Facts { closing, paid_last: closing, ..Facts::default() }.months();
        assert_eq!(months[0].figures.closing_cents, cents(PlanId::Team));
    }

    #[test]
    fn another_currency_is_another_row() {
        let (old, new) = (active(1, PlanId::Team), state(9, PlanId::Team, Currency::Usd, SubscriptionStatus::Active));
        let billed = vec![(Currency::Usd, Figures { invoices: 1, ..Figures::default() })];
        let used = Figures { used_credits: 7, ..Figures::default() };
        let facts = Facts { opening: old, closing: new, paid_before: old, paid_last: new, billed, used };
        let [eur, usd]: [CurrencyMonth; 2] = facts.months().try_into().unwrap();
        assert_eq!((eur.currency, eur.figures.churned_cents, eur.figures.used_credits), (Currency::Eur, 4_900, 0));
        assert_eq!((usd.currency, usd.figures.reactivated_cents, usd.figures.used_credits), (Currency::Usd, 5_400, 7));
        assert_eq!(usd.figures.invoices, 1);
    }
}
