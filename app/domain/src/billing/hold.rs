//! Setting credits aside for what will be read, so that many who begin at once cannot use the same credits.
//!
//! Each of these locks the meter of the workspace until the transaction ends: a verb calls them last, after it has recorded.

use uuid::Uuid;

use super::{Entitlements, ledger_store as store, meter::Meter, roll_over::current, warn::warn};
use crate::{clock::Clock, db::TenantTx, error::Result, id::DocumentId};

/// An upload.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TakeIn {
    pub document: DocumentId,
    /// The least that reading it will cost.
    pub credits: i64,
    pub bytes: i64,
}

/// Counts an upload and sets its credits aside, in one statement. Fails with "payment required" where one of the two does not
/// fit; then nothing has changed.
pub(crate) async fn take_in(tx: &mut TenantTx, clock: &Clock, e: &Entitlements, taken: &TakeIn) -> Result<()> {
    let TakeIn { document, credits, bytes } = *taken;
    let credits = if e.is_metered { credits } else { 0 };
    if let Some(meter) = store::take_in(tx, clock.now(), e, document, credits, bytes).await? {
        return tell(tx, clock, e, &meter).await;
    }
    // It is over, or does not fit: only now is it looked at which of the two.
    let meter = current(tx, clock, e).await?;
    match store::take_in(tx, clock.now(), e, document, credits, bytes).await? {
        Some(meter) => tell(tx, clock, e, &meter).await,
        None => Err(meter.refusal(e, credits, bytes)),
    }
}

/// Sets at least so many credits aside for a document, together with those that are. Fails with "payment required" where they do
/// not fit; then nothing has changed.
pub(crate) async fn hold(
    tx: &mut TenantTx,
    clock: &Clock,
    e: &Entitlements,
    document: DocumentId,
    credits: i64,
) -> Result<()> {
    if !e.is_metered || store::hold_of(tx, document).await?.is_some_and(|held| held >= credits) {
        return Ok(());
    }
    let mut meter = current(tx, clock, e).await?;
    // Read again under the lock.
    let before = store::hold_of(tx, document).await?.unwrap_or(0);
    if credits - before > meter.room(e) {
        return Err(meter.refusal(e, credits - before, 0));
    }
    meter.held += (credits - before).max(0);
    store::set_holds(tx, clock.now(), &[document.0], &[credits.max(before)]).await?;
    store::write(tx, &meter).await
}

/// The same for documents for which nothing is set aside, as many as fit: those that are too large are passed over. Answers
/// which fit.
pub(crate) async fn hold_what_fits(
    tx: &mut TenantTx,
    clock: &Clock,
    e: &Entitlements,
    documents: &[(DocumentId, i64)],
) -> Result<Vec<DocumentId>> {
    let mut meter = current(tx, clock, e).await?;
    let (mut ids, mut credits) = (Vec::new(), Vec::new());
    for (document, cost) in documents {
        if *cost <= meter.room(e) {
            meter.held += if e.is_metered { *cost } else { 0 };
            ids.push(document.0);
            credits.push(*cost);
        }
    }
    if e.is_metered && !ids.is_empty() {
        store::set_holds(tx, clock.now(), &ids, &credits).await?;
        store::write(tx, &meter).await?;
    }
    Ok(ids.into_iter().map(DocumentId).collect())
}

/// Sets nothing aside any more for a document that will not be read.
pub(crate) async fn release(tx: &mut TenantTx, document: DocumentId) -> Result<()> {
    if store::hold_of(tx, document).await?.is_some() {
        forget(tx, &[document.0], 0).await?;
    }
    Ok(())
}

/// The same for documents that are deleted, whose bytes are not stored any more.
pub(crate) async fn forget(tx: &mut TenantTx, documents: &[Uuid], bytes: i64) -> Result<()> {
    if documents.is_empty() {
        return Ok(());
    }
    let mut meter = store::lock(tx).await?;
    meter.held -= store::drop_holds(tx, documents).await?;
    meter.stored_bytes -= bytes;
    store::write(tx, &meter).await
}

/// Counts what came otherwise than by an upload: an archive, which is taken in whatever its size.
pub(crate) async fn count_bytes(tx: &mut TenantTx, bytes: i64) -> Result<()> {
    let mut meter = store::lock(tx).await?;
    meter.stored_bytes += bytes;
    store::write(tx, &meter).await
}

/// Tells people where four fifths or all of something are used for the first time in this month.
pub(super) async fn tell(tx: &mut TenantTx, clock: &Clock, e: &Entitlements, meter: &Meter) -> Result<()> {
    if meter.is_to_be_told(e) { warn(tx, clock).await } else { Ok(()) }
}
