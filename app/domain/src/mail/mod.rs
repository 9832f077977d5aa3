//! Mail to people: kept in the transaction of what it is about, sent by a job of its own, once.

mod message;

pub use message::{KeptMail, Message, UndeliveredMail};

#[cfg(feature = "server")]
mod jobs;
#[cfg(feature = "server")]
mod mailer;
#[cfg(feature = "server")]
mod smtp;
#[cfg(feature = "server")]
mod store;
#[cfg(feature = "server")]
mod undelivered;

#[cfg(feature = "server")]
pub(crate) use self::undelivered::{all_on_their_way_again, cancelled, on_its_way_again};
#[cfg(feature = "server")]
pub use self::{
    jobs::SendMail,
    mailer::{Mailer, SmtpSettings},
    undelivered::{send_again, undelivered},
};

#[cfg(feature = "server")]
mod verbs {
    use super::{KeptMail, Message, SendMail, store};
    use crate::{
        Services,
        actor::System,
        db::TenantTx,
        error::{Error, ErrorKind, Result},
        id::{MailId, TenantId},
        live, metrics,
        queue::{self, Enqueue, Priority},
    };

    /// Keeps a mail and enqueues its sending, both in the caller's transaction. A second mail with the same idempotency key
    /// is the first one: its id is returned and nothing is sent twice.
    pub async fn send(services: &Services, tx: &mut TenantTx, key: &str, message: Message) -> Result<MailId> {
        enqueue(services, tx, key, message, Priority::Normal).await
    }

    /// The same for a mail that somebody waits for: it goes before all that the workspace sends otherwise.
    pub(crate) async fn send_first(
        services: &Services,
        tx: &mut TenantTx,
        key: &str,
        message: Message,
    ) -> Result<MailId> {
        enqueue(services, tx, key, message, Priority::Interactive).await
    }

    async fn enqueue(
        services: &Services,
        tx: &mut TenantTx,
        key: &str,
        message: Message,
        priority: Priority,
    ) -> Result<MailId> {
        let id = services.clock.id();
        if let Some(existing) = store::insert(tx, id, key, &message, services.clock.now()).await? {
            return Ok(existing);
        }
        services.mailer.note(tx.id(), &message.recipient).await;
        let options = Enqueue { priority: Some(priority), ..Enqueue::once(id.to_string()).about(id.0) };
        queue::enqueue(tx, &services.clock, &SendMail { mail: id }, options).await?;
        Ok(id)
    }

    /// The mails to one address, newest first, at most 50, for the mailbox page. It exists only where mail is not sent.
    pub async fn mailbox(services: &Services, address: &str) -> Result<Vec<KeptMail>> {
        if services.mailer.sends() {
            return Err(Error::not_found());
        }
        let mut mails = Vec::new();
        for tenant in tenants_of(services, address).await? {
            let mut tx = services.db.tenant(&System::for_tenant(tenant)).await?;
            mails.extend(store::list_for(&mut tx, address).await?);
            tx.commit().await?;
        }
        mails.sort_by_key(|mail| std::cmp::Reverse(mail.created_at));
        mails.truncate(50);
        Ok(mails)
    }

    async fn tenants_of(services: &Services, address: &str) -> Result<Vec<TenantId>> {
        let mut tenants = services.mailer.tenants_of(address);
        let mut system = services.db.system().await?;
        if let Some(account) = store::account_of(&mut system, address).await? {
            system.act_for(account).await?;
            tenants.extend(store::tenants_of_current_account(&mut system).await?);
        }
        system.commit().await?;
        tenants.sort_unstable();
        tenants.dedup();
        Ok(tenants)
    }

    /// Sends a kept mail, unless it was sent already.
    pub(super) async fn deliver(services: &Services, tenant: TenantId, id: MailId) -> Result<()> {
        let mut tx = services.db.tenant(&System::for_tenant(tenant)).await?;
        let mail = store::find(&mut tx, id).await?.ok_or_else(Error::not_found)?;
        tx.commit().await?;
        if mail.sent_at.is_some() {
            return Ok(());
        }
        let sent = services.mailer.send(id, &mail).await;
        metrics::MAILS.add(1, [("outcome", outcome(&sent))]);
        let mut tx = services.db.tenant(&System::for_tenant(tenant)).await?;
        match &sent {
            Ok(()) => store::mark_sent(&mut tx, id, services.clock.now()).await?,
            Err(error) => store::note_error(&mut tx, id, &error.message).await?,
        }
        live::announce(&mut tx, "mail", id).await?;
        tx.commit().await?;
        sent
    }

    fn outcome(sent: &Result<()>) -> &'static str {
        match sent {
            Ok(()) => "sent",
            Err(error) if error.is(ErrorKind::Invalid) => "refused",
            Err(_) => "failed",
        }
    }

    /// Tells that a mail will not be tried again.
    pub(super) async fn give_up(services: &Services, tenant: TenantId, id: MailId, reason: &str) -> Result<()> {
        metrics::MAILS.add(1, [("outcome", "given_up")]);
        let mut tx = services.db.tenant(&System::for_tenant(tenant)).await?;
        store::mark_failed(&mut tx, id, reason).await?;
        live::announce(&mut tx, "mail", id).await?;
        tx.commit().await
    }
}

#[cfg(feature = "server")]
pub(crate) use verbs::send_first;
#[cfg(feature = "server")]
pub use verbs::{mailbox, send};
