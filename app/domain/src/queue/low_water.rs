//! Where the work of the lanes begins, as this process has seen it: what a claim goes by where looking at everything has become dear.
//!
//! While a transaction stays open, wherever in the database, no row goes that it may still see. So the jobs that have
//! finished since stay in the queue's index, in front of those that wait, and a claim that looks at everything reads past all of them.
//! Such a claim is then made for a fifth of the time at most. Those between look at the lanes that this process has taken jobs of, from
//! the time on of which it took the last. What they cannot see, the next that looks at everything does: a lane whose work is
//! new, a job that was handed back to its old place, what was enqueued in a transaction that took longer than a second.

use std::{
    collections::{HashMap, hash_map::Entry},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::Instant;

use super::claim_store::{ClaimedRow, LaneMark, PRIORITIES};
use crate::id::TenantId;

/// A claim is dear that takes longer than this, and than [`DEAR_JOB`] for each of its jobs: several times as long as one takes that
/// reads past nothing.
const DEAR: Duration = Duration::from_millis(25);
const DEAR_JOB: Duration = Duration::from_micros(40);

/// After a dear claim none looks at everything for so many times as long as it took, and for [`LONGEST`] at most.
const PAUSES: u32 = 4;
const LONGEST: Duration = Duration::from_secs(5);

/// Between the time that a job is due from, which is when its transaction began, and the commit that shows it.
const MARGIN: TimeDelta = TimeDelta::seconds(1);

/// Lanes that are known at once.
const LANES: usize = 1_000;

/// A lane is forgotten of which nothing was taken for so long.
const IDLE: Duration = Duration::from_secs(10);

/// The lanes, and until when claims go by them.
#[derive(Default)]
pub(super) struct LowWater {
    /// None where to look at everything is cheap.
    until: Option<Instant>,
    /// Whether a claim by the lanes has found nothing since everything was looked at.
    is_in_vain: bool,
    lanes: HashMap<(TenantId, String), Mark>,
}

struct Mark {
    taken: Instant,
    since: [Option<DateTime<Utc>>; PRIORITIES.len()],
}

impl LowWater {
    /// The lanes to look at, of which there is one at least, and none where everything is to be looked at.
    pub fn lanes(&self, now: Instant) -> Option<Vec<LaneMark>> {
        let lane = |((tenant, kind), mark): (&(TenantId, String), &Mark)| LaneMark {
            tenant: *tenant,
            kind: kind.clone(),
            since: mark.since,
        };
        let until = self.until.filter(|until| now < *until && !self.lanes.is_empty());
        until.map(|_| self.lanes.iter().map(lane).collect())
    }

    /// How long until everything is looked at, where somebody may be waiting for that; else whoever rings or the next poll is in time.
    pub fn is_waited_for(&self, now: Instant) -> Option<Duration> {
        self.until.filter(|_| self.is_in_vain).map(|until| until.saturating_duration_since(now))
    }

    /// Notes what a claim that looked at everything has found, and how long it took.
    pub fn looked_at_all(&mut self, jobs: &[ClaimedRow], took: Duration, now: Instant) {
        let many = u32::try_from(jobs.len()).unwrap_or(u32::MAX);
        if took <= DEAR + DEAR_JOB.saturating_mul(many) {
            *self = Self::default();
            return;
        }
        self.until = Some(now + took.saturating_mul(PAUSES).min(LONGEST));
        self.lanes.retain(|_, mark| now.duration_since(mark.taken) < IDLE);
        self.took(jobs, now);
        self.is_in_vain = false;
    }

    /// Notes that a claim that looked at everything had to be given up, so that the lanes that are known go on meanwhile.
    pub fn gave_up(&mut self, now: Instant) {
        self.until = Some(now + LONGEST);
    }

    /// Notes what a claim has taken of the lanes.
    pub fn took(&mut self, jobs: &[ClaimedRow], now: Instant) {
        self.is_in_vain |= jobs.is_empty();
        for job in jobs {
            let Some(level) = PRIORITIES.iter().position(|priority| *priority == job.priority) else { continue };
            let there = self.lanes.len();
            let mark = match self.lanes.entry((job.tenant, job.kind.clone())) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) if there < LANES => new.insert(Mark { taken: now, since: Default::default() }),
                Entry::Vacant(_) => continue,
            };
            mark.taken = now;
            mark.since[level] = mark.since[level].max(Some(job.run_at - MARGIN));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use uuid::Uuid;

    use super::*;
    use crate::id::JobId;

    fn job(tenant: u128, priority: i16, second: i64) -> ClaimedRow {
        ClaimedRow {
            tenant: TenantId(Uuid::from_u128(tenant)),
            id: JobId(Uuid::nil()),
            kind: "brick".into(),
            payload: Value::Null,
            attempt: 1,
            max_attempts: 1,
            last_error: None,
            subject: None,
            is_cancelling: false,
            token: Uuid::nil(),
            trace: None,
            span: None,
            waited: 0.0,
            priority,
            run_at: at(second),
        }
    }

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(second, 0).unwrap()
    }

    #[test]
    fn everything_is_looked_at_while_that_is_cheap() {
        let (mut low_water, now) = (LowWater::default(), Instant::now());
        assert!(low_water.lanes(now).is_none());
        low_water.looked_at_all(&[job(1, 0, 5)], DEAR, now);
        assert!(low_water.lanes(now).is_none());
        // Five hundred jobs take their time.
        let many: Vec<_> = (0..500).map(|second| job(1, 0, second)).collect();
        low_water.looked_at_all(&many, Duration::from_millis(44), now);
        assert!(low_water.lanes(now).is_none());
        low_water.looked_at_all(&[], Duration::from_secs(1), now);
        assert!(low_water.lanes(now).is_none(), "no lane is known");
    }

    #[test]
    fn after_a_dear_claim_the_lanes_are_looked_at_from_their_last_job_on() {
        let (mut low_water, now) = (LowWater::default(), Instant::now());
        low_water.looked_at_all(&[job(1, 0, 5), job(1, 0, 7), job(1, -10, 3)], Duration::from_millis(100), now);
        low_water.took(&[job(1, 0, 6), job(1, 0, 9)], now);
        let lanes = low_water.lanes(now + Duration::from_millis(399)).unwrap();
        assert_eq!(lanes.len(), 1);
        assert_eq!(lanes[0].since, [None, Some(at(8)), Some(at(2))]);
        assert!(low_water.lanes(now + Duration::from_millis(400)).is_none(), "four times as long is over");
        // An hour's worth of dead rows holds nobody up for longer than this.
        low_water.looked_at_all(&[], Duration::from_secs(3), now);
        assert!(low_water.lanes(now + LONGEST).is_none());
    }

    #[test]
    fn who_may_wait_for_a_look_at_everything_is_not_left_until_the_next_poll() {
        let (mut low_water, now) = (LowWater::default(), Instant::now());
        low_water.looked_at_all(&[job(1, 0, 5)], Duration::from_millis(100), now);
        assert_eq!(low_water.is_waited_for(now), None);
        low_water.took(&[], now);
        assert_eq!(low_water.is_waited_for(now), Some(Duration::from_millis(400)));
        low_water.looked_at_all(&[], Duration::from_millis(100), now);
        assert_eq!(low_water.is_waited_for(now), None, "everything was looked at");
    }

    #[test]
    fn where_everything_is_too_much_to_look_at_the_known_lanes_go_on() {
        let (mut low_water, now) = (LowWater::default(), Instant::now());
        low_water.gave_up(now);
        assert!(low_water.lanes(now).is_none(), "none is known");
        low_water.looked_at_all(&[job(1, 0, 5)], Duration::from_secs(4), now);
        low_water.gave_up(now + LONGEST);
        assert_eq!(low_water.lanes(now + LONGEST).unwrap().len(), 1);
        assert!(low_water.lanes(now + LONGEST * 2).is_none());
    }

    #[test]
    fn a_lane_that_is_idle_is_forgotten_and_there_is_an_end_to_those_that_are_known() {
        let (mut low_water, now) = (LowWater::default(), Instant::now());
        let many: Vec<_> = (0..2_000).map(|tenant| job(tenant, 0, 5)).collect();
        low_water.looked_at_all(&many, Duration::from_secs(1), now);
        assert_eq!(low_water.lanes(now).unwrap().len(), LANES);
        let later = now + IDLE;
        low_water.looked_at_all(&[job(1, 0, 6)], Duration::from_secs(1), later);
        assert_eq!(low_water.lanes(later).unwrap().len(), 1);
    }
}
