//! What documents do with credits, each by itself and in a transaction of its own: the door of the tests, and of the benchmark
//! that measures how long an upload takes for it. No part of Sheaf goes through it.

use super::{Charge, Entitlements, Subscription, TakeIn};
use crate::{
    Services,
    actor::System,
    clock::Clock,
    db::TenantTx,
    error::Result,
    id::{DocumentId, JobId, TenantId},
    queue::fault,
};

/// Takes an upload in, in the transaction of the caller.
pub async fn take_in(
    tx: &mut TenantTx,
    clock: &Clock,
    e: &Entitlements,
    document: DocumentId,
    credits: i64,
    bytes: i64,
) -> Result<()> {
    super::hold::take_in(tx, clock, e, &TakeIn { document, credits, bytes }).await
}

/// Sets credits aside for a document.
pub async fn hold(
    services: &Services,
    tenant: TenantId,
    e: &Entitlements,
    document: DocumentId,
    credits: i64,
) -> Result<()> {
    let mut tx = services.db.tenant(&System::for_tenant(tenant)).await?;
    super::hold::hold(&mut tx, &services.clock, e, document, credits).await?;
    tx.commit().await
}

/// Sets nothing aside for it any more.
pub async fn release(services: &Services, tenant: TenantId, document: DocumentId) -> Result<()> {
    let mut tx = services.db.tenant(&System::for_tenant(tenant)).await?;
    super::hold::release(&mut tx, document).await?;
    tx.commit().await
}

/// Charges what a job has read of a document, and answers what was charged.
pub async fn charge(
    services: &Services,
    tenant: TenantId,
    e: &Entitlements,
    document: DocumentId,
    job: JobId,
    credits: i64,
) -> Result<i64> {
    let mut tx = services.db.tenant(&System::for_tenant(tenant)).await?;
    let (job, key) = (Some(job), format!("read:{document}:{job}"));
    let charge = Charge { document, job, account: None, api_key: None, credits, key };
    let charged = super::ledger::charge(&mut tx, &services.clock, e, &charge).await?;
    fault::point("charge.before_commit");
    tx.commit().await?;
    fault::point("charge.after_commit");
    Ok(charged)
}

/// Gives back what that job was charged.
pub async fn credit_back(
    services: &Services,
    tenant: TenantId,
    e: &Entitlements,
    document: DocumentId,
    job: JobId,
) -> Result<i64> {
    let mut tx = services.db.tenant(&System::for_tenant(tenant)).await?;
    let key = format!("read:{document}:{job}");
    let back = super::ledger::credit_back(&mut tx, &services.clock, e, document, &key, "It was our fault.").await?;
    tx.commit().await?;
    Ok(back)
}

/// Brings the meter into the month that this subscription is in.
pub async fn roll_over(services: &Services, tenant: TenantId, subscription: &Subscription) -> Result<()> {
    let mut tx = services.db.tenant(&System::for_tenant(tenant)).await?;
    super::roll_over::roll_over(&mut tx, &services.clock, subscription).await?;
    tx.commit().await
}

/// What of the meter is not as the ledger, what is set aside, and the documents say.
pub async fn check(services: &Services, tenant: TenantId) -> Result<Vec<String>> {
    let mut tx = services.db.tenant(&System::for_tenant(tenant)).await?;
    let differences = super::ledger::check(&mut tx).await?;
    tx.commit().await?;
    Ok(differences)
}
