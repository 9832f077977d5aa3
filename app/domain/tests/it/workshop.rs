//! Workers, jobs that tell what they did, and the queue as a test looks at it.

use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex},
    time::Duration,
};

use domain::{
    Result, Services,
    actor::System,
    db::TenantTx,
    id::{JobId, TenantId},
    queue::{
        self, Concurrency, Enqueue, Enqueued, Job, JobState, JobStatus, Registry,
        machine::{self, End, Taken},
    },
};
use sqlx::AssertSqlSafe;
use tokio::{
    task::JoinHandle,
    time::{Instant, sleep},
};
use tokio_util::sync::CancellationToken;

use crate::world::World;

/// For a loaded machine; a test that passes waits a fraction of it.
const PATIENCE: Duration = Duration::from_secs(20);

/// A worker process, but for the process.
pub struct Worker {
    shutdown: CancellationToken,
    work: JoinHandle<Result<()>>,
}

impl Worker {
    pub fn start(services: &Services, registry: Registry) -> Self {
        Self::start_with(services, registry, Concurrency::default())
    }

    pub fn start_with(services: &Services, registry: Registry, concurrency: Concurrency) -> Self {
        let shutdown = CancellationToken::new();
        let work = queue::work(services.clone(), registry, concurrency, shutdown.clone());
        Self { shutdown, work: tokio::spawn(work) }
    }

    pub async fn stop(self) {
        self.shutdown.cancel();
        self.work.await.unwrap().unwrap();
    }
}

/// What each job did, by its own account. Ids are unique across tests.
static NOTES: LazyLock<Mutex<HashMap<JobId, Vec<String>>>> = LazyLock::new(Mutex::default);

pub fn note(job: JobId, what: impl Into<String>) {
    NOTES.lock().unwrap().entry(job).or_default().push(what.into());
}

pub fn notes(job: JobId) -> Vec<String> {
    NOTES.lock().unwrap().get(&job).cloned().unwrap_or_default()
}

pub async fn open(world: &World, tenant: TenantId) -> TenantTx {
    world.services.db.tenant(&System::for_tenant(tenant)).await.unwrap()
}

/// Puts one job into the queue of a tenant, and commits.
pub async fn put<J: Job>(world: &World, tenant: TenantId, job: &J, options: Enqueue) -> Result<Enqueued> {
    let mut tx = open(world, tenant).await;
    let enqueued = queue::enqueue(&mut tx, &world.services.clock, job, options).await?;
    tx.commit().await?;
    Ok(enqueued)
}

/// Puts many into it, all or none.
pub async fn put_all<J: Job>(world: &World, tenant: TenantId, jobs: Vec<(J, Enqueue)>) -> Result<Vec<Enqueued>> {
    let mut tx = open(world, tenant).await;
    let enqueued = queue::enqueue_all(&mut tx, &world.services.clock, jobs).await?;
    tx.commit().await?;
    Ok(enqueued)
}

pub async fn look(world: &World, tenant: TenantId, job: JobId) -> JobStatus {
    queue::status(&mut open(world, tenant).await, job).await.unwrap()
}

pub async fn wait_for(world: &World, tenant: TenantId, job: JobId, is_so: impl Fn(&JobStatus) -> bool) -> JobStatus {
    let begun = Instant::now();
    loop {
        let status = look(world, tenant, job).await;
        if is_so(&status) {
            return status;
        }
        assert!(begun.elapsed() < PATIENCE, "in vain: {status:?}, which noted {:?}", notes(job));
        sleep(Duration::from_millis(20)).await;
    }
}

pub async fn finished(world: &World, tenant: TenantId, job: JobId) -> JobStatus {
    wait_for(world, tenant, job, |status| status.state.is_finished()).await
}

pub async fn done(world: &World, tenant: TenantId, job: JobId) -> JobStatus {
    let status = finished(world, tenant, job).await;
    assert_eq!(status.state, JobState::Done, "{status:?}");
    status
}

/// Until a job has noted so many things.
pub async fn noted(world: &World, tenant: TenantId, job: JobId, count: usize) {
    wait_for(world, tenant, job, |_| notes(job).len() >= count).await;
}

/// Says of attempts that were claimed by hand that they are done, and how many seconds each took.
pub async fn settle_done(world: &World, taken: &[Taken], seconds: f64) {
    if taken.is_empty() {
        return;
    }
    let ends: Vec<End> = taken.iter().map(|job| end(job, JobState::Done, seconds)).collect();
    let held = machine::settle(world.workers.db.sessions(), &ends).await.unwrap();
    assert_eq!(held.len(), taken.len(), "all of them held");
}

pub fn end(job: &Taken, state: JobState, seconds: f64) -> End {
    let (held, kind) = (job.held, job.kind.clone());
    End { held, kind, state, pause: Duration::ZERO, seconds, attempts_back: false }
}

/// Until it holds, as it does within this time.
pub async fn within(time: Duration, what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    while !holds().await {
        assert!(begun.elapsed() < time, "{what}");
        sleep(Duration::from_millis(10)).await;
    }
}

/// Past the queue and every policy: a number that a query answers.
pub async fn number(world: &World, query: &str) -> i64 {
    let query = sqlx::query_scalar(AssertSqlSafe(query.to_owned()));
    query.fetch_one(&mut world.superuser().await).await.unwrap()
}

/// The same for what changes something: how many rows it changed.
pub async fn change(world: &World, statement: &str) -> u64 {
    let statement = sqlx::query(AssertSqlSafe(statement.to_owned()));
    statement.execute(&mut world.superuser().await).await.unwrap().rows_affected()
}
