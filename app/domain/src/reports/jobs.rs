//! The job of reports.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    error::Result,
    id::ReportId,
    queue::{Job, JobContext, JobError},
};

/// Makes one report.
#[derive(Debug, Serialize, Deserialize)]
pub struct MakeReport {
    pub report: ReportId,
}

impl Job for MakeReport {
    const KIND: &'static str = "make_report";
    const MAX_ATTEMPTS: i32 = 3;
    const TIMEOUT: Duration = Duration::from_secs(5 * 60);

    fn about(subject: Uuid) -> Option<Self> {
        Some(Self { report: ReportId(subject) })
    }

    async fn run(self, context: &JobContext) -> Result<(), JobError> {
        super::make_report(context, self.report).await
    }

    async fn on_dead(self, context: &JobContext, _reason: &str) -> Result<()> {
        super::make::give_up(context, self.report).await
    }

    async fn on_cancelled(self, context: &JobContext) -> Result<()> {
        super::make::call_off(context, self.report).await
    }
}
