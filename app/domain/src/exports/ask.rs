//! Asking for an archive of the workspace, and what people do with it afterwards.

use bytes::Bytes;
use futures::stream::BoxStream;

use super::{Export, ExportState, MakeExport, store};
use crate::{
    Services,
    actor::{Action, Member},
    audit::{self, Act},
    error::{Error, Result},
    files,
    id::{ExportId, JobId},
    live,
    queue::{self, Enqueue},
};

/// A finished archive on its way to a person.
pub struct ExportFile {
    /// What it is saved as.
    pub name: String,
    pub bytes: u64,
    pub content: BoxStream<'static, Result<Bytes>>,
}

/// Enqueues the making of an archive. Fails with "conflict" while one is being made.
pub async fn ask(services: &Services, member: &Member) -> Result<(ExportId, JobId)> {
    member.require(Action::ExportWorkspace)?;
    let id = services.clock.id::<ExportId>();
    let mut tx = services.db.tenant(member).await?;
    store::insert(&mut tx, id, member.account, services.clock.now()).await?;
    let options = Enqueue::once(id.to_string()).about(id.0);
    let job = queue::enqueue(&mut tx, &services.clock, &MakeExport { export: id }, options).await?.id;
    store::set_job(&mut tx, id, job).await?;
    audit::record(&mut tx, &services.clock, Act::ExportAsked, id.0).await?;
    live::announce(&mut tx, "export", id).await?;
    tx.commit().await?;
    Ok((id, job))
}

/// The latest archives, at most 20.
pub async fn list(services: &Services, member: &Member) -> Result<Vec<Export>> {
    member.require(Action::ExportWorkspace)?;
    let mut tx = services.db.tenant(member).await?;
    let exports = store::list(&mut tx).await?;
    tx.commit().await?;
    Ok(exports)
}

/// A finished archive. That it was fetched, and by whom, is in the audit log.
pub async fn download(services: &Services, member: &Member, id: ExportId) -> Result<ExportFile> {
    member.require(Action::ExportWorkspace)?;
    let mut tx = services.db.tenant(member).await?;
    let export = store::find(&mut tx, id).await?;
    tx.commit().await?;
    if export.state != ExportState::Ready {
        return Err(Error::conflict("This archive is not ready yet."));
    }
    // Before it is recorded: an archive that is gone was not fetched. While the store is asked, nobody holds a connection.
    let (bytes, content) = services.files.get(&files::export_key(member.tenant, id)).await?;
    let mut tx = services.db.tenant(member).await?;
    audit::record(&mut tx, &services.clock, Act::ExportDownloaded, id.0).await?;
    tx.commit().await?;
    let name = format!("sheaf-export-{}.zip", export.created_at.format("%Y-%m-%d"));
    Ok(ExportFile { name, bytes, content })
}
