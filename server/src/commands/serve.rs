//! The roles that run until a signal.

use std::{
    process::ExitCode,
    time::{Duration, Instant},
};

use domain::{Error, Result, Services, db::setup, health};
use tokio::net::TcpListener;

use super::{seed, worker_of};
use crate::{
    boot::{self, Databases},
    config::Config,
    shutdown::Shutdown,
    telemetry::{Exporter, Sources, Watch},
    web, work,
};

/// The web server and a worker in one process.
pub async fn all(config: Config) -> Result<ExitCode> {
    let started = Instant::now();
    // Before anything else is started: a port that is taken is the likeliest failure.
    let (listener, exporter) = (listen(&config).await?, Exporter::listen(&config).await?);
    let (databases, embedded) = boot::databases(&config).await?;
    embedded.around(run_all(&config, databases, listener, exporter, started)).await
}

/// The web server alone.
pub async fn serve(config: Config) -> Result<ExitCode> {
    let (listener, exporter) = (listen(&config).await?, Exporter::listen(&config).await?);
    let (databases, embedded) = boot::databases(&config).await?;
    let server = async {
        migrate_if_owner(&databases).await?;
        let services = boot::services(&config, databases.open_app(&config))?;
        let shutdown = Shutdown::on_signal(config.drain())?;
        tell_figures(exporter, Some(&services), None, &shutdown);
        announce(&config, None);
        let watch = Watch::start(&config, Some(&services))?;
        let figures = tokio::spawn(health::keep(services.clone(), shutdown.stopping.clone()));
        let served = web::serve(&config, services, listener, shutdown.clone()).await;
        shutdown.now();
        figures.await.map_err(Error::internal)?;
        watch.end().await;
        served.map(|()| ExitCode::SUCCESS)
    };
    embedded.around(server).await
}

/// A worker alone.
pub async fn work(config: Config) -> Result<ExitCode> {
    let exporter = Exporter::listen(&config).await?;
    let (databases, embedded) = boot::databases(&config).await?;
    let server = async {
        let worker = worker_of(&databases)?;
        let services = boot::services(&config, Databases::open_worker(worker, &config))?;
        let (probes, shutdown) = (boot::probes(&config)?, Shutdown::on_signal(config.drain())?);
        tell_figures(exporter, None, Some(&services), &shutdown);
        let watch = Watch::start(&config, None)?;
        let figures = tokio::spawn(health::keep(services.clone(), shutdown.stopping.clone()));
        let kinds = config.kinds;
        let worked = work::run(services, kinds, config.concurrency, probes, shutdown.draining.clone()).await;
        shutdown.now();
        figures.await.map_err(Error::internal)?;
        watch.end().await;
        worked.map(|()| ExitCode::SUCCESS)
    };
    embedded.around(server).await
}

async fn run_all(
    config: &Config,
    databases: Databases,
    listener: TcpListener,
    exporter: Option<Exporter>,
    started: Instant,
) -> Result<ExitCode> {
    migrate_if_owner(&databases).await?;
    let worker = worker_of(&databases)?;
    let for_web = boot::services(config, databases.open_app(config))?;
    let for_work = boot::services(config, Databases::open_worker(worker, config))?;
    // The demo workspace belongs to a Sheaf that somebody tries out, not to one that was given a database.
    let demo = config.database_url.is_none();
    if demo {
        seed::seed(&for_web).await?;
    }
    let shutdown = Shutdown::on_signal(config.drain())?;
    tell_figures(exporter, Some(&for_web), Some(&for_work), &shutdown);
    announce(config, demo.then(|| started.elapsed()));
    let watch = Watch::start(config, Some(&for_web))?;
    let ran = run_both(config, for_web, for_work, listener, shutdown).await;
    watch.end().await;
    ran.map(|()| ExitCode::SUCCESS)
}

async fn run_both(
    config: &Config,
    for_web: Services,
    for_work: Services,
    listener: TcpListener,
    shutdown: Shutdown,
) -> Result<()> {
    let (kinds, limits) = (config.kinds.clone(), config.concurrency.clone());
    let figures = tokio::spawn(health::keep(for_web.clone(), shutdown.stopping.clone()));
    let worker = tokio::spawn(work::run(for_work, kinds, limits, boot::probes(config)?, shutdown.draining.clone()));
    let served = web::serve(config, for_web, listener, shutdown.clone()).await;
    shutdown.now();
    let worked = worker.await.map_err(Error::internal)?;
    figures.await.map_err(Error::internal)?;
    served.and(worked)
}

/// Tells Prometheus the figures, where the settings say at which address.
fn tell_figures(exporter: Option<Exporter>, web: Option<&Services>, work: Option<&Services>, shutdown: &Shutdown) {
    if let Some(exporter) = exporter {
        exporter.start(Sources { web: web.cloned(), work: work.cloned() }, shutdown.stopping.clone());
    }
}

async fn migrate_if_owner(databases: &Databases) -> Result<()> {
    match &databases.owner {
        Some(owner) => setup::migrate(owner).await,
        None => Ok(()),
    }
}

async fn listen(config: &Config) -> Result<TcpListener> {
    TcpListener::bind(config.address)
        .await
        .map_err(|error| Error::internal(format!("cannot listen at {} (SHEAF_ADDRESS): {error}", config.address)))
}

#[expect(clippy::print_stdout, reason = "whoever starts Sheaf by hand wants to know where it is")]
fn announce(config: &Config, demo_after: Option<Duration>) {
    println!("\n  Sheaf is at {}", config.public_url());
    if let Some(elapsed) = demo_after {
        println!("  Sign in as {} with the password {}", seed::EMAIL, seed::PASSWORD);
        println!("  (started in {:.1} s; stop with Ctrl-C)\n", elapsed.as_secs_f64());
    }
}
