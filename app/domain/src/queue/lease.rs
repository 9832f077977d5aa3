//! The attempts that this process has under way, and the heartbeat that keeps them: a task of its own, which neither a
//! busy worker nor an exhausted pool of the jobs can hold up.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, OnceLock},
    time::Duration,
};

use sqlx::PgPool;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};
use tokio_util::sync::CancellationToken;

use super::{
    fault,
    left_behind::LeftBehind,
    worker_store::{self, Attempt, HeldRow},
};
use crate::error::{Error, Result};

/// A worker that is silent for this long has died: others may run its jobs.
pub(super) const LEASE: Duration = Duration::from_secs(10);

/// Three renewals may fail before a lease is lost.
const RENEW: Duration = Duration::from_secs(3);

/// How often a worker asks whether its jobs were cancelled. With the grace a job has to leave, a cancel is effective
/// within about a second.
const LOOK: Duration = Duration::from_millis(500);

/// An attempt whose time was up this long ago and that runs still has blocked its thread, as nothing else keeps it from ending. What it
/// blocks is lost until the process ends; the job is another worker's.
const OVERDUE: Duration = Duration::from_secs(30);

/// Of one statement of the heartbeat, so that one that hangs does not cost the lease.
const STATEMENT: Duration = Duration::from_secs(2);

/// Why an attempt is to end early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StopReason {
    /// Somebody asked for it.
    Cancelled,
    /// Another worker may have the job by now.
    Lost,
    /// This process is about to end.
    ShuttingDown,
}

/// Tells one attempt to end. The first reason stays.
#[derive(Debug, Clone, Default)]
pub(super) struct Stop {
    told: Arc<Told>,
}

#[derive(Debug, Default)]
struct Told {
    reason: OnceLock<StopReason>,
    token: CancellationToken,
}

impl Stop {
    pub fn stop(&self, reason: StopReason) {
        self.told.reason.get_or_init(|| reason);
        self.told.token.cancel();
    }

    pub fn reason(&self) -> Option<StopReason> {
        self.told.reason.get().copied()
    }

    /// Resolves when the attempt is to end, for whatever reason.
    pub async fn stopped(&self) {
        self.told.token.cancelled().await;
    }

    /// Resolves only where the reason is that it was cancelled.
    pub async fn cancelled(&self) {
        self.stopped().await;
        if self.reason() != Some(StopReason::Cancelled) {
            std::future::pending::<()>().await;
        }
    }
}

/// All attempts of this process. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Leases {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Default)]
struct Inner {
    held: HashMap<Attempt, Held>,
    is_shutting_down: bool,
    /// Those that were under way when the worker was told to stop, and those that came after: some end in order.
    last: Vec<Attempt>,
}

struct Held {
    /// By this process' own clock, and never later than in the table: beyond it the job is not ours any more, even if
    /// the database cannot be asked.
    until: Instant,
    /// While it runs: from then on its lease is not renewed.
    overdue: Option<Instant>,
    stop: Stop,
}

/// One attempt that this process holds. Dropping it ends the renewal.
pub(super) struct Lease {
    pub attempt: Attempt,
    pub stop: Stop,
    leases: Leases,
}

impl Lease {
    /// Says that the job runs from now on, for this long at most.
    pub fn runs(&self, limit: Duration) {
        self.set_overdue(Some(Instant::now() + limit + OVERDUE));
    }

    /// Says that it has ended: what is written about it then takes as long as it takes.
    pub fn has_run(&self) {
        self.set_overdue(None);
    }

    fn set_overdue(&self, overdue: Option<Instant>) {
        if let Some(held) = self.leases.lock().held.get_mut(&self.attempt) {
            held.overdue = overdue;
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.leases.lock().held.remove(&self.attempt);
    }
}

impl Leases {
    /// Begins to renew an attempt that was asked for at `asked`.
    pub fn hold(&self, attempt: Attempt, asked: Instant) -> Lease {
        let stop = Stop::default();
        let mut inner = self.lock();
        if inner.is_shutting_down {
            stop.stop(StopReason::ShuttingDown);
            inner.last.push(attempt);
        }
        inner.held.insert(attempt, Held { until: asked + LEASE, overdue: None, stop: stop.clone() });
        drop(inner);
        Lease { attempt, stop, leases: self.clone() }
    }

    /// Tells every attempt to end, also those that are yet to come.
    pub fn shut_down(&self) {
        let mut inner = self.lock();
        inner.is_shutting_down = true;
        inner.last = inner.held.keys().copied().collect();
        inner.held.values().for_each(|held| held.stop.stop(StopReason::ShuttingDown));
    }

    /// Those that were under way when the worker was told to stop, whether or not they have ended since.
    pub fn last(&self) -> Vec<Attempt> {
        self.lock().last.clone()
    }

    /// Those whose leases are to be kept.
    fn attempts(&self, now: Instant) -> Vec<Attempt> {
        let inner = self.lock();
        let kept = inner.held.iter().filter(|(_, held)| held.overdue.is_none_or(|overdue| now < overdue));
        kept.map(|(attempt, _)| *attempt).collect()
    }

    /// Answers whether there are any.
    fn stop_expired(&self, now: Instant) -> bool {
        let mut are_any = false;
        for held in self.lock().held.values().filter(|held| held.until <= now) {
            held.stop.stop(StopReason::Lost);
            are_any = true;
        }
        are_any
    }

    /// Learns from the table which of the attempts that were asked about still hold. `until` is the new end of those,
    /// where they were renewed.
    fn learn(&self, asked: &[Attempt], rows: &[HeldRow], until: Option<Instant>) {
        let found: HashMap<_, bool> = rows.iter().map(|row| (row.token, row.is_cancelling)).collect();
        let mut inner = self.lock();
        for attempt in asked {
            // An attempt that has ended since is not here any more.
            let Some(held) = inner.held.get_mut(attempt) else { continue };
            match found.get(&attempt.token) {
                Some(is_cancelling) => {
                    held.until = until.unwrap_or(held.until);
                    if *is_cancelling {
                        held.stop.stop(StopReason::Cancelled);
                    }
                }
                None => held.stop.stop(StopReason::Lost),
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().expect("no thread panics while it holds this lock")
    }
}

/// Keeps all leases for as long as it is polled.
pub(super) async fn keep(leases: Leases, pool: PgPool, left_behind: LeftBehind) {
    let mut beat = interval(LOOK);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut renewed = Instant::now();
    loop {
        beat.tick().await;
        if leases.stop_expired(Instant::now()) {
            left_behind.note();
        }
        let attempts = leases.attempts(Instant::now());
        if attempts.is_empty() {
            continue;
        }
        let is_due = renewed.elapsed() >= RENEW;
        match ask(&leases, &pool, &attempts, is_due).await {
            Ok(()) if is_due => renewed = Instant::now(),
            Ok(()) => {}
            Err(error) => tracing::warn!(error = %error, jobs = attempts.len(), "the leases could not be asked about"),
        }
    }
}

async fn ask(leases: &Leases, pool: &PgPool, attempts: &[Attempt], renew: bool) -> Result<()> {
    let asked = Instant::now();
    let answer = async {
        if !renew {
            return worker_store::held(pool, attempts).await;
        }
        fault::point("renew.before");
        let held = worker_store::renew(pool, attempts, LEASE).await;
        fault::point("renew.after");
        held
    };
    let rows = timeout(STATEMENT, answer).await.map_err(|_| Error::unavailable("database: no answer in time"))??;
    leases.learn(attempts, &rows, renew.then_some(asked + LEASE));
    Ok(())
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::id::{JobId, TenantId};

    fn attempt(number: u128) -> Attempt {
        let id = Uuid::from_u128(number);
        Attempt { tenant: TenantId(id), job: JobId(id), token: id, kind: "probe" }
    }

    fn row(number: u128, is_cancelling: bool) -> HeldRow {
        HeldRow { token: Uuid::from_u128(number), is_cancelling }
    }

    #[tokio::test]
    async fn a_heartbeat_learns_of_cancelled_and_of_lost_jobs() {
        let (leases, now) = (Leases::default(), Instant::now());
        let kept = leases.hold(attempt(1), now);
        let cancelled = leases.hold(attempt(2), now);
        let lost = leases.hold(attempt(3), now);
        leases.learn(&leases.attempts(now), &[row(1, false), row(2, true)], None);
        assert_eq!(kept.stop.reason(), None);
        assert_eq!(cancelled.stop.reason(), Some(StopReason::Cancelled));
        assert_eq!(lost.stop.reason(), Some(StopReason::Lost));
    }

    #[tokio::test]
    async fn a_lease_that_could_not_be_renewed_ends_by_itself() {
        let (leases, now) = (Leases::default(), Instant::now());
        let silent = leases.hold(attempt(1), now);
        let renewed = leases.hold(attempt(2), now);
        leases.learn(&[attempt(2)], &[row(2, false)], Some(now + LEASE * 2));
        assert!(leases.stop_expired(now + LEASE));
        assert_eq!(silent.stop.reason(), Some(StopReason::Lost));
        assert_eq!(renewed.stop.reason(), None);
    }

    #[tokio::test]
    async fn a_lease_is_not_kept_for_a_job_that_blocks_its_thread() {
        let (leases, now) = (Leases::default(), Instant::now());
        let (blocked, written) = (leases.hold(attempt(1), now), leases.hold(attempt(2), now));
        for lease in [&blocked, &written] {
            lease.runs(Duration::from_secs(60));
        }
        assert_eq!(leases.attempts(now + Duration::from_secs(60)).len(), 2);
        written.has_run();
        assert_eq!(leases.attempts(Instant::now() + Duration::from_secs(60) + OVERDUE), [attempt(2)]);
        assert!(leases.stop_expired(now + LEASE), "it ends as any other that was not renewed");
        assert_eq!(blocked.stop.reason(), Some(StopReason::Lost));
    }

    #[tokio::test]
    async fn a_job_claimed_while_shutting_down_is_stopped_at_once() {
        let (leases, now) = (Leases::default(), Instant::now());
        let before = leases.hold(attempt(1), now);
        leases.shut_down();
        let after = leases.hold(attempt(2), now);
        assert_eq!(before.stop.reason(), Some(StopReason::ShuttingDown));
        assert_eq!(after.stop.reason(), Some(StopReason::ShuttingDown));
        drop((before, after));
        assert!(leases.attempts(now).is_empty());
    }
}
