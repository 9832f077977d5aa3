//! What waits, as it is measured.

use super::{Registry, worker_store};
use crate::{Services, error::Result, metrics};

/// The label of all kinds that this version does not know, so that there are no more labels than kinds.
const OTHER: &str = "other";

/// Has the figures of the queue say what waits and runs of these kinds, in all tenants together. The services are those of a
/// worker: the web server sees the jobs of one tenant at a time.
pub async fn measure(services: &Services, registry: &Registry) -> Result<()> {
    let kinds: Vec<&'static str> = registry.kinds().collect();
    let names: Vec<String> = kinds.iter().map(|kind| (*kind).to_owned()).collect();
    let rows = worker_store::figures(services.db.sessions(), &names).await?;
    let uneven = worker_store::unfairness(services.db.sessions(), &names).await?;
    tell_unserved(&kinds, &worker_store::unserved(services.db.sessions()).await?);
    for kind in kinds {
        let unfairness = uneven.iter().find(|(name, _)| name == kind).map_or(0.0, |(_, unfairness)| *unfairness);
        metrics::QUEUE_UNFAIRNESS.set(unfairness, [("kind", kind)]);
        let Some(row) = rows.iter().find(|row| row.kind == kind) else { continue };
        metrics::QUEUE_WAITING.set(row.waiting as f64, [("kind", kind)]);
        metrics::QUEUE_SCHEDULED.set(row.scheduled as f64, [("kind", kind)]);
        metrics::QUEUE_RUNNING.set(row.running as f64, [("kind", kind)]);
        metrics::QUEUE_OLDEST.set(row.oldest_seconds, [("kind", kind)]);
    }
    Ok(())
}

/// Of each kind that is known here how much there is that no process does, and of all others together.
fn tell_unserved(kinds: &[&'static str], unserved: &[(String, i64)]) {
    for &kind in kinds {
        let jobs = unserved.iter().find(|(name, _)| name == kind).map_or(0, |(_, jobs)| *jobs);
        metrics::QUEUE_UNSERVED.set(jobs as f64, [("kind", kind)]);
    }
    let others = unserved.iter().filter(|(name, _)| !kinds.contains(&name.as_str()));
    let jobs: i64 = others.map(|(_, jobs)| *jobs).sum();
    metrics::QUEUE_UNSERVED.set(jobs as f64, [("kind", OTHER)]);
}
