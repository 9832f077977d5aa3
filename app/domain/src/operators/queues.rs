//! What operators see of the queues of all workspaces. The figures are bounded: however much waits, no question reads all of it.

use super::{DeadLine, LaneLine, LanePage, Operator, QueueFilter, QueueOverview, queue_store};
use crate::{
    Services,
    error::{Error, Result},
    id::TenantId,
};

/// Dead letters on the page.
const LETTERS: i32 = 200;

/// The owner of the schema sees everything as it is, and has no session of an operator.
const NO_SECRET: &[u8] = &[];

/// All kinds, the processes that work, and what is held up.
pub async fn overview(services: &Services, operator: &Operator) -> Result<QueueOverview> {
    overview_by(services, &operator.secret).await
}

/// The same for the command line, which signs in as the owner of the schema. Nothing in any other role.
pub async fn overview_of_owner(services: &Services) -> Result<QueueOverview> {
    overview_by(services, NO_SECRET).await
}

/// The busiest lanes of what the filter lets through: those that have most waiting or, with `by_use`, that have used most of the
/// workers. Of one workspace all are told, and whether it is held up.
pub async fn lanes(services: &Services, operator: &Operator, filter: &QueueFilter, by_use: bool) -> Result<LanePage> {
    let now = services.clock.now();
    let mut system = services.db.system().await?;
    let lanes = queue_store::lanes(&mut system, &operator.secret, now, filter, by_use).await?;
    let pauses = match filter.tenant {
        Some(tenant) => queue_store::pauses(&mut system, &operator.secret, now, Some(tenant)).await?,
        None => Vec::new(),
    };
    system.commit().await?;
    Ok(LanePage { lanes, pauses })
}

/// One lane.
pub async fn lane(services: &Services, operator: &Operator, tenant: TenantId, kind: &str) -> Result<LaneLine> {
    let filter = QueueFilter { kind: Some(kind.to_owned()), tenant: Some(tenant) };
    let found = lanes(services, operator, &filter, false).await?.lanes;
    found.into_iter().next().ok_or_else(Error::not_found)
}

/// The newest dead letters of what the filter lets through, at most 200.
pub async fn dead_letters(services: &Services, operator: &Operator, filter: &QueueFilter) -> Result<Vec<DeadLine>> {
    let now = services.clock.now();
    let mut system = services.db.system().await?;
    let letters = queue_store::dead_letters(&mut system, &operator.secret, now, filter, false, LETTERS).await?;
    system.commit().await?;
    Ok(letters)
}

async fn overview_by(services: &Services, secret: &[u8]) -> Result<QueueOverview> {
    let now = services.clock.now();
    let mut system = services.db.system().await?;
    let kinds = queue_store::kinds(&mut system, secret, now).await?;
    let workers = queue_store::workers(&mut system, secret, now).await?;
    let pauses = queue_store::pauses(&mut system, secret, now, None).await?;
    system.commit().await?;
    Ok(QueueOverview { kinds, workers, pauses })
}
