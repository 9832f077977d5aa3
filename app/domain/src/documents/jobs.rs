//! The jobs of documents.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    error::Result,
    exports,
    id::{AccountId, DocumentId},
    queue::{Job, JobContext, JobError, Priority},
    reports, tenants,
};

/// Reads one document, from its first unread page.
#[derive(Debug, Serialize, Deserialize)]
pub struct ReadDocument {
    pub document: DocumentId,
}

impl Job for ReadDocument {
    const KIND: &'static str = "read_document";
    const MAX_ATTEMPTS: i32 = 4;
    const TIMEOUT: Duration = Duration::from_secs(60 * 60);

    fn about(subject: Uuid) -> Option<Self> {
        Some(Self { document: DocumentId(subject) })
    }

    async fn run(self, context: &JobContext) -> Result<(), JobError> {
        super::read_document(context, self.document).await
    }

    async fn on_dead(self, context: &JobContext, _reason: &str) -> Result<()> {
        super::give_up_reading(context, self.document).await
    }

    async fn on_cancelled(self, context: &JobContext) -> Result<()> {
        super::call_off_reading(context, self.document).await
    }
}

/// Draws the page images of a document that was read elsewhere.
#[derive(Debug, Serialize, Deserialize)]
pub struct DrawPages {
    pub document: DocumentId,
}

impl Job for DrawPages {
    const KIND: &'static str = "draw_pages";
    const MAX_ATTEMPTS: i32 = 3;
    const TIMEOUT: Duration = Duration::from_secs(60 * 60);
    const PRIORITY: Priority = Priority::Batch;

    async fn run(self, context: &JobContext) -> Result<(), JobError> {
        super::draw_pages(context, self.document).await
    }
}

/// Has documents go on that have waited for credits.
#[derive(Debug, Serialize, Deserialize)]
pub struct ResumeHeld {}

impl Job for ResumeHeld {
    const KIND: &'static str = "resume_held";
    const TIMEOUT: Duration = Duration::from_secs(10 * 60);

    async fn run(self, context: &JobContext) -> Result<(), JobError> {
        Ok(super::resume::resume(&context.services, context.tenant).await?)
    }
}

/// Has every document read again that a person may change, as they asked for.
#[derive(Debug, Serialize, Deserialize)]
pub struct ReadAllAgain {
    pub account: AccountId,
    pub asked_at: DateTime<Utc>,
    /// How many those were, where the version that enqueued it has counted them.
    #[serde(default)]
    pub documents: Option<u64>,
}

impl Job for ReadAllAgain {
    const KIND: &'static str = "read_all_again";
    /// For as long as so much is waiting that no more is taken.
    const MAX_ATTEMPTS: i32 = 30;
    const TIMEOUT: Duration = Duration::from_secs(60 * 60);

    async fn run(self, context: &JobContext) -> Result<(), JobError> {
        super::again::begin_all(context, self.account, self.asked_at, self.documents).await
    }
}

/// Removes what a tenant's trash has held for long enough, archives that are due, and files that belong to nothing; and leaves
/// to the owners what nobody else sees any more.
#[derive(Debug, Serialize, Deserialize)]
pub struct Sweep {}

impl Job for Sweep {
    const KIND: &'static str = "sweep_documents";
    const MAX_ATTEMPTS: i32 = 3;
    /// All files of a workspace are listed, 10,000 in a second: 100,000 documents of 30 pages have six million.
    const TIMEOUT: Duration = Duration::from_secs(60 * 60);

    /// Documents come last, of which there are most files: whatever else is due does not wait for them.
    async fn run(self, context: &JobContext) -> Result<(), JobError> {
        exports::sweep(&context.services, context.tenant).await?;
        reports::sweep(&context.services, context.tenant).await?;
        tenants::sweep(&context.services, context.tenant).await?;
        Ok(super::sweep(&context.services, context.tenant).await?)
    }
}
