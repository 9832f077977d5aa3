//! Housekeeping of one tenant: the trash that is due, and files that belong to nobody.

use std::{collections::HashSet, str::FromStr};

use chrono::TimeDelta;
use futures::TryStreamExt;

use super::store;
use crate::{
    Services,
    actor::System,
    error::Result,
    files,
    id::{DocumentId, TenantId},
};

/// How long the trash keeps.
const TRASH_DAYS: TimeDelta = TimeDelta::days(30);

/// Younger files may belong to an upload that is under way.
const ORPHAN_AGE: TimeDelta = TimeDelta::hours(6);

/// Documents deleted in one transaction.
const BATCH: i64 = 200;

/// Deletes for good what has been in the trash for 30 days, and files without a document.
pub async fn sweep(services: &Services, tenant: TenantId) -> Result<()> {
    let due = services.clock.now() - TRASH_DAYS;
    loop {
        let mut tx = services.db.tenant(&System::for_tenant(tenant)).await?;
        let deleted = store::delete_trashed_before(&mut tx, due, BATCH).await?;
        tx.commit().await?;
        if deleted.is_empty() {
            break;
        }
    }
    delete_orphans(services, tenant).await
}

async fn delete_orphans(services: &Services, tenant: TenantId) -> Result<()> {
    let old = services.clock.now() - ORPHAN_AGE;
    let mut listed = services.files.list(&format!("{tenant}/documents"));
    let mut known = HashSet::new();
    while let Some(object) = listed.try_next().await? {
        let document = object.location.parts().nth(2).and_then(|part| DocumentId::from_str(part.as_ref()).ok());
        let Some(document) = document.filter(|id| object.last_modified < old && !known.contains(id)) else { continue };
        let mut tx = services.db.tenant(&System::for_tenant(tenant)).await?;
        let exists = store::exists(&mut tx, document).await?;
        tx.commit().await?;
        if exists {
            known.insert(document);
        } else {
            let deleted = services.files.delete_folder(&files::document_folder(tenant, document)).await?;
            tracing::info!(document.id = %document, deleted, "deleted files that belong to no document");
        }
    }
    Ok(())
}
