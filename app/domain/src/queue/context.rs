//! What a job is given to work with.

use std::sync::{Arc, Mutex};

use serde::Serialize;
use serde_json::Value;
use sqlx::PgPool;
use uuid::Uuid;

use super::{
    claim_store::ClaimedRow,
    lease::{Lease, Stop, StopReason},
    worker_store::{self, Attempt},
};
use crate::{
    Services,
    actor::System,
    error::{Error, Result},
    id::{JobId, TenantId},
    progress::Progress,
    trace::{SpanId, TraceId},
};

/// A result is for looking at; what is larger than this many bytes of JSON belongs in a table or in the store.
const MAX_RESULT: usize = 64 * 1024;

/// One attempt of a job: where it runs, and whether it should go on.
#[derive(Clone)]
pub struct JobContext {
    /// Shared by all jobs of the process, as to copy it for each costs as much as to run one that has little to do.
    pub services: Arc<Services>,
    pub tenant: TenantId,
    pub job: JobId,
    /// From 1. It counts attempts that ended with their worker too.
    pub attempt: i32,
    pub max_attempts: i32,
    /// What it is about.
    pub subject: Option<Uuid>,
    /// Of the request or the job that has enqueued it; one of its own where none has.
    pub trace: TraceId,
    /// What of the trace has enqueued it.
    pub(super) caused_by: Option<SpanId>,
    lease: Attempt,
    stop: Stop,
    pool: PgPool,
    result: Arc<Mutex<Option<Value>>>,
}

impl JobContext {
    pub(super) fn new(services: Arc<Services>, pool: PgPool, row: &ClaimedRow, lease: &Lease) -> Self {
        Self {
            services,
            tenant: row.tenant,
            job: row.id,
            attempt: row.attempt,
            max_attempts: row.max_attempts,
            subject: row.subject,
            trace: row.trace.unwrap_or_else(|| TraceId::of_job(row.id)),
            caused_by: row.span.and_then(SpanId::from_sql),
            lease: lease.attempt,
            stop: lease.stop.clone(),
            pool,
            result: Arc::default(),
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
    pub async fn progress(&self, progress: &Progress) -> Result<()> {
        if worker_store::progress(&self.pool, self.lease, &serde_json::to_value(progress)?).await? {
            return Ok(());
        }
        self.lose();
        Err(self.taken_over())
    }

    /// What the job answers, once it is done; it is kept for as long as the job is, and the last one counts. Fails where it
    /// is larger than 64 KiB or holds a NUL character, which Postgres does not take.
    pub fn keep_result(&self, result: &impl Serialize) -> Result<()> {
        let result = serde_json::to_value(result)?;
        let text = result.to_string();
        if text.len() > MAX_RESULT || text.contains("\\u0000") {
            return Err(Error::internal(format!("the result of job {} has {} bytes", self.job, text.len())));
        }
        *self.result.lock().expect("no thread panics while it holds this lock") = Some(result);
        Ok(())
    }

    pub(super) fn take_result(&self) -> Option<Value> {
        self.result.lock().expect("no thread panics while it holds this lock").take()
    }

    pub(super) fn lease(&self) -> Attempt {
        self.lease
    }

    /// The job is not this worker's any more, so it ends.
    pub(super) fn lose(&self) {
        self.stop.stop(StopReason::Lost);
    }

    pub(super) fn taken_over(&self) -> Error {
        Error::conflict("This work has been taken over.").with_context(format!("lease of job {} lost", self.job))
    }
}
