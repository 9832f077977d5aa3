//! Draws one event after the other, and compares all that there is from time to time.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    fmt,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use domain::{
    actor::System,
    db::TenantTx,
    id::{JobId, TenantId},
    queue::machine::Held,
};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::{
    random::Random,
    reference::{LaneKey, Model},
    table,
};
use crate::world::World;

/// Workers at a time. Beside them there are those that died, and do not know it.
const WORKERS: usize = 4;

/// Steps between two comparisons of everything.
const COMPARE: usize = 250;

/// Lines of the trail that are kept.
const TRAIL: usize = 80;

/// What was asked and answered lately, for whoever has to find out why it went wrong.
#[derive(Clone, Default)]
pub struct Trail(Arc<Mutex<VecDeque<String>>>);

impl Trail {
    pub fn note(&self, line: String) {
        let mut lines = self.0.lock().unwrap();
        lines.push_back(line);
        if lines.len() > TRAIL {
            lines.pop_front();
        }
    }

    pub fn tell(&self) -> String {
        self.0.lock().unwrap().iter().map(|line| format!("  {line}\n")).collect()
    }
}

/// An attempt that a worker has, or thinks it has.
#[derive(Debug, Clone, Copy)]
pub struct Holding {
    pub held: Held,
    pub kind: usize,
    pub attempt: i32,
}

pub struct Worker {
    pub id: Uuid,
    pub holds: Vec<Holding>,
}

pub struct Drive<'a> {
    pub world: &'a World,
    /// As workers have it.
    pub pool: PgPool,
    pub admin: PgConnection,
    pub random: Random,
    pub model: Model,
    pub tenants: Vec<TenantId>,
    /// The last one stands for all that died.
    pub workers: Vec<Worker>,
    /// Attempts that were settled, which a worker that got no answer settles again.
    pub settled: VecDeque<Holding>,
    pub paused: BTreeSet<TenantId>,
    pub made: u64,
    pub seen: Seen,
    trail: Trail,
}

/// How often each event was checked.
#[derive(Default)]
pub struct Seen(BTreeMap<&'static str, usize>);

impl<'a> Drive<'a> {
    pub async fn new(world: &'a World, tenants: Vec<TenantId>, random: Random, trail: Trail) -> Self {
        let worker = |_| Worker { id: world.services.clock.id(), holds: Vec::new() };
        Self {
            world,
            pool: world.workers.db.sessions().clone(),
            admin: world.superuser().await,
            random,
            model: Model::default(),
            tenants,
            workers: (0..=WORKERS).map(worker).collect(),
            settled: VecDeque::new(),
            paused: BTreeSet::new(),
            made: 0,
            seen: Seen::default(),
            trail,
        }
    }

    /// Until so many events of jobs were checked.
    pub async fn run(&mut self, events: usize) -> String {
        let (begun, mut checked, mut steps) = (Instant::now(), 0, 0);
        while checked < events {
            let (name, count) = self.step().await;
            *self.seen.0.entry(name).or_default() += count;
            checked += count;
            steps += 1;
            if steps % COMPARE == 0 {
                self.compare().await;
            }
        }
        self.compare().await;
        format!("{checked} events in {steps} steps and {:.1?}: {}", begun.elapsed(), self.seen)
    }

    /// One event for some jobs: its name, and for how many.
    async fn step(&mut self) -> (&'static str, usize) {
        match self.random.below(100) {
            0..=15 => ("enqueued together", self.enqueue_all().await),
            16..=20 => ("enqueued", self.enqueue().await),
            21..=48 => ("claimed", self.claim().await),
            49..=72 => ("settled", self.settle().await),
            73..=77 => ("renewed", self.renew().await),
            78..=82 => ("rescued", self.rescue().await),
            83 => ("handed back", self.hand_back().await),
            84 => ("of a worker that died", self.crash()),
            85..=89 => ("cancelled", self.cancel().await),
            90..=91 => ("run again", self.retry().await),
            92 => ("run again together", self.retry_dead().await),
            93 => ("of a tenant paused or not", self.pause()),
            94..=95 => ("with other limits", self.limit().await),
            96..=97 => ("for which hours passed", self.pass().await),
            _ => ("for which seconds passed", self.idle().await),
        }
    }

    /// Everything in the table is in the model, and as it says; and the other way round.
    pub async fn compare(&mut self) {
        let (jobs, by_time) = table::jobs(&mut self.admin).await;
        for job in &jobs {
            assert!(self.model.jobs.contains_key(&JobId(job.id)), "a job that nobody made: {job:?}");
            assert_eq!(*job, self.model.row(JobId(job.id)), "the table, and the model");
        }
        assert_eq!(jobs.len(), self.model.jobs.len(), "a job is lost");
        assert_eq!(by_time, self.model.by_time(), "the order in which jobs wait");
        self.compare_lanes().await;
        self.forget_finished().await;
    }

    async fn compare_lanes(&mut self) {
        let lanes = table::lanes(&mut self.admin).await;
        assert!(lanes.keys().eq(self.model.lanes.keys()), "the lanes: {:?}", lanes.keys());
        for (key, seen) in &lanes {
            let lane = &self.model.lanes[key];
            assert_eq!(usize::try_from(seen.running), Ok(lane.running.len()), "running in {seen:?}");
            assert_eq!(usize::try_from(seen.max_running), Ok(lane.max_running), "the limit of {seen:?}");
            assert!((seen.weight - lane.weight).abs() < 1e-6, "the weight of {seen:?}");
            let used = lane.used();
            assert!((seen.used - used).abs() <= used * 0.02 + 0.05, "{used} s should be used of {seen:?}");
            // An average of what jobs took, which was from 0 to 5 seconds, and of the guess at first.
            assert!((0.0..=5.0).contains(&seen.job_seconds), "{seen:?}");
        }
    }

    /// Half of them: others are run again, or settled too late.
    async fn forget_finished(&mut self) {
        let finished: Vec<JobId> =
            self.model.jobs.iter().filter(|(_, job)| job.state.is_finished()).map(|(id, _)| *id).collect();
        let old: Vec<JobId> = finished.into_iter().filter(|_| self.random.percent(50)).collect();
        assert_eq!(table::delete(&mut self.admin, &old).await, old.len() as u64);
        old.into_iter().for_each(|id| self.model.forget(id));
    }

    pub fn note(&self, line: impl fmt::Display) {
        self.trail.note(format!("hour {}: {line}", self.model.hour));
    }

    pub async fn tenant(&self, tenant: TenantId) -> TenantTx {
        self.world.services.db.tenant(&System::for_tenant(tenant)).await.unwrap()
    }

    pub fn any_lane(&mut self) -> LaneKey {
        (self.random.pick(&self.tenants), self.random.below(super::KINDS.len()))
    }

    /// Of the model's jobs of a tenant, those for which it holds.
    pub fn jobs_of(&self, tenant: TenantId, is_so: impl Fn(JobId) -> bool) -> Vec<JobId> {
        let own = self.model.jobs.iter().filter(|(_, job)| job.lane.0 == tenant);
        own.map(|(id, _)| *id).filter(|id| is_so(*id)).collect()
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts: Vec<_> = self.0.iter().map(|(name, count)| format!("{count} {name}")).collect();
        f.write_str(&counts.join(", "))
    }
}

pub fn hours(hours: usize) -> Duration {
    Duration::from_secs(u64::try_from(hours).unwrap() * 3_600)
}

/// The ends of ids, which differ where their beginnings are the time.
pub fn short(ids: impl IntoIterator<Item = Uuid>) -> String {
    let ends: Vec<_> = ids.into_iter().map(|id| id.simple().to_string()[26..].to_owned()).collect();
    format!("{} [{}]", ends.len(), ends.join(" "))
}
