//! Looking at a job of one's tenant, and steering it.

use super::{
    Enqueued, JobState, JobStatus,
    store::{self, Again},
};
use crate::{
    db::TenantTx,
    error::{Error, Result},
    id::JobId,
};

/// Dead letters shown at once.
const MAX_DEAD: i64 = 200;

/// Dead letters that run again at once.
const MAX_RETRIED: i64 = 1_000;

/// What is known of a job. "Not found" also where it is another tenant's.
pub async fn status(tx: &mut TenantTx, id: JobId) -> Result<JobStatus> {
    store::find(tx, id).await?.ok_or_else(Error::not_found)
}

/// Cancels a job: a waiting one at once, a running one within two seconds of the commit. One that has finished stays as
/// it is. Answers the state it is in now.
///
/// Of one that runs, the worker tells the feature ([`Job::on_cancelled`](super::Job::on_cancelled)). Of one that waits nobody
/// does: where the answer is "cancelled", the caller tells it in this transaction, so that there is never the one without the
/// other.
pub async fn cancel(tx: &mut TenantTx, id: JobId) -> Result<JobState> {
    match store::cancel(tx, id).await? {
        Some(state) => Ok(state),
        None => Ok(status(tx, id).await?.state),
    }
}

/// The job that does again what its feature takes for over. Fails with "conflict" where it was there already and is on its way
/// out: it would take what was asked for along.
pub async fn anew(tx: &mut TenantTx, enqueued: Enqueued) -> Result<JobId> {
    if enqueued.existing {
        let before = status(tx, enqueued.id).await?;
        if before.is_cancelling || before.state != JobState::Waiting {
            return Err(Error::conflict("This work is just coming to its end. Please try again in a moment."));
        }
    }
    Ok(enqueued.id)
}

/// Lets a dead or cancelled job run again, with all its attempts. Fails with "conflict" where it is in another state, or
/// where a job with the same key is under way.
pub async fn retry(tx: &mut TenantTx, id: JobId) -> Result<()> {
    if store::retry(tx, id).await? {
        tx.note_jobs();
        return Ok(());
    }
    status(tx, id).await?;
    Err(Error::conflict("Only work that failed or was cancelled can be run again."))
}

/// Lets the tenant's dead letters run again, of one kind or of all: of the newest 1,000 those of which no other job with the same
/// key is under way. Answers which those are.
pub async fn retry_dead(tx: &mut TenantTx, kind: Option<&str>) -> Result<Vec<Again>> {
    let retried = store::retry_dead(tx, kind, MAX_RETRIED).await?;
    if !retried.is_empty() {
        tx.note_jobs();
    }
    Ok(retried)
}

/// The tenant's dead letters, newest first, at most 200.
pub async fn find_dead(tx: &mut TenantTx) -> Result<Vec<JobStatus>> {
    store::find_dead(tx, MAX_DEAD).await
}
