//! What the queue does with jobs, tenants and workers that are not as they should be.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use chrono::TimeDelta;
use domain::{
    ErrorKind, Services,
    clock::Clock,
    queue::{
        self, Concurrency, Enqueue, Job, JobContext, JobError, JobState, Registry,
        machine::{self, Lanes, Taken},
    },
    tenants,
};
use serde::{Deserialize, Serialize};
use tokio::time::sleep;
use uuid::Uuid;

use crate::{
    workshop::{
        Worker, change, done, finished, look, note, noted, notes, number, open, put, put_all, settle_done, wait_for,
    },
    world::World,
};

/// Does what its payload says.
#[derive(Debug, Clone, Serialize, Deserialize)]
enum Deed {
    Nothing,
    /// For so many milliseconds.
    Sleep(u64),
    Never,
    Panic,
    FailOnce,
    /// Waits until its tenant is gone, and then writes in it.
    Haunt,
    Carry(String),
}

impl Job for Deed {
    const KIND: &'static str = "deed";
    const MAX_ATTEMPTS: i32 = 2;
    const TIMEOUT: Duration = Duration::from_secs(10);

    fn backoff(_: i32) -> Duration {
        Duration::from_millis(20)
    }

    async fn run(self, context: &JobContext) -> Result<(), JobError> {
        note(context.job, "ran");
        match self {
            Self::Nothing | Self::Carry(_) => Ok(()),
            Self::Sleep(milliseconds) => {
                sleep(Duration::from_millis(milliseconds)).await;
                Ok(())
            }
            Self::Never => std::future::pending().await,
            Self::Panic => panic!("there is no paper"),
            Self::FailOnce if context.attempt == 1 => Err(JobError::retry("not yet")),
            Self::FailOnce => Ok(()),
            Self::Haunt => {
                while !IS_GONE.load(Ordering::Relaxed) {
                    sleep(Duration::from_millis(5)).await;
                }
                let (services, mut tx) = (&context.services, context.services.db.tenant(&context.system()).await?);
                let written = queue::enqueue(&mut tx, &services.clock, &Self::Nothing, Enqueue::default()).await;
                let is_written = written.is_ok() && tx.commit().await.is_ok();
                note(context.job, if is_written { "wrote" } else { "was refused" });
                Ok(())
            }
        }
    }
}

/// Whether Globex was deleted, in the one test that does so.
static IS_GONE: AtomicBool = AtomicBool::new(false);

/// A kind that only the next version knows.
#[derive(Debug, Serialize, Deserialize)]
struct Novelty {
    pages: u32,
}

impl Job for Novelty {
    const KIND: &'static str = "novelty";
    const TIMEOUT: Duration = Duration::from_secs(3);

    async fn run(self, context: &JobContext) -> Result<(), JobError> {
        note(context.job, format!("{} pages", self.pages));
        Ok(())
    }
}

/// A kind that is told no end of time, but has no more of it than a test waits for.
#[derive(Debug, Serialize, Deserialize)]
struct Endless {
    ends: bool,
}

impl Job for Endless {
    const KIND: &'static str = "endless";
    const MAX_ATTEMPTS: i32 = 2;
    const TIMEOUT: Duration = Duration::from_millis(200);
    const CONCURRENCY: usize = 1;

    fn backoff(_: i32) -> Duration {
        Duration::ZERO
    }

    async fn run(self, context: &JobContext) -> Result<(), JobError> {
        note(context.job, "ran");
        if !self.ends {
            std::future::pending::<()>().await;
        }
        Ok(())
    }
}

fn registry() -> Registry {
    Registry::new().register::<Deed>()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kind_that_this_version_does_not_know_is_kept_and_shown_and_run_by_the_next() {
    let world = World::new().await;
    let this_version = Worker::start(&world.workers, registry());
    let unknown = put(&world, world.acme, &Novelty { pages: 7 }, Enqueue::default()).await.unwrap().id;
    let known = put(&world, world.acme, &Deed::Nothing, Enqueue::default()).await.unwrap().id;
    done(&world, world.acme, known).await;
    let status = look(&world, world.acme, unknown).await;
    assert_eq!((status.kind.as_str(), status.state, status.attempt), ("novelty", JobState::Waiting, 0));
    assert_eq!(status.last_error, None);

    let next_version = Worker::start(&world.workers, registry().register::<Novelty>());
    let status = done(&world, world.acme, unknown).await;
    assert_eq!((status.attempt, notes(unknown)), (1, vec!["7 pages".to_owned()]));
    this_version.stop().await;
    next_version.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payload_of_10_mb_is_refused_and_the_transaction_goes_on() {
    let world = World::new().await;
    let (clock, mut tx) = (&world.services.clock, open(&world, world.acme).await);
    let huge = Deed::Carry("a".repeat(10_000_000));
    let refused = queue::enqueue(&mut tx, clock, &huge, Enqueue::default()).await.unwrap_err();
    assert!(refused.is(ErrorKind::LimitReached));
    assert_eq!(refused.message, "This is too much for one piece of work.");
    let among = vec![(Deed::Nothing, Enqueue::default()), (huge, Enqueue::default())];
    let refused = queue::enqueue_all(&mut tx, clock, among).await.unwrap_err();
    assert!(refused.is(ErrorKind::LimitReached));
    let small = queue::enqueue(&mut tx, clock, &Deed::Nothing, Enqueue::default()).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(number(&world, "select count(*) from job where kind = 'deed'").await, 1);
    assert_eq!(look(&world, world.acme, small.id).await.state, JobState::Waiting);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_million_jobs_at_once_are_refused_before_one_is_written() {
    let world = World::new().await;
    let (clock, mut tx) = (&world.services.clock, open(&world, world.acme).await);
    let million = vec![(Deed::Nothing, Enqueue::default()); 1_000_000];
    let asked = Instant::now();
    let refused = queue::enqueue_all(&mut tx, clock, million).await.unwrap_err();
    // To write a hundred thousand takes longer than that.
    assert!(asked.elapsed() < Duration::from_secs(2), "{:?}", asked.elapsed());
    assert!(refused.is(ErrorKind::RateLimited), "{refused}");
    assert!(refused.message.ends_with('.'), "a sentence for the person: {}", refused.message);
    let small = queue::enqueue(&mut tx, clock, &Deed::Nothing, Enqueue::default()).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(number(&world, "select count(*) from job where kind = 'deed'").await, 1);
    // None was written and then taken back: that would have left its space.
    assert!(number(&world, "select pg_relation_size('job')").await < 1_000_000);
    assert_eq!(look(&world, world.acme, small.id).await.state, JobState::Waiting);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_whose_lane_is_full_is_told_so_and_nobody_else() {
    let world = World::new().await;
    let first = put(&world, world.acme, &Deed::Nothing, Enqueue::once("first")).await.unwrap();
    change(&world, "update job_lane set max_waiting = 3 where kind = 'deed'").await;
    // For a second, a server goes by the limit that it knows.
    sleep(Duration::from_millis(1_100)).await;
    let more = vec![(Deed::Nothing, Enqueue::default()); 3];
    assert!(put_all(&world, world.acme, more).await.unwrap_err().is(ErrorKind::RateLimited));
    assert_eq!(number(&world, "select count(*) from job where kind = 'deed'").await, 1, "all or nothing");
    put_all(&world, world.acme, vec![(Deed::Nothing, Enqueue::default()); 2]).await.unwrap();
    let refused = put(&world, world.acme, &Deed::Nothing, Enqueue::default()).await.unwrap_err();
    assert!(refused.is(ErrorKind::RateLimited));
    // What is there already needs no room.
    let again = put(&world, world.acme, &Deed::Nothing, Enqueue::once("first")).await.unwrap();
    assert_eq!((again.id, again.existing), (first.id, true));
    // Another kind and another tenant have lanes of their own.
    put(&world, world.acme, &Novelty { pages: 1 }, Enqueue::default()).await.unwrap();
    put(&world, world.globex, &Deed::Nothing, Enqueue::default()).await.unwrap();

    let worker = Worker::start(&world.workers, registry());
    done(&world, world.acme, first.id).await;
    let last = put(&world, world.acme, &Deed::Nothing, Enqueue::default()).await.unwrap();
    done(&world, world.acme, last.id).await;
    worker.stop().await;

    // Nor does what was done lately, where that is to answer for it.
    put(&world, world.acme, &Deed::Nothing, Enqueue::default()).await.unwrap();
    change(&world, "update job_lane set max_waiting = 1 where kind = 'deed'").await;
    sleep(Duration::from_millis(1_100)).await;
    assert!(put(&world, world.acme, &Deed::Nothing, Enqueue::default()).await.is_err(), "it is full again");
    let recent = Enqueue { window: Some(Duration::from_secs(3_600)), ..Enqueue::once("first") };
    let again = put(&world, world.acme, &Deed::Nothing, recent).await.unwrap();
    assert_eq!((again.id, again.existing), (first.id, true));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_never_ends_is_stopped_and_makes_room() {
    let world = World::new().await;
    let worker = Worker::start(&world.workers, Registry::new().register::<Endless>());
    let endless = put(&world, world.acme, &Endless { ends: false }, Enqueue::default()).await.unwrap().id;
    noted(&world, world.acme, endless, 1).await;
    let next = put(&world, world.acme, &Endless { ends: true }, Enqueue::default()).await.unwrap().id;
    let status = finished(&world, world.acme, endless).await;
    assert_eq!((status.state, status.attempt), (JobState::Dead, 2));
    assert_eq!(status.last_error.as_deref(), Some("it took too long"));
    // It is paid for all the same: two attempts of a fifth of a second.
    assert!(status.worked >= 0.3, "{status:?}");
    done(&world, world.acme, next).await;
    worker.stop().await;
    assert_eq!(number(&world, "select sum(running)::bigint from job_lane").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_panics_takes_nothing_with_it() {
    let world = World::new().await;
    let worker = Worker::start_with(&world.workers, registry(), Concurrency::default().limit("deed", 1));
    let mut panics = Vec::new();
    for _ in 0..3 {
        panics.push(put(&world, world.acme, &Deed::Panic, Enqueue::default()).await.unwrap().id);
    }
    for job in panics {
        let status = finished(&world, world.acme, job).await;
        assert_eq!((status.state, status.attempt), (JobState::Dead, 2));
        assert_eq!(status.last_error.as_deref(), Some("the job panicked: there is no paper"));
    }
    let healthy = put(&world, world.acme, &Deed::Nothing, Enqueue::default()).await.unwrap().id;
    assert_eq!(done(&world, world.acme, healthy).await.attempt, 1);
    worker.stop().await;
}

/// What a stranger's file makes a reader eat has a limit: readers are processes of their own, whose memory the kernel
/// bounds (the tests of `reading` and of `server` ask for too much of it). A job of our own code has no such limit, and where
/// it eats all memory the kernel kills the worker with everything in it. What holds then is here: the jobs of that worker are
/// free after their leases, it is at most so many times that one takes its worker along, and the others are done.
#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_eats_all_memory_kills_a_few_workers_and_no_more() {
    let world = World::new().await;
    let greedy = put(&world, world.acme, &Deed::Never, Enqueue::default()).await.unwrap().id;
    let beside = put(&world, world.acme, &Deed::Nothing, Enqueue::default()).await.unwrap().id;
    let mut killed = 0;
    while look(&world, world.acme, greedy).await.state == JobState::Waiting {
        let taken = claim(&world).await;
        assert!(taken.iter().any(|job| job.held.job == greedy), "{taken:?}");
        let others = taken.into_iter().filter(|job| job.held.job != greedy);
        settle_done(&world, &others.collect::<Vec<_>>(), 0.0).await;
        killed += 1;
        assert_eq!(number(&world, "select running::bigint from job_lane where kind = 'deed'").await, 1);
        change(&world, "update job set lease_until = now() - interval '1 second' where state = 'running'").await;
        let freed = machine::rescue(world.workers.db.sessions(), 3, "the worker died").await.unwrap();
        assert_eq!(freed, 1);
        assert_eq!(number(&world, "select running::bigint from job_lane where kind = 'deed'").await, 0);
    }
    let status = look(&world, world.acme, greedy).await;
    assert_eq!((status.state, status.attempt), (JobState::Dead, Deed::MAX_ATTEMPTS));
    assert_eq!(status.last_error.as_deref(), Some("the worker died"));
    assert_eq!(killed, Deed::MAX_ATTEMPTS + 3);
    assert_eq!(look(&world, world.acme, beside).await.state, JobState::Done);
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_go_with_their_tenant_even_while_they_run() {
    // Its deletion is due after two weeks, so the clock of this world can be moved.
    let world = World::at_noon().await;
    let (services, clock) = (&world.services, &world.services.clock);
    let worker = Worker::start_with(&world.workers, registry(), Concurrency::default().limit("deed", 4));
    let waiting = Enqueue { run_at: Some(Clock::system().now() + TimeDelta::hours(1)), ..Enqueue::default() };
    put(&world, world.globex, &Deed::Nothing, waiting).await.unwrap();
    let mut running = Vec::new();
    for deed in [Deed::Haunt, Deed::Sleep(3_000)] {
        running.push(put(&world, world.globex, &deed, Enqueue::default()).await.unwrap().id);
    }
    for job in &running {
        noted(&world, world.globex, *job, 1).await;
    }
    tenants::ask_deletion(services, &world.eve, "Globex").await.unwrap();
    clock.advance(TimeDelta::days(15));
    assert_eq!(tenants::delete_due(&world.workers).await.unwrap(), 1);
    IS_GONE.store(true, Ordering::Relaxed);
    assert_eq!(rows_of(&world, world.globex.0).await, 0);
    // What such a job writes is refused, unless its worker has noticed before that the job is gone, and has dropped it.
    sleep(Duration::from_millis(1_500)).await;
    assert!(!notes(running[0]).contains(&"wrote".to_owned()));

    // The worker goes on.
    for deed in [Deed::Nothing, Deed::FailOnce] {
        let job = put(&world, world.acme, &deed, Enqueue::default()).await.unwrap().id;
        done(&world, world.acme, job).await;
    }
    worker.stop().await;
    assert_eq!(rows_of(&world, world.globex.0).await, 0);
    assert_eq!(number(&world, "select sum(running)::bigint from job_lane").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_workers_with_one_name_are_two_workers() {
    let world = World::new().await;
    let workers = [Worker::start(&world.workers, registry()), Worker::start(&world.workers, registry())];
    for _ in 0..500 {
        if number(&world, "select count(*) from job_worker").await == 2 {
            break;
        }
        sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(change(&world, "update job_worker set name = 'twin'").await, 2);
    let jobs = put_all(&world, world.acme, vec![(Deed::Sleep(5), Enqueue::default()); 100]).await.unwrap();
    for job in jobs {
        let status = done(&world, world.acme, job.id).await;
        assert_eq!((status.attempt, notes(job.id)), (1, vec!["ran".to_owned()]));
    }
    assert_eq!(number(&world, "select count(*) from job_worker where name = 'twin'").await, 2);
    // When one of them stops, the other's jobs stay the other's.
    let [first, second] = workers;
    let jobs = put_all(&world, world.acme, vec![(Deed::Sleep(2_500), Enqueue::default()); 4]).await.unwrap();
    for job in &jobs {
        wait_for(&world, world.acme, job.id, |status| status.state == JobState::Running).await;
    }
    first.stop().await;
    let running = "select count(*) from job where state = 'running' and kind = 'deed'";
    assert!(number(&world, running).await >= 2, "the second one goes on");
    for job in jobs {
        assert_eq!(done(&world, world.acme, job.id).await.attempt, 1);
    }
    second.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_whose_clock_is_ten_minutes_off_does_no_harm() {
    let world = World::new().await;
    let off = |minutes| Services {
        clock: Clock::manual(Clock::system().now() + TimeDelta::minutes(minutes)),
        ..world.workers.clone()
    };
    let (late, early) = (off(-10), off(10));
    let workers = [Worker::start(&late, registry()), Worker::start(&early, registry())];
    let in_an_hour = Enqueue { run_at: Some(Clock::system().now() + TimeDelta::hours(1)), ..Enqueue::default() };
    let in_five_minutes = Enqueue { run_at: Some(Clock::system().now() + TimeDelta::minutes(5)), ..Enqueue::default() };
    let mut later = Vec::new();
    for options in [in_an_hour, in_five_minutes] {
        later.push(put(&world, world.acme, &Deed::Nothing, options).await.unwrap().id);
    }
    // They enqueue too.
    let mut now = Vec::new();
    for services in [&late, &early] {
        let mut tx = services.db.tenant(&domain::actor::System::for_tenant(world.acme)).await.unwrap();
        for deed in [Deed::FailOnce, Deed::Sleep(2_000)] {
            now.push(queue::enqueue(&mut tx, &services.clock, &deed, Enqueue::default()).await.unwrap().id);
        }
        tx.commit().await.unwrap();
    }
    wait_for(&world, world.acme, now[1], |status| status.state == JobState::Running).await;
    let wrong = "select count(*) from job where kind = 'deed' and state = 'running'
                   and lease_until not between now() + interval '1 second' and now() + interval '11 seconds'";
    assert_eq!(number(&world, wrong).await, 0, "a lease is ten seconds of the database's");
    for job in now {
        let status = done(&world, world.acme, job).await;
        assert_eq!(usize::try_from(status.attempt), Ok(notes(job).len()), "no attempt but those that ran");
        assert!(status.attempt <= 2);
        let took = status.finished_at.unwrap() - status.created_at;
        assert!(took < TimeDelta::seconds(20), "{took}");
    }
    for job in later {
        let status = look(&world, world.acme, job).await;
        assert_eq!((status.state, status.attempt), (JobState::Waiting, 0));
    }
    for worker in workers {
        worker.stop().await;
    }
}

async fn claim(world: &World) -> Vec<Taken> {
    let (worker, kinds): (Uuid, _) = (world.services.clock.id(), ["deed".to_owned()]);
    let (pool, lease) = (world.workers.db.sessions(), Duration::from_secs(10));
    machine::claim(pool, worker, &kinds, &[10], lease, &[], &Lanes::After(Uuid::nil())).await.unwrap()
}

/// Of a tenant, in the tables of the queue.
async fn rows_of(world: &World, tenant: Uuid) -> i64 {
    let mut rows = 0;
    for table in ["job", "job_lane", "job_step"] {
        rows += number(world, &format!("select count(*) from {table} where tenant_id = '{tenant}'")).await;
    }
    rows
}
