//! Every setting, by flag or environment. `sheaf --help` lists them; a wrong value is refused at start.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use axum::http::HeaderName;
use clap::{Args, Parser, Subcommand, ValueEnum};
use sqlx::postgres::PgConnectOptions;
use url::Url;

use crate::{
    commands::{
        AuditCommand, BillingCommand, Export, Import, KeysCommand, OperatorCommand, Purge, QueueCommand, ReadChild,
        TypesetChild,
    },
    kinds::{Limit, Part},
    telemetry::Dsn,
};

#[derive(Debug, Parser)]
#[command(name = "sheaf", version, about = "Documents go in, finished work comes out.", max_term_width = 110)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub config: Config,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// The web server and a worker in one process (the default)
    All,
    /// The web server alone
    Serve,
    /// A worker alone
    Work,
    /// Bring the database's schema up to date, and end
    Migrate,
    /// Make the demo workspace with its sample documents where it is missing, and end
    Seed,
    /// Check every part that Sheaf stands on, and say how to mend what is wrong
    Doctor,
    /// The audit logs of the workspaces
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Stripe's side of what workspaces pay
    #[command(subcommand)]
    Billing(BillingCommand),
    /// Write everything of a workspace into a new archive, and end
    Export(Export),
    /// Put an archive of a workspace into an empty one, and end
    Import(Import),
    /// The keys that sign access tokens and seal secrets
    Keys {
        #[command(subcommand)]
        command: KeysCommand,
    },
    /// Add, list and disable those who may come in by the operators' door, /operator
    Operator {
        #[command(subcommand)]
        command: OperatorCommand,
    },
    /// Have every web server render public pages anew, and the caches in front forget them, and end
    Purge(Purge),
    /// Look at the work of all workspaces
    Queue {
        #[command(subcommand)]
        command: QueueCommand,
    },
    #[command(hide = true)]
    Read(ReadChild),
    #[command(hide = true)]
    Typeset(TypesetChild),
}

/// Where Stripe is.
const STRIPE: &str = "https://api.stripe.com";

/// How logs are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people
    Text,
    /// One object a line
    Json,
}

/// What stands between Sheaf and Postgres.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Pooler {
    /// Nothing: each connection is a session of Postgres
    None,
    /// A pooler that lends a connection for the length of a transaction, such as PgBouncer in its transaction mode
    Transaction,
}

#[derive(Debug, Clone, Args)]
pub struct Config {
    /// Where the web server listens
    #[arg(long, env = "SHEAF_ADDRESS", default_value = "127.0.0.1:3000", global = true)]
    pub address: SocketAddr,

    /// The address that people use, as in mails and links [default: http://localhost and the port]
    #[arg(long, env = "SHEAF_URL", global = true, value_parser = parse_url)]
    pub url: Option<Url>,

    /// Seconds between SIGTERM and the last new connection. Meanwhile /readyz says 503 and everything is answered, so that a load
    /// balancer sees it: more than the balancer's interval times its failures
    #[arg(long, env = "SHEAF_DRAIN_SECONDS", default_value_t = 5, global = true, value_parser = clap::value_parser!(u64).range(0..=300))]
    pub drain_seconds: u64,

    /// The folder of everything embedded: the database, the files, the keys
    #[arg(long, env = "SHEAF_DATA", default_value = "data", global = true)]
    pub data: PathBuf,

    /// Postgres 15 or newer as the role sheaf_app: postgres://sheaf_app:password@host/database. Without it, Sheaf starts a
    /// Postgres of its own in the data folder
    #[arg(long, env = "SHEAF_DATABASE_URL", hide_env_values = true, global = true, value_parser = parse_database)]
    pub database_url: Option<PgConnectOptions>,

    /// What SHEAF_DATABASE_URL leads to. Behind a transaction pooler, statements are prepared without names, each time anew
    #[arg(long, env = "SHEAF_DATABASE_POOLER", value_enum, default_value_t = Pooler::None, global = true)]
    pub database_pooler: Pooler,

    /// Where a transaction pooler is: the same database and role around it, for the one connection on which a server hears
    /// what changes
    #[arg(long, env = "SHEAF_SESSION_DATABASE_URL", hide_env_values = true, global = true, value_parser = parse_database)]
    pub session_database_url: Option<PgConnectOptions>,

    /// The same database as the role sheaf_worker, for `work` and `all`; a session connection, not a transaction pooler
    #[arg(long, env = "SHEAF_WORKER_DATABASE_URL", hide_env_values = true, global = true, value_parser = parse_database)]
    pub worker_database_url: Option<PgConnectOptions>,

    /// The same database as the role sheaf_owner, for `migrate` and `operator`, around any pooler; where it is given, `all` and `serve`
    /// migrate at start
    #[arg(long, env = "SHEAF_OWNER_DATABASE_URL", hide_env_values = true, global = true, value_parser = parse_database)]
    pub owner_database_url: Option<PgConnectOptions>,

    /// Streaming replicas of the database, separated by commas, with the role sheaf_app and past any pooler: they answer lists,
    /// searches and figures, and to workers what archives hold (as the role of SHEAF_WORKER_DATABASE_URL). Nobody is shown less than
    /// they have done themselves
    #[arg(long, env = "SHEAF_REPLICA_URLS", hide_env_values = true, value_delimiter = ',', global = true, value_parser = parse_database)]
    pub replica_urls: Vec<PgConnectOptions>,

    /// Connections of the web server, and as many of the worker
    #[arg(long, env = "SHEAF_DATABASE_CONNECTIONS", default_value_t = 10, global = true, value_parser = clap::value_parser!(u32).range(2..=500))]
    pub database_connections: u32,

    /// The work that `work` and `all` do, separated by commas: reading, reports, exports, mail, billing, housekeeping, or single
    /// kinds of job [default: all of it]
    #[arg(long, env = "SHEAF_KINDS", value_delimiter = ',', global = true)]
    pub kinds: Vec<Part>,

    /// How many jobs of a kind run at once in one process, where it is not the usual number: reading=4,mail=8. What a process
    /// does not do is passed over
    #[arg(long, env = "SHEAF_CONCURRENCY", value_delimiter = ',', global = true)]
    pub concurrency: Vec<Limit>,

    /// Redis, for limits and answers that several servers share: redis://[:password@]host:port, or rediss:// with TLS. Without it they
    /// are kept in process
    #[arg(long, env = "SHEAF_REDIS_URL", hide_env_values = true, global = true)]
    pub redis_url: Option<String>,

    /// The bucket of an S3-compatible store. Without it, files lie in the data folder
    #[arg(long, env = "SHEAF_S3_BUCKET", global = true, requires_all = ["s3_access_key", "s3_secret_key"])]
    pub s3_bucket: Option<String>,

    /// Where the store is: https://host[:port], without the bucket [default: Amazon's, by region]
    #[arg(long, env = "SHEAF_S3_ENDPOINT", global = true)]
    pub s3_endpoint: Option<String>,

    #[arg(long, env = "SHEAF_S3_REGION", default_value = "us-east-1", global = true)]
    pub s3_region: String,

    #[arg(long, env = "SHEAF_S3_ACCESS_KEY", hide_env_values = true, global = true)]
    pub s3_access_key: Option<String>,

    #[arg(long, env = "SHEAF_S3_SECRET_KEY", hide_env_values = true, global = true)]
    pub s3_secret_key: Option<String>,

    /// Where the probes reach the website, if not at its public address
    #[arg(long, env = "SHEAF_PROBE_URL", global = true)]
    pub probe_url: Option<Url>,

    /// Where mail goes: smtp://[user:password@]host[:port], or smtps://. Without it, mail is kept and shown at /mailbox
    #[arg(long, env = "SHEAF_SMTP_URL", hide_env_values = true, global = true, value_parser = parse_smtp)]
    pub smtp_url: Option<Url>,

    /// Stripe's secret key, by which plans are sold: sk_live_... or sk_test_.... Without it nothing is sold, and nothing is limited
    #[arg(long, env = "SHEAF_STRIPE_KEY", hide_env_values = true, global = true)]
    pub stripe_key: Option<String>,

    /// Where Stripe is; another address is for trying things out
    #[arg(long, env = "SHEAF_STRIPE_URL", default_value = STRIPE, global = true, value_parser = parse_url)]
    pub stripe_url: Url,

    /// The signing secrets of the webhook that leads to /stripe/webhook, separated by commas: two, while one takes the place of
    /// the other
    #[arg(long, env = "SHEAF_STRIPE_WEBHOOK_SECRETS", hide_env_values = true, value_delimiter = ',', global = true)]
    pub stripe_webhook_secrets: Vec<String>,

    /// Whom mail is from
    #[arg(long, env = "SHEAF_MAIL_FROM", default_value = "Sheaf <sheaf@localhost>", global = true)]
    pub mail_from: String,

    /// Ed25519 private keys in PKCS #8 DER, base64, newest first, separated by commas. Without them, a key is made in the
    /// data folder; several servers need the same keys
    #[arg(long, env = "SHEAF_TOKEN_KEYS", hide_env_values = true, global = true)]
    pub token_keys: Option<String>,

    /// The largest file that is taken, in megabytes
    #[arg(long, env = "SHEAF_MAX_UPLOAD_MB", default_value_t = 500, global = true, value_parser = clap::value_parser!(u64).range(1..=5_000))]
    pub max_upload_mb: u64,

    /// Documents that a workspace may hold
    #[arg(long, env = "SHEAF_MAX_DOCUMENTS", default_value_t = 100_000, global = true)]
    pub max_documents: u64,

    /// Pages that are read of one document
    #[arg(long, env = "SHEAF_MAX_PAGES", default_value_t = 5_000, global = true, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub max_pages: u32,

    /// Seconds after which a reader is killed
    #[arg(long, env = "SHEAF_READ_SECONDS", default_value_t = 600, global = true, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub read_seconds: u64,

    /// Whether a proxy in front of Sheaf says whose request it is; never true when people reach Sheaf directly
    #[arg(long, env = "SHEAF_TRUST_PROXY", global = true)]
    pub trust_proxy: bool,

    /// The header in which it does. Of several addresses the last one counts: where the proxy adds its own behind that of the client,
    /// it needs another header
    #[arg(long, env = "SHEAF_PROXY_HEADER", default_value = "x-forwarded-for", global = true)]
    pub proxy_header: HeaderName,

    /// The caches in front of Sheaf, separated by commas: `sheaf purge` sends PURGE to each of these addresses, with the tags in
    /// Surrogate-Key
    #[arg(long, env = "SHEAF_PURGE_URLS", hide_env_values = true, value_delimiter = ',', global = true, value_parser = parse_front)]
    pub purge_urls: Vec<Url>,

    /// What it says to them in the header Authorization, as a bearer, where they ask for something
    #[arg(long, env = "SHEAF_PURGE_TOKEN", hide_env_values = true, global = true)]
    pub purge_token: Option<String>,

    /// What browsers are served: the folder that the build wrote
    #[arg(long, env = "SHEAF_SITE", default_value = "target/site", global = true)]
    pub site: PathBuf,

    /// The folder of tools that `make setup` filled
    #[arg(long, env = "SHEAF_TOOLS", global = true)]
    pub tools: Option<PathBuf>,

    /// The folder with Postgres's programs, for the embedded one [default: the tools folder, then what is installed]
    #[arg(long, env = "SHEAF_POSTGRES_BIN", global = true)]
    pub postgres_bin: Option<PathBuf>,

    /// The folder with libpdfium.so [default: the tools folder]
    #[arg(long, env = "SHEAF_PDFIUM_DIR", global = true)]
    pub pdfium_dir: Option<PathBuf>,

    /// A folder of fonts for reports, for scripts that the built-in ones lack
    #[arg(long, env = "SHEAF_FONTS_DIR", global = true)]
    pub fonts_dir: Option<PathBuf>,

    /// What is logged: off, error, warn, info, debug, trace, or by target (info,sqlx=debug)
    #[arg(long, env = "SHEAF_LOG", default_value = "info,sqlx=warn", global = true)]
    pub log: String,

    /// How it is logged [default: text on a terminal, json elsewhere]
    #[arg(long, env = "SHEAF_LOG_FORMAT", value_enum, global = true)]
    pub log_format: Option<LogFormat>,

    /// Where Prometheus asks for figures, at /metrics: an address that only it can reach, as nobody is asked who they are. Without
    /// it, none are kept
    #[arg(long, env = "SHEAF_METRICS_ADDRESS", global = true)]
    pub metrics_address: Option<SocketAddr>,

    /// Where traces go by OTLP over HTTP: https://host[:port][/path]/v1/traces. Without it, none are told
    #[arg(long, env = "SHEAF_OTLP_URL", global = true, value_parser = parse_endpoint)]
    pub otlp_url: Option<Url>,

    /// The header Authorization for it, where it asks for one
    #[arg(long, env = "SHEAF_OTLP_AUTHORIZATION", hide_env_values = true, global = true)]
    pub otlp_authorization: Option<String>,

    /// Of the traces that are neither slow nor failed, so much is told, from 0 to 1
    #[arg(long, env = "SHEAF_OTLP_RATIO", default_value_t = 0.1, global = true, value_parser = parse_ratio)]
    pub otlp_ratio: f64,

    /// Where errors go by Sentry's protocol: https://key@host/project. Without it, they are in the log alone
    #[arg(long, env = "SHEAF_SENTRY_DSN", hide_env_values = true, global = true, value_parser = Dsn::parse)]
    pub sentry_dsn: Option<Dsn>,

    /// Where product events go by PostHog's protocol, without names of anybody: https://host. Without it and a key, none are told
    #[arg(long, env = "SHEAF_POSTHOG_URL", global = true, requires = "posthog_key", value_parser = parse_url)]
    pub posthog_url: Option<Url>,

    /// The key of its project
    #[arg(long, env = "SHEAF_POSTHOG_KEY", hide_env_values = true, global = true)]
    pub posthog_key: Option<String>,

    /// What the names of workspaces in them are made with, 32 characters or more, the same on every server and for ever [default:
    /// made once in the data folder; needed where SHEAF_TOKEN_KEYS is given]
    #[arg(long, env = "SHEAF_POSTHOG_SECRET", hide_env_values = true, global = true)]
    pub posthog_secret: Option<String>,

    /// Which Sheaf this is, for whoever is told of several
    #[arg(long, env = "SHEAF_ENVIRONMENT", default_value = "production", global = true)]
    pub environment: String,
}

impl Config {
    /// The address people use, without a slash at the end.
    pub fn public_url(&self) -> String {
        match &self.url {
            Some(url) => url.as_str().trim_end_matches('/').to_owned(),
            None => format!("http://localhost:{}", self.address.port()),
        }
    }

    /// Stripe's secret key; none where nothing is sold.
    pub fn stripe_key(&self) -> Option<&str> {
        self.stripe_key.as_deref().map(str::trim).filter(|key| !key.is_empty())
    }

    /// What caches in front are told beside a purge; none where they ask for nothing.
    pub fn purge_token(&self) -> Option<&str> {
        self.purge_token.as_deref().map(str::trim).filter(|token| !token.is_empty())
    }

    /// The pages on which people pay, as sources of a content policy; none where nothing is sold. Whatever stands in for Stripe has
    /// its pages where it is itself.
    pub fn payment_pages(&self) -> String {
        match (self.stripe_key(), self.stripe_url.host_str()) {
            (None, _) => String::new(),
            (Some(_), Some("api.stripe.com")) => "https://checkout.stripe.com https://billing.stripe.com".into(),
            (Some(_), _) => self.stripe_url.origin().ascii_serialization(),
        }
    }

    pub fn drain(&self) -> Duration {
        Duration::from_secs(self.drain_seconds)
    }

    pub fn read_timeout(&self) -> Duration {
        Duration::from_secs(self.read_seconds)
    }

    /// The folder with libpdfium.so, if one is known.
    pub fn pdfium(&self) -> Option<PathBuf> {
        let named = self.pdfium_dir.clone();
        named.or_else(|| self.tools.as_ref().map(|tools| tools.join("pdfium"))).filter(|folder| folder.is_dir())
    }
}

fn parse_database(text: &str) -> Result<PgConnectOptions, String> {
    if !text.starts_with("postgres://") && !text.starts_with("postgresql://") {
        return Err("it takes an address like postgres://role:password@host:5432/database".into());
    }
    // The error of the parser may repeat the password.
    text.parse().map_err(|_| "it is not an address of Postgres".into())
}

fn parse_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("{error}; it takes an address like https://sheaf.example"))?;
    if matches!(url.scheme(), "http" | "https") && url.host().is_some() && url.path() == "/" && url.query().is_none() {
        Ok(url)
    } else {
        Err("it takes http:// or https:// and a host, without a path".into())
    }
}

fn parse_endpoint(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("{error}; it takes an address like https://host/path"))?;
    let has_secret = !url.username().is_empty() || url.password().is_some();
    if matches!(url.scheme(), "http" | "https") && url.host().is_some() && !has_secret {
        Ok(url)
    } else {
        Err("it takes http:// or https://, a host and a path, and nobody’s name".into())
    }
}

fn parse_front(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("{error}; it takes an address like http://cache:6082/"))?;
    if matches!(url.scheme(), "http" | "https") && url.host().is_some() {
        Ok(url)
    } else {
        Err("it takes http:// or https:// and a host".into())
    }
}

fn parse_ratio(text: &str) -> Result<f64, String> {
    let ratio = text.parse::<f64>().ok().filter(|ratio| (0.0..=1.0).contains(ratio));
    ratio.ok_or_else(|| "it takes a number from 0 to 1".into())
}

fn parse_smtp(text: &str) -> Result<Url, String> {
    let url =
        Url::parse(text).map_err(|error| format!("{error}; it takes an address like smtps://user:password@host"))?;
    if matches!(url.scheme(), "smtp" | "smtps") && url.host().is_some() {
        Ok(url)
    } else {
        Err("it takes smtp:// or smtps:// and a host".into())
    }
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::Cli;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_wrong_value_is_refused_with_the_name_of_its_setting() {
        for (flag, value) in [
            ("--address", "localhost"),
            ("--url", "sheaf.example/app"),
            ("--database-url", "mysql://localhost"),
            ("--database-pooler", "session"),
            ("--session-database-url", "localhost"),
            ("--replica-urls", "postgres://db2/sheaf,db3"),
            ("--kinds", "reading,mial"),
            ("--concurrency", "mail"),
            ("--concurrency", "mail=0"),
            ("--max-upload-mb", "0"),
            ("--proxy-header", "not a name"),
            ("--purge-urls", "http://cache:6082/,cache:6082"),
            ("--smtp-url", "http://mail.example.com"),
            ("--log-format", "xml"),
            ("--metrics-address", "9090"),
            ("--stripe-url", "api.stripe.com"),
            ("--otlp-url", "collector:4318"),
            ("--otlp-ratio", "1.5"),
            ("--sentry-dsn", "https://sentry.example/1"),
        ] {
            let error = Cli::try_parse_from(["sheaf", flag, value]).expect_err(value).to_string();
            assert!(error.contains(flag), "{error}");
        }
    }

    #[test]
    fn work_is_named_by_its_parts() {
        let cli = Cli::try_parse_from(["sheaf", "work", "--kinds", "mail,reading", "--concurrency", "mail=8"]).unwrap();
        let kinds: Vec<_> = cli.config.kinds.iter().flat_map(|part| part.kinds()).copied().collect();
        assert_eq!(kinds, ["send_mail", "read_document", "draw_pages", "read_all_again"]);
        assert_eq!(cli.config.concurrency[0].jobs, 8);
        let cli = Cli::try_parse_from(["sheaf", "work"]).unwrap();
        assert!(cli.config.kinds.is_empty() && cli.config.concurrency.is_empty());
    }

    #[test]
    fn people_pay_on_the_pages_of_stripe() {
        let pages =
            |more: &[&str]| Cli::try_parse_from([&["sheaf"][..], more].concat()).unwrap().config.payment_pages();
        assert_eq!(pages(&[]), "");
        let key = "--stripe-key=sk_test_1";
        assert_eq!(pages(&[key]), "https://checkout.stripe.com https://billing.stripe.com");
        assert_eq!(pages(&[key, "--stripe-url=http://127.0.0.1:4242"]), "http://127.0.0.1:4242");
    }

    #[test]
    fn a_purge_is_told_to_no_front_unless_some_are_named() {
        let config = |more: &[&str]| Cli::try_parse_from([&["sheaf", "purge"][..], more].concat()).unwrap().config;
        let none = config(&["--purge-token= "]);
        assert!(none.purge_urls.is_empty() && none.purge_token().is_none());
        let two = config(&["--purge-urls=http://cache:6082/,https://cdn.example/purge?all=1", "--purge-token=x"]);
        let urls: Vec<&str> = two.purge_urls.iter().map(|url| url.as_str()).collect();
        assert_eq!(urls, ["http://cache:6082/", "https://cdn.example/purge?all=1"]);
        assert_eq!(two.purge_token(), Some("x"));
    }

    #[test]
    fn the_public_address_follows_the_port() {
        let cli = Cli::try_parse_from(["sheaf", "--address", "127.0.0.1:4000"]).unwrap();
        assert_eq!(cli.config.public_url(), "http://localhost:4000");
        let cli = Cli::try_parse_from(["sheaf", "--url", "https://sheaf.example/"]).unwrap();
        assert_eq!(cli.config.public_url(), "https://sheaf.example");
    }
}
