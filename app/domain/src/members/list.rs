//! Who is here, and who is asked to come.

use super::{People, store};
use crate::{
    Services,
    actor::{Action, Member},
    error::Result,
};

/// The members; and, for whoever may invite, the open invitations.
pub async fn list(services: &Services, member: &Member) -> Result<People> {
    member.require(Action::ReadMembers)?;
    let mut tx = services.db.tenant(member).await?;
    let members = store::list(&mut tx).await?;
    let invites = match member.may(Action::InviteMembers) {
        true => store::list_invites(&mut tx, services.clock.now()).await?,
        false => Vec::new(),
    };
    tx.commit().await?;
    Ok(People { members, invites })
}
