//! From settings to services: the embedded Postgres where none is named, the roles, the schema, and the one handle that
//! verbs take.

use std::{
    fs::{self, File, TryLockError},
    future,
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use domain::{
    Error, Result, Services,
    accounts::PasswordHasher,
    billing::{Known, Stripe, StripeSettings},
    cache::Cache,
    clock::Clock,
    db::{
        Db,
        setup::{self, APP, OWNER, WORKER},
    },
    files::{Files, S3},
    insights::{Insights, InsightsSettings},
    live::Live,
    mail::{Mailer, SmtpSettings},
    services::Settings,
    status::Probes,
};
use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};
use url::Url;

use crate::{
    config::{Config, Pooler},
    embedded::{self, EmbeddedPostgres},
    keys::{self, KeyRing},
};

/// The database of the embedded Postgres.
const DATABASE: &str = "sheaf";

/// Connections to each replica: a read that finds none free asks the primary.
const REPLICA_CONNECTIONS: u32 = 5;

/// How often it is looked whether the embedded Postgres is still there.
const GLANCE: Duration = Duration::from_secs(1);

/// How to reach the database in each role.
#[derive(Clone)]
pub struct Databases {
    pub app: PgConnectOptions,
    /// Where `app` leads to a transaction pooler: the same role around it.
    pub session: Option<PgConnectOptions>,
    pub worker: Option<PgConnectOptions>,
    pub owner: Option<PgConnectOptions>,
}

impl Databases {
    /// The connections of the web server, and of its replicas.
    pub fn open_app(&self, config: &Config) -> Db {
        let (app, connections) = (self.app.clone(), config.database_connections);
        let past_pooler = self.session.clone().unwrap_or_else(|| app.clone());
        let db = match self.session.clone() {
            Some(session) => Db::open_pooled(app, session, connections),
            None => Db::open(app, connections),
        };
        beside_replicas(db, past_pooler, config.replica_urls.clone())
    }

    /// The connections of the worker, and those of its own role to the same replicas.
    pub fn open_worker(worker: PgConnectOptions, config: &Config) -> Db {
        let at = |replica: &PgConnectOptions| worker.clone().host(replica.get_host()).port(replica.get_port());
        let replicas = config.replica_urls.iter().map(at).collect();
        beside_replicas(Db::open(worker.clone(), config.database_connections), worker.clone(), replicas)
    }
}

fn beside_replicas(db: Db, primary: PgConnectOptions, replicas: Vec<PgConnectOptions>) -> Db {
    if replicas.is_empty() { db } else { db.with_replicas(primary, replicas, REPLICA_CONNECTIONS) }
}

/// What has to be kept until the end.
pub struct Embedded {
    postgres: Option<EmbeddedPostgres>,
    /// One Sheaf a data folder.
    _lock: Option<File>,
}

impl Embedded {
    /// Runs a server on it, and stops it afterwards. Where the database ends by itself, killed or without a disk, so does the server:
    /// it could answer nothing, and whoever keeps it running starts both anew.
    pub async fn around<T>(self, server: impl Future<Output = Result<T>>) -> Result<T> {
        let ended = tokio::select! {
            ended = server => ended,
            () = self.gone() => {
                Err(Error::internal("the embedded Postgres has ended by itself; its log is in its folder below the data"))
            }
        };
        self.stop();
        ended
    }

    async fn gone(&self) {
        let Some(postgres) = &self.postgres else { return future::pending().await };
        while postgres.is_running() {
            tokio::time::sleep(GLANCE).await;
        }
    }

    /// Stops what was started, in order.
    pub fn stop(self) {
        if let Some(postgres) = self.postgres {
            postgres.stop();
        }
    }
}

/// The database that the settings name, or an embedded one, started and with its roles made.
pub async fn databases(config: &Config) -> Result<(Databases, Embedded)> {
    if let Some(app) = &config.database_url {
        let (worker, owner) = (config.worker_database_url.clone(), config.owner_database_url.clone());
        let databases = Databases { app: app.clone(), session: session(config)?, worker, owner };
        return Ok((databases, Embedded { postgres: None, _lock: None }));
    }
    refuse_others_without_it(config)?;
    let lock = lock(config)?;
    let (data, tools, named) = (config.data.clone(), config.tools.clone(), config.postgres_bin.clone());
    let started = tokio::task::spawn_blocking(move || start_postgres(&data, tools, named));
    let postgres = started.await.map_err(Error::internal)??;
    let admin: PgConnectOptions = postgres.url("postgres").parse()?;
    // Fresh at each start: nobody has to keep them, and nothing can leak them.
    let password = Clock::system().random::<24>().map(|byte| char::from(b'a' + byte % 26)).iter().collect::<String>();
    let mut connection = PgConnection::connect_with(&admin).await?;
    setup::make_roles(&mut connection, &password).await?;
    connection.close().await?;
    setup::make_database(&admin, DATABASE).await?;
    let role = |name: &str| admin.clone().database(DATABASE).username(name).password(&password);
    let databases = Databases { app: role(APP), session: None, worker: Some(role(WORKER)), owner: Some(role(OWNER)) };
    Ok((databases, Embedded { postgres: Some(postgres), _lock: Some(lock) }))
}

/// The URL of another role or of a replica says that a database is meant. Without the first, an embedded one would be started
/// beside it, and all that people do would go there.
fn refuse_others_without_it(config: &Config) -> Result<()> {
    let others = [
        ("SHEAF_OWNER_DATABASE_URL", config.owner_database_url.is_some()),
        ("SHEAF_WORKER_DATABASE_URL", config.worker_database_url.is_some()),
        ("SHEAF_SESSION_DATABASE_URL", config.session_database_url.is_some()),
        ("SHEAF_REPLICA_URLS", !config.replica_urls.is_empty()),
    ];
    let Some((name, _)) = others.iter().find(|(_, is_set)| *is_set) else { return Ok(()) };
    Err(Error::internal(format!(
        "{name} is set and SHEAF_DATABASE_URL is not: set both for a Postgres of yours, or neither for the embedded one"
    )))
}

/// The way around a transaction pooler, where one is in front.
fn session(config: &Config) -> Result<Option<PgConnectOptions>> {
    match (config.database_pooler, &config.session_database_url) {
        (Pooler::None, _) => Ok(None),
        (Pooler::Transaction, Some(session)) => Ok(Some(session.clone())),
        (Pooler::Transaction, None) => Err(Error::internal(
            "SHEAF_DATABASE_POOLER=transaction needs SHEAF_SESSION_DATABASE_URL, the same database and role around the \
             pooler: nobody hears through it what changes",
        )),
    }
}

/// The services of one role, by its connections. Nothing is connected yet.
pub fn services(config: &Config, db: Db) -> Result<Services> {
    let clock = Clock::system();
    let cache = match &config.redis_url {
        Some(url) => Cache::redis(url)?,
        None => Cache::memory(),
    };
    cache.follow(db.epochs());
    Ok(Services {
        cache,
        files: files(config)?,
        live: Live::start(&db),
        mailer: match &config.smtp_url {
            Some(url) => Mailer::smtp(&SmtpSettings { url: url.clone(), from: config.mail_from.clone() })?,
            None => Mailer::mailbox(),
        },
        keys: Arc::new(KeyRing::load(config)?.token_keys()?),
        passwords: PasswordHasher::new(&clock)?,
        settings: Arc::new(settings(config)?),
        stripe: stripe(config)?,
        insights: insights(config)?,
        known: Known::default(),
        clock,
        db,
    })
}

/// What tries the parts as people use them.
pub fn probes(config: &Config) -> Result<Probes> {
    let public = config.public_url();
    Probes::new(config.probe_url.as_ref().map_or(public.as_str(), Url::as_str))
}

/// None where nothing is sold.
fn stripe(config: &Config) -> Result<Option<Stripe>> {
    let Some(key) = config.stripe_key() else { return Ok(None) };
    if !["sk_", "rk_"].iter().any(|kind| key.starts_with(kind)) {
        // What was given instead may be another secret, and is not said.
        return Err(Error::internal("SHEAF_STRIPE_KEY is no secret key of Stripe: it begins with sk_ or rk_"));
    }
    let secrets = config.stripe_webhook_secrets.iter().map(|secret| secret.trim().to_owned());
    Stripe::new(StripeSettings {
        key: key.to_owned(),
        url: config.stripe_url.clone(),
        webhook_secrets: secrets.filter(|secret| !secret.is_empty()).collect(),
    })
    .map(Some)
}

/// None unless somebody wants to be told.
fn insights(config: &Config) -> Result<Option<Insights>> {
    let (Some(url), Some(project)) = (&config.posthog_url, &config.posthog_key) else { return Ok(None) };
    let secret = keys::names_secret(config)?;
    Insights::new(InsightsSettings { url: url.clone(), project: project.clone(), secret }).map(Some)
}

fn files(config: &Config) -> Result<Files> {
    let Some(bucket) = &config.s3_bucket else { return Files::folder(&config.data.join("files")) };
    Files::s3(&S3 {
        endpoint: config.s3_endpoint.clone(),
        region: config.s3_region.clone(),
        bucket: bucket.clone(),
        access_key: config.s3_access_key.clone().unwrap_or_default(),
        secret_key: config.s3_secret_key.clone().unwrap_or_default(),
    })
}

fn settings(config: &Config) -> Result<Settings> {
    Ok(Settings {
        public_url: config.public_url(),
        max_upload_bytes: config.max_upload_mb * 1_000_000,
        max_documents: config.max_documents,
        max_pages: config.max_pages,
        read_timeout: config.read_timeout(),
        program: program()?,
        pdfium: config.pdfium(),
        fonts: config.fonts_dir.clone(),
    })
}

/// What children are started from: the file of this very process, also once another version has taken its name. A child that is newer
/// than whoever it answers to might say what that does not know.
fn program() -> Result<PathBuf> {
    let own = PathBuf::from("/proc/self/exe");
    if own.exists() { Ok(own) } else { std::env::current_exe().map_err(Error::internal) }
}

fn lock(config: &Config) -> Result<File> {
    fs::create_dir_all(&config.data)
        .map_err(|error| Error::internal(format!("the data folder {}: {error}", config.data.display())))?;
    let path = config.data.join("lock");
    let file = File::create(&path).map_err(|error| Error::internal(format!("{}: {error}", path.display())))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            let folder = config.data.display();
            Err(Error::conflict(format!("another Sheaf is running with the data folder {folder}; stop it first.")))
        }
        Err(TryLockError::Error(error)) => Err(Error::internal(format!("{}: {error}", path.display()))),
    }
}

fn start_postgres(data: &std::path::Path, tools: Option<PathBuf>, named: Option<PathBuf>) -> Result<EmbeddedPostgres> {
    let folder = data.join("postgres");
    let wrong = |error: embedded::EmbeddedError| Error::internal(format!("the embedded Postgres: {error}"));
    let bin = embedded::find_binaries(named.as_deref(), tools.as_deref(), &folder).map_err(wrong)?;
    EmbeddedPostgres::start(&folder, &bin, |message| tracing::info!("{message}")).map_err(wrong)
}
