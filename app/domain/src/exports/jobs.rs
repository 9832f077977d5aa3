//! The job of exports.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    error::Result,
    id::ExportId,
    queue::{Job, JobContext, JobError, Priority},
};

/// Makes one archive of a workspace.
#[derive(Debug, Serialize, Deserialize)]
pub struct MakeExport {
    pub export: ExportId,
}

impl Job for MakeExport {
    const KIND: &'static str = "make_export";
    const MAX_ATTEMPTS: i32 = 3;
    /// Every byte of a workspace passes by: 50 GB at 10 MB/s take an hour and a half.
    const TIMEOUT: Duration = Duration::from_secs(4 * 60 * 60);
    const PRIORITY: Priority = Priority::Batch;
    const CONCURRENCY: usize = 1;

    fn about(subject: Uuid) -> Option<Self> {
        Some(Self { export: ExportId(subject) })
    }

    async fn run(self, context: &JobContext) -> Result<(), JobError> {
        super::make_export(context, self.export).await
    }

    async fn on_dead(self, context: &JobContext, _reason: &str) -> Result<()> {
        super::make::give_up(context, self.export).await
    }

    async fn on_cancelled(self, context: &JobContext) -> Result<()> {
        super::make::call_off(context, self.export).await
    }
}
