//! The figures for Prometheus, at an address of their own: they are for whoever runs Sheaf, and are never at the public one.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Router,
    extract::State,
    http::{StatusCode, header::CONTENT_TYPE},
    response::IntoResponse,
    routing::get,
};
use domain::{
    Error, Result, Services,
    clock::Clock,
    metrics::{self, NO_LABELS},
    queue::{self, Registry},
};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use tokio::{
    net::TcpListener,
    sync::Mutex,
    time::{MissedTickBehavior, interval, timeout},
};
use tokio_util::sync::CancellationToken;
use tower_http::timeout::TimeoutLayer;

use crate::{config::Config, readiness, work};

/// How often the database and the other parts are asked at most, however often somebody asks here.
const ASK: Duration = Duration::from_secs(15);

/// A database that does not answer within this leaves the figures as they were.
const PATIENCE: Duration = Duration::from_secs(2);

/// Of one answer.
const TIMEOUT: Duration = Duration::from_secs(5);

/// How often times are sorted into their buckets where nobody asks.
const UPKEEP: Duration = Duration::from_secs(5);

/// The text format, whose version this is.
const FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Keeps the figures, and holds the address at which they will be told.
pub struct Exporter {
    handle: PrometheusHandle,
    listener: TcpListener,
}

/// What is looked at when somebody asks: the services of each role that this process has.
pub struct Sources {
    pub web: Option<Services>,
    pub work: Option<Services>,
}

struct Scraped {
    handle: PrometheusHandle,
    sources: Sources,
    kinds: Registry,
    asked: Mutex<Option<Instant>>,
}

impl Exporter {
    /// Begins to keep figures, where the settings name an address for them. Before anything is counted.
    pub async fn listen(config: &Config) -> Result<Option<Self>> {
        let Some(address) = config.metrics_address else { return Ok(None) };
        let listener = TcpListener::bind(address)
            .await
            .map_err(|error| Error::internal(format!("cannot listen at {address} (SHEAF_METRICS_ADDRESS): {error}")))?;
        let handle = install().map_err(|error| Error::internal(format!("the figures for Prometheus: {error}")))?;
        metrics::STARTED.set(Clock::system().now().timestamp() as f64, NO_LABELS);
        metrics::BUILD.set(1.0, [("version", env!("CARGO_PKG_VERSION"))]);
        Ok(Some(Self { handle, listener }))
    }

    /// Tells the figures to whoever asks, until `shutdown`.
    pub fn start(self, sources: Sources, shutdown: CancellationToken) {
        let Self { handle, listener } = self;
        tokio::spawn(keep_up(handle.clone(), shutdown.clone()));
        let scraped = Scraped { handle, sources, kinds: work::registry(), asked: Mutex::default() };
        let app = Router::new()
            .route("/metrics", get(scrape))
            .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, TIMEOUT))
            .with_state(Arc::new(scraped));
        tokio::spawn(async move {
            let serving = axum::serve(listener, app).with_graceful_shutdown(shutdown.cancelled_owned());
            if let Err(error) = serving.await {
                tracing::error!(error = %error, "the figures for Prometheus are told no more");
            }
        });
    }
}

fn install() -> Result<PrometheusHandle, BuildError> {
    let builder = metrics::TIMES.iter().try_fold(PrometheusBuilder::new(), |builder, time| {
        builder.set_buckets_for_metric(Matcher::Full(time.name.to_owned()), time.buckets)
    })?;
    let handle = builder.install_recorder()?;
    metrics::COUNTERS.iter().for_each(metrics::Counter::describe);
    metrics::GAUGES.iter().for_each(metrics::Gauge::describe);
    metrics::TIMES.iter().for_each(metrics::Seconds::describe);
    count_from_zero();
    Ok(handle)
}

/// Of these a single event is an alert: their series are known before it, so that it is seen as an increase.
fn count_from_zero() {
    metrics::MAILS.add(0, [("outcome", "given_up")]);
    metrics::ENTITLEMENT_DRIFT.add(0, NO_LABELS);
    metrics::PASSWORDS_REFUSED.add(0, NO_LABELS);
    metrics::COLLECT_FAILURES.add(0, NO_LABELS);
}

/// What was measured is kept one by one until somebody sorts it: without this, memory would grow where nobody asks.
async fn keep_up(handle: PrometheusHandle, shutdown: CancellationToken) {
    let mut ticks = interval(UPKEEP);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while shutdown.run_until_cancelled(ticks.tick()).await.is_some() {
        handle.run_upkeep();
    }
}

async fn scrape(State(scraped): State<Arc<Scraped>>) -> impl IntoResponse {
    scraped.look();
    scraped.ask().await;
    ([(CONTENT_TYPE, FORMAT)], scraped.handle.render())
}

impl Scraped {
    /// What this process knows of itself.
    fn look(&self) {
        if let Some(memory) = resident_memory() {
            metrics::MEMORY.set(memory, NO_LABELS);
        }
        let Sources { web, work } = &self.sources;
        if let Some(web) = web {
            metrics::PASSWORDS_WAITING.set(web.passwords.waiting() as f64, NO_LABELS);
            metrics::PASSWORDS_RUNNING.set(web.passwords.running() as f64, NO_LABELS);
        }
        for (pool, services) in [("web", web), ("work", work)] {
            let Some(services) = services else { continue };
            let (open, idle) = services.db.connections();
            metrics::DATABASE_MOST.set(f64::from(services.db.most_connections()), [("pool", pool)]);
            let used = f64::from(open) - idle as f64;
            metrics::DATABASE_CONNECTIONS.set(used.max(0.0), [("pool", pool), ("state", "used")]);
            metrics::DATABASE_CONNECTIONS.set(idle as f64, [("pool", pool), ("state", "idle")]);
        }
    }

    /// What others have to tell. Those who ask meanwhile wait for the same answer.
    async fn ask(&self) {
        let mut asked = self.asked.lock().await;
        if asked.is_some_and(|asked| asked.elapsed() < ASK) {
            return;
        }
        tokio::join!(self.ask_the_parts(), self.ask_the_queue());
        *asked = Some(Instant::now());
    }

    /// Whether they answer: nobody may poll `/readyz`, and whoever works has none.
    async fn ask_the_parts(&self) {
        if let Some(services) = self.sources.web.as_ref().or(self.sources.work.as_ref()) {
            readiness::ask(services).await;
        }
    }

    /// What waits in the queue, which whoever works may see.
    async fn ask_the_queue(&self) {
        let Some(work) = &self.sources.work else { return };
        let measured = timeout(PATIENCE, queue::measure(work, &self.kinds)).await;
        if let Err(error) = measured.unwrap_or_else(|_| Err(Error::unavailable("database: no answer in time"))) {
            metrics::COLLECT_FAILURES.add(1, NO_LABELS);
            tracing::warn!(error = %error, "what waits in the queue could not be measured");
        }
    }
}

/// In bytes; none where the kernel does not tell.
fn resident_memory() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: f64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kilobytes * 1024.0)
}
