//! A worker process, from its start to its stop.

use std::{any::Any, sync::Arc, time::Duration};

use apalis::{
    layers::{WorkerBuilderExt, catch_panic::CatchPanicLayer},
    prelude::{Monitor, WorkerBuilder},
};
use sqlx::{PgPool, postgres::PgPoolOptions};
use tokio::{
    sync::Notify,
    task::JoinSet,
    time::{sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};
use uuid::Uuid;

use super::{
    Concurrency, JobError, JobState, Registry,
    backend::LaneBackend,
    fault,
    lease::{self, Leases},
    left_behind::LeftBehind,
    low_water::LowWater,
    poller::{Claimed, Lane, LastClaim, Paused, Poller, Round},
    registry::Kind,
    rescuer::Rescuer,
    settle,
    settler::Settler,
    teller::Teller,
    wake,
    worker_store::{self, Attempt, Settlement},
};
use crate::{
    Services,
    db::giving_up_the_silent,
    error::{Error, Result},
};

/// Of the queue's own connections: one listens, one claims, one keeps the leases, one looks after and settles, and one is to spare
/// while that which listens is made anew. They are not the jobs', so that jobs which use up theirs do not lose their leases.
const CONNECTIONS: u32 = 5;

/// The plans of the queue are those that its indexes are made for, whatever the statistics say: they are always late for a table
/// that is empty in one minute and holds a million jobs in the next. And nobody waits for a lock for long.
const PINNED: [(&str, &str); 7] = [
    ("enable_seqscan", "off"),
    ("enable_bitmapscan", "off"),
    ("enable_hashjoin", "off"),
    ("enable_mergejoin", "off"),
    ("plan_cache_mode", "force_generic_plan"),
    ("jit", "off"),
    ("lock_timeout", "2s"),
];

/// For a claim that is under way when the worker is told to stop.
const LAST_CLAIM: Duration = Duration::from_millis(300);

/// For the jobs to end, and for apalis to notice. Longer than the grace of a job.
const LAST_JOBS: Duration = Duration::from_millis(1_500);

/// For handing back what is left.
const HAND_BACK: Duration = Duration::from_secs(2);

/// Runs the jobs of these kinds until `shutdown` is cancelled, however often the database goes away. Then it gives running
/// jobs half a second, hands back those that did not finish without spending their attempt, and returns.
///
/// Fails where `concurrency` names a kind that the registry does not have.
pub async fn work(
    services: Services,
    registry: Registry,
    concurrency: Concurrency,
    shutdown: CancellationToken,
) -> Result<()> {
    let kinds: Vec<Arc<Kind>> = registry.into_kinds(&concurrency)?.into_iter().map(Arc::new).collect();
    // Fresh for each start, so that nothing of a process that died is taken for this one's.
    let worker: Uuid = services.clock.id();
    let housekeeping = services.db.sessions().clone();
    let pool = own_pool(&housekeeping);
    let (leases, bell, teller) = (Leases::default(), Arc::new(Notify::new()), Teller::default());
    let left_behind = LeftBehind::default();
    let (settler, settling) = Settler::new(pool.clone(), teller.clone());
    settle::count_from_zero(&kinds);
    tracing::info!(worker.id = %worker, kinds = ?names(&kinds), "worker started");

    let mut tasks = JoinSet::new();
    tasks.spawn(wake::listen(pool.clone(), bell.clone()));
    tasks.spawn(lease::keep(leases.clone(), pool.clone(), left_behind.clone()));
    tasks.spawn(settling);
    tasks.spawn(teller.clone().tell(pool.clone()));
    let (name, known) = (name(), names(&kinds).into_iter().map(str::to_owned).collect());
    let rescuer = Rescuer {
        worker,
        name,
        kinds: known,
        pool: pool.clone(),
        housekeeping,
        bell: bell.clone(),
        left_behind: left_behind.clone(),
    };
    tasks.spawn(rescuer.run());

    let (lanes, monitor) = executors(&kinds, &settler);
    let poller = Poller {
        services: Arc::new(services),
        pool: pool.clone(),
        worker,
        lanes,
        leases: leases.clone(),
        left_behind: left_behind.clone(),
        bell,
        paused: Paused::default(),
        teller: teller.clone(),
        round: Round::default(),
        low_water: LowWater::default(),
        last: LastClaim::default(),
    };
    let poller = AbortOnDropHandle::new(tokio::spawn(poller.run(shutdown.clone())));
    let result = run(monitor, poller, leases.clone(), left_behind.clone(), shutdown).await;

    tasks.shutdown().await;
    hand_back(&pool, worker, &leases, &left_behind, &teller).await;
    tracing::info!(worker.id = %worker, "worker stopped");
    result
}

fn own_pool(pool: &PgPool) -> PgPool {
    giving_up_the_silent(PgPoolOptions::new())
        .max_connections(CONNECTIONS)
        .acquire_timeout(Duration::from_secs(5))
        .connect_lazy_with(pool.connect_options().as_ref().clone().options(PINNED))
}

/// The machine's name and the process, for operators.
fn name() -> String {
    let machine = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    format!("{} {}", machine.trim(), std::process::id()).trim().to_owned()
}

fn names(kinds: &[Arc<Kind>]) -> Vec<&'static str> {
    kinds.iter().map(|kind| kind.name).collect()
}

/// A lane and an apalis worker for each kind. A worker that panics, which only a bug of the executor can bring about, is
/// started anew.
fn executors(kinds: &[Arc<Kind>], settler: &Settler) -> (Vec<Lane>, Monitor) {
    let mut monitor = Monitor::new().should_restart(|_, _| true);
    let mut lanes = Vec::with_capacity(kinds.len());
    for kind in kinds {
        let (lane, jobs) = Lane::new(kind);
        lanes.push(lane);
        let (backend, kind) = (LaneBackend::new(jobs, kind.clone(), settler.clone()), kind.clone());
        monitor = monitor.register(move |starts| {
            let run = kind.run;
            WorkerBuilder::new(format!("{}-{starts}", kind.name))
                .backend(backend.clone())
                .layer(CatchPanicLayer::with_panic_handler(panicked))
                .timeout(kind.timeout)
                .build(move |claimed: Claimed| run(claimed.context, claimed.payload))
        });
    }
    (lanes, monitor)
}

fn panicked(panic: &Box<dyn Any + Send>) -> JobError {
    let words = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    JobError::retry(format!("the job panicked: {}", words.unwrap_or("without a message")))
}

/// Runs until told to stop, and then until no job runs any more.
async fn run(
    monitor: Monitor,
    mut poller: AbortOnDropHandle<()>,
    leases: Leases,
    left_behind: LeftBehind,
    shutdown: CancellationToken,
) -> Result<()> {
    let signal = async {
        shutdown.cancelled().await;
        // Nothing new is claimed from here on. A claim that hangs is dropped; what it may have taken is left to others.
        if timeout(LAST_CLAIM, &mut poller).await.is_err() {
            poller.abort();
            left_behind.note();
        }
        leases.shut_down();
        Ok(())
    };
    let deadline = async {
        shutdown.cancelled().await;
        sleep(LAST_CLAIM + LAST_JOBS).await;
    };
    tokio::select! {
        ended = monitor.run_with_signal(signal) => {
            ended.map_err(|error| Error::internal(format!("the executor ended: {error}")))
        }
        () = deadline => {
            tracing::warn!("jobs did not end in time; they are dropped and handed back");
            Ok(())
        }
    }
}

/// Gives other workers what was not finished, at once. Where the database is away their leases run out instead. Where something may
/// be left behind this worker does not say that it goes, so that the others miss it and look.
async fn hand_back(pool: &PgPool, worker: Uuid, leases: &Leases, left_behind: &LeftBehind, teller: &Teller) {
    fault::point("handback.before");
    let left: Vec<Settlement> = leases.last().into_iter().map(unfinished).collect();
    let handed_back = async {
        if !left.is_empty() {
            let jobs = worker_store::settle(pool, &left.iter().collect::<Vec<_>>()).await?.len();
            tracing::info!(jobs, "unfinished jobs were handed back");
            worker_store::notify(pool).await?;
            left.iter().for_each(|settlement| teller.note(settlement.attempt.tenant));
        }
        teller.tell_now(pool).await;
        let gone = (!left_behind.may_be()).then_some(worker);
        worker_store::forget_workers(pool, gone, lease::LEASE).await
    };
    match timeout(HAND_BACK, handed_back).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!(error = %error, "unfinished jobs could not be handed back"),
        Err(_) => tracing::warn!("unfinished jobs could not be handed back in time"),
    }
    pool.close().await;
}

/// An attempt that its worker cannot finish: it is not counted, and another may begin at once.
fn unfinished(attempt: Attempt) -> Settlement {
    let (pause, took) = (Duration::ZERO, Duration::ZERO);
    Settlement { attempt, state: JobState::Waiting, pause, error: None, result: None, took, is_free: true }
}
