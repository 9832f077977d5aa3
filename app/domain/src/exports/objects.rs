//! The files of an import, on their way into the store: before the rows that name them, so that no row is ever without its
//! file, and taken back where the rows do not follow.

use uuid::Uuid;

use super::{
    Archive,
    archive::refused,
    format::{AUDIT, PackedFile, Part},
};
use crate::{
    Services,
    error::Result,
    files,
    id::{DocumentId, ReportId, TenantId},
};

/// What was stored so far.
#[derive(Default)]
pub(super) struct Stored {
    documents: Vec<DocumentId>,
    reports: Vec<ReportId>,
    logs: Vec<Uuid>,
}

/// Stores the originals, the PDFs and the audit logs of an archive. `log` is what its own audit log is kept as.
pub(super) async fn store(
    services: &Services,
    tenant: TenantId,
    archive: &Archive,
    log: Uuid,
    stored: &mut Stored,
) -> Result<()> {
    for (part, file) in archive.parts() {
        let key = match part {
            Part::Original(id) => {
                stored.documents.push(id);
                files::original_key(tenant, id)
            }
            Part::Report(id) => {
                stored.reports.push(id);
                files::report_key(tenant, id)
            }
            Part::ImportedAudit(id) => {
                stored.logs.push(id);
                files::imported_audit_key(tenant, id)
            }
            Part::Always if file.name == AUDIT => {
                stored.logs.push(log);
                files::imported_audit_key(tenant, log)
            }
            Part::Always | Part::Pages(_) => continue,
        };
        put(services, archive, file, &key).await?;
    }
    Ok(())
}

/// Deletes what was stored.
pub(super) async fn take_back(services: &Services, tenant: TenantId, stored: &Stored) -> Result<()> {
    for id in &stored.documents {
        services.files.delete(&files::original_key(tenant, *id)).await?;
    }
    for id in &stored.reports {
        services.files.delete(&files::report_key(tenant, *id)).await?;
    }
    for id in &stored.logs {
        services.files.delete(&files::imported_audit_key(tenant, *id)).await?;
    }
    Ok(())
}

async fn put(services: &Services, archive: &Archive, file: &PackedFile, key: &str) -> Result<()> {
    let stored = services.files.put_stream(key, archive.content(&file.name), file.bytes).await?;
    // Somebody may write to the archive while it is imported.
    if stored.bytes == file.bytes && crate::documents::hexadecimal(&stored.sha256) == file.sha256 {
        Ok(())
    } else {
        Err(refused(format!("“{}” was changed while it was imported", file.name)))
    }
}
