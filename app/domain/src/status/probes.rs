//! Trying the parts as people use them, once a minute.

use std::time::Duration;

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use reqwest::{Client, redirect::Policy};
use tokio::time::{Instant, timeout};

use super::{Component, Health, store};
use crate::{
    Services,
    actor::InTenant,
    documents::ReadDocument,
    error::{Error, Result},
    id::{AccountId, TenantId},
    live::NO_TENANT,
    mail::SendMail,
    queue::Job,
    search,
};

/// A part that answers later than this is slow: people look up.
const SLOW: Duration = Duration::from_secs(2);

/// A part that has not answered within this is down: people have gone.
const PATIENCE: Duration = Duration::from_secs(10);

/// A document that has waited for longer, while none was read and nobody was at one, is not read.
const READING_LATE: Duration = Duration::from_secs(10 * 60);

/// The same of a mail, for which somebody may wait before a screen.
const MAIL_LATE: Duration = Duration::from_secs(5 * 60);

/// How the parts are reached that are tried by HTTP.
#[derive(Clone)]
pub struct Probes {
    client: Client,
    website: String,
}

/// In nobody's workspace: a search there runs as everybody's does, and finds nothing.
struct Nobody;

impl InTenant for Nobody {
    fn tenant(&self) -> TenantId {
        NO_TENANT
    }

    fn account(&self) -> Option<AccountId> {
        None
    }
}

impl Probes {
    /// `website` is its address, without a path: the public one, or one by which it is reached from inside. Nothing is connected
    /// yet.
    pub fn new(website: &str) -> Result<Self> {
        let builder = Client::builder()
            .timeout(PATIENCE)
            .redirect(Policy::none())
            .user_agent(concat!("sheaf-probe/", env!("CARGO_PKG_VERSION")));
        // Without encryption nobody's certificate is asked for, and the machine need not have any.
        let builder = if website.starts_with("http:") { builder.tls_certs_only([]) } else { builder };
        let client = builder.build().map_err(|error| Error::internal(format!("the client of the probes: {error}")))?;
        Ok(Self { client, website: website.trim_end_matches('/').to_owned() })
    }

    async fn website(&self) -> Result<()> {
        let answer = self.client.get(format!("{}/livez", self.website)).send().await.map_err(Error::unavailable)?;
        if answer.status().is_success() { Ok(()) } else { Err(Error::unavailable(answer.status())) }
    }
}

/// Tries all parts at once and writes down how they are, for the minute of `at`; a minute that was written down is left as it is.
/// What a part says to whoever tries it is logged, and shown to nobody. Takes ten seconds at most, and what it costs does not
/// depend on how much there is.
pub async fn record(services: &Services, probes: &Probes, at: DateTime<Utc>) -> Result<()> {
    let minute = at.duration_trunc(TimeDelta::minutes(1)).map_err(Error::internal)?;
    let (website, database, reading, search, files, mail) = tokio::join!(
        health("website", probes.website()),
        health("database", database(services)),
        health("reading", is_read(services, ReadDocument::KIND, READING_LATE)),
        health("search", find_nothing(services)),
        health("files", answers(services.files.is_ready())),
        health("mail", mail(services)),
    );
    let mut found = vec![
        (Component::Website, website),
        (Component::Database, database),
        (Component::Reading, reading),
        (Component::Search, search),
        (Component::Files, files),
        (Component::Mail, mail),
    ];
    if let Some(stripe) = &services.stripe {
        found.push((Component::Payments, health("payments", answers(stripe.is_reachable())).await));
    }
    let mut system = services.db.system().await?;
    store::record(&mut system, minute, &found).await?;
    store::forget(&mut system, minute.date_naive()).await?;
    system.commit().await
}

/// How a part is by how it answers.
async fn health(part: &'static str, answer: impl Future<Output = Result<()>>) -> Health {
    let asked = Instant::now();
    match timeout(PATIENCE, answer).await {
        Ok(Ok(())) if asked.elapsed() > SLOW => Health::Slow,
        Ok(Ok(())) => Health::Up,
        Ok(Err(error)) => {
            tracing::warn!(part, error = %error, "a part does not do what it is for");
            Health::Down
        }
        Err(_) => {
            tracing::warn!(part, "a part does not answer in time");
            Health::Down
        }
    }
}

async fn database(services: &Services) -> Result<()> {
    let mut system = services.db.system().await?;
    store::ask(&mut system).await
}

/// Fails where work of a kind has waited for longer than `late` and nobody was at it since.
async fn is_read(services: &Services, kind: &str, late: Duration) -> Result<()> {
    let mut system = services.db.system().await?;
    if store::is_stuck(&mut system, kind, late).await? {
        return Err(Error::unavailable(format!("{kind} waits and none is done")));
    }
    Ok(())
}

async fn find_nothing(services: &Services) -> Result<()> {
    let mut tx = services.db.tenant(&Nobody).await?;
    search::find(&mut tx, &search::Query::parse("sheaf")?).await?;
    Ok(())
}

async fn mail(services: &Services) -> Result<()> {
    answers(services.mailer.is_ready()).await?;
    is_read(services, SendMail::KIND, MAIL_LATE).await
}

async fn answers(is_ready: impl Future<Output = bool>) -> Result<()> {
    if is_ready.await { Ok(()) } else { Err(Error::unavailable("it does not answer")) }
}
