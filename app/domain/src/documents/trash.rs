//! Deleting with a way back: some days in the trash, as many as the workspace has chosen, then for good.

use std::time::Duration;

use futures::StreamExt;
use uuid::Uuid;

use super::{ListQuery, MAX_AT_ONCE, MOST_COUNTED, resume_held, store};
use crate::{
    Services,
    actor::{Action, Member},
    audit::{self, Act},
    billing,
    db::TenantTx,
    error::{Error, Result},
    files,
    id::{DocumentId, TenantId},
    live,
};

/// Documents whose files are deleted at the same time. A store that is far away answers in 20 ms or so, and 500 may be deleted at once.
const FOLDERS_AT_ONCE: usize = 16;

/// How long whoever deletes documents waits for their files to go. A request has 20 seconds for everything.
const PATIENCE: Duration = Duration::from_secs(8);

/// Moves documents to the trash, and says how many were moved: those that are not there are passed over.
pub async fn trash(services: &Services, member: &Member, ids: &[DocumentId]) -> Result<usize> {
    let tx = open(services, member, ids).await?;
    Ok(move_to_trash(services, tx, ids).await?.len())
}

/// Moves all documents to the trash that the filters of a list find, whatever its order and place, and says which they were. Fails
/// with a conflict where they are more than `expected`, which is what the person was told: nobody throws away unseen what came
/// meanwhile. Fails with "limit reached" where they are more than [`MOST_COUNTED`], or too many to be counted.
pub async fn trash_matching(
    services: &Services,
    member: &Member,
    query: &ListQuery,
    expected: u64,
) -> Result<Vec<DocumentId>> {
    member.require(Action::ChangeDocuments)?;
    let mut tx = services.db.tenant(member).await?;
    let ids = found_by(&mut tx, query, expected).await?;
    if ids.is_empty() {
        return Ok(ids);
    }
    move_to_trash(services, tx, &ids).await
}

/// Takes documents out of the trash, and says how many. Those that wait for page credits go on if there are some by now.
pub async fn restore(services: &Services, member: &Member, ids: &[DocumentId]) -> Result<usize> {
    let mut tx = open(services, member, ids).await?;
    let told = store::audience(&mut tx, ids).await?;
    let restored = store::restore(&mut tx, ids).await?;
    // What lies in the trash is passed over when credits come.
    resume_held(&mut tx, &services.clock).await?;
    audit::record_many(&mut tx, &services.clock, Act::DocumentRestored, &restored).await?;
    live::announce_to(&mut tx, "everything", "", &told).await?;
    tx.commit().await?;
    Ok(restored.len())
}

/// Deletes documents of the trash for good, with their files, and says how many.
pub async fn delete(services: &Services, member: &Member, ids: &[DocumentId]) -> Result<usize> {
    let mut tx = open(services, member, ids).await?;
    let told = store::audience(&mut tx, ids).await?;
    let deleted = store::delete_trashed(&mut tx, ids).await?;
    audit::record_many(&mut tx, &services.clock, Act::DocumentDeleted, &deleted.documents).await?;
    live::announce_to(&mut tx, "everything", "", &told).await?;
    billing::forget(&mut tx, &deleted.documents, deleted.bytes).await?;
    tx.commit().await?;
    delete_files(services, member.tenant, &deleted.documents).await;
    Ok(deleted.documents.len())
}

/// Deletes the files of documents whose rows are gone. One that cannot be deleted now, or not in time, is an orphan, which the sweeper
/// deletes: whoever waits is told what is so, and not that they have waited too long.
async fn delete_files(services: &Services, tenant: TenantId, documents: &[Uuid]) {
    let deleting = futures::stream::iter(documents.iter().copied())
        .for_each_concurrent(FOLDERS_AT_ONCE, |id| delete_files_of(services, tenant, DocumentId(id)));
    if tokio::time::timeout(PATIENCE, deleting).await.is_err() {
        tracing::warn!(documents = documents.len(), "the files of deleted documents are left to the sweeper");
    }
}

async fn delete_files_of(services: &Services, tenant: TenantId, id: DocumentId) {
    if let Err(error) = services.files.delete_folder(&files::document_folder(tenant, id)).await {
        tracing::warn!(document.id = %id, error = %error, "could not delete a document's files");
    }
}

/// Those of these documents that are there, and says which they are.
async fn move_to_trash(services: &Services, mut tx: TenantTx, ids: &[DocumentId]) -> Result<Vec<DocumentId>> {
    let told = store::audience(&mut tx, ids).await?;
    let moved = store::trash(&mut tx, ids, services.clock.now()).await?;
    audit::record_many(&mut tx, &services.clock, Act::DocumentTrashed, &moved).await?;
    live::announce_to(&mut tx, "everything", "", &told).await?;
    tx.commit().await?;
    Ok(moved.into_iter().map(DocumentId).collect())
}

/// All of them, if there are no more than that.
async fn found_by(tx: &mut TenantTx, query: &ListQuery, expected: u64) -> Result<Vec<DocumentId>> {
    let is_countable = store::matching(tx, query).await?.is_some_and(|found| found <= MOST_COUNTED);
    if !is_countable {
        let told = format!(
            "At most {} documents can be moved to the trash at once. Narrow the filters, and choose again.",
            billing::grouped(MOST_COUNTED.unsigned_abs())
        );
        return Err(Error::limit_reached(told));
    }
    // One that came since they were counted is one too many here.
    let ids = store::ids_matching(tx, query, MOST_COUNTED + 1).await?;
    if ids.len() as u64 > expected {
        return Err(Error::conflict("More documents have come meanwhile. Look at them, and choose again."));
    }
    Ok(ids)
}

async fn open(services: &Services, member: &Member, ids: &[DocumentId]) -> Result<TenantTx> {
    member.require(Action::ChangeDocuments)?;
    check_chosen(ids)?;
    services.db.tenant(member).await
}

/// Fails where none or too many were chosen.
pub(super) fn check_chosen(ids: &[DocumentId]) -> Result<()> {
    if ids.is_empty() {
        return Err(Error::invalid("documents", "Choose at least one document."));
    }
    if ids.len() > MAX_AT_ONCE {
        return Err(Error::limit_reached(format!("Choose at most {MAX_AT_ONCE} documents at once.")));
    }
    Ok(())
}
