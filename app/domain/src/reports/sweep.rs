//! Housekeeping of one tenant's reports: files that belong to none.

use std::{collections::BTreeSet, str::FromStr};

use chrono::TimeDelta;
use futures::{StreamExt, TryStreamExt};

use super::store;
use crate::{
    Services,
    actor::System,
    error::Result,
    files,
    id::{ReportId, TenantId},
};

/// Younger files may belong to a report that is being made.
const ORPHAN_AGE: TimeDelta = TimeDelta::hours(6);

/// Files whose reports are looked up in one query.
const BATCH: usize = 200;

/// Deletes files without a report: one was deleted while the store was away, or its making was never finished.
pub async fn sweep(services: &Services, tenant: TenantId) -> Result<()> {
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
