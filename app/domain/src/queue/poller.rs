//! One poller a process: it claims as many jobs as can begin at once and never more, so that nothing waits in a buffer
//! under a lease. Beside it, the tasks that look after everybody's jobs.

use std::{sync::Arc, time::Duration};

use sqlx::PgPool;
use tokio::{
    sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc},
    time::{Instant, sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    JobContext,
    lease::{LEASE, Lease, Leases},
    registry::Kind,
    worker_store::{self, Attempt, ClaimedRow},
};
use crate::{
    Services,
    error::{Error, Result},
};

/// Without a notification: the longest a job that is due waits for a free worker to look.
const POLL: Duration = Duration::from_secs(1);

/// Of one claim; the leases count from when it was sent.
const STATEMENT: Duration = Duration::from_secs(5);

/// How old the list of suspended tenants may be. It is kept, as a claim must not cost two questions.
const SUSPENDED_TTL: Duration = Duration::from_secs(1);

/// The longest pause while the database is away.
const MAX_PAUSE: Duration = Duration::from_secs(5);

/// Between two looks for expired leases. With a lease of ten seconds, a job of a worker that died runs again within 13.
const RESCUE: Duration = Duration::from_secs(2);

/// Between two sweeps of jobs that finished long ago.
const SWEEP: Duration = Duration::from_secs(60 * 60);

/// How often a job whose attempts are spent is claimed once more, only to tell its feature that it is dead.
pub(super) const EXTRA_CLAIMS: i32 = 3;

pub(super) const WORKER_DIED: &str = "the worker died";

/// A claimed job on its way to its worker.
pub(super) struct Claimed {
    pub context: JobContext,
    pub payload: Arc<serde_json::Value>,
    /// Of the attempt before.
    pub last_error: Option<String>,
    pub held: Arc<HeldJob>,
}

/// What a running job occupies; all of it is free again when this is dropped.
pub(super) struct HeldJob {
    pub lease: Lease,
    _slot: Slot,
}

/// Room for one job of a kind.
struct Slot {
    permit: Option<OwnedSemaphorePermit>,
    bell: Arc<Notify>,
}

impl Drop for Slot {
    fn drop(&mut self) {
        // First the room, then the bell: the poller must find it.
        drop(self.permit.take());
        self.bell.notify_one();
    }
}

/// Where the jobs of one kind go.
pub(super) struct Lane {
    name: &'static str,
    slots: Arc<Semaphore>,
    jobs: mpsc::UnboundedSender<Claimed>,
}

impl Lane {
    /// The lane, and the end at which its worker takes the jobs out.
    pub fn new(kind: &Kind) -> (Self, mpsc::UnboundedReceiver<Claimed>) {
        // Unbounded, but never with more in it than the slots: each job holds one.
        let (jobs, taken) = mpsc::unbounded_channel();
        (Self { name: kind.name, slots: Arc::new(Semaphore::new(kind.concurrency)), jobs }, taken)
    }
}

pub(super) struct Poller {
    pub services: Services,
    pub pool: PgPool,
    pub worker: Uuid,
    pub lanes: Vec<Lane>,
    pub leases: Leases,
    /// Rung by notifications, by slots that become free, and by rescues. It remembers one ring, so none is lost while
    /// a claim is under way.
    pub bell: Arc<Notify>,
    pub suspended: Suspended,
}

/// The tenants whose jobs are not begun, as they were when they were last asked for.
#[derive(Default)]
pub(super) struct Suspended {
    tenants: Vec<Uuid>,
    asked: Option<Instant>,
}

impl Suspended {
    async fn look(&mut self, pool: &PgPool) -> Result<()> {
        if self.asked.is_none_or(|asked| asked.elapsed() >= SUSPENDED_TTL) {
            self.tenants = worker_store::suspended_tenants(pool).await?;
            self.asked = Some(Instant::now());
        }
        Ok(())
    }
}

impl Poller {
    /// Claims until told to stop. The database may be away for any time.
    pub async fn run(mut self, shutdown: CancellationToken) {
        let mut failures = 0;
        while !shutdown.is_cancelled() {
            let pause = match self.claim().await {
                Ok(()) => {
                    failures = 0;
                    POLL
                }
                Err(error) => {
                    failures += 1;
                    tracing::warn!(error = %error, failures, "no jobs could be claimed; trying again");
                    pause_after(failures)
                }
            };
            let rung = async {
                // While the database is away a bell brings it back no sooner.
                if failures > 0 { std::future::pending().await } else { self.bell.notified().await }
            };
            tokio::select! {
                () = rung => {}
                () = sleep(pause) => {}
                () = shutdown.cancelled() => {}
            }
        }
    }

    async fn claim(&mut self) -> Result<()> {
        let (names, room) = self.room();
        if names.is_empty() {
            return Ok(());
        }
        let late = |_| Error::unavailable("database: no answer in time");
        timeout(STATEMENT, self.suspended.look(&self.pool)).await.map_err(late)??;
        let asked = Instant::now();
        let claim = worker_store::claim(&self.pool, self.worker, &names, &room, LEASE, &self.suspended.tenants);
        let rows = timeout(STATEMENT, claim).await.map_err(late)??;
        if rows.len() == worker_store::MAX_CLAIM {
            self.bell.notify_one();
        }
        for row in rows {
            self.hand_over(row, asked);
        }
        Ok(())
    }

    /// The kinds of which more can begin, and how many. Only this poller takes slots, so there is no less room later.
    fn room(&self) -> (Vec<String>, Vec<i32>) {
        let free = |lane: &Lane| i32::try_from(lane.slots.available_permits()).unwrap_or(i32::MAX);
        let lanes = self.lanes.iter().map(|lane| (lane.name.to_owned(), free(lane)));
        lanes.filter(|(_, free)| *free > 0).unzip()
    }

    fn hand_over(&self, row: ClaimedRow, asked: Instant) {
        let lane = self.lanes.iter().find(|lane| lane.name == row.kind);
        let Some((lane, permit)) = lane.and_then(|lane| Some((lane, lane.slots.clone().try_acquire_owned().ok()?)))
        else {
            // The statement answers no more than was asked for. Were it otherwise, the lease would run out.
            tracing::error!(job.id = %row.id, job.kind = row.kind, "a job was claimed for which there is no room");
            return;
        };
        let lease = self.leases.hold(Attempt { tenant: row.tenant, job: row.id, token: row.token }, asked);
        let claimed = Claimed {
            context: JobContext::new(self.services.clone(), self.pool.clone(), &row, &lease),
            payload: Arc::new(row.payload),
            last_error: row.last_error,
            held: Arc::new(HeldJob { lease, _slot: Slot { permit: Some(permit), bell: self.bell.clone() } }),
        };
        // Its worker is gone only while this process ends; what is held then is handed back.
        lane.jobs.send(claimed).ok();
    }
}

/// Frees the jobs of workers that died, and deletes what finished long ago, for as long as it is polled. Each worker does
/// it; they skip each other's rows.
pub(super) async fn look_after(pool: PgPool, bell: Arc<Notify>) {
    let mut swept: Option<Instant> = None;
    loop {
        match worker_store::rescue(&pool, EXTRA_CLAIMS, WORKER_DIED).await {
            Ok(0) => {}
            Ok(jobs) => {
                tracing::warn!(jobs, "jobs of workers that died are free again");
                bell.notify_one();
            }
            Err(error) => tracing::warn!(error = %error, "no jobs could be rescued; trying again"),
        }
        if swept.is_none_or(|swept| swept.elapsed() >= SWEEP) {
            swept = Some(Instant::now());
            sweep(&pool).await;
        }
        sleep(RESCUE).await;
    }
}

async fn sweep(pool: &PgPool) {
    loop {
        match worker_store::sweep(pool).await {
            Ok(0) => return,
            Ok(jobs) => tracing::info!(jobs, "old jobs were deleted"),
            Err(error) => {
                tracing::warn!(error = %error, "old jobs could not be deleted; trying again in an hour");
                return;
            }
        }
    }
}

fn pause_after(failures: u32) -> Duration {
    Duration::from_millis(100).saturating_mul(1 << failures.min(10)).min(MAX_PAUSE)
}
