//! What this process has counted goes to the database, once a minute.

use std::time::Duration;

use chrono::TimeDelta;
use serde_json::json;
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::store;
use crate::{
    Services,
    db::SystemTx,
    error::{Error, Result},
    metrics::minute,
};

/// How often sums are written.
const EVERY: Duration = Duration::from_secs(60);

/// A database that does not answer within this has them a minute later.
const PATIENCE: Duration = Duration::from_secs(3);

/// Minutes are kept for longer than the day that is shown of them, and hours as long as anything is shown.
const MINUTES_KEPT: TimeDelta = TimeDelta::hours(26);
const HOURS_KEPT: TimeDelta = TimeDelta::days(14);

/// Writes the sums of each minute until `shutdown`, and then those of the last. What cannot be written is written with the next.
pub async fn keep(services: Services, shutdown: CancellationToken) {
    let process = services.clock.id::<Uuid>();
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // The first is now, when nothing has happened.
    ticks.tick().await;
    loop {
        let is_over = shutdown.run_until_cancelled(ticks.tick()).await.is_none();
        if let Err(error) = flush(&services, process).await {
            tracing::warn!(error = %error, "the figures of this minute are written a minute later");
        }
        if is_over {
            return;
        }
    }
}

/// Writes what was counted since the last time.
async fn flush(services: &Services, process: Uuid) -> Result<()> {
    let taken = minute::take();
    if taken.is_empty() {
        return Ok(());
    }
    let system = match in_time(write(services, process, &taken)).await {
        Ok(system) => system,
        // It was not committed, so it is not there.
        Err(error) => {
            minute::put_back(taken);
            return Err(error);
        }
    };
    // What may be there is not written again: a minute that is missing is better than one that was counted twice.
    if let Err(error) = in_time(system.commit()).await {
        tracing::warn!(error = %error, "whether the figures of this minute were written is not known; they may be missing");
    }
    Ok(())
}

async fn in_time<T>(answer: impl Future<Output = Result<T>>) -> Result<T> {
    timeout(PATIENCE, answer).await.unwrap_or_else(|_| Err(Error::unavailable("database: no answer in time")))
}

/// Makes minutes to hours and forgets what is too old. Answers how many rows that were.
pub async fn thin(services: &Services) -> Result<i64> {
    let now = services.clock.now();
    let mut system = services.db.system().await?;
    let thinned = store::thin(&mut system, now - MINUTES_KEPT, now - HOURS_KEPT).await?;
    system.commit().await?;
    Ok(thinned)
}

/// All but the commit.
async fn write(services: &Services, process: Uuid, taken: &minute::Counted) -> Result<SystemTx> {
    let figure = |(&(part, name), sums): (&(super::Part, &'static str), &super::Sums)| {
        json!({
            "part": part.as_str(), "name": name, "number": sums.number, "failed": sums.failed, "seconds": sums.seconds,
            "buckets": sums.buckets,
        })
    };
    let figures = taken.iter().map(figure).collect();
    let mut system = services.db.system().await?;
    store::keep(&mut system, process, services.clock.now(), &figures).await?;
    Ok(system)
}
