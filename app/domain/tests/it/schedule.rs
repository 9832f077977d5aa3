//! Schedules, on a real database: each tick is done once, however many look after it.

use std::{
    collections::BTreeMap,
    future::pending,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    Error, Result, Services,
    actor::System,
    clock::Clock,
    id::TenantId,
    queue::{self, CatchUp, Enqueue, Job, JobContext, JobError, Schedule, Tick},
};
use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use tokio::{
    sync::Notify,
    task::JoinHandle,
    time::{Instant, sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use crate::world::World;

/// For a loaded machine; a test that passes waits a fraction of it.
const PATIENCE: Duration = Duration::from_secs(60);

/// Long enough for a scheduler to look at what it finds, and to do it.
const MOMENT: Duration = Duration::from_secs(1);

/// What a clock does on the hour. Nobody runs it here.
#[derive(Serialize, Deserialize)]
struct Chime {}

impl Job for Chime {
    const KIND: &'static str = "chime";
    const TIMEOUT: Duration = Duration::from_secs(1);

    async fn run(self, _: &JobContext) -> Result<(), JobError> {
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn three_schedulers_with_wrong_clocks_make_one_job_a_tick() {
    let world = World::new().await;
    let (acts, now) = (Acts::default(), Clock::system().now());
    let half_a_minute = TimeDelta::seconds(30);
    let clocks = [Clock::manual(now - half_a_minute), Clock::system(), Clock::manual(now + half_a_minute)];
    let schedulers = clocks.map(|clock| {
        let (acts, tenant) = (acts.clone(), world.acme);
        let every_second = Schedule::every("chime", Duration::from_secs(1), move |services, tick| {
            let acts = acts.clone();
            async move {
                acts.note(tick);
                chime(&services, tenant, tick).await
            }
        });
        let services = Services { clock, ..world.workers.clone() };
        Scheduler::start(services, vec![every_second.unwrap().catch_up(CatchUp::All { most: 60 })])
    });
    let done = eventually(async || {
        let done = done_ticks(&world, "chime").await;
        // At the start, each may take another tick for the latest.
        let without_gap = done.windows(2).skip(1).all(|pair| pair[1] - pair[0] == TimeDelta::seconds(1));
        (done.len() >= 6 && without_gap).then_some(done)
    })
    .await;
    let (acted, jobs) = (acts.of("chime"), chimes(&world).await);
    for tick in done {
        assert_eq!(acted.iter().filter(|at| **at == tick).count(), 1, "{tick} in {acted:?}");
        assert_eq!(jobs.get(&key(tick)), Some(&1), "{tick} in {jobs:?}");
    }
    for scheduler in schedulers {
        scheduler.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_goes_on_where_a_scheduler_died() {
    let world = World::new().await;
    let (period, begun, acts) = (quiet_period(&world).await, Arc::new(Notify::new()), Acts::default());
    let begins = begun.clone();
    let hangs = Schedule::every("chime", period, move |_, _| {
        begins.notify_one();
        pending()
    });
    let dies = Scheduler::start(world.workers.clone(), vec![hangs.unwrap()]);
    timeout(PATIENCE, begun.notified()).await.unwrap();
    let lives = Scheduler::start(world.workers.clone(), vec![acts.every("chime", period)]);
    // Longer than a scheduler waits for one that is at work.
    sleep(Duration::from_secs(4)).await;
    assert!(acts.of("chime").is_empty(), "the other is at work");
    dies.die().await;
    let died = Instant::now();
    let tick = eventually(async || done_ticks(&world, "chime").await.pop()).await;
    assert!(died.elapsed() < Duration::from_secs(10), "{:?}", died.elapsed());
    assert_eq!(acts.of("chime"), [tick]);
    lives.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tick_that_somebody_made_known_and_never_did_is_done() {
    let world = World::new().await;
    let (period, acts) = (quiet_period(&world).await, Acts::default());
    let known = latest(&world, period).await;
    make_known(&world, "chime", known, false).await;
    let scheduler = Scheduler::start(world.workers.clone(), vec![acts.every("chime", period)]);
    eventually(async || (done_ticks(&world, "chime").await == [known]).then_some(())).await;
    assert_eq!(acts.of("chime"), [known]);
    scheduler.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_holds_a_tick_no_more_stops() {
    let world = World::new().await;
    let (period, begun) = (quiet_period(&world).await, Arc::new(AtomicUsize::new(0)));
    let begins = begun.clone();
    let hangs_at_first = Schedule::every("chime", period, move |_, _| {
        let is_first = begins.fetch_add(1, Ordering::SeqCst) == 0;
        async move { if is_first { pending().await } else { Ok(()) } }
    });
    let scheduler = Scheduler::start(world.workers.clone(), vec![hangs_at_first.unwrap()]);
    eventually(async || (begun.load(Ordering::SeqCst) == 1).then_some(())).await;
    cut_all_connections_of_workers(&world).await;
    eventually(async || done_ticks(&world, "chime").await.pop()).await;
    assert_eq!(begun.load(Ordering::SeqCst), 2);
    scheduler.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_act_that_fails_or_panics_is_tried_again() {
    let world = World::new().await;
    let (period, tries) = (quiet_period(&world).await, Arc::new(AtomicUsize::new(0)));
    let tried = tries.clone();
    let hard = Schedule::every("chime", period, move |_, _| {
        let before = tried.fetch_add(1, Ordering::SeqCst);
        async move {
            match before {
                0 => Err(Error::internal("no clapper")),
                1 => panic!("no bell"),
                _ => Ok(()),
            }
        }
    });
    let scheduler = Scheduler::start(world.workers.clone(), vec![hard.unwrap()]);
    eventually(async || done_ticks(&world, "chime").await.pop()).await;
    assert_eq!(tries.load(Ordering::SeqCst), 3);
    scheduler.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_an_outage_the_policy_says_what_is_made_up_for() {
    let world = World::new().await;
    let (period, acts) = (quiet_period(&world).await, Acts::default());
    let now = latest(&world, period).await;
    let ago = |ticks: u32| now - TimeDelta::from_std(period * ticks).unwrap();
    for name in ["latest", "all", "skip", "stuck"] {
        make_known(&world, name, ago(5), true).await;
    }
    // Nobody could do it when it was due, and now it is for another.
    make_known(&world, "stuck", ago(2), false).await;
    let schedules = vec![
        acts.every("latest", period),
        acts.every("all", period).catch_up(CatchUp::All { most: 3 }),
        acts.every("skip", period).catch_up(CatchUp::Skip),
        acts.every("stuck", period),
    ];
    let scheduler = Scheduler::start(world.workers.clone(), schedules);
    eventually(async || (acts.of("all").len() == 3 && acts.of("stuck").len() == 1).then_some(())).await;
    eventually(async || (acts.of("latest").len() == 1).then_some(())).await;
    sleep(MOMENT).await;
    assert_eq!(acts.of("latest"), [now]);
    assert_eq!(acts.of("all"), [ago(2), ago(1), now]);
    assert!(acts.of("skip").is_empty());
    assert_eq!(acts.of("stuck"), [now]);
    assert_eq!(done_ticks(&world, "stuck").await, [ago(5), now]);
    scheduler.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn old_ticks_are_forgotten_but_for_the_latest() {
    let world = World::new().await;
    let (period, acts) = (quiet_period(&world).await, Acts::default());
    let now = latest(&world, period).await;
    let (old, recent) = (now - TimeDelta::days(31), now - TimeDelta::days(29));
    for tick in [old, recent] {
        make_known(&world, "often", tick, true).await;
    }
    let century = Duration::from_secs(100 * 365 * 24 * 60 * 60);
    let seldom = latest(&world, century).await;
    make_known(&world, "seldom", seldom, true).await;
    let schedules = vec![acts.every("often", period), acts.every("seldom", century)];
    let scheduler = Scheduler::start(world.workers.clone(), schedules);
    eventually(async || (done_ticks(&world, "often").await == [recent, now]).then_some(())).await;
    sleep(MOMENT).await;
    assert!(acts.of("seldom").is_empty(), "what was done is not done again");
    assert_eq!(done_ticks(&world, "seldom").await, [seldom]);
    scheduler.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_schedules_of_one_name_are_refused() {
    let world = World::new().await;
    let (acts, minute) = (Acts::default(), Duration::from_secs(60));
    let twice = vec![acts.every("chime", minute), acts.every("chime", minute)];
    let refused = queue::run_schedules(world.workers.clone(), twice, CancellationToken::new()).await;
    assert!(refused.unwrap_err().to_string().contains("two schedules"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_fans_out_once_and_past_a_tenant_that_is_gone() {
    let world = World::new().await;
    delete_one_between_the_list_and_its_turn(&world).await;
    let made = Arc::new(Mutex::new(Vec::new()));
    let counts = made.clone();
    let fans_out = Schedule::every("chime", quiet_period(&world).await, move |services, tick| {
        let counts = counts.clone();
        async move {
            let mut made = vec![queue::fan_out(&services, tick, &Chime {}).await?];
            made.push(queue::fan_out(&services, tick, &Chime {}).await?);
            // As where another scheduler goes on with it later.
            finish_chimes(services.db.sessions()).await;
            made.push(queue::fan_out(&services, tick, &Chime {}).await?);
            counts.lock().unwrap().extend(made);
            Ok(())
        }
    });
    let scheduler = Scheduler::start(world.workers.clone(), vec![fans_out.unwrap()]);
    eventually(async || done_ticks(&world, "chime").await.pop()).await;
    assert_eq!(*made.lock().unwrap(), [2, 0, 0]);
    let tenants = "select tenant_id from job where kind = 'chime' order by tenant_id";
    let found: Vec<uuid::Uuid> = sqlx::query_scalar(tenants).fetch_all(&mut world.superuser().await).await.unwrap();
    let mut there = [world.acme.0, world.globex.0];
    there.sort_unstable();
    assert_eq!(found, there);
    scheduler.stop().await;
}

/// A process that looks after schedules, but for the process.
struct Scheduler {
    shutdown: CancellationToken,
    work: JoinHandle<Result<()>>,
}

impl Scheduler {
    fn start(services: Services, schedules: Vec<Schedule>) -> Self {
        let shutdown = CancellationToken::new();
        let work = queue::run_schedules(services, schedules, shutdown.clone());
        Self { shutdown, work: tokio::spawn(work) }
    }

    async fn stop(self) {
        self.shutdown.cancel();
        self.work.await.unwrap().unwrap();
    }

    /// All of it is dropped where it stands, with its connections.
    async fn die(self) {
        self.work.abort();
        assert!(self.work.await.unwrap_err().is_cancelled());
    }
}

/// What was done, in order.
#[derive(Clone, Default)]
struct Acts(Arc<Mutex<Vec<Act>>>);

/// A schedule, and the tick of it.
type Act = (&'static str, DateTime<Utc>);

impl Acts {
    fn note(&self, tick: Tick) {
        self.0.lock().unwrap().push((tick.schedule, tick.at));
    }

    fn of(&self, schedule: &str) -> Vec<DateTime<Utc>> {
        self.0.lock().unwrap().iter().filter(|(name, _)| *name == schedule).map(|(_, at)| *at).collect()
    }

    /// A schedule that does nothing but note its ticks.
    fn every(&self, name: &'static str, period: Duration) -> Schedule {
        let acts = self.clone();
        let noted = Schedule::every(name, period, move |_, tick| {
            acts.note(tick);
            async { Ok(()) }
        });
        noted.unwrap()
    }
}

async fn chime(services: &Services, tenant: TenantId, tick: Tick) -> Result<()> {
    let mut tx = services.db.tenant(&System::for_tenant(tenant)).await?;
    queue::enqueue(&mut tx, &services.clock, &Chime {}, Enqueue::once(key(tick.at))).await?;
    tx.commit().await
}

fn key(tick: DateTime<Utc>) -> String {
    format!("the bell of {tick}")
}

/// How many jobs have each key.
async fn chimes(world: &World) -> BTreeMap<String, i64> {
    let counted = "select key, count(*) from job where kind = 'chime' group by key";
    let counted: Vec<(String, i64)> = sqlx::query_as(counted).fetch_all(&mut world.superuser().await).await.unwrap();
    counted.into_iter().collect()
}

async fn finish_chimes(pool: &PgPool) {
    let finished = "update job set state = 'done', finished_at = now() where kind = 'chime'";
    sqlx::query(finished).execute(pool).await.unwrap();
}

async fn done_ticks(world: &World, schedule: &str) -> Vec<DateTime<Utc>> {
    let done = "select tick from job_tick where schedule = $1 and done_at is not null order by tick";
    sqlx::query_scalar(done).bind(schedule).fetch_all(&mut world.superuser().await).await.unwrap()
}

async fn make_known(world: &World, schedule: &str, tick: DateTime<Utc>, is_done: bool) {
    let known = "insert into job_tick (schedule, tick, done_at) values ($1, $2, case when $3 then $2 end)";
    let known = sqlx::query(known).bind(schedule).bind(tick).bind(is_done);
    known.execute(&mut world.superuser().await).await.unwrap();
}

/// A period none of whose ticks comes while a test runs, and the last of which was a while ago.
async fn quiet_period(world: &World) -> Duration {
    let now = seconds(world).await;
    let is_quiet = |period: &u64| (120..period - 1_200).contains(&(now % period));
    Duration::from_secs((6..).map(|hours| hours * 60 * 60).find(is_quiet).unwrap())
}

/// The latest tick.
async fn latest(world: &World, period: Duration) -> DateTime<Utc> {
    let now = seconds(world).await;
    DateTime::from_timestamp(i64::try_from(now - now % period.as_secs()).unwrap(), 0).unwrap()
}

/// Since 1970, by the clock of the database.
async fn seconds(world: &World) -> u64 {
    let now = sqlx::query_scalar("select floor(extract(epoch from now()))::int8");
    let now: i64 = now.fetch_one(&mut world.superuser().await).await.unwrap();
    now.unsigned_abs()
}

/// The list names one more, the first, which is no tenant any more when its turn comes.
async fn delete_one_between_the_list_and_its_turn(world: &World) {
    let names_one_more = "create or replace function tenants_after(last uuid) returns setof uuid
        language sql stable security definer rows 500
        set search_path = pg_catalog, public, pg_temp
        as $$
            select id from (
                select tenant_id from public.tenant
                union select '00000000-0000-7000-8000-000000000000'
            ) as listed (id)
            where id > last order by id limit 500
        $$";
    sqlx::query(names_one_more).execute(&mut world.superuser().await).await.unwrap();
}

async fn cut_all_connections_of_workers(world: &World) {
    let cut = "select pg_terminate_backend(pid) from pg_stat_activity
               where datname = current_database() and usename = 'sheaf_worker'";
    sqlx::query(cut).execute(&mut world.superuser().await).await.unwrap();
}

/// Asks until there is an answer.
async fn eventually<T>(mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(begun.elapsed() < PATIENCE, "in vain");
        sleep(Duration::from_millis(50)).await;
    }
}
