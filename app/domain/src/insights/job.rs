//! The job of product events.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::ProductEvent;
use crate::queue::{Job, JobContext, JobError, Priority};

/// Tells one event.
#[derive(Debug, Serialize, Deserialize)]
pub struct TellEvent {
    pub event: ProductEvent,
    pub at: DateTime<Utc>,
    /// Of whom it is told, in place of the workspace's id.
    pub subject: String,
}

impl Job for TellEvent {
    const KIND: &'static str = "tell_event";
    const MAX_ATTEMPTS: i32 = 8;
    const TIMEOUT: Duration = Duration::from_secs(15);
    const PRIORITY: Priority = Priority::Batch;

    /// Its id is the job's, by which what is told twice is counted once. Where nothing is told any more, it is over.
    async fn run(self, context: &JobContext) -> Result<(), JobError> {
        let Some(insights) = &context.services.insights else { return Ok(()) };
        tokio::select! {
            told = insights.tell(context.job, &self) => told,
            () = context.cancelled() => Err(JobError::cancelled()),
        }
    }
}
