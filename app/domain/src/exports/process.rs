//! What becomes of an archive whose making is cancelled, or is to be tried once more.

use uuid::Uuid;

use super::{make::CANCELLED, store};
use crate::{
    Services,
    db::TenantTx,
    error::{Error, Result},
    id::{ExportId, JobId},
    live,
};

/// Tells that its making was cancelled while it waited; nothing where it is done already, or gone.
pub(crate) async fn cancelled(services: &Services, tx: &mut TenantTx, id: ExportId) -> Result<()> {
    store::fail(tx, id, CANCELLED, services.clock.now()).await?;
    live::announce(tx, "export", id).await
}

/// Makes the latest of these that failed wait again, for its job, which failed for good and is answered; none where no one of
/// them did, or while another is under way.
pub(crate) async fn latest_made_again(tx: &mut TenantTx, ids: &[Uuid]) -> Result<Option<JobId>> {
    let Some(again) = store::latest_waits_again(tx, ids).await? else { return Ok(None) };
    live::announce(tx, "export", again.id).await?;
    Ok(Some(again.job))
}

/// Makes one that failed wait again, for a job that is there already; "conflict" where it did not fail, or while another is
/// under way.
pub(crate) async fn make_again(tx: &mut TenantTx, id: ExportId) -> Result<()> {
    if !store::wait_again(tx, id).await? {
        return Err(Error::conflict("This archive is not one that failed."));
    }
    live::announce(tx, "export", id).await
}
