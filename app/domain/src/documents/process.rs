//! Cancelling a reading, and asking for it again.

use super::{DocumentState, ReadDocument, share::announce, store};
use crate::{
    Services,
    actor::{Action, Member},
    audit::{self, Act},
    error::{Error, Result},
    id::{DocumentId, JobId},
    queue::{self, Enqueue},
};

/// Stops the reading of a document; what was read is kept. One that waits is cancelled at once, one that runs within two
/// seconds.
pub async fn cancel(services: &Services, member: &Member, id: DocumentId) -> Result<()> {
    member.require(Action::ChangeDocuments)?;
    let mut tx = services.db.tenant(member).await?;
    let document = store::find(&mut tx, id).await?;
    if !document.state.is_busy() {
        return Err(Error::conflict("This document is not being read."));
    }
    if let Some(job) = store::job_of(&mut tx, id).await? {
        queue::cancel(&mut tx, job).await?;
    }
    if document.state == DocumentState::Waiting {
        store::finish_reading(&mut tx, id, DocumentState::Cancelled, None, services.clock.now()).await?;
    }
    audit::record(&mut tx, &services.clock, Act::DocumentCancelled, id.0).await?;
    announce(&mut tx, id).await?;
    tx.commit().await
}

/// Reads a document again from its first page, where it could not be read, was read in part, or was cancelled. Returns the
/// job.
pub async fn retry(services: &Services, member: &Member, id: DocumentId) -> Result<JobId> {
    member.require(Action::ChangeDocuments)?;
    let mut tx = services.db.tenant(member).await?;
    let document = store::find(&mut tx, id).await?;
    if !document.state.can_retry() || document.trashed_at.is_some() {
        return Err(Error::conflict("This document cannot be read again now."));
    }
    store::forget_pages(&mut tx, id).await?;
    let options = Enqueue { key: Some(id.to_string()), ..Enqueue::default() };
    let job = queue::enqueue(&mut tx, &services.clock, &ReadDocument { document: id }, options).await?.id;
    store::set_job(&mut tx, id, job).await?;
    audit::record(&mut tx, &services.clock, Act::DocumentRetried, id.0).await?;
    announce(&mut tx, id).await?;
    tx.commit().await?;
    Ok(job)
}
