//! Deleting with a way back: some days in the trash, as many as the workspace has chosen, then for good.

use super::store;
use crate::{
    Services,
    actor::{Action, Member},
    audit::{self, Act},
    billing,
    error::{Error, Result},
    files,
    id::DocumentId,
    live,
};

/// Documents in one act. The list shows 50.
const MAX_AT_ONCE: usize = 500;

/// Moves documents to the trash, and says how many were moved: those that are not there are passed over.
pub async fn trash(services: &Services, member: &Member, ids: &[DocumentId]) -> Result<usize> {
    let mut tx = open(services, member, ids).await?;
    let told = store::audience(&mut tx, ids).await?;
    let moved = store::trash(&mut tx, ids, services.clock.now()).await?;
    audit::record_many(&mut tx, &services.clock, Act::DocumentTrashed, &moved).await?;
    live::announce_to(&mut tx, "everything", "", &told).await?;
    tx.commit().await?;
    Ok(moved.len())
}

/// Takes documents out of the trash, and says how many.
pub async fn restore(services: &Services, member: &Member, ids: &[DocumentId]) -> Result<usize> {
    let mut tx = open(services, member, ids).await?;
    let told = store::audience(&mut tx, ids).await?;
    let restored = store::restore(&mut tx, ids).await?;
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
    for id in &deleted.documents {
        // The rows are gone; a file that cannot be removed now is an orphan, which the sweeper removes.
        let folder = files::document_folder(member.tenant, DocumentId(*id));
        if let Err(error) = services.files.delete_folder(&folder).await {
            tracing::warn!(document.id = %id, error = %error, "could not delete a document's files");
        }
    }
    Ok(deleted.documents.len())
}

async fn open(services: &Services, member: &Member, ids: &[DocumentId]) -> Result<crate::db::TenantTx> {
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
