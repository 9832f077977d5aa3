//! Housekeeping of one tenant's exports: one that nobody makes any more, archives that are due, and files that belong to none.

use std::{collections::BTreeSet, str::FromStr};

use chrono::TimeDelta;
use futures::{StreamExt, TryStreamExt};
use uuid::Uuid;

use super::{
    make::{CANCELLED, GIVEN_UP},
    store,
};
use crate::{
    Services,
    actor::System,
    error::Result,
    files,
    id::{ExportId, TenantId},
    live,
};

/// Younger files may belong to an archive that is being stored.
const ORPHAN_AGE: TimeDelta = TimeDelta::hours(6);

/// Exports that are deleted, or files that are looked up, in one transaction.
const BATCH: usize = 200;

/// Gives up an archive without a job, deletes those whose week is over, and files without an export.
pub async fn sweep(services: &Services, tenant: TenantId) -> Result<()> {
    fail_left_behind(services, tenant).await?;
    loop {
        let mut tx = services.db.tenant(&System::for_tenant(tenant)).await?;
        let due = store::delete_due(&mut tx, services.clock.now(), BATCH as i64).await?;
        for export in &due {
            live::announce(&mut tx, "export", export).await?;
        }
        tx.commit().await?;
        if due.is_empty() {
            break;
        }
        for export in due {
            services.files.delete(&files::export_key(tenant, export)).await?;
        }
    }
    delete_orphans(services, tenant).await
}

/// The queue tells of the end of a job before it is over, and gives that up after some tries. No other archive could be asked for
/// until then.
async fn fail_left_behind(services: &Services, tenant: TenantId) -> Result<()> {
    let mut tx = services.db.tenant(&System::for_tenant(tenant)).await?;
    if let Some(export) = store::fail_left_behind(&mut tx, GIVEN_UP, CANCELLED, services.clock.now()).await? {
        live::announce(&mut tx, "export", export).await?;
        tracing::warn!(export.id = %export, "gave up an archive whose job was over");
    }
    tx.commit().await
}

async fn delete_orphans(services: &Services, tenant: TenantId) -> Result<()> {
    let old = services.clock.now() - ORPHAN_AGE;
    let listed = services.files.list(&files::exports_folder(tenant));
    let mut batches = listed.try_filter(|file| std::future::ready(file.last_modified < old)).chunks(BATCH);
    while let Some(batch) = batches.next().await {
        let files = batch.into_iter().collect::<Result<Vec<_>>>()?;
        let names = files.iter().filter_map(|file| file.location.filename()?.strip_suffix(".zip"));
        let exports: BTreeSet<ExportId> = names.filter_map(|name| ExportId::from_str(name).ok()).collect();
        let ids: Vec<Uuid> = exports.iter().map(|export| export.0).collect();
        let mut tx = services.db.tenant(&System::for_tenant(tenant)).await?;
        let existing: BTreeSet<ExportId> = store::existing(&mut tx, &ids).await?.into_iter().collect();
        tx.commit().await?;
        for orphan in exports.difference(&existing) {
            services.files.delete(&files::export_key(tenant, *orphan)).await?;
            tracing::info!(export.id = %orphan, "deleted a file that belongs to no export");
        }
    }
    Ok(())
}
