//! Trying the parts as people use them, once a minute.

use std::time::Duration;

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use reqwest::{Client, redirect::Policy};
use tokio::time::{Instant, timeout};

use super::{Component, Health, kept::Kept, store};
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

/// The page by which the website is tried: an invitation that nobody has made. It is a page as people are shown them, rendered for
/// whoever asks, behind all that stands around pages, and it looks into the database as a workspace does; without the database its
/// status is an error of the server's. It needs no session, finds nothing, and costs one look at an index. The page of the sign-in
/// and the public ones would be shown without the database, and `/livez` and `/readyz` render nothing; nor does a proxy let
/// everybody ask the latter. By this address the server knows the probe, and leaves it out of the figures of what people do.
pub const PROBED_PAGE: &str =
    concat!("/invite?token=", "00000000000000000000000000000000", ".AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");

/// How the parts are reached that are tried by HTTP, and what was found and could not be written down. Clones share it.
#[derive(Clone)]
pub struct Probes {
    client: Client,
    website: String,
    pub(super) kept: Kept,
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
        Ok(Self { client, website: website.trim_end_matches('/').to_owned(), kept: Kept::default() })
    }

    async fn website(&self) -> Result<()> {
        let page = format!("{}{PROBED_PAGE}", self.website);
        // The address looks like a secret, and is none: without it in the log nobody has to wonder.
        let answer = self.client.get(page).send().await.map_err(|error| Error::unavailable(error.without_url()))?;
        if answer.status().is_success() { Ok(()) } else { Err(Error::unavailable(answer.status())) }
    }
}

/// Tries all parts at once and writes down how they are, for the minute of `at`; a minute that was written down is left as it is.
/// What a part says to whoever tries it is logged, and shown to nobody. Takes twenty seconds at most, and what it costs does not
/// depend on how much there is.
///
/// Where it cannot be written down it fails, and this process keeps what was found. A tick that is late, as the database was away,
/// finds all well again: what this process kept of its minute counts, where that is worse.
pub async fn record(services: &Services, probes: &Probes, at: DateTime<Utc>) -> Result<()> {
    let minute = minute_of(at)?;
    let found = probes.kept.with(minute, try_all(services, probes).await);
    let written = write(services, minute, &found).await;
    if written.is_err() {
        probes.kept.keep(minute, &found);
    }
    written
}

/// The minute that this is in.
pub(super) fn minute_of(at: DateTime<Utc>) -> Result<DateTime<Utc>> {
    at.duration_trunc(TimeDelta::minutes(1)).map_err(Error::internal)
}

/// How all parts are that there are here.
pub(super) async fn try_all(services: &Services, probes: &Probes) -> Vec<(Component, Health)> {
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
    found
}

async fn write(services: &Services, minute: DateTime<Utc>, found: &[(Component, Health)]) -> Result<()> {
    let mut system = services.db.system().await?;
    store::take_turns(&mut system).await?;
    store::record(&mut system, minute, found).await?;
    store::forget(&mut system, minute).await?;
    system.commit().await
}

/// How a part is by how it answers.
pub(super) async fn health(part: &'static str, answer: impl Future<Output = Result<()>>) -> Health {
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

/// Fails where the database does not answer.
pub(super) async fn database(services: &Services) -> Result<()> {
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
