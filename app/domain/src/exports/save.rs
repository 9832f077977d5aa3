//! An archive in a file, for whoever runs Sheaf: of a workspace of a database that was brought back from a backup, say.

use std::path::Path;

use tempfile::NamedTempFile;

use super::{contents, format::Counts};
use crate::{
    Services,
    actor::System,
    audit::{self, Act},
    error::{Error, Result},
    id::TenantId,
};

/// What went into an archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Saved {
    pub documents: u64,
    pub pages: u64,
    pub reports: u64,
    /// Documents and reports whose file the store has not.
    pub left_out: u64,
}

/// Packs everything of a workspace into a new file, which only who runs this may read. It is there whole or not at all, and never
/// takes the place of another file. The log of the workspace says that it was taken out. It takes the services of a worker, and
/// the file belongs into no folder that others may read.
pub async fn save(services: &Services, tenant: TenantId, path: &Path) -> Result<Saved> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = tempfile::tempdir_in(parent).map_err(|error| refused(path, &error))?;
    let file = NamedTempFile::new_in(folder.path()).map_err(|error| refused(path, &error))?;
    let counts = contents::pack(services, tenant, None, folder.path(), file.path()).await?;
    let mut tx = services.db.tenant(&System::for_tenant(tenant)).await?;
    audit::record(&mut tx, &services.clock, Act::ExportDownloaded, tenant.0).await?;
    tx.commit().await?;
    file.persist_noclobber(path).map_err(|error| refused(path, &error.error))?;
    let Counts { documents, pages, reports, left_out, .. } = counts;
    Ok(Saved { documents, pages, reports, left_out })
}

fn refused(path: &Path, error: &std::io::Error) -> Error {
    Error::invalid("archive", format!("The archive {} cannot be written: {error}.", path.display()))
}
