//! What becomes of a report whose making is cancelled or has failed for good, or is to be tried once more.

use uuid::Uuid;

use super::{ask::announce, store};
use crate::{
    Services,
    db::TenantTx,
    error::{Error, ErrorKind, Result},
    id::ReportId,
};

/// What the person is told of one that was cancelled.
pub(super) const CANCELLED: &str = "This report was cancelled.";

/// What the person is told where its job has failed for good.
pub(super) const GIVEN_UP: &str = "Something went wrong on our side. Please ask for the report again.";

/// Tells that its making was cancelled; nothing where it is done already, or gone.
pub(crate) async fn cancelled(services: &Services, tx: &mut TenantTx, id: ReportId) -> Result<()> {
    end_busy(services, tx, id, CANCELLED).await
}

/// The same where its job has failed for good.
pub(super) async fn given_up(services: &Services, tx: &mut TenantTx, id: ReportId) -> Result<()> {
    end_busy(services, tx, id, GIVEN_UP).await
}

async fn end_busy(services: &Services, tx: &mut TenantTx, id: ReportId, message: &str) -> Result<()> {
    match store::find(tx, id).await {
        Ok(report) if report.state.is_busy() => {
            store::fail(tx, id, message, services.clock.now()).await?;
            announce(tx, id).await
        }
        Ok(_) => Ok(()),
        Err(error) if error.is(ErrorKind::NotFound) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Makes one that failed wait again, for a job that is there already; "conflict" where it did not fail.
pub(crate) async fn make_again(tx: &mut TenantTx, id: ReportId) -> Result<()> {
    if store::wait_again(tx, &[id.0]).await? == 0 {
        return Err(Error::conflict("This report is not one that failed."));
    }
    announce(tx, id).await
}

/// The same for many, as far as they failed.
pub(crate) async fn all_made_again(tx: &mut TenantTx, ids: &[Uuid]) -> Result<()> {
    store::wait_again(tx, ids).await.map(|_| ())
}
