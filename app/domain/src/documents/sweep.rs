//! Housekeeping of one tenant: the trash that is due, readings that nobody does any more, documents that nobody sees any more,
//! and files that belong to nobody.

use std::{collections::BTreeSet, str::FromStr};

use chrono::{DateTime, TimeDelta};
use futures::{StreamExt, TryStreamExt};
use uuid::Uuid;

use super::store;
use crate::{
    Services,
    actor::System,
    billing,
    error::Result,
    files,
    id::{DocumentId, TenantId},
    live, tenants,
};

/// Younger files may belong to an upload that is under way.
const ORPHAN_AGE: TimeDelta = TimeDelta::hours(6);

/// Documents deleted in one transaction.
const BATCH: i64 = 200;

/// Files whose documents are looked up in one query.
const FILES: usize = 200;

/// Deletes for good what has been in the trash for as long as the workspace keeps it, ends readings without a job, leaves to the
/// owners what nobody else sees any more, and deletes files without a document.
pub async fn sweep(services: &Services, tenant: TenantId) -> Result<()> {
    let mut tx = services.db.tenant(&System::for_tenant(tenant)).await?;
    let mut due = services.clock.now() - TimeDelta::days(tenants::trash_days(&mut tx).await?.into());
    // While a payment is missing, nobody can take anything out of the trash, and nothing is deleted.
    if !billing::entitlements_in(services, &mut tx).await?.standing.may_change() {
        due = DateTime::UNIX_EPOCH;
    }
    tx.commit().await?;
    loop {
        let mut tx = services.db.tenant(&System::for_tenant(tenant)).await?;
        let deleted = store::delete_trashed_before(&mut tx, due, BATCH).await?;
        if !deleted.documents.is_empty() {
            // To all: who has seen them cannot be asked any more.
            live::announce(&mut tx, "everything", "").await?;
        }
        billing::forget(&mut tx, &deleted.documents, deleted.bytes).await?;
        tx.commit().await?;
        if deleted.documents.is_empty() {
            break;
        }
    }
    end_left_behind(services, tenant).await?;
    leave_to_owners(services, tenant).await?;
    delete_orphans(services, tenant).await
}

/// The queue tells of the end of a job before it is over, and gives that up after some tries. Nobody is to wait for ever for what
/// nobody does.
async fn end_left_behind(services: &Services, tenant: TenantId) -> Result<()> {
    loop {
        let mut tx = services.db.tenant(&System::for_tenant(tenant)).await?;
        let ended = store::end_left_behind(&mut tx, services.clock.now(), BATCH).await?;
        if ended.is_empty() {
            return tx.commit().await;
        }
        let told = store::audience(&mut tx, &ended).await?;
        live::announce_to(&mut tx, "everything", "", &told).await?;
        let ids: Vec<Uuid> = ended.iter().map(|document| document.0).collect();
        billing::forget(&mut tx, &ids, 0).await?;
        tx.commit().await?;
        tracing::warn!(documents = ended.len(), tenant.id = %tenant, "ended readings whose jobs were over");
    }
}

/// What is private, and whose uploader is no member any more, is shared with the owners: nobody else could find it.
async fn leave_to_owners(services: &Services, tenant: TenantId) -> Result<()> {
    loop {
        let mut tx = services.db.tenant(&System::for_tenant(tenant)).await?;
        let shared = store::leave_to_owners(&mut tx, BATCH).await?;
        if shared > 0 {
            live::announce(&mut tx, "everything", "").await?;
        }
        tx.commit().await?;
        if shared == 0 {
            return Ok(());
        }
    }
}

async fn delete_orphans(services: &Services, tenant: TenantId) -> Result<()> {
    let old = services.clock.now() - ORPHAN_AGE;
    let listed = services.files.list(&files::documents_folder(tenant));
    let mut batches = listed.try_filter(|file| std::future::ready(file.last_modified < old)).chunks(FILES);
    while let Some(batch) = batches.next().await {
        let files = batch.into_iter().collect::<Result<Vec<_>>>()?;
        let folders = files.iter().filter_map(|file| file.location.parts().nth(2));
        let documents: BTreeSet<DocumentId> =
            folders.filter_map(|folder| DocumentId::from_str(folder.as_ref()).ok()).collect();
        let mut tx = services.db.tenant(&System::for_tenant(tenant)).await?;
        let existing = store::existing(&mut tx, &documents).await?;
        tx.commit().await?;
        for orphan in documents.difference(&existing) {
            let deleted = services.files.delete_folder(&files::document_folder(tenant, *orphan)).await?;
            tracing::info!(document.id = %orphan, deleted, "deleted files that belong to no document");
        }
    }
    Ok(())
}
