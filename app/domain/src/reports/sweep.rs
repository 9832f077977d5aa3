//! Housekeeping of one tenant's reports: those that nobody makes any more, and files that belong to none.

use std::{collections::BTreeSet, str::FromStr};

use chrono::TimeDelta;
use futures::{StreamExt, TryStreamExt};

use super::{
    process::{CANCELLED, GIVEN_UP},
    store,
};
use crate::{
    Services,
    actor::System,
    error::Result,
    files,
    id::{ReportId, TenantId},
    live,
};

/// Younger files may belong to a report that is being made.
const ORPHAN_AGE: TimeDelta = TimeDelta::hours(6);

/// Files whose reports are looked up in one query, and reports that are given up in one transaction.
const BATCH: usize = 200;

/// Gives up reports without a job, and deletes files without a report: one was deleted while the store was away, or its making
/// was never finished.
pub async fn sweep(services: &Services, tenant: TenantId) -> Result<()> {
    fail_left_behind(services, tenant).await?;
    delete_orphans(services, tenant).await
}

/// The queue tells of the end of a job before it is over, and gives that up after some tries.
async fn fail_left_behind(services: &Services, tenant: TenantId) -> Result<()> {
    loop {
        let mut tx = services.db.tenant(&System::for_tenant(tenant)).await?;
        let now = services.clock.now();
        let failed = store::fail_left_behind(&mut tx, GIVEN_UP, CANCELLED, now, BATCH as i64).await?;
        if failed == 0 {
            return tx.commit().await;
        }
        live::announce(&mut tx, "everything", tenant).await?;
        tx.commit().await?;
        tracing::warn!(reports = failed, tenant.id = %tenant, "gave up reports whose jobs were over");
    }
}

async fn delete_orphans(services: &Services, tenant: TenantId) -> Result<()> {
    let old = services.clock.now() - ORPHAN_AGE;
    let listed = services.files.list(&files::reports_folder(tenant));
    let mut batches = listed.try_filter(|file| std::future::ready(file.last_modified < old)).chunks(BATCH);
    while let Some(batch) = batches.next().await {
        let files = batch.into_iter().collect::<Result<Vec<_>>>()?;
        let names = files.iter().filter_map(|file| file.location.filename()?.strip_suffix(".pdf"));
        let reports: BTreeSet<ReportId> = names.filter_map(|name| ReportId::from_str(name).ok()).collect();
        let mut tx = services.db.tenant(&System::for_tenant(tenant)).await?;
        let existing = store::existing(&mut tx, &reports).await?;
        tx.commit().await?;
        for orphan in reports.difference(&existing) {
            services.files.delete(&files::report_key(tenant, *orphan)).await?;
            tracing::info!(report.id = %orphan, "deleted a file that belongs to no report");
        }
    }
    Ok(())
}
