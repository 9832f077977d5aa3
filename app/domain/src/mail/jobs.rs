//! The job of mail.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{undelivered::CANCELLED, verbs};
use crate::{
    error::Result,
    id::MailId,
    queue::{Job, JobContext, JobError},
};

/// Sends one kept mail.
#[derive(Debug, Serialize, Deserialize)]
pub struct SendMail {
    pub mail: MailId,
}

impl Job for SendMail {
    const KIND: &'static str = "send_mail";
    const MAX_ATTEMPTS: i32 = 8;
    const TIMEOUT: Duration = Duration::from_secs(60);

    fn about(subject: Uuid) -> Option<Self> {
        Some(Self { mail: MailId(subject) })
    }

    async fn run(self, context: &JobContext) -> Result<(), JobError> {
        tokio::select! {
            sent = verbs::deliver(&context.services, context.tenant, self.mail) => Ok(sent?),
            () = context.cancelled() => Err(JobError::cancelled()),
        }
    }

    async fn on_dead(self, context: &JobContext, reason: &str) -> Result<()> {
        verbs::give_up(&context.services, context.tenant, self.mail, reason).await
    }

    async fn on_cancelled(self, context: &JobContext) -> Result<()> {
        verbs::give_up(&context.services, context.tenant, self.mail, CANCELLED).await
    }
}
