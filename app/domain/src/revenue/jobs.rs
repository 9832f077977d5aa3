//! The job of the figures.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    error::Result,
    queue::{Job, JobContext, JobError, Priority},
};

/// Counts a workspace's months that are not settled.
#[derive(Debug, Serialize, Deserialize)]
pub struct CountRevenue {}

impl Job for CountRevenue {
    const KIND: &'static str = "count_revenue";
    const MAX_ATTEMPTS: i32 = 3;
    const TIMEOUT: Duration = Duration::from_secs(60);
    const PRIORITY: Priority = Priority::Batch;

    async fn run(self, context: &JobContext) -> Result<(), JobError> {
        Ok(super::count(&context.services, context.tenant).await?)
    }
}
