//! What a feature is told when its work is cancelled while it waits, or is to be done after all. Of work that runs, the worker
//! tells it (`Job::on_cancelled`).

use uuid::Uuid;

use super::{Work, store::Row};
use crate::{
    Services, billing,
    db::TenantTx,
    documents,
    error::Result,
    exports,
    id::{DocumentId, ExportId, MailId, ReportId},
    mail, reports,
};

pub(super) async fn cancelled(services: &Services, tx: &mut TenantTx, job: &Row) -> Result<()> {
    let Some(subject) = job.subject else { return Ok(()) };
    match Work::of(&job.kind) {
        Work::Reading => documents::reading_cancelled(services, tx, DocumentId(subject)).await,
        Work::Report => reports::cancelled(services, tx, ReportId(subject)).await,
        Work::Export => exports::cancelled(services, tx, ExportId(subject)).await,
        Work::Mail => mail::cancelled(tx, MailId(subject)).await,
        Work::PageImages | Work::ReadingAll | Work::CleanUp | Work::Billing | Work::Other => Ok(()),
    }
}

/// What is set aside for it is so no more. It locks the meter of the workspace, so it comes after the act is recorded.
pub(super) async fn released(tx: &mut TenantTx, job: &Row) -> Result<()> {
    match (Work::of(&job.kind), job.subject) {
        (Work::Reading, Some(subject)) => billing::release(tx, DocumentId(subject)).await,
        _ => Ok(()),
    }
}

/// Fails with a conflict where it cannot be done again.
pub(super) async fn again(services: &Services, tx: &mut TenantTx, job: &Row) -> Result<()> {
    let Some(subject) = job.subject else { return Ok(()) };
    match Work::of(&job.kind) {
        Work::Reading => documents::read_once_more(services, tx, DocumentId(subject), job.id).await,
        Work::Report => reports::make_again(tx, ReportId(subject)).await,
        Work::Export => exports::make_again(tx, ExportId(subject)).await,
        Work::Mail => mail::on_its_way_again(tx, MailId(subject)).await,
        Work::PageImages | Work::ReadingAll | Work::CleanUp | Work::Billing | Work::Other => Ok(()),
    }
}

/// The same for many of a kind, as far as they failed and may be seen; of what cannot be seen here, the job tells when it begins.
/// Archives are left out, of which one at a time is made again.
pub(crate) async fn all_again(tx: &mut TenantTx, kind: &str, subjects: &[Uuid]) -> Result<()> {
    match Work::of(kind) {
        Work::Reading => documents::store::wait_again(tx, subjects).await,
        Work::Report => reports::all_made_again(tx, subjects).await,
        Work::Mail => mail::all_on_their_way_again(tx, subjects).await,
        Work::PageImages | Work::ReadingAll | Work::Export | Work::CleanUp | Work::Billing | Work::Other => Ok(()),
    }
}
