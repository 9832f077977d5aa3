//! What a job is given to work with.

use serde_json::Value;
use sqlx::PgPool;

use super::{
    lease::{Lease, Stop, StopReason},
    worker_store::{self, Attempt, ClaimedRow},
};
use crate::{
    Services,
    actor::System,
    error::{Error, Result},
    id::{JobId, TenantId},
};

/// One attempt of a job: where it runs, and whether it should go on.
#[derive(Clone)]
pub struct JobContext {
    pub services: Services,
    pub tenant: TenantId,
    pub job: JobId,
    /// From 1. It counts attempts that ended with their worker too.
    pub attempt: i32,
    pub max_attempts: i32,
    lease: Attempt,
    stop: Stop,
    pool: PgPool,
}

impl JobContext {
    pub(super) fn new(services: Services, pool: PgPool, row: &ClaimedRow, lease: &Lease) -> Self {
        Self {
            services,
            tenant: row.tenant,
            job: row.id,
            attempt: row.attempt,
            max_attempts: row.max_attempts,
            lease: lease.attempt,
            stop: lease.stop.clone(),
            pool,
        }
    }

    /// Sheaf itself, in the tenant that the job belongs to.
    pub fn system(&self) -> System {
        System::for_tenant(self.tenant)
    }

    /// Whether a failure of this attempt makes the job a dead letter.
    pub fn is_last_attempt(&self) -> bool {
        self.attempt >= self.max_attempts
    }

    /// Resolves when somebody has asked for the job to be cancelled, and never for another reason: when the worker stops,
    /// or another worker may have the job by now, it is dropped where it stands, as in a crash.
    pub async fn cancelled(&self) {
        self.stop.cancelled().await;
    }

    pub fn is_cancelled(&self) -> bool {
        self.stop.reason() == Some(StopReason::Cancelled)
    }

    /// Keeps what the job tells of itself, for whoever watches. At most a few times a second, please: each is a write.
    /// Fails where the job is not this worker's any more.
    pub async fn progress(&self, progress: Value) -> Result<()> {
        if worker_store::progress(&self.pool, self.lease, &progress).await? {
            return Ok(());
        }
        self.stop.stop(StopReason::Lost);
        Err(Error::conflict("This work has been taken over.").with_context(format!("lease of job {} lost", self.job)))
    }
}
