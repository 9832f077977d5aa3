//! Mails that did not arrive: who waits for one finds the reason, and can have it sent again.

use super::{SendMail, UndeliveredMail, store};
use crate::{
    Services,
    actor::{Action, Member},
    audit::{self, Act},
    error::{Error, Result},
    id::MailId,
    live,
    queue::{self, Enqueue},
};

/// The workspace's mails that failed and have not been sent since, newest first, at most 50.
pub async fn undelivered(services: &Services, member: &Member) -> Result<Vec<UndeliveredMail>> {
    member.require(Action::ReadMail)?;
    let mut tx = services.db.tenant(member).await?;
    let mails = store::list_undelivered(&mut tx).await?;
    tx.commit().await?;
    Ok(mails)
}

/// Puts a mail that was given up into the queue again; "conflict" when it is on its way.
pub async fn send_again(services: &Services, member: &Member, id: MailId) -> Result<()> {
    member.require(Action::SendMailAgain)?;
    let mut tx = services.db.tenant(member).await?;
    store::find(&mut tx, id).await?.ok_or_else(Error::not_found)?;
    if !store::mark_waiting(&mut tx, id).await? {
        return Err(Error::conflict("This mail is on its way already."));
    }
    queue::enqueue(&mut tx, &services.clock, &SendMail { mail: id }, Enqueue::once(id.to_string())).await?;
    audit::record(&mut tx, &services.clock, Act::MailSentAgain, id.0).await?;
    live::announce(&mut tx, "mail", id).await?;
    tx.commit().await
}
