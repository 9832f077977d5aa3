//! Workers, people who enqueue and cancel, and somebody who counts, all at the same time. In which order things happen
//! nobody knows, so what is checked is what holds in any order.

use std::{
    collections::HashSet,
    sync::Mutex,
    time::{Duration, Instant},
};

use domain::{
    actor::System,
    id::{JobId, TenantId},
    queue::{
        self, Enqueue, JobState,
        machine::{self, End, Held, Lanes, Taken},
    },
};
use sqlx::PgPool;
use tokio::time::sleep;
use uuid::Uuid;

use super::{Card, EXTRA, KINDS, MAX_ATTEMPTS, random::Random, table};
use crate::{workshop, world::World};

/// How long they work.
const TIME: Duration = Duration::from_secs(5);

/// Short enough that some run out in that time.
const LEASE: Duration = Duration::from_millis(300);

/// Jobs of each lane at first.
const STOCK: usize = 400;

/// Jobs of a kind that a worker has room for.
const ROOM: i32 = 10;

/// Times that what is left is claimed at the end.
const ROUNDS: usize = 2_000;

struct Crowd<'a> {
    world: &'a World,
    pool: &'a PgPool,
    tenants: [TenantId; 2],
    until: Instant,
    ledger: Mutex<Ledger>,
}

/// What they did, by their own account.
#[derive(Default)]
struct Ledger {
    made: Vec<JobId>,
    /// Attempts, of which there is one of each number.
    begun: HashSet<(JobId, i32)>,
    done: HashSet<JobId>,
    late: usize,
    looks: usize,
}

pub async fn work(world: &World, mut random: Random) -> String {
    let mut crowd = Crowd {
        world,
        pool: world.workers.db.sessions(),
        tenants: [world.acme, world.globex],
        until: Instant::now(),
        ledger: Mutex::default(),
    };
    crowd.stock(&mut random).await;
    crowd.until = Instant::now() + TIME;
    tokio::join!(
        crowd.labour(random.fork()),
        crowd.labour(random.fork()),
        crowd.labour(random.fork()),
        crowd.labour(random.fork()),
        crowd.order(random.fork()),
        crowd.look(),
    );
    crowd.finish().await;
    crowd.account().await
}

impl Crowd<'_> {
    async fn stock(&self, random: &mut Random) {
        let mut admin = self.world.superuser().await;
        for tenant in self.tenants {
            for kind in 0..KINDS.len() {
                self.enqueue(tenant, kind, STOCK).await;
                table::limit(&mut admin, (tenant, kind), 1.0, random.between(1, 6), 100_000).await;
            }
        }
    }

    async fn enqueue(&self, tenant: TenantId, kind: usize, count: usize) {
        let (clock, mut tx) = (&self.world.services.clock, self.tenant(tenant).await);
        let made = match kind {
            0 => queue::enqueue_all(&mut tx, clock, cards::<0>(count)).await,
            1 => queue::enqueue_all(&mut tx, clock, cards::<1>(count)).await,
            _ => queue::enqueue_all(&mut tx, clock, cards::<2>(count)).await,
        };
        let made: Vec<JobId> = made.unwrap().into_iter().map(|one| one.id).collect();
        tx.commit().await.unwrap();
        self.ledger.lock().unwrap().made.extend(made);
    }

    /// A worker, which sometimes dies, and sometimes is thought to be dead.
    async fn labour(&self, mut random: Random) {
        while Instant::now() < self.until {
            let taken = self.claim().await;
            if random.percent(20) {
                machine::rescue(self.pool, EXTRA, "the worker died").await.unwrap();
            }
            if random.percent(3) {
                continue;
            }
            if random.percent(3) {
                sleep(LEASE * 2).await;
            } else if random.percent(30) {
                let held: Vec<Held> = taken.iter().map(|job| job.held).collect();
                machine::renew(self.pool, &held, LEASE).await.unwrap();
            }
            let ends: Vec<End> = taken.iter().map(|job| end(job, &mut random)).collect();
            self.settle(&ends).await;
        }
    }

    async fn claim(&self) -> Vec<Taken> {
        let kinds = KINDS.map(str::to_owned);
        let worker: Uuid = self.world.services.clock.id();
        let lanes = Lanes::After(Uuid::nil());
        let taken = machine::claim(self.pool, worker, &kinds, &[ROOM; 3], LEASE, &[], &lanes).await.unwrap();
        let mut ledger = self.ledger.lock().unwrap();
        for job in &taken {
            assert!(ledger.begun.insert((job.held.job, job.attempt)), "two workers have one attempt: {job:?}");
        }
        taken
    }

    async fn settle(&self, ends: &[End]) {
        if ends.is_empty() {
            return;
        }
        let held: HashSet<Uuid> = machine::settle(self.pool, ends).await.unwrap().into_iter().collect();
        let mut ledger = self.ledger.lock().unwrap();
        ledger.late += ends.len() - held.len();
        for end in ends.iter().filter(|end| end.state == JobState::Done && held.contains(&end.held.token)) {
            assert!(ledger.done.insert(end.held.job), "done twice: {end:?}");
        }
    }

    /// Somebody who makes jobs, and cancels some.
    async fn order(&self, mut random: Random) {
        while Instant::now() < self.until {
            let tenant = random.pick(&self.tenants);
            self.enqueue(tenant, random.below(KINDS.len()), random.between(1, 20)).await;
            let made = self.ledger.lock().unwrap().made.clone();
            for _ in 0..3 {
                let mut tx = self.tenant(tenant).await;
                // Half of them are another tenant's, where they are not found.
                queue::cancel(&mut tx, random.pick(&made)).await.ok();
                tx.commit().await.unwrap();
            }
            sleep(Duration::from_millis(10)).await;
        }
    }

    /// What each lane counts is what there is, and within its limit, whenever one looks.
    async fn look(&self) {
        let sql = "select lane.kind, lane.running, lane.max_running, counted.running
                   from job_lane lane cross join lateral (
                       select count(*) as running from job
                       where job.tenant_id = lane.tenant_id and job.kind = lane.kind and job.state = 'running'
                         and job.finished_at is null
                   ) as counted
                   where lane.kind = any($1)
                     and (lane.running > lane.max_running or lane.running <> counted.running)";
        let mut admin = self.world.superuser().await;
        while Instant::now() < self.until {
            let query = sqlx::query_as(sql).bind(KINDS.to_vec());
            let wrong: Vec<(String, i32, i32, i64)> = query.fetch_all(&mut admin).await.unwrap();
            assert!(wrong.is_empty(), "kind, counted by the lane, its limit, and running: {wrong:?}");
            self.ledger.lock().unwrap().looks += 1;
            sleep(Duration::from_millis(5)).await;
        }
    }

    /// Does what is left.
    async fn finish(&self) {
        for _ in 0..ROUNDS {
            let freed = machine::rescue(self.pool, EXTRA, "the worker died").await.unwrap();
            let taken = self.claim().await;
            let done = |job: &Taken| workshop::end(job, JobState::Done, 0.01);
            self.settle(&taken.iter().map(done).collect::<Vec<_>>()).await;
            if freed == 0 && taken.is_empty() {
                if self.count("finished_at is null").await == 0 {
                    return;
                }
                // Of somebody who died a moment ago.
                sleep(LEASE / 3).await;
            }
        }
        panic!("jobs are left that nobody can claim");
    }

    async fn account(&self) -> String {
        let all = self.count("true").await;
        let done = self.count("state = 'done'").await;
        let mut admin = self.world.superuser().await;
        let lanes = table::lanes(&mut admin).await;
        assert!(lanes.values().all(|lane| lane.running == 0), "{lanes:?}");
        let ledger = self.ledger.lock().unwrap();
        assert_eq!(all, ledger.made.len(), "every job that was made is there");
        assert_eq!(done, ledger.done.len(), "what workers were told is done, is done");
        assert!(ledger.done.len() > STOCK && ledger.looks > 10, "too little happened");
        let (begun, late, looks) = (ledger.begun.len(), ledger.late, ledger.looks);
        format!("{all} jobs, {done} of them done, in {begun} attempts, {late} of which came too late; {looks} looks")
    }

    async fn count(&self, condition: &str) -> usize {
        let sql = format!("select count(*) from job where kind = any($1) and {condition}");
        let query = sqlx::query_scalar::<_, i64>(sqlx::AssertSqlSafe(sql)).bind(KINDS.to_vec());
        usize::try_from(query.fetch_one(&mut self.world.superuser().await).await.unwrap()).unwrap()
    }

    async fn tenant(&self, tenant: TenantId) -> domain::db::TenantTx {
        self.world.services.db.tenant(&System::for_tenant(tenant)).await.unwrap()
    }
}

fn end(job: &Taken, random: &mut Random) -> End {
    let state = match random.below(10) {
        0..=7 => JobState::Done,
        8 if job.attempt < MAX_ATTEMPTS => JobState::Waiting,
        _ => JobState::Dead,
    };
    workshop::end(job, state, 0.01)
}

fn cards<const K: usize>(count: usize) -> Vec<(Card<K>, Enqueue)> {
    (0..count).map(|_| (Card { number: 0 }, Enqueue::default())).collect()
}
