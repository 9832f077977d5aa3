//! Sharing a document with members, and keeping it from all others.

use super::{Sharing, Visibility, store};
use crate::{
    Services,
    actor::{Action, Member, Role},
    audit::{self, Act},
    db::TenantTx,
    error::{Error, Result},
    id::{AccountId, DocumentId},
    live,
};

/// Readers of one document. The form has a box for each.
const MAX_READERS: usize = 500;

/// Who may see a document, with the members to choose from.
pub async fn sharing(services: &Services, member: &Member, id: DocumentId) -> Result<Sharing> {
    member.require(Action::ReadDocuments)?;
    let mut tx = services.db.tenant(member).await?;
    let document = store::find(&mut tx, id).await?;
    let uploader = store::uploader(&mut tx, id).await?;
    let members = store::readers(&mut tx, id).await?;
    tx.commit().await?;
    let may_change = member.may(Action::ShareDocuments) && decides(member, uploader);
    Ok(Sharing { private: document.private, uploaded_by: document.uploaded_by, may_change, members })
}

/// Chooses who may see a document. Whoever chooses is among them: nobody locks themselves out.
pub async fn set_visibility(
    services: &Services,
    member: &Member,
    id: DocumentId,
    mut visibility: Visibility,
) -> Result<()> {
    member.require(Action::ShareDocuments)?;
    let mut tx = services.db.tenant(member).await?;
    let uploader = store::uploader(&mut tx, id).await?;
    if !decides(member, uploader) {
        return Err(Error::forbidden("Whoever uploaded a document chooses who may see it, and so does an admin."));
    }
    if let Visibility::Private { readers } = &mut visibility {
        readers.insert(member.account);
        readers.remove(&uploader);
        if readers.len() > MAX_READERS {
            return Err(Error::limit_reached(format!("Share a document with at most {MAX_READERS} people.")));
        }
    }
    let before = store::audience(&mut tx, &[id]).await?;
    store::set_visibility(&mut tx, id, &visibility).await?;
    let after = store::audience(&mut tx, &[id]).await?;
    audit::record(&mut tx, &services.clock, Act::DocumentShared, id.0).await?;
    // Whoever loses sight of it is not told its name any more, so everybody whom it concerns looks at all again.
    live::announce_to(&mut tx, "everything", "", &before.and(after)).await?;
    tx.commit().await
}

/// Tells those who may see a document that it has changed.
pub(super) async fn announce(tx: &mut TenantTx, id: DocumentId) -> Result<()> {
    let audience = store::audience(tx, &[id]).await?;
    live::announce_to(tx, "document", id, &audience).await
}

fn decides(member: &Member, uploader: AccountId) -> bool {
    member.account == uploader || member.role >= Role::Admin
}
