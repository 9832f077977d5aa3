//! Documents that wait for credits go on when there are some.

use crate::{clock::Clock, db::TenantTx, documents, error::Result};

/// Has the documents that wait for credits go on, the oldest first, as far as there are credits now. To be called in the
/// transaction that has brought some: a month, a plan, a cap.
pub(crate) async fn resume_held(tx: &mut TenantTx, clock: &Clock) -> Result<()> {
    documents::resume_held(tx, clock).await
}
