//! What operators ask for.

use std::time::Duration;

use super::{After, MONTHS_SHOWN, Month, PlanMonth, RevenueOverview, RevenueQuery, WorkspacePage, operator_store};
use crate::{Services, billing::Currency, cache::Kept, error::Result, live::NO_TENANT, operators::Operator};

/// The kind of a change of the sums of all workspaces, as it is announced to every server.
pub(super) const CHANGE: &str = "revenue";

/// The sums of some months of all workspaces, as the session of an operator was told them.
///
/// Invalidated by: what is announced once a month was summed up anew; and by 30 seconds.
const SUMS: Kept<Vec<PlanMonth>> = Kept::new("revenue.months", 1, &[CHANGE]).shared_for(Duration::from_secs(30));

/// Workspaces on a page.
const PAGE: usize = 50;

/// The months up to the running one, or to one that was chosen from before them. A month that has not come yet is taken for the
/// running one.
pub async fn overview(services: &Services, operator: &Operator, query: RevenueQuery) -> Result<RevenueOverview> {
    let running = Month::of(services.clock.now());
    let month = query.month.map_or(running, |month| month.min(running));
    let last = if month < running.back(MONTHS_SHOWN - 1) { month } else { running };
    let first = last.back(MONTHS_SHOWN - 1);
    let now = services.clock.now();
    // From the primary, so that other servers may have it from Redis.
    let load = async {
        let mut system = services.db.system().await?;
        let lines = operator_store::months(&mut system, operator, now, first, last).await?;
        system.commit().await?;
        Ok(lines)
    };
    // By the session, which is whom the database has told them. Whether it still stands, the door has asked for this request.
    let (epochs, key) = (services.db.epochs(), format!("{}:{first}:{last}", operator.session));
    let lines = Vec::clone(&*services.cache.cached(epochs, &SUMS, NO_TENANT, key, load).await?);
    let currency = query.currency.unwrap_or_else(|| first_currency(&lines));
    Ok(RevenueOverview { month, currency, is_running: month == running, first, last, lines })
}

/// The workspaces of a month in a currency, those first that used most, from a place on.
pub async fn workspaces(
    services: &Services,
    operator: &Operator,
    month: Month,
    currency: Currency,
    after: Option<After>,
) -> Result<WorkspacePage> {
    page(services, operator, month, currency, after, PAGE).await
}

/// So many of them, at most 500.
pub(super) async fn page(
    services: &Services,
    operator: &Operator,
    month: Month,
    currency: Currency,
    after: Option<After>,
    most: usize,
) -> Result<WorkspacePage> {
    // One more tells that another page follows.
    let asked = i32::try_from(most + 1).unwrap_or(i32::MAX);
    let (now, which) = (services.clock.now(), (month, currency));
    // The door has asked the primary whether the operator may come in.
    let read = services.db.read_system(|mut system| async move {
        let lines = operator_store::workspaces(&mut system, operator, now, which, after, asked).await?;
        system.commit().await?;
        Ok(lines)
    });
    let mut lines = read.await?;
    let is_more = lines.len() > most;
    lines.truncate(most);
    let last = lines.last().filter(|_| is_more);
    let next = last.map(|line| After { used: line.figures.used_credits, tenant: line.tenant });
    Ok(WorkspacePage { month, currency, lines, next })
}

/// The first in which there is any money, or else the first.
fn first_currency(lines: &[PlanMonth]) -> Currency {
    let has_money = |currency: &Currency| {
        let mut of_it = lines.iter().filter(|line| line.currency == *currency);
        of_it.any(|line| line.figures.closing_cents != 0 || line.figures.invoices != 0)
    };
    Currency::ALL.into_iter().find(has_money).unwrap_or_default()
}
