//! How mail leaves: through an SMTP server, or not at all, when the mailbox page shows what is kept.

use lettre::{
    Address, Message as Mime,
    address::Envelope,
    message::{Mailbox, MultiPart},
};

use super::{KeptMail, smtp::SmtpPool};
use crate::{
    error::{Error, Result},
    id::MailId,
};

/// Where the SMTP server is and who we are there.
#[derive(Debug, Clone)]
pub struct SmtpSettings {
    /// `smtp://[user:password@]host[:port]` (STARTTLS when the server offers it) or `smtps://...` (TLS from the start).
    pub url: url::Url,
    /// `Sheaf <sheaf@example.com>`
    pub from: String,
}

/// Sends kept mails. Cheap to clone.
#[derive(Clone)]
pub enum Mailer {
    /// Nothing is sent; the mailbox page shows what is kept.
    Mailbox,
    Smtp {
        pool: SmtpPool,
        from: Mailbox,
    },
}

impl Mailer {
    pub fn smtp(settings: &SmtpSettings) -> Result<Self> {
        let from = settings.from.parse().map_err(|error| Error::internal(format!("sender's address: {error}")))?;
        Ok(Self::Smtp { pool: SmtpPool::new(&settings.url)?, from })
    }

    /// Whether mail leaves this machine.
    pub fn sends(&self) -> bool {
        matches!(self, Self::Smtp { .. })
    }

    /// Sends one mail. Its Message-ID is made from its id, so that a second delivery of the same mail can be told.
    /// Fails with "unavailable" where trying again may help, and with "invalid" where the server refused for good (5xx).
    pub async fn send(&self, id: MailId, mail: &KeptMail) -> Result<()> {
        match self {
            Self::Mailbox => Ok(()),
            Self::Smtp { pool, from } => {
                let recipient: Address = mail.recipient.parse().map_err(refused)?;
                let mime = Mime::builder()
                    .from(from.clone())
                    .to(Mailbox::new(None, recipient.clone()))
                    .subject(&mail.subject)
                    .message_id(Some(format!("<{id}@{}>", from.email.domain())))
                    .date(std::time::SystemTime::from(mail.created_at))
                    .multipart(MultiPart::alternative_plain_html(mail.text_body.clone(), mail.html_body.clone()))
                    .map_err(refused)?;
                let envelope = Envelope::new(Some(from.email.clone()), vec![recipient]).map_err(refused)?;
                pool.send(&envelope, &mime.formatted()).await
            }
        }
    }

    /// Whether the SMTP server answers; true where none is used.
    pub async fn is_ready(&self) -> bool {
        match self {
            Self::Mailbox => true,
            Self::Smtp { pool, .. } => pool.is_ready().await,
        }
    }
}

fn refused(error: impl std::fmt::Display) -> Error {
    Error::invalid("recipient", "This mail cannot be sent.").with_context(error)
}
