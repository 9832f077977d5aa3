//! Cancelling a reading, and asking for it again.

use super::{Document, DocumentState, ReadDocument, credits, reading::Failure, share::announce, store};
use crate::{
    Services,
    actor::{Action, Member},
    audit::{self, Act},
    billing,
    db::TenantTx,
    error::{Error, ErrorKind, Result},
    features::{self, Feature},
    id::{DocumentId, JobId},
    queue::{self, Enqueue, JobState},
};

/// Stops the reading of a document; what was read is kept. One that waits is cancelled at once, one that runs within two
/// seconds.
pub async fn cancel(services: &Services, member: &Member, id: DocumentId) -> Result<()> {
    member.require(Action::ChangeDocuments)?;
    let mut tx = services.db.tenant(member).await?;
    require_busy(&mut tx, id).await?;
    let job = store::job_of(&mut tx, id).await?;
    let runs = match job {
        Some(job) => queue::cancel(&mut tx, job).await? == JobState::Running,
        None => false,
    };
    // A job that runs says so itself; one that waits, also for another attempt, does not run any more.
    if !runs && !store::finish_reading(&mut tx, id, DocumentState::Cancelled, None, services.clock.now()).await? {
        // It came to its end since it was looked at.
        return Err(not_being_read());
    }
    audit::record(&mut tx, &services.clock, Act::DocumentCancelled, id.0).await?;
    announce(&mut tx, id).await?;
    if !runs {
        billing::release(&mut tx, id).await?;
    }
    tx.commit().await
}

/// Reads a document again from its first page, where it could not be read, was read in part, was cancelled, or waits for
/// credits. Returns the job. What was read of it is there until that begins. Fails with "payment required" where there are no
/// credits for it, and with "switched off" where operators have paused reading again.
pub async fn retry(services: &Services, member: &Member, id: DocumentId) -> Result<JobId> {
    member.require(Action::ChangeDocuments)?;
    features::require(services, member.tenant, Feature::ReadAgain).await?;
    let e = billing::entitlements(services, member.tenant).await?;
    let mut tx = services.db.tenant(member).await?;
    let before = ready(&mut tx, id).await?;
    let options = Enqueue::once(id.to_string()).about(id.0);
    let job = queue::enqueue(&mut tx, &services.clock, &ReadDocument { document: id }, options).await?;
    let job = queue::anew(&mut tx, job).await?;
    store::wait_anew(&mut tx, &[id.0], &[Some(job.0)], services.clock.now()).await?;
    audit::record(&mut tx, &services.clock, Act::DocumentRetried, id.0).await?;
    announce(&mut tx, id).await?;
    let cost = credits::cost(before.format, before.bytes, before.pages, services.settings.max_pages);
    billing::hold(&mut tx, &services.clock, &e, id, cost).await?;
    tx.commit().await?;
    Ok(job)
}

/// Tells that a reading was cancelled; nothing where it is over already, or the document gone. What is set aside for it is
/// released by the caller, last of all.
pub(crate) async fn reading_cancelled(services: &Services, tx: &mut TenantTx, id: DocumentId) -> Result<()> {
    end_busy(services, tx, id, DocumentState::Cancelled, None).await
}

/// The same where its job has failed for good.
pub(super) async fn reading_crashed(services: &Services, tx: &mut TenantTx, id: DocumentId) -> Result<()> {
    end_busy(services, tx, id, DocumentState::Unreadable, Some(Failure::Crashed)).await
}

fn not_being_read() -> Error {
    Error::conflict("This document is not being read.")
}

async fn end_busy(
    services: &Services,
    tx: &mut TenantTx,
    id: DocumentId,
    state: DocumentState,
    failure: Option<Failure>,
) -> Result<()> {
    match store::find(tx, id).await {
        Ok(document) if document.state.is_busy() => {
            store::finish_reading(tx, id, state, failure, services.clock.now()).await?;
            announce(tx, id).await
        }
        Ok(_) => Ok(()),
        Err(error) if error.is(ErrorKind::NotFound) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Makes a document ready to be read again by a job that is there already. Fails with a conflict as [`retry`] does. The job
/// itself sets credits aside, or has the document wait for them.
pub(crate) async fn read_once_more(services: &Services, tx: &mut TenantTx, id: DocumentId, job: JobId) -> Result<()> {
    ready(tx, id).await?;
    store::wait_anew(tx, &[id.0], &[Some(job.0)], services.clock.now()).await?;
    announce(tx, id).await
}

/// Fails with a conflict where a document is not being read.
async fn require_busy(tx: &mut TenantTx, id: DocumentId) -> Result<()> {
    if store::find(tx, id).await?.state.is_busy() {
        return Ok(());
    }
    Err(not_being_read())
}

/// A document that may be read again now.
async fn ready(tx: &mut TenantTx, id: DocumentId) -> Result<Document> {
    let document = store::find(tx, id).await?;
    if !document.state.can_retry() || document.trashed_at.is_some() {
        return Err(Error::conflict("This document cannot be read again now."));
    }
    Ok(document)
}
