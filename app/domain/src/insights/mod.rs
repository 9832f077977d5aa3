//! What people do with the product, counted by PostHog or whatever speaks its protocol. Nothing is told unless an operator has
//! said where to. An event is of a workspace, under a name that nobody can lead back to it without our key, and has nothing of
//! what anybody has written; it is a job in the transaction of what it tells of.

mod client;
mod event;
mod job;

pub use client::{Insights, InsightsSettings};
pub use event::ProductEvent;
pub use job::TellEvent;

use crate::{
    Services,
    db::TenantTx,
    error::{ErrorKind, Result},
    queue::{self, Enqueue},
};

/// Has an event told once the caller's transaction is there. To leave one out is no reason to refuse what it is about.
pub(crate) async fn note(services: &Services, tx: &mut TenantTx, event: ProductEvent) -> Result<()> {
    let Some(insights) = &services.insights else { return Ok(()) };
    let job = TellEvent { event, at: services.clock.now(), subject: insights.name_of(tx.id()) };
    match queue::enqueue(tx, &services.clock, &job, Enqueue::default()).await {
        Err(error) if error.is(ErrorKind::RateLimited) => {
            tracing::warn!("so many product events wait that one was left out");
            Ok(())
        }
        enqueued => enqueued.map(|_| ()),
    }
}
