//! What the queue is meant to be, without a database: jobs, lanes, leases and keys in the memory of one thread.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, HashSet},
    time::Instant,
};

use domain::{
    id::{JobId, TenantId},
    queue::{JobState, Priority},
};
use uuid::Uuid;

use super::{
    EXTRA, KINDS, MAX_ATTEMPTS,
    table::{self, SeenJob},
};

/// A tenant, and which of the kinds.
pub type LaneKey = (TenantId, usize);

/// A point in time. The hours pass when the test says so; the order of statements within one is their number. Real time
/// passes too, but a run takes less than an hour of it, so it makes nothing due and ends no lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    pub hour: usize,
    pub statement: usize,
}

#[derive(Debug, Clone)]
pub struct Job {
    pub lane: LaneKey,
    pub key: Option<usize>,
    pub priority: Priority,
    pub state: JobState,
    pub attempt: i32,
    pub run_at: Moment,
    /// The hour in which it was made.
    pub made: usize,
    pub lease: Option<Lease>,
    pub is_cancelling: bool,
    /// Of a worker, all attempts together.
    pub milliseconds: i64,
}

#[derive(Debug, Clone, Copy)]
pub struct Lease {
    pub token: Uuid,
    pub worker: Uuid,
    /// The hour from which on it has run out.
    pub until: usize,
}

pub struct Lane {
    pub weight: f64,
    pub max_running: usize,
    pub max_waiting: usize,
    /// In the order in which they are claimed.
    pub waiting: BTreeSet<(Reverse<Priority>, Moment, JobId)>,
    pub running: BTreeSet<JobId>,
    used: f64,
    used_at: Instant,
}

#[derive(Default)]
pub struct Model {
    pub hour: usize,
    pub jobs: BTreeMap<JobId, Job>,
    pub lanes: BTreeMap<LaneKey, Lane>,
    /// Every token that there ever was.
    pub tokens: HashSet<Uuid>,
    /// The jobs with a key, in the order in which they were made.
    keys: BTreeMap<(LaneKey, usize), Vec<JobId>>,
    statement: usize,
}

impl Model {
    /// The time of the next statement.
    pub fn now(&mut self) -> Moment {
        self.statement += 1;
        Moment { hour: self.hour, statement: self.statement }
    }

    pub fn insert(&mut self, id: JobId, job: Job) {
        let lane = self.lanes.entry(job.lane).or_default();
        lane.learn(id, &job);
        if let Some(key) = job.key {
            self.keys.entry((job.lane, key)).or_default().push(id);
        }
        assert!(self.jobs.insert(id, job).is_none(), "two jobs with the id {id}");
    }

    /// What deletes finished jobs leaves no trace of them.
    pub fn forget(&mut self, id: JobId) {
        let Some(job) = self.jobs.remove(&id) else { return };
        assert!(job.state.is_finished());
        if let Some(key) = job.key {
            self.keys.entry((job.lane, key)).or_default().retain(|other| *other != id);
        }
    }

    pub fn unfinished(&self) -> usize {
        self.lanes.values().map(Lane::unfinished).sum()
    }

    /// The jobs that one with this key and window may be answered with; with none it is new.
    pub fn same(&self, lane: LaneKey, key: usize, window: Option<usize>) -> Vec<JobId> {
        let same = self.keys.get(&(lane, key)).map(Vec::as_slice).unwrap_or_default();
        if let Some(id) = self.under_way(lane, key) {
            return vec![id];
        }
        let is_recent = |id: &&JobId| {
            let job = &self.jobs[*id];
            job.state == JobState::Done && window.is_some_and(|hours| self.hour - job.made < hours)
        };
        same.iter().filter(is_recent).copied().collect()
    }

    /// The unfinished job with this key.
    pub fn under_way(&self, lane: LaneKey, key: usize) -> Option<JobId> {
        let same = self.keys.get(&(lane, key))?;
        same.iter().copied().find(|id| !self.jobs[id].state.is_finished())
    }

    /// The jobs of a lane that may begin now, next first, at most as many as its limit leaves.
    pub fn due(&self, lane: LaneKey) -> Vec<JobId> {
        let Some(lane) = self.lanes.get(&lane) else { return Vec::new() };
        let free = lane.max_running.saturating_sub(lane.running.len());
        let due = lane.waiting.iter().filter(|(_, run_at, _)| run_at.hour <= self.hour);
        due.map(|(_, _, id)| *id).take(free).collect()
    }

    /// Whether this attempt is the job's present one.
    pub fn holds(&self, id: JobId, token: Uuid) -> bool {
        self.jobs.get(&id).and_then(|job| job.lease).is_some_and(|lease| lease.token == token)
    }

    pub fn expired(&self) -> Vec<JobId> {
        let running = self.lanes.values().flat_map(|lane| &lane.running);
        let is_over = |id: &&JobId| self.jobs[*id].lease.is_some_and(|lease| lease.until <= self.hour);
        running.filter(is_over).copied().collect()
    }

    pub fn held_by(&self, worker: Uuid) -> Vec<JobId> {
        let running = self.lanes.values().flat_map(|lane| &lane.running);
        let is_its = |id: &&JobId| self.jobs[*id].lease.is_some_and(|lease| lease.worker == worker);
        running.filter(is_its).copied().collect()
    }

    pub fn claim(&mut self, id: JobId, lease: Lease) {
        assert!(self.tokens.insert(lease.token), "the token {} was given twice", lease.token);
        self.change(id, |job| {
            job.state = JobState::Running;
            job.attempt += 1;
            job.lease = Some(lease);
        });
    }

    pub fn renew(&mut self, id: JobId, until: usize) {
        self.change(id, |job| job.lease = job.lease.map(|lease| Lease { until, ..lease }));
    }

    /// The end of an attempt that held its lease. `next` is when another may begin, where that is after a pause.
    pub fn settle(&mut self, id: JobId, state: JobState, next: Option<Moment>, milliseconds: i64, attempts_back: bool) {
        let lane = self.lanes.get_mut(&self.jobs[&id].lane).unwrap();
        lane.spend(milliseconds);
        self.change(id, |job| {
            job.milliseconds += milliseconds;
            job.attempt -= i32::from(attempts_back);
            job.end(state, next);
        });
    }

    pub fn rescue(&mut self, id: JobId) {
        self.change(id, |job| {
            let state = if job.attempt < MAX_ATTEMPTS + EXTRA {
                JobState::Waiting
            } else if job.is_cancelling {
                JobState::Cancelled
            } else {
                JobState::Dead
            };
            job.end(state, None);
        });
    }

    pub fn hand_back(&mut self, id: JobId) {
        self.change(id, |job| {
            job.attempt -= 1;
            job.end(JobState::Waiting, None);
        });
    }

    /// The state that whoever cancels is told.
    pub fn cancel(&mut self, id: JobId) -> JobState {
        self.change(id, |job| {
            job.is_cancelling |= !job.state.is_finished();
            if job.state == JobState::Waiting {
                job.state = JobState::Cancelled;
            }
        });
        self.jobs[&id].state
    }

    /// Whether a job may run again: another one with its key may be under way.
    pub fn may_retry(&self, id: JobId) -> bool {
        let job = &self.jobs[&id];
        matches!(job.state, JobState::Dead | JobState::Cancelled)
            && job.key.is_none_or(|key| self.under_way(job.lane, key).is_none())
    }

    pub fn retry(&mut self, id: JobId, now: Moment) {
        self.change(id, |job| {
            job.state = JobState::Waiting;
            job.attempt = 0;
            job.run_at = now;
            job.is_cancelling = false;
        });
    }

    /// The row that the table should have of a job.
    pub fn row(&self, id: JobId) -> SeenJob {
        let job = &self.jobs[&id];
        let is_waiting = job.state == JobState::Waiting;
        SeenJob {
            tenant_id: job.lane.0.0,
            id: id.0,
            kind: KINDS[job.lane.1].into(),
            state: job.state.as_str().into(),
            attempt: if job.state.is_finished() { job.attempt.min(MAX_ATTEMPTS) } else { job.attempt },
            priority: table::priority(job.priority),
            key: job.key.map(table::key),
            lease_token: job.lease.map(|lease| lease.token),
            worker: job.lease.map(|lease| lease.worker),
            is_due: is_waiting && job.run_at.hour <= self.hour,
            is_expired: job.lease.is_some_and(|lease| lease.until <= self.hour),
            is_cancelling: job.is_cancelling,
            milliseconds: job.milliseconds,
        }
    }

    /// All waiting jobs, as the table has them in the order of their time.
    pub fn by_time(&self) -> Vec<Uuid> {
        let waiting = self.lanes.values().flat_map(|lane| &lane.waiting);
        let mut waiting: Vec<_> = waiting.map(|(_, run_at, id)| (*run_at, id.0)).collect();
        waiting.sort();
        waiting.into_iter().map(|(_, id)| id).collect()
    }

    fn change(&mut self, id: JobId, change: impl FnOnce(&mut Job)) {
        let job = self.jobs.get_mut(&id).unwrap();
        let lane = self.lanes.get_mut(&job.lane).unwrap();
        lane.unlearn(id, job);
        change(job);
        lane.learn(id, job);
    }
}

impl Job {
    /// Where it is to wait for another attempt without a pause, or while somebody has asked for its end, it waits in its place.
    fn end(&mut self, state: JobState, next: Option<Moment>) {
        self.lease = None;
        self.state = state;
        if state == JobState::Waiting && !self.is_cancelling {
            self.run_at = next.unwrap_or(self.run_at);
        }
    }
}

impl Default for Lane {
    /// As the table makes one.
    fn default() -> Self {
        Self {
            weight: 1.0,
            max_running: 64,
            max_waiting: 100_000,
            waiting: BTreeSet::new(),
            running: BTreeSet::new(),
            used: 0.0,
            used_at: Instant::now(),
        }
    }
}

impl Lane {
    pub fn unfinished(&self) -> usize {
        self.waiting.len() + self.running.len()
    }

    /// What it has used, of which half is forgotten each minute.
    pub fn used(&self) -> f64 {
        self.used * (self.used_at.elapsed().as_secs_f64() / -60.0).exp2()
    }

    /// Has time pass for it alone.
    pub fn idle(&mut self, seconds: usize) {
        self.used *= (f64::from(u32::try_from(seconds).unwrap()) / -60.0).exp2();
    }

    fn spend(&mut self, milliseconds: i64) {
        self.used = self.used() + f64::from(i32::try_from(milliseconds).unwrap()) / 1_000.0;
        self.used_at = Instant::now();
    }

    fn learn(&mut self, id: JobId, job: &Job) {
        match job.state {
            JobState::Waiting => _ = self.waiting.insert((Reverse(job.priority), job.run_at, id)),
            JobState::Running => _ = self.running.insert(id),
            JobState::Done | JobState::Dead | JobState::Cancelled => {}
        }
    }

    fn unlearn(&mut self, id: JobId, job: &Job) {
        self.waiting.remove(&(Reverse(job.priority), job.run_at, id));
        self.running.remove(&id);
    }
}
