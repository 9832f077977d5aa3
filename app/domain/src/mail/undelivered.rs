//! Mails that did not arrive: who waits for one finds the reason, and can have it sent again.

use uuid::Uuid;

use super::{SendMail, UndeliveredMail, store};
use crate::{
    Services,
    actor::{Action, Member},
    audit::{self, Act},
    db::TenantTx,
    error::{Error, Result},
    id::{JobId, MailId},
    live,
    queue::{self, Enqueue},
};

/// In the place of what a mail server says.
pub(super) const CANCELLED: &str = "It was cancelled before it was sent.";

/// The workspace's mails that failed and have not been sent since, newest first, at most 50.
pub async fn undelivered(services: &Services, member: &Member) -> Result<Vec<UndeliveredMail>> {
    member.require(Action::ReadMail)?;
    let mut tx = services.db.tenant(member).await?;
    let mails = store::list_undelivered(&mut tx).await?;
    tx.commit().await?;
    Ok(mails)
}

/// Puts a mail that was given up into the queue again, and says which job sends it; "conflict" when it is on its way.
pub async fn send_again(services: &Services, member: &Member, id: MailId) -> Result<JobId> {
    member.require(Action::SendMailAgain)?;
    let mut tx = services.db.tenant(member).await?;
    store::find(&mut tx, id).await?.ok_or_else(Error::not_found)?;
    on_its_way_again(&mut tx, id).await?;
    let options = Enqueue::once(id.to_string()).about(id.0);
    let job = queue::enqueue(&mut tx, &services.clock, &SendMail { mail: id }, options).await?;
    let job = queue::anew(&mut tx, job).await?;
    audit::record(&mut tx, &services.clock, Act::MailSentAgain, id.0).await?;
    tx.commit().await?;
    Ok(job)
}

/// Tells that nobody sends it any more; nothing where it has been sent.
pub(crate) async fn cancelled(tx: &mut TenantTx, id: MailId) -> Result<()> {
    store::mark_failed(tx, id, CANCELLED).await?;
    live::announce(tx, "mail", id).await
}

/// Makes one that was given up wait again, for a job that sends it; "conflict" where it was not.
pub(crate) async fn on_its_way_again(tx: &mut TenantTx, id: MailId) -> Result<()> {
    if store::mark_waiting(tx, &[id.0]).await? == 0 {
        return Err(Error::conflict("This mail is on its way already."));
    }
    live::announce(tx, "mail", id).await
}

/// The same for many, as far as they were given up.
pub(crate) async fn all_on_their_way_again(tx: &mut TenantTx, ids: &[Uuid]) -> Result<()> {
    store::mark_waiting(tx, ids).await.map(|_| ())
}
