//! The plan that somebody has picked from the prices, before they have a workspace to buy it for.

use super::{Currency, PlanId};

/// It binds nobody and is proof of nothing: it says which plan is offered first, once there is a workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Picked {
    plan: PlanId,
    currency: Currency,
}

impl Picked {
    /// None for the plan that nobody has to buy.
    pub fn new(plan: PlanId, currency: Currency) -> Option<Self> {
        (plan != PlanId::Free).then_some(Self { plan, currency })
    }

    /// What an address or a form says; none where the plan is not one of those that are sold. An unknown currency is the usual one.
    pub fn parse(plan: &str, currency: &str) -> Option<Self> {
        Self::new(PlanId::parse(plan)?, Currency::parse(currency).unwrap_or_default())
    }

    pub fn plan(self) -> PlanId {
        self.plan
    }

    pub fn currency(self) -> Currency {
        self.currency
    }

    /// What an address says for it. Nothing in it needs to be encoded.
    pub fn query(self) -> String {
        format!("plan={}&currency={}", self.plan.as_str(), self.currency.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_sold_is_picked() {
        let query = |plan, currency| Picked::parse(plan, currency).map(Picked::query);
        assert_eq!(query("business", "usd").as_deref(), Some("plan=business&currency=usd"));
        for currency in ["", "USD", "usd&to=free"] {
            assert_eq!(query("team", currency).as_deref(), Some("plan=team&currency=eur"), "{currency}");
        }
        for plan in ["", "free", "Business", "gold", "team&next=//evil.example"] {
            assert_eq!(query(plan, "eur"), None, "{plan}");
        }
    }
}
