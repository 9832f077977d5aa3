//! Looking at the parts while the database is away. The schedule of the probes stands in the database, and does nothing then.

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::{
    Component, Health,
    probes::{Probes, database, health, minute_of, try_all},
    store,
};
use crate::{Services, error::Result};

/// In milliseconds, as the schedule has it.
const MINUTE: i64 = 60 * 1_000;

/// Between two tries to write down what is kept.
const RETRY: Duration = Duration::from_secs(5);

/// Watches until `shutdown`, at the beginning of each minute, as the probes do. What is kept then is lost: it stays unknown, as does
/// a time in which no process ran that watches.
pub async fn keep_watch(services: &Services, probes: &Probes, shutdown: CancellationToken) {
    let mut at = next_minute(services.clock.now());
    loop {
        let left = (at - services.clock.now()).to_std().unwrap_or_default();
        let pause = if probes.kept.is_empty() { left } else { left.min(RETRY) };
        if shutdown.run_until_cancelled(sleep(pause)).await.is_none() {
            return;
        }
        let now = services.clock.now();
        let looked = if now < at { bring(services, probes).await } else { watch(services, probes, now).await };
        if let Err(error) = looked {
            tracing::warn!(error = %error, "how the parts were while the database was away cannot be written down yet");
        }
        if now >= at {
            at = next_minute(services.clock.now());
        }
    }
}

/// Where the database does not answer, tries all parts, and keeps how they are for the minute of `at`. Where it does, writes down what
/// is kept. It fails where that cannot be; then it is kept on.
pub async fn watch(services: &Services, probes: &Probes, at: DateTime<Utc>) -> Result<()> {
    if health("database", database(services)).await != Health::Down {
        return bring(services, probes).await;
    }
    let minute = minute_of(at)?;
    probes.kept.keep(minute, &try_all(services, probes).await);
    // Also where it has come back meanwhile: whoever came in this minute was not answered.
    probes.kept.keep(minute, &[(Component::Database, Health::Down)]);
    tracing::warn!("the database is away: how the parts are is kept until it is back");
    Ok(())
}

/// Writes down what is kept, all of it or nothing, and forgets it then. Nothing is done where nothing is kept.
async fn bring(services: &Services, probes: &Probes) -> Result<()> {
    let kept = probes.kept.all(services.clock.now());
    if kept.is_empty() {
        return Ok(());
    }
    let mut system = services.db.system().await?;
    store::take_turns(&mut system).await?;
    store::begin_days(&mut system, &kept).await?;
    store::record_kept(&mut system, &kept).await?;
    system.commit().await?;
    probes.kept.forget(&kept);
    tracing::info!(results = kept.len(), "wrote down how the parts were while the database was away");
    Ok(())
}

/// When the minute after this begins.
fn next_minute(now: DateTime<Utc>) -> DateTime<Utc> {
    let left = MINUTE - now.timestamp_millis().rem_euclid(MINUTE);
    now + chrono::TimeDelta::milliseconds(left)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_follows_the_one_before() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        assert_eq!(next_minute(at("2026-11-21T12:00:00Z")), at("2026-11-21T12:01:00Z"));
        assert_eq!(next_minute(at("2026-11-21T12:00:59.999Z")), at("2026-11-21T12:01:00Z"));
    }
}
