//! What happens by itself at certain times. Every worker process looks after all schedules, and each tick is done once: a row
//! of `job_tick` is made for it, and held in a transaction by whoever does what it is for. If that process dies, the row is
//! free, and another goes on.

use std::{collections::BTreeSet, time::Duration};

use chrono::{DateTime, Utc};
use futures::future::BoxFuture;
use sqlx::{PgPool, Postgres, Transaction, postgres::PgPoolOptions};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};
use tracing::Instrument;

use super::{
    backoff,
    catch_up::CatchUp,
    fault,
    rhythm::Rhythm,
    schedule_store::{self, Seen},
};
use crate::{
    Services,
    db::giving_up_the_silent,
    error::{Error, Result},
};

/// Between two looks, where no tick is due before: a process that died at work is found within it.
const LOOK: Duration = Duration::from_secs(10);

/// The same while another process is at work.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

/// Before what failed is tried again.
const RETRY: Duration = Duration::from_secs(5);

/// How much later than told a process looks, at random, so that not all look at once.
const JITTER: Duration = Duration::from_millis(100);

/// Between two signs of life of whoever holds a tick, which Postgres expects every ten seconds.
const BEAT: Duration = Duration::from_secs(3);

/// Of one statement.
const STATEMENT: Duration = Duration::from_secs(5);

/// Of what is done for one tick: a job is enqueued in a million tenants within it.
const ACT: Duration = Duration::from_secs(60 * 60);

/// Of closing the connections at the end.
const CLOSE: Duration = Duration::from_secs(1);

/// Something that is to happen again and again.
pub struct Schedule {
    name: &'static str,
    rhythm: Rhythm,
    catch_up: CatchUp,
    act: Act,
}

type Act = Box<dyn Fn(Services, Tick) -> BoxFuture<'static, Result<()>> + Send + Sync>;

/// One time at which something is to happen.
#[derive(Debug, Clone, Copy)]
pub struct Tick {
    /// The name of its schedule.
    pub schedule: &'static str,
    /// The time that it stands for, by the database's clock, however late it is done.
    pub at: DateTime<Utc>,
    late: Duration,
    taken: Instant,
}

impl Tick {
    /// How long ago it was, and a second more, so that nothing that was made since is older.
    pub fn age(&self) -> Duration {
        self.late + self.taken.elapsed() + Duration::from_secs(1)
    }
}

impl Schedule {
    /// Every so often, counted from the beginning of 1970 in UTC. `act` is done at least once a tick, and again where a
    /// process dies in the middle of it, so it must be harmless the second time. It enqueues jobs, or does something small.
    /// The name stands in the table and stays. Fails where the period is shorter than a second.
    pub fn every<F>(
        name: &'static str,
        period: Duration,
        act: impl Fn(Services, Tick) -> F + Send + Sync + 'static,
    ) -> Result<Self>
    where
        F: Future<Output = Result<()>> + Send + 'static,
    {
        Self::new(name, Rhythm::every(period), act)
    }

    /// The same at the times of a cron expression of five fields, in UTC. Fails where it is wrong.
    pub fn cron<F>(
        name: &'static str,
        expression: &str,
        act: impl Fn(Services, Tick) -> F + Send + Sync + 'static,
    ) -> Result<Self>
    where
        F: Future<Output = Result<()>> + Send + 'static,
    {
        Self::new(name, Rhythm::cron(expression), act)
    }

    /// What becomes of ticks that were missed, where it is not the latest alone that is made up for.
    #[must_use]
    pub fn catch_up(self, catch_up: CatchUp) -> Self {
        Self { catch_up, ..self }
    }

    fn new<F>(
        name: &'static str,
        rhythm: Result<Rhythm, String>,
        act: impl Fn(Services, Tick) -> F + Send + Sync + 'static,
    ) -> Result<Self>
    where
        F: Future<Output = Result<()>> + Send + 'static,
    {
        let rhythm = rhythm.map_err(|reason| Error::internal(format!("the schedule {name} cannot be: {reason}")))?;
        let act =
            move |services: Services, tick: Tick| -> BoxFuture<'static, Result<()>> { Box::pin(act(services, tick)) };
        Ok(Self { name, rhythm, catch_up: CatchUp::Latest, act: Box::new(act) })
    }

    /// Looks after it for as long as it is polled. The database may be away for any time.
    async fn keep(self, services: Services, pool: PgPool) {
        loop {
            let pause = match self.look(&services, &pool).await {
                Ok(pause) => pause,
                Err(error) => {
                    tracing::warn!(schedule = self.name, error = %error, "what a schedule asks for was not done; trying again");
                    RETRY
                }
            };
            sleep(pause + backoff::jitter(JITTER, services.clock.random())).await;
        }
    }

    /// Does one thing that is due, and says when to look again.
    async fn look(&self, services: &Services, pool: &PgPool) -> Result<Duration> {
        let seen = in_time(schedule_store::look(pool, self.name)).await?;
        let due = self.catch_up.due(&self.rhythm, seen.last, seen.now);
        if due.ticks.is_empty() && !seen.is_open {
            return Ok(self.until_next(&seen).min(LOOK));
        }
        in_time(schedule_store::insert(pool, self.name, &due.ticks)).await?;
        in_time(schedule_store::forget(pool, self.name, due.since)).await?;
        let mut held = in_time(schedule_store::begin(pool)).await?;
        let Some(taken) = in_time(schedule_store::take(&mut held, self.name)).await? else {
            return Ok(self.until_next(&seen).min(LOOK_AGAIN));
        };
        let late = (taken.now - taken.at).to_std().unwrap_or_default();
        let tick = Tick { schedule: self.name, at: taken.at, late, taken: Instant::now() };
        fault::point("tick.after_insert");
        self.act_while_held(services, tick, &mut held).await?;
        in_time(schedule_store::finish(held, self.name, tick.at)).await?;
        // More may be due.
        Ok(Duration::ZERO)
    }

    fn until_next(&self, seen: &Seen) -> Duration {
        self.rhythm.next(seen.now).and_then(|next| (next - seen.now).to_std().ok()).unwrap_or(LOOK)
    }

    /// Runs the act in a task of its own, where a panic ends nothing else, and ends it where the tick is held no more.
    async fn act_while_held(
        &self,
        services: &Services,
        tick: Tick,
        held: &mut Transaction<'static, Postgres>,
    ) -> Result<()> {
        let span = tracing::info_span!("tick", schedule = self.name, tick = %tick.at);
        let act = timeout(ACT, (self.act)(services.clone(), tick));
        let mut act = AbortOnDropHandle::new(tokio::spawn(act.instrument(span)));
        loop {
            tokio::select! {
                biased;
                acted = &mut act => {
                    return acted.map_err(Error::internal)?.unwrap_or_else(|_| Err(Error::unavailable("it took too long")));
                }
                () = sleep(BEAT) => in_time(schedule_store::beat(held)).await?,
            }
        }
    }
}

/// Looks after these schedules until `shutdown` is cancelled. What is being done then is dropped where it stands, as in a
/// crash, and another process goes on with it within seconds.
///
/// Fails where two schedules have one name.
pub async fn run_schedules(services: Services, schedules: Vec<Schedule>, shutdown: CancellationToken) -> Result<()> {
    let names: BTreeSet<&str> = schedules.iter().map(|schedule| schedule.name).collect();
    if names.len() < schedules.len() {
        return Err(Error::internal(format!("two schedules have one name, among {names:?}")));
    }
    let pool = own_pool(services.db.sessions(), schedules.len());
    let mut kept = JoinSet::new();
    for schedule in schedules {
        kept.spawn(schedule.keep(services.clone(), pool.clone()));
    }
    shutdown.cancelled().await;
    kept.shutdown().await;
    // One that hangs ends with the process.
    timeout(CLOSE, pool.close()).await.ok();
    Ok(())
}

/// A connection for each schedule: those of the jobs may be used up, and whoever acts needs others than the one that holds.
fn own_pool(pool: &PgPool, schedules: usize) -> PgPool {
    giving_up_the_silent(PgPoolOptions::new())
        .max_connections(u32::try_from(schedules.max(1)).unwrap_or(u32::MAX))
        .acquire_timeout(STATEMENT)
        .connect_lazy_with(pool.connect_options().as_ref().clone())
}

async fn in_time<T>(answer: impl Future<Output = Result<T>>) -> Result<T> {
    timeout(STATEMENT, answer).await.map_err(|_| Error::unavailable("database: no answer in time"))?
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn nothing(_: Services, _: Tick) -> Result<()> {
        Ok(())
    }

    #[test]
    fn a_wrong_schedule_is_refused_by_its_name() {
        for schedule in [
            Schedule::cron("nightly", "0 3 * * noon", nothing),
            Schedule::cron("nightly", "61 3 * * *", nothing),
            Schedule::every("nightly", Duration::ZERO, nothing),
        ] {
            let error = schedule.err().unwrap();
            assert!(error.to_string().contains("the schedule nightly cannot be"), "{error}");
        }
        assert!(Schedule::cron("nightly", "0 3 * * *", nothing).is_ok());
    }
}
