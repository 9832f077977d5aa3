//! What operators ask for.

use super::{Health, HealthLine, Period, store};
use crate::{
    Services,
    billing::Currency,
    error::Result,
    metrics::minute,
    operators::{self, Operator},
    revenue::{self, Month},
};

/// Workspaces of which the cost is told; the others are a page of their own.
const COSTS: usize = 10;

/// How Sheaf does, of all processes, and what this one has not written yet.
pub async fn overview(services: &Services, operator: &Operator, period: Period) -> Result<Health> {
    let now = services.clock.now();
    let mut system = services.db.system().await?;
    let mut lines = store::lines(&mut system, &operator.secret, now, period).await?;
    let connections = store::connections(&mut system, &operator.secret, now).await?;
    let stored = store::stored(&mut system, &operator.secret, now).await?;
    let statements = store::slowest(&mut system).await?;
    system.commit().await?;
    let slot = period.slot_of(now);
    let pending = minute::look().into_iter();
    lines.extend(pending.map(|((part, name), sums)| HealthLine { slot, part, name: name.to_owned(), sums }));
    let queues = operators::overview(services, operator).await?;
    let month = Month::of(now);
    let mut costs = revenue::workspaces(services, operator, month, Currency::default(), None).await?.lines;
    costs.truncate(COSTS);
    Ok(Health { period, now, lines, queues, connections, statements, stored, month, costs })
}
