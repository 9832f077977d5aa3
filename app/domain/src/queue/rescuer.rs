//! Looking after everybody's jobs, beside the work: those of workers that died, those that a worker has left behind, and those that
//! finished long ago. Each worker does it; they skip each other's rows.

use std::{sync::Arc, time::Duration};

use sqlx::PgPool;
use tokio::{
    sync::Notify,
    time::{Instant, sleep, timeout},
};
use uuid::Uuid;

use super::{lease::LEASE, left_behind::LeftBehind, worker_store};
use crate::error::{Error, Result};

/// Between two looks for workers that died. With a lease of ten seconds, a job of one that died runs again within 13.
const LOOK: Duration = Duration::from_secs(2);

/// Between two looks at all leases, also where every worker says that it lives.
const LOOK_AT_ALL: Duration = Duration::from_secs(60);

/// Of one statement: a little longer than Postgres lets one run.
const STATEMENT: Duration = Duration::from_secs(16);

/// Between two sweeps of jobs that finished long ago.
const SWEEP: Duration = Duration::from_secs(60 * 60);

/// How often a job whose attempts are spent is claimed once more, only to tell its feature that it is dead or cancelled.
pub(super) const EXTRA_CLAIMS: i32 = 3;

pub(super) const WORKER_DIED: &str = "the worker died";

/// Jobs that one statement frees. If it was that many, there are more.
const MAX_RESCUE: usize = 1_000;

/// One worker, as the others know it.
pub(super) struct Rescuer {
    pub worker: Uuid,
    pub name: String,
    pub kinds: Vec<String>,
    /// For what is done every two seconds, with the plans of the queue.
    pub pool: PgPool,
    /// For the sweep, which needs other plans.
    pub housekeeping: PgPool,
    pub bell: Arc<Notify>,
    pub left_behind: LeftBehind,
}

impl Rescuer {
    /// Says that this worker lives, and frees the jobs of those that do not, and what it has left behind itself; and deletes old
    /// jobs beside that, as it may take minutes in which the others would take this worker for dead. For as long as it is polled.
    pub async fn run(self) {
        tokio::join!(self.watch(), self.tidy_up());
    }

    async fn watch(&self) {
        let mut looked = None;
        loop {
            if let Err(error) = self.look(&mut looked).await {
                tracing::warn!(error = %error, "no jobs could be rescued; trying again");
            }
            sleep(LOOK).await;
        }
    }

    async fn tidy_up(&self) {
        loop {
            sweep(&self.housekeeping).await;
            sleep(SWEEP).await;
        }
    }

    async fn look(&self, looked: &mut Option<Instant>) -> Result<()> {
        let report = worker_store::report(&self.pool, self.worker, &self.name, &self.kinds, LEASE);
        let silent = in_time(report).await?;
        if !silent && !self.left_behind.are_due() && !is_due(*looked, LOOK_AT_ALL) {
            return Ok(());
        }
        let begun = Instant::now();
        while in_time(worker_store::rescue(&self.pool, EXTRA_CLAIMS, WORKER_DIED)).await.map(|jobs| self.tell(jobs))? {}
        self.left_behind.freed(begun);
        *looked = Some(Instant::now());
        in_time(worker_store::forget_workers(&self.pool, None, LEASE)).await
    }

    /// Whether there may be more.
    fn tell(&self, jobs: usize) -> bool {
        if jobs > 0 {
            tracing::warn!(jobs, "jobs that nobody did any more are free again");
            self.bell.notify_one();
        }
        jobs == MAX_RESCUE
    }
}

async fn in_time<T>(answer: impl Future<Output = Result<T>>) -> Result<T> {
    timeout(STATEMENT, answer).await.map_err(|_| Error::unavailable("database: no answer in time"))?
}

fn is_due(last: Option<Instant>, every: Duration) -> bool {
    last.is_none_or(|last| last.elapsed() >= every)
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
