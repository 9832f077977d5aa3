//! The operator's figures, held against a reference: the jobs that count them at night, and what Bob is shown of every month.

use std::{collections::BTreeMap, fmt};

use chrono::TimeDelta;
use domain::{
    billing::{self, CheckoutForm, Currency, PlanId},
    id::TenantId,
    operators::Operator,
    revenue::{self, After, Figures, Month, RevenueOverview, RevenueQuery, Share},
};

use crate::{
    billing_lab::Lab,
    billing_reference::Reference,
    revenue_reference::{Told, by_plan, rates},
    world::operator,
};

/// The days of a month in whose first hour everything is counted here: the first, on which the month before is barely over, and
/// the last on which that one is counted.
pub const NIGHTS: [u32; 2] = [1, 7];

/// A workspace, and what was counted beside it until now.
pub type Known<'a> = (TenantId, &'a Reference);

/// How much was compared.
#[derive(Debug, Default)]
pub struct Compared {
    pub months: usize,
    pub months_of_workspaces: usize,
    pub months_of_plans: usize,
    /// Amounts and counts that were equal, those of nothing among them.
    pub figures: usize,
    pub rates: usize,
}

impl fmt::Display for Compared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { months, months_of_workspaces, months_of_plans, figures, rates } = self;
        write!(
            f,
            "{months} months of figures: {months_of_workspaces} of workspaces and {months_of_plans} of plans with {figures} amounts \
             and counts, and {rates} rates"
        )
    }
}

/// What the schedules do at night.
pub async fn count(lab: &Lab, tenants: &[TenantId]) {
    for tenant in tenants {
        revenue::count(&lab.world.workers, *tenant).await.unwrap();
    }
    revenue::sum(&lab.world.workers).await.unwrap();
}

/// Counts every month anew, as long after it as it is.
pub async fn recount(lab: &Lab, tenants: &[TenantId], months: &[Month]) {
    for month in months {
        for tenant in tenants {
            revenue::count_month(&lab.world.workers, *tenant, *month).await.unwrap();
        }
        revenue::sum_month(&lab.world.workers, *month).await.unwrap();
    }
}

/// From one to another, the oldest first.
pub fn months(first: Month, last: Month) -> Vec<Month> {
    std::iter::successors(Some(first), |month| Some(month.next())).take_while(|month| *month <= last).collect()
}

/// Everything that Bob is shown of these months is what the reference counts: each figure of each workspace, each plan in each
/// currency, and each rate.
pub async fn compare(lab: &Lab, bob: &Operator, known: &[Known<'_>], months: &[Month], about: &str) -> Compared {
    let mut compared = Compared { months: months.len(), ..Compared::default() };
    for month in months {
        let told = known.iter().filter_map(|(tenant, of)| Some((*tenant, of.history.told(&of.bills, *month)?)));
        let told: BTreeMap<TenantId, Told> = told.collect();
        compare_workspaces(lab, bob, *month, &told, about, &mut compared).await;
        let told: Vec<Told> = told.into_values().collect();
        let overview = RevenueQuery { month: Some(*month), currency: None };
        let overview = revenue::overview(&lab.world.services, bob, overview).await.unwrap();
        compare_plans(&overview, &told, about, &mut compared);
        compare_rates(overview, &told, about, &mut compared);
    }
    compared
}

async fn compare_workspaces(
    lab: &Lab,
    bob: &Operator,
    month: Month,
    told: &BTreeMap<TenantId, Told>,
    about: &str,
    compared: &mut Compared,
) {
    for currency in Currency::ALL {
        let found = workspaces(lab, bob, month, currency).await;
        let told: BTreeMap<TenantId, &Told> =
            told.iter().filter(|(_, told)| told.currency == currency).map(|(tenant, told)| (*tenant, told)).collect();
        let about = format!("{about}: workspaces of {month} in {}", currency.as_str());
        assert!(found.keys().eq(told.keys()), "{about}: {found:#?} and not {told:#?}");
        for (tenant, (plan, figures)) in found {
            let about = format!("{about}: {tenant}");
            assert_eq!(plan, told[&tenant].plan, "{about}");
            compared.figures += compare_figures(&figures, &told[&tenant].figures, &about);
            compared.months_of_workspaces += 1;
        }
    }
}

/// All pages of them.
async fn workspaces(
    lab: &Lab,
    bob: &Operator,
    month: Month,
    currency: Currency,
) -> BTreeMap<TenantId, (PlanId, Figures)> {
    let (mut found, mut after) = (BTreeMap::new(), None::<After>);
    loop {
        let page = revenue::workspaces(&lab.world.services, bob, month, currency, after).await.unwrap();
        found.extend(page.lines.into_iter().map(|line| (line.tenant, (line.plan, line.figures))));
        after = page.next;
        if after.is_none() {
            return found;
        }
    }
}

fn compare_plans(overview: &RevenueOverview, told: &[Told], about: &str, compared: &mut Compared) {
    let month = overview.month;
    let lines = overview.lines.iter().filter(|line| line.month == month && !line.figures.is_nothing());
    let found: BTreeMap<(Currency, PlanId), Figures> =
        lines.map(|line| ((line.currency, line.plan), line.figures)).collect();
    let told = by_plan(told);
    assert!(found.keys().eq(told.keys()), "{about}: plans of {month}: {found:#?} and not {told:#?}");
    for (of, figures) in &found {
        compared.figures += compare_figures(figures, &told[of], &format!("{about}: {of:?} in {month}"));
        compared.months_of_plans += 1;
    }
}

/// Of each currency, and of its plans together: what came and went is the difference of a month's beginning and its end.
fn compare_rates(mut overview: RevenueOverview, told: &[Told], about: &str, compared: &mut Compared) {
    let month = overview.month;
    for currency in Currency::ALL {
        overview.currency = currency;
        let figures = overview.of(month);
        let told: Vec<Told> = told.iter().filter(|told| told.currency == currency).copied().collect();
        let found =
            [figures.net_retention(), figures.revenue_churn(), figures.customer_churn(), figures.trial_conversion()];
        let found = found.map(|share| share.map(Share::thousandths));
        let about = format!("{about}: {month} in {}", currency.as_str());
        assert_eq!(found, rates(&told), "{about}");
        assert!(figures.adds_up(), "{about}: {figures:?}");
        compared.rates += found.iter().flatten().count();
    }
}

/// Says how many there are.
fn compare_figures(found: &Figures, counted: &Figures, about: &str) -> usize {
    let (found, counted) = (found.named(), counted.named());
    let differ: Vec<_> = found.iter().zip(&counted).filter(|(found, counted)| found != counted).collect();
    assert!(differ.is_empty(), "{about}: found and counted {differ:?}");
    found.len()
}

#[tokio::test]
async fn what_is_learnt_late_counts_from_when_it_was() {
    let lab = Lab::start().await;
    let (services, ada) = (&lab.world.services, &lab.world.ada);
    // On the 30th of November, for a month.
    lab.advance(TimeDelta::days(9));
    let form = CheckoutForm { plan: PlanId::Business, currency: Currency::Eur, coupon: None };
    let page = billing::checkout(services, ada, &form).await.unwrap();
    let session = lab.side.pays_at(&page).await;
    billing::checkout_returned(services, ada, &session).await.unwrap();
    billing::cancel(services, ada).await.unwrap();
    // Nobody heard of its end, and somebody looks on the second of January.
    lab.advance(TimeDelta::days(33));
    lab.looks(ada.tenant).await;
    count(&lab, &[ada.tenant]).await;
    let bob = operator(&lab.world).await;
    let december = Month::parse("2026-12").unwrap();
    let overview = RevenueQuery { month: Some(december), currency: Some(Currency::Eur) };
    let overview = revenue::overview(services, &bob, overview).await.unwrap();
    let (lost, january) = (overview.of(december), overview.of(december.next()));
    assert_eq!((lost.opening_cents, lost.churned_cents, lost.customers), (19_900, 19_900, 0));
    assert_eq!((january.opening_cents, january.churned_cents), (0, 0));
}
