//! How mail leaves: through an SMTP server, or not at all, when the mailbox page shows what is kept.

use lettre::{
    Address, Message as Mime,
    address::Envelope,
    message::{
        Mailbox, MultiPart,
        header::{Header, HeaderName, HeaderValue},
    },
};

use moka::future::Cache;

use tracing::Instrument;

use super::{KeptMail, smtp::SmtpPool};
use crate::{
    error::{Error, Result},
    id::{MailId, TenantId},
    trace,
};

/// Addresses that are remembered, each with a tenant that wrote to it. Only a machine without a mail server has them.
const REMEMBERED: u64 = 10_000;

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
    /// Nothing is sent; the mailbox page shows what is kept. An invitation goes to an address that is nobody's in its tenant
    /// yet, so it is remembered which tenants wrote to an address since this process started.
    ///
    /// Invalidated by: nothing. That a tenant wrote stays true.
    Mailbox {
        written: Cache<(String, TenantId), ()>,
    },
    Smtp {
        pool: SmtpPool,
        from: Mailbox,
    },
}

impl Mailer {
    /// Sends nothing.
    pub fn mailbox() -> Self {
        Self::Mailbox { written: Cache::new(REMEMBERED) }
    }

    pub fn smtp(settings: &SmtpSettings) -> Result<Self> {
        let from = settings.from.parse().map_err(|error| Error::internal(format!("sender's address: {error}")))?;
        Ok(Self::Smtp { pool: SmtpPool::new(&settings.url)?, from })
    }

    /// Whether mail leaves this machine.
    pub fn sends(&self) -> bool {
        matches!(self, Self::Smtp { .. })
    }

    /// Remembers, for the mailbox page, that a tenant wrote to an address.
    pub(super) async fn note(&self, tenant: TenantId, address: &str) {
        if let Self::Mailbox { written } = self {
            written.insert((address.to_owned(), tenant), ()).await;
        }
    }

    /// The tenants that wrote to an address, as far as they are remembered.
    pub(super) fn tenants_of(&self, address: &str) -> Vec<TenantId> {
        match self {
            Self::Mailbox { written } => {
                written.iter().filter(|(key, ())| key.0 == address).map(|(key, ())| key.1).collect()
            }
            Self::Smtp { .. } => Vec::new(),
        }
    }

    /// Sends one mail. Its Message-ID is made from its id, so that a second delivery of the same mail can be told.
    /// Fails with "unavailable" where trying again may help, and with "invalid" where the server refused for good (5xx).
    pub async fn send(&self, id: MailId, mail: &KeptMail) -> Result<()> {
        match self {
            Self::Mailbox { .. } => Ok(()),
            Self::Smtp { pool, from } => {
                let recipient: Address = mail.recipient.parse().map_err(refused)?;
                // Whoever is asked about a mail finds by it what has caused it. It names nobody.
                let trace = trace::current().map(|place| TraceHeader(place.trace.to_string()));
                let builder = Mime::builder();
                let builder = match trace {
                    Some(trace) => builder.header(trace),
                    None => builder,
                };
                let mime = builder
                    .from(from.clone())
                    .to(Mailbox::new(None, recipient.clone()))
                    .subject(&mail.subject)
                    .message_id(Some(format!("<{id}@{}>", from.email.domain())))
                    .date(std::time::SystemTime::from(mail.created_at))
                    .multipart(MultiPart::alternative_plain_html(mail.text_body.clone(), mail.html_body.clone()))
                    .map_err(refused)?;
                let envelope = Envelope::new(Some(from.email.clone()), vec![recipient]).map_err(refused)?;
                pool.send(&envelope, &mime.formatted()).instrument(tracing::info_span!("smtp")).await
            }
        }
    }

    /// Whether the SMTP server answers; true where none is used.
    pub async fn is_ready(&self) -> bool {
        match self {
            Self::Mailbox { .. } => true,
            Self::Smtp { pool, .. } => pool.is_ready().await,
        }
    }
}

/// The id of the trace that a mail belongs to.
#[derive(Clone)]
struct TraceHeader(String);

impl Header for TraceHeader {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("X-Trace-Id")
    }

    fn parse(text: &str) -> std::result::Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self(text.to_owned()))
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), self.0.clone())
    }
}

fn refused(error: impl std::fmt::Display) -> Error {
    Error::invalid("recipient", "This mail cannot be sent.").with_context(error)
}
