//! What becomes of an archive whose making is cancelled, or is to be tried once more.

use super::{make::CANCELLED, store};
use crate::{
    Services,
    db::TenantTx,
    error::{Error, Result},
    id::ExportId,
    live,
};

/// Tells that its making was cancelled while it waited; nothing where it is done already, or gone.
pub(crate) async fn cancelled(services: &Services, tx: &mut TenantTx, id: ExportId) -> Result<()> {
    store::fail(tx, id, CANCELLED, services.clock.now()).await?;
    live::announce(tx, "export", id).await
}

/// Makes one that failed wait again, for a job that is there already; "conflict" where it did not fail, or while another is
/// under way.
pub(crate) async fn make_again(tx: &mut TenantTx, id: ExportId) -> Result<()> {
    if !store::wait_again(tx, id).await? {
        return Err(Error::conflict("This archive is not one that failed."));
    }
    live::announce(tx, "export", id).await
}
