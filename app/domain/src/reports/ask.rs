//! Asking for a report, and what people do with it afterwards.

use bytes::Bytes;
use futures::stream::BoxStream;

use super::{MakeReport, NewReport, Report, ReportState, Scope, store};
use crate::{
    Services,
    actor::{Action, Member},
    audit::{self, Act},
    db::TenantTx,
    documents,
    error::{Error, Result},
    files,
    id::{JobId, ReportId},
    live,
    queue::{self, Enqueue},
    search::{self, Query},
};

/// A finished report on its way to a person.
pub struct ReportFile {
    pub title: String,
    pub bytes: u64,
    pub content: BoxStream<'static, Result<Bytes>>,
}

/// Enqueues the making of a report. Chosen documents that are not there, or not the member's to see, are left out; one at
/// least must be, and a search must find one. What it finds is looked up again when the report is made, and until then nobody
/// else sees it.
pub async fn ask(services: &Services, member: &Member, mut new: NewReport) -> Result<(ReportId, JobId)> {
    member.require(Action::MakeReports)?;
    let id = services.clock.id::<ReportId>();
    let mut tx = services.db.tenant(member).await?;
    let private = match &mut new.scope {
        Scope::Documents(chosen) => {
            let existing = documents::store::existing(&mut tx, &chosen.iter().copied().collect()).await?;
            chosen.retain(|document| existing.contains(document));
            if chosen.is_empty() {
                return Err(Error::invalid("documents", "The documents that you chose are not there any more."));
            }
            documents::store::any_private(&mut tx, chosen).await?
        }
        Scope::Search(text) => {
            if Box::pin(search::find(&mut tx, &Query::parse(text)?)).await?.documents.is_empty() {
                return Err(Error::invalid("q", "This search finds nothing, so there is nothing to report on."));
            }
            true
        }
    };
    store::insert(&mut tx, id, &new, private, member.author()?, services.clock.now()).await?;
    let options = Enqueue::once(id.to_string()).about(id.0);
    let job = queue::enqueue(&mut tx, &services.clock, &MakeReport { report: id }, options).await?.id;
    store::set_job(&mut tx, id, job).await?;
    audit::record(&mut tx, &services.clock, Act::ReportAsked, id.0).await?;
    announce(&mut tx, id).await?;
    tx.commit().await?;
    Ok((id, job))
}

/// The latest reports, at most 100.
pub async fn list(services: &Services, member: &Member) -> Result<Vec<Report>> {
    member.require(Action::ReadReports)?;
    let read = services.db.read(member, |mut tx| async move {
        let reports = store::list(&mut tx).await?;
        tx.commit().await?;
        Ok(reports)
    });
    read.await
}

pub async fn find(services: &Services, member: &Member, id: ReportId) -> Result<Report> {
    member.require(Action::ReadReports)?;
    let mut tx = services.db.tenant(member).await?;
    let report = store::find(&mut tx, id).await?;
    tx.commit().await?;
    Ok(report)
}

/// The PDF of a finished report.
pub async fn download(services: &Services, member: &Member, id: ReportId) -> Result<ReportFile> {
    let report = find(services, member, id).await?;
    if report.state != ReportState::Ready {
        return Err(Error::conflict("This report is not ready yet."));
    }
    let (bytes, content) = services.files.get(&files::report_key(member.tenant, id)).await?;
    Ok(ReportFile { title: report.title, bytes, content })
}

/// Deletes a report and its file.
pub async fn delete(services: &Services, member: &Member, id: ReportId) -> Result<()> {
    member.require(Action::MakeReports)?;
    let mut tx = services.db.tenant(member).await?;
    let told = store::audience(&mut tx, id).await?;
    store::delete(&mut tx, id).await?;
    audit::record(&mut tx, &services.clock, Act::ReportDeleted, id.0).await?;
    live::announce_to(&mut tx, "report", id, &told).await?;
    tx.commit().await?;
    // The row is gone; a file that cannot be deleted now is an orphan, which the sweeper deletes.
    if let Err(error) = services.files.delete(&files::report_key(member.tenant, id)).await {
        tracing::warn!(report.id = %id, error = %error, "could not delete a report's file");
    }
    Ok(())
}

/// Tells those who may see a report that it has changed.
pub(super) async fn announce(tx: &mut TenantTx, id: ReportId) -> Result<()> {
    let audience = store::audience(tx, id).await?;
    live::announce_to(tx, "report", id, &audience).await
}
