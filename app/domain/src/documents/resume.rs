//! Documents that wait for credits, and how they go on.

use uuid::Uuid;

use super::{
    ReadDocument, ResumeHeld, credits,
    store::{self, HeldDocument},
};
use crate::{
    Services,
    actor::System,
    billing,
    clock::Clock,
    db::TenantTx,
    error::Result,
    id::{DocumentId, TenantId},
    live,
    queue::{self, Enqueue, Priority},
};

/// Documents that go on in one transaction.
const PAGE: i64 = 100;

/// Has the documents that wait for credits go on, if there are any. It has no key: one that is at its end may not know of the
/// credits that have just come.
pub(crate) async fn resume_held(tx: &mut TenantTx, clock: &Clock) -> Result<()> {
    if store::any_held(tx).await? {
        queue::enqueue(tx, clock, &ResumeHeld {}, Enqueue::default()).await?;
    }
    Ok(())
}

/// Enqueues the reading of documents that wait for credits, the oldest first, as many as there are credits for. One that is too
/// large for what is left does not keep those after it.
pub(super) async fn resume(services: &Services, tenant: TenantId) -> Result<()> {
    let mut after = None;
    loop {
        let mut tx = services.db.tenant(&System::for_tenant(tenant)).await?;
        let held = store::held(&mut tx, after, PAGE).await?;
        let Some(last) = held.last() else { return Ok(()) };
        after = Some((last.created_at, last.id));
        resume_some(services, &mut tx, &held).await?;
        tx.commit().await?;
    }
}

async fn resume_some(services: &Services, tx: &mut TenantTx, held: &[HeldDocument]) -> Result<()> {
    let e = billing::entitlements_in(services, tx).await?;
    let max_pages = services.settings.max_pages;
    let cost = |document: &HeldDocument| credits::cost(document.format, document.bytes, document.pages, max_pages);
    let costs: Vec<(DocumentId, i64)> = held.iter().map(|document| (document.id, cost(document))).collect();
    let fitting = billing::hold_what_fits(tx, &services.clock, &e, &costs).await?;
    if fitting.is_empty() {
        return Ok(());
    }
    // Without a key: the job that has found too few credits may not be over yet, though it does nothing more. That there are not
    // two is for the state of the document, whose row is locked.
    // What somebody uploads now goes before what has waited for days.
    let options = |id: &DocumentId| Enqueue { priority: Some(Priority::Batch), ..Enqueue::default().about(id.0) };
    let job = |id: &DocumentId| (ReadDocument { document: *id }, options(id));
    let jobs = queue::enqueue_all(tx, &services.clock, fitting.iter().map(job).collect()).await?;
    let jobs: Vec<Uuid> = jobs.into_iter().map(|job| job.id.0).collect();
    let documents: Vec<Uuid> = fitting.iter().map(|id| id.0).collect();
    store::go_on(tx, &documents, &jobs).await?;
    let told = store::audience(tx, &fitting).await?;
    live::announce_to(tx, "everything", "", &told).await
}
