//! The queue, on a real database and with real workers.

use std::time::Duration;

use domain::{
    ErrorKind, Result,
    actor::System,
    db::TenantTx,
    id::JobId,
    queue::{
        self, Concurrency, Enqueue, Enqueued, Job, JobContext, JobError, JobState, JobStatus, Priority, Progress,
        Registry,
    },
};
use serde::{Deserialize, Serialize};
use sqlx::{PgPool, postgres::PgListener, types::Uuid};
use tokio::time::{Instant, sleep, timeout};

use crate::{
    workshop::{Worker, note, notes},
    world::World,
};

/// For a loaded machine; a test that passes waits a fraction of it.
const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
enum Probe {
    Succeed,
    /// For so many milliseconds.
    Sleep(u64),
    Fail,
    GiveUp,
    PanicOnce,
    TellProgress,
    /// Until it is cancelled; then it notes that it left in order.
    LeaveInOrder,
    /// Fails for good, and so does telling its feature, once.
    DieHard,
}

impl Job for Probe {
    const KIND: &'static str = "probe";
    const MAX_ATTEMPTS: i32 = 3;
    const TIMEOUT: Duration = Duration::from_secs(30);

    fn backoff(_: i32) -> Duration {
        Duration::from_millis(50)
    }

    async fn run(self, context: &JobContext) -> Result<(), JobError> {
        note(context.job, "ran");
        match self {
            Self::Succeed => Ok(()),
            Self::Sleep(milliseconds) => {
                sleep(Duration::from_millis(milliseconds)).await;
                Ok(())
            }
            Self::Fail => Err(JobError::retry("the printer is on fire")),
            Self::GiveUp | Self::DieHard => Err(JobError::give_up("there is no printer")),
            Self::PanicOnce if context.attempt == 1 => panic!("no paper"),
            Self::PanicOnce => Ok(()),
            Self::TellProgress => {
                context.progress(&Progress { stage: "reading".into(), done: 7, of: None }).await?;
                sleep(Duration::from_secs(20)).await;
                Ok(())
            }
            Self::LeaveInOrder => {
                context.cancelled().await;
                note(context.job, "left in order");
                Err(JobError::cancelled())
            }
        }
    }

    async fn on_dead(self, context: &JobContext, reason: &str) -> Result<()> {
        note(context.job, format!("dead: {reason}"));
        if matches!(self, Self::DieHard) && notes(context.job).len() < 4 {
            return Err(domain::Error::unavailable("the telephone"));
        }
        Ok(())
    }

    async fn on_cancelled(self, context: &JobContext) -> Result<()> {
        note(context.job, "called off");
        Ok(())
    }
}

/// A kind with a timeout that a test can wait for.
#[derive(Debug, Serialize, Deserialize)]
struct Hasty {}

impl Job for Hasty {
    const KIND: &'static str = "hasty";
    const MAX_ATTEMPTS: i32 = 2;
    const TIMEOUT: Duration = Duration::from_millis(200);

    fn backoff(_: i32) -> Duration {
        Duration::ZERO
    }

    async fn run(self, context: &JobContext) -> Result<(), JobError> {
        note(context.job, "ran");
        sleep(Duration::from_secs(20)).await;
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_lives_and_dies_with_its_transaction() {
    let world = World::new().await;
    let mut tx = acme(&world).await;
    let job = enqueue_in(&world, &mut tx, Probe::Succeed, Enqueue::default()).await;
    drop(tx);
    let lost = queue::status(&mut acme(&world).await, job.id).await.unwrap_err();
    assert!(lost.is(ErrorKind::NotFound));

    let kept = enqueue(&world, Probe::Succeed).await;
    let status = look(&world, kept).await;
    assert_eq!((status.state, status.attempt, status.kind.as_str()), (JobState::Waiting, 0, "probe"));
}

#[tokio::test(flavor = "multi_thread")]
async fn workers_are_told_of_a_commit_and_not_of_a_rollback() {
    let world = World::new().await;
    let mut listener = PgListener::connect_with(table(&world)).await.unwrap();
    listener.listen("sheaf_jobs").await.unwrap();
    let quiet = Duration::from_millis(300); // The mails of the world come first.
    while timeout(quiet, listener.recv()).await.is_ok() {}
    let mut tx = acme(&world).await;
    enqueue_in(&world, &mut tx, Probe::Succeed, Enqueue::default()).await;
    drop(tx);
    assert!(timeout(quiet, listener.recv()).await.is_err());
    enqueue(&world, Probe::Succeed).await;
    timeout(PATIENCE, listener.recv()).await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_committed_job_is_done_once() {
    let world = World::new().await;
    let worker = start(&world);
    let job = enqueue(&world, Probe::Succeed).await;
    let status = wait_for(&world, job, |status| status.state.is_finished()).await;
    assert_eq!((status.state, status.attempt), (JobState::Done, 1));
    assert!(status.started_at.is_some() && status.finished_at.is_some());
    assert_eq!(notes(job), ["ran"]);
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_duplicate_key_answers_the_job_that_is_there() {
    let world = World::new().await;
    let mut tx = acme(&world).await;
    let first = enqueue_in(&world, &mut tx, Probe::Succeed, Enqueue::once("order 7")).await;
    let second = enqueue_in(&world, &mut tx, Probe::Succeed, Enqueue::once("order 7")).await;
    assert!(!first.existing);
    assert_eq!(second, Enqueued { id: first.id, existing: true });
    let other = enqueue_in(&world, &mut tx, Probe::Succeed, Enqueue::once("order 8")).await;
    assert!(!other.existing);
    tx.commit().await.unwrap();

    // The key is Acme's: Globex has one of its own, and cannot learn from it that Acme's is taken.
    let mut tx = globex(&world).await;
    assert!(!enqueue_in(&world, &mut tx, Probe::Succeed, Enqueue::once("order 7")).await.existing);
    tx.commit().await.unwrap();

    let worker = start(&world);
    wait_for(&world, first.id, |status| status.state == JobState::Done).await;
    worker.stop().await;
    let mut tx = acme(&world).await;
    assert!(!enqueue_in(&world, &mut tx, Probe::Succeed, Enqueue::once("order 7")).await.existing);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_key_enqueued_from_many_sides_at_once_makes_one_job() {
    let world = World::new().await;
    let enqueued = (0..16).map(|_| async {
        let mut tx = acme(&world).await;
        let enqueued = enqueue_in(&world, &mut tx, Probe::Succeed, Enqueue::once("the same")).await;
        tx.commit().await.unwrap();
        enqueued
    });
    let enqueued = futures::future::join_all(enqueued).await;
    assert_eq!(enqueued.iter().filter(|one| !one.existing).count(), 1);
    assert!(enqueued.iter().all(|one| one.id == enqueued[0].id));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_job_is_tried_again_and_then_dead() {
    let world = World::new().await;
    let worker = start(&world);
    let job = enqueue(&world, Probe::Fail).await;
    let status = wait_for(&world, job, |status| status.state.is_finished()).await;
    assert_eq!((status.state, status.attempt), (JobState::Dead, 3));
    assert_eq!(status.last_error.as_deref(), Some("the printer is on fire"));
    assert_eq!(notes(job), ["ran", "ran", "ran", "dead: the printer is on fire"]);
    let dead = queue::find_dead(&mut acme(&world).await).await.unwrap();
    assert_eq!(dead.iter().map(|status| status.id).collect::<Vec<_>>(), [job]);
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_gives_up_is_dead_at_once() {
    let world = World::new().await;
    let worker = start(&world);
    let job = enqueue(&world, Probe::GiveUp).await;
    let status = wait_for(&world, job, |status| status.state.is_finished()).await;
    assert_eq!((status.state, status.attempt), (JobState::Dead, 1));
    assert_eq!(notes(job), ["ran", "dead: there is no printer"]);
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_dead_only_once_its_feature_was_told() {
    let world = World::new().await;
    let worker = start(&world);
    let job = enqueue(&world, Probe::DieHard).await;
    let status = wait_for(&world, job, |status| status.state.is_finished()).await;
    assert_eq!((status.state, status.attempt), (JobState::Dead, 2));
    let told = "dead: there is no printer";
    assert_eq!(notes(job), ["ran", told, "ran", told]);
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_counts_as_a_failed_attempt() {
    let world = World::new().await;
    let worker = start(&world);
    let job = enqueue(&world, Probe::PanicOnce).await;
    let status = wait_for(&world, job, |status| status.state.is_finished()).await;
    assert_eq!((status.state, status.attempt), (JobState::Done, 2));
    assert_eq!(status.last_error.as_deref(), Some("the job panicked: no paper"));
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_that_takes_too_long_fails() {
    let world = World::new().await;
    let worker = start(&world);
    let mut tx = acme(&world).await;
    let job = queue::enqueue(&mut tx, &world.services.clock, &Hasty {}, Enqueue::default()).await.unwrap().id;
    tx.commit().await.unwrap();
    let status = wait_for(&world, job, |status| status.state.is_finished()).await;
    assert_eq!((status.state, status.attempt), (JobState::Dead, 2));
    assert_eq!(status.last_error.as_deref(), Some("it took too long"));
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_waits_for_its_time_and_its_turn() {
    let world = World::new().await;
    let mut tx = acme(&world).await;
    let later = chrono::DateTime::from_timestamp(4_102_444_800, 0);
    let options = |priority| Enqueue { priority: Some(priority), ..Enqueue::default() };
    let future = enqueue_in(&world, &mut tx, Probe::Succeed, Enqueue { run_at: later, ..Enqueue::default() }).await.id;
    let batch = enqueue_in(&world, &mut tx, Probe::Succeed, options(Priority::Batch)).await.id;
    let normal = enqueue_in(&world, &mut tx, Probe::Succeed, options(Priority::Normal)).await.id;
    let interactive = enqueue_in(&world, &mut tx, Probe::Succeed, options(Priority::Interactive)).await.id;
    tx.commit().await.unwrap();

    let worker = start_with(&world, Concurrency::default().limit("probe", 1));
    let mut begun = Vec::new();
    for job in [batch, normal, interactive] {
        let status = wait_for(&world, job, |status| status.state == JobState::Done).await;
        begun.push((status.started_at, job));
    }
    begun.sort();
    assert_eq!(begun.iter().map(|(_, job)| *job).collect::<Vec<_>>(), [interactive, normal, batch]);
    assert_eq!(look(&world, future).await.state, JobState::Waiting);
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_workers_share_the_work_and_repeat_none() {
    let world = World::new().await;
    let mut tx = acme(&world).await;
    let mut jobs = Vec::new();
    for _ in 0..100 {
        jobs.push(enqueue_in(&world, &mut tx, Probe::Sleep(2), Enqueue::default()).await.id);
    }
    tx.commit().await.unwrap();
    let workers = [start(&world), start(&world)];
    for job in jobs {
        let status = wait_for(&world, job, |status| status.state == JobState::Done).await;
        assert_eq!((status.attempt, notes(job)), (1, vec!["ran".to_owned()]));
    }
    for worker in workers {
        worker.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_of_a_worker_that_died_runs_again() {
    let world = World::new().await;
    let job = enqueue(&world, Probe::Succeed).await;
    pretend_that_its_worker_died(&world, job, 1).await;
    let worker = start(&world);
    let status = wait_for(&world, job, |status| status.state.is_finished()).await;
    assert_eq!((status.state, status.attempt), (JobState::Done, 2));
    assert_eq!(status.last_error.as_deref(), Some("the worker died"));
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_kills_every_worker_is_dead_and_its_feature_told() {
    let world = World::new().await;
    let job = enqueue(&world, Probe::Succeed).await;
    pretend_that_its_worker_died(&world, job, Probe::MAX_ATTEMPTS).await;
    let worker = start(&world);
    let status = wait_for(&world, job, |status| status.state.is_finished()).await;
    assert_eq!((status.state, status.attempt), (JobState::Dead, Probe::MAX_ATTEMPTS));
    assert_eq!(status.last_error.as_deref(), Some("the worker died"));
    assert_eq!(notes(job), ["dead: the worker died"]);
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_lost_its_lease_changes_nothing() {
    let world = World::new().await;
    let worker = start(&world);
    let job = enqueue(&world, Probe::Sleep(300)).await;
    wait_for(&world, job, |_| notes(job) == ["ran"]).await;
    let theirs = give_to_another_worker(&world, job).await;
    sleep(Duration::from_millis(1_500)).await;
    assert_eq!(look(&world, job).await.state, JobState::Running);
    assert_eq!(lease_of(&world, job).await, Some(theirs));
    // Nor does it take the job back when it stops.
    worker.stop().await;
    assert_eq!(lease_of(&world, job).await, Some(theirs));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_is_renewed_for_as_long_as_the_job_runs() {
    let world = World::new().await;
    let worker = start(&world);
    let job = enqueue(&world, Probe::Sleep(12_000)).await;
    let status = wait_for(&world, job, |status| status.state.is_finished()).await;
    assert_eq!((status.state, status.attempt), (JobState::Done, 1));
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_job_is_cancelled_within_two_seconds() {
    let world = World::new().await;
    let worker = start(&world);
    let (polite, deaf) = (enqueue(&world, Probe::LeaveInOrder).await, enqueue(&world, Probe::Sleep(20_000)).await);
    for job in [polite, deaf] {
        wait_for(&world, job, |_| notes(job) == ["ran"]).await;
    }
    let asked = Instant::now();
    for job in [polite, deaf] {
        assert_eq!(cancel(&world, job).await, JobState::Running);
    }
    for job in [polite, deaf] {
        let status = wait_for(&world, job, |status| status.state.is_finished()).await;
        assert_eq!((status.state, status.attempt), (JobState::Cancelled, 1));
    }
    assert!(asked.elapsed() < Duration::from_secs(2), "{:?}", asked.elapsed());
    assert_eq!(notes(polite), ["ran", "left in order", "called off"]);
    assert_eq!(notes(deaf), ["ran", "called off"]);
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_waiting_job_is_cancelled_at_once_and_can_run_again() {
    let world = World::new().await;
    let job = enqueue(&world, Probe::Succeed).await;
    assert_eq!(cancel(&world, job).await, JobState::Cancelled);
    assert_eq!(cancel(&world, job).await, JobState::Cancelled);
    retry(&world, job).await.unwrap();
    assert!(retry(&world, job).await.unwrap_err().is(ErrorKind::Conflict));
    let worker = start(&world);
    let status = wait_for(&world, job, |status| status.state.is_finished()).await;
    assert_eq!((status.state, status.attempt), (JobState::Done, 1));
    assert_eq!(cancel(&world, job).await, JobState::Done);
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_job_is_not_run_again_beside_another_with_its_key() {
    let world = World::new().await;
    let mut tx = acme(&world).await;
    let first = enqueue_in(&world, &mut tx, Probe::Succeed, Enqueue::once("order 7")).await.id;
    queue::cancel(&mut tx, first).await.unwrap();
    enqueue_in(&world, &mut tx, Probe::Succeed, Enqueue::once("order 7")).await;
    tx.commit().await.unwrap();
    assert!(retry(&world, first).await.unwrap_err().is(ErrorKind::Conflict));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clean_stop_hands_a_job_back_without_spending_its_attempt() {
    let world = World::new().await;
    let first = start(&world);
    let long = enqueue(&world, Probe::Sleep(3_000)).await;
    wait_for(&world, long, |_| notes(long) == ["ran"]).await;
    let asked = Instant::now();
    first.stop().await;
    assert!(asked.elapsed() < Duration::from_secs(1), "{:?}", asked.elapsed());
    let status = look(&world, long).await;
    assert_eq!((status.state, status.attempt), (JobState::Waiting, 0));

    let second = start(&world);
    let status = wait_for(&world, long, |status| status.state.is_finished()).await;
    assert_eq!((status.state, status.attempt), (JobState::Done, 1));
    second.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_is_nearly_done_may_finish_in_a_clean_stop() {
    let world = World::new().await;
    let worker = start(&world);
    let short = enqueue(&world, Probe::Sleep(200)).await;
    wait_for(&world, short, |_| notes(short) == ["ran"]).await;
    worker.stop().await;
    assert_eq!(look(&world, short).await.state, JobState::Done);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poisoned_payload_is_dead_at_once() {
    let world = World::new().await;
    let poisoned = enqueue(&world, Probe::Succeed).await;
    rewrite(&world, poisoned, "update job set payload = '{\"nonsense\": 1}' where id = $1").await;
    let worker = start(&world);
    let status = wait_for(&world, poisoned, |status| status.state.is_finished()).await;
    assert_eq!((status.state, status.attempt), (JobState::Dead, 1));
    assert!(status.last_error.unwrap().starts_with("the payload is not one of kind probe"));
    let healthy = enqueue(&world, Probe::Succeed).await;
    wait_for(&world, healthy, |status| status.state == JobState::Done).await;
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kind_of_a_later_version_is_left_for_it() {
    let world = World::new().await;
    let unknown = enqueue(&world, Probe::Succeed).await;
    rewrite(&world, unknown, "update job set kind = 'of_a_later_version' where id = $1").await;
    let worker = start(&world);
    let known = enqueue(&world, Probe::Succeed).await;
    wait_for(&world, known, |status| status.state == JobState::Done).await;
    let status = look(&world, unknown).await;
    assert_eq!((status.state, status.attempt), (JobState::Waiting, 0));
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_tells_how_far_it_is() {
    let world = World::new().await;
    let worker = start(&world);
    let job = enqueue(&world, Probe::TellProgress).await;
    let status = wait_for(&world, job, |status| status.progress.is_some()).await;
    assert_eq!(status.progress.unwrap(), serde_json::json!({ "stage": "reading", "done": 7, "of": null }));
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_survives_the_loss_of_all_its_connections() {
    let world = World::new().await;
    let worker = start(&world);
    let running = enqueue(&world, Probe::Sleep(1_000)).await;
    wait_for(&world, running, |_| notes(running) == ["ran"]).await;
    cut_all_connections_of_workers(&world).await;
    let after = enqueue(&world, Probe::Succeed).await;
    for job in [running, after] {
        let status = wait_for(&world, job, |status| status.state.is_finished()).await;
        assert_eq!((status.state, status.attempt), (JobState::Done, 1));
    }
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn eve_cannot_see_cancel_or_retry_a_job_of_acme() {
    let world = World::new().await;
    let waiting = enqueue(&world, Probe::Succeed).await;
    let dead = enqueue(&world, Probe::Succeed).await;
    rewrite(&world, dead, "update job set state = 'dead', finished_at = now(), died_at = now() where id = $1").await;
    let mut eve = globex(&world).await;
    for job in [waiting, dead] {
        assert!(queue::status(&mut eve, job).await.unwrap_err().is(ErrorKind::NotFound));
        assert!(queue::cancel(&mut eve, job).await.unwrap_err().is(ErrorKind::NotFound));
        assert!(queue::retry(&mut eve, job).await.unwrap_err().is(ErrorKind::NotFound));
    }
    assert!(queue::find_dead(&mut eve).await.unwrap().is_empty());
    eve.commit().await.unwrap();
    assert_eq!(look(&world, waiting).await.state, JobState::Waiting);
    assert_eq!(look(&world, dead).await.state, JobState::Dead);
}

fn start(world: &World) -> Worker {
    start_with(world, Concurrency::default().limit("probe", 4))
}

fn start_with(world: &World, concurrency: Concurrency) -> Worker {
    Worker::start_with(&world.workers, Registry::new().register::<Probe>().register::<Hasty>(), concurrency)
}

async fn acme(world: &World) -> TenantTx {
    world.services.db.tenant(&System::for_tenant(world.acme)).await.unwrap()
}

async fn globex(world: &World) -> TenantTx {
    world.services.db.tenant(&System::for_tenant(world.globex)).await.unwrap()
}

async fn enqueue(world: &World, probe: Probe) -> JobId {
    let mut tx = acme(world).await;
    let job = enqueue_in(world, &mut tx, probe, Enqueue::default()).await.id;
    tx.commit().await.unwrap();
    job
}

async fn enqueue_in(world: &World, tx: &mut TenantTx, probe: Probe, options: Enqueue) -> Enqueued {
    queue::enqueue(tx, &world.services.clock, &probe, options).await.unwrap()
}

async fn look(world: &World, job: JobId) -> JobStatus {
    queue::status(&mut acme(world).await, job).await.unwrap()
}

async fn wait_for(world: &World, job: JobId, is_so: impl Fn(&JobStatus) -> bool) -> JobStatus {
    let begun = Instant::now();
    loop {
        let status = look(world, job).await;
        if is_so(&status) {
            return status;
        }
        assert!(begun.elapsed() < PATIENCE, "in vain: {status:?}, which noted {:?}", notes(job));
        sleep(Duration::from_millis(20)).await;
    }
}

async fn cancel(world: &World, job: JobId) -> JobState {
    let mut tx = acme(world).await;
    let state = queue::cancel(&mut tx, job).await.unwrap();
    tx.commit().await.unwrap();
    state
}

async fn retry(world: &World, job: JobId) -> Result<()> {
    let mut tx = acme(world).await;
    queue::retry(&mut tx, job).await?;
    tx.commit().await
}

/// The table, past the queue: what a crash or a version of the past would leave in it.
fn table(world: &World) -> &PgPool {
    world.workers.db.sessions()
}

/// Past the workers' role too, which may not change what a job is.
async fn rewrite(world: &World, job: JobId, sql: &'static str) {
    assert_eq!(sqlx::query(sql).bind(job.0).execute(&mut world.superuser().await).await.unwrap().rows_affected(), 1);
}

async fn pretend_that_its_worker_died(world: &World, job: JobId, attempt: i32) {
    let sql = "update job set state = 'running', attempt = $2, started_at = now(), worker = gen_random_uuid(),
                              lease_token = gen_random_uuid(), lease_until = now() - interval '1 second'
               where id = $1";
    sqlx::query(sql).bind(job.0).bind(attempt).execute(table(world)).await.unwrap();
}

async fn give_to_another_worker(world: &World, job: JobId) -> Uuid {
    let sql = "update job set worker = gen_random_uuid(), lease_token = gen_random_uuid(),
                              lease_until = now() + interval '1 hour'
               where id = $1 and state = 'running' returning lease_token";
    sqlx::query_scalar(sql).bind(job.0).fetch_one(table(world)).await.unwrap()
}

async fn lease_of(world: &World, job: JobId) -> Option<Uuid> {
    sqlx::query_scalar("select lease_token from job where id = $1").bind(job.0).fetch_one(table(world)).await.unwrap()
}

async fn cut_all_connections_of_workers(world: &World) {
    let sql = "select pg_terminate_backend(pid) from pg_stat_activity
               where datname = current_database() and usename = current_user and pid <> pg_backend_pid()";
    sqlx::query(sql).execute(table(world)).await.unwrap();
}
