//! What a job is, how it says that it failed, and what is known of one.

use std::{fmt, time::Duration};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use uuid::Uuid;

use super::{JobContext, backoff};
use crate::{
    error::{Error, ErrorKind, Result},
    id::{AccountId, JobId},
};

/// Work in the queue. The struct is its payload, kept as JSON: a new field needs a serde default, as jobs of the version
/// before are still waiting.
pub trait Job: Serialize + DeserializeOwned + Send + 'static {
    /// The name in the table. It stays when the struct is renamed.
    const KIND: &'static str;

    /// How often it is tried, the first time included.
    const MAX_ATTEMPTS: i32 = 5;

    /// The wall clock of one attempt. One that takes longer is stopped and counts as failed.
    const TIMEOUT: Duration;

    const PRIORITY: Priority = Priority::Normal;

    /// How many run at once in one worker process, unless the operator says otherwise.
    const CONCURRENCY: usize = 2;

    /// The longest pause after this attempt, from 1, has failed. The queue waits a random part of it (full jitter), so
    /// that what failed together does not come back together.
    fn backoff(attempt: i32) -> Duration {
        backoff::exponential(attempt)
    }

    /// The same job, from what it is about alone: for one whose payload cannot be read, so that its feature is told of its
    /// end all the same. None where that does not say enough.
    fn about(_subject: Uuid) -> Option<Self> {
        None
    }

    /// Does the work. It may run more than once, so it must be idempotent. When
    /// [`context.cancelled()`](JobContext::cancelled) resolves it has one second to leave; then it is dropped, and
    /// [`on_cancelled`](Job::on_cancelled) is called. When the worker stops it is not told: it has half a second to finish,
    /// is dropped, and runs again elsewhere.
    fn run(self, context: &JobContext) -> impl Future<Output = Result<(), JobError>> + Send;

    /// Called once the job will not be tried again, with the reason, before it becomes a dead letter: the place to tell
    /// the person. Also when the worker died on every attempt. Must be idempotent. An error has the job tried again, a
    /// few times beyond its attempts.
    fn on_dead(self, _context: &JobContext, _reason: &str) -> impl Future<Output = Result<()>> + Send {
        async { Ok(()) }
    }

    /// Called once nothing of a cancelled job runs any more, before it is over: the place to say of what it was for that
    /// nothing more comes. Also, by another worker, where the first one died in between. Must be idempotent. An error has it
    /// called again, as for [`on_dead`](Job::on_dead).
    ///
    /// A job that is cancelled while it waits, by [`cancel`](super::cancel), is over at once and is not told: whoever cancels
    /// it says the same in the same transaction.
    fn on_cancelled(self, _context: &JobContext) -> impl Future<Output = Result<()>> + Send {
        async { Ok(()) }
    }
}

/// Which of two waiting jobs of a kind goes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Priority {
    /// Nobody waits for it.
    Batch,
    #[default]
    Normal,
    /// A person looks at the screen until it is done.
    Interactive,
}

impl Priority {
    /// The number in the table, with room between.
    pub(super) const fn value(self) -> i16 {
        match self {
            Self::Batch => -10,
            Self::Normal => 0,
            Self::Interactive => 10,
        }
    }
}

/// Why an attempt failed, and whether another helps.
#[derive(Debug)]
pub struct JobError {
    pub(super) remedy: Remedy,
    reason: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Remedy {
    Retry,
    /// The same, and the attempt does not count.
    Wait,
    GiveUp,
    Cancelled,
}

impl JobError {
    /// It failed for now: try again after a pause, while attempts are left.
    pub fn retry(reason: impl fmt::Display) -> Self {
        Self { remedy: Remedy::Retry, reason: reason.to_string() }
    }

    /// It may not be done now, through no fault of its own: it is tried again every few minutes, for as long as it takes, and
    /// no attempt is spent.
    pub fn wait(reason: impl fmt::Display) -> Self {
        Self { remedy: Remedy::Wait, reason: reason.to_string() }
    }

    /// It will never succeed: a dead letter at once.
    pub fn give_up(reason: impl fmt::Display) -> Self {
        Self { remedy: Remedy::GiveUp, reason: reason.to_string() }
    }

    /// It noticed that it was cancelled and has left.
    pub fn cancelled() -> Self {
        Self { remedy: Remedy::Cancelled, reason: "cancelled".into() }
    }
}

impl fmt::Display for JobError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for JobError {}

impl From<Error> for JobError {
    /// What is away or broken may be mended by the next attempt, where too much waits there is room later, and what is switched off is
    /// on again some day; anything else is an answer.
    fn from(error: Error) -> Self {
        match error.kind {
            ErrorKind::SwitchedOff => Self::wait(error),
            kind if kind.may_pass() => Self::retry(error),
            _ => Self::give_up(error),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// For its time, a free worker, or its next attempt.
    Waiting,
    Running,
    Done,
    /// It failed for good. Kept for 30 days, and may be run again.
    Dead,
    Cancelled,
}

impl JobState {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Done => "done",
            Self::Dead => "dead",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether nothing more will happen by itself.
    pub fn is_finished(self) -> bool {
        matches!(self, Self::Done | Self::Dead | Self::Cancelled)
    }
}

/// What is known of a job. Times are the database's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JobStatus {
    pub id: JobId,
    pub kind: String,
    pub state: JobState,
    /// Attempts begun so far.
    pub attempt: i32,
    pub max_attempts: i32,
    /// A waiting job does not start before.
    pub run_at: DateTime<Utc>,
    /// Somebody asked for it to be cancelled; a running job stops within two seconds.
    pub is_cancelling: bool,
    /// What the job last told of itself: a `Progress`, unless a later version tells more.
    pub progress: Option<serde_json::Value>,
    /// Of the last attempt that failed, for the operator; a person is told by the feature.
    pub last_error: Option<String>,
    /// Who caused it; none where Sheaf did by itself.
    pub account: Option<AccountId>,
    /// What it is about.
    pub subject: Option<Uuid>,
    /// What it answered, once it is done.
    pub result: Option<serde_json::Value>,
    /// Seconds of a worker that all its attempts have taken.
    pub worked: f64,
    pub created_at: DateTime<Utc>,
    pub started_at: Option<DateTime<Utc>>,
    pub finished_at: Option<DateTime<Utc>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_away_is_tried_again_and_an_answer_is_not() {
        assert_eq!(JobError::from(Error::unavailable("store")).remedy, Remedy::Retry);
        assert_eq!(JobError::from(Error::internal("bug")).remedy, Remedy::Retry);
        assert_eq!(JobError::from(Error::new(ErrorKind::SwitchedOff, "Paused.")).remedy, Remedy::Wait);
        assert_eq!(JobError::from(Error::not_found()).remedy, Remedy::GiveUp);
        assert_eq!(JobError::from(Error::invalid("name", "Too long.")).remedy, Remedy::GiveUp);
    }

    #[test]
    fn an_error_keeps_the_context_for_the_operator() {
        assert!(JobError::from(Error::unavailable("the store is away")).to_string().contains("the store is away"));
    }
}
