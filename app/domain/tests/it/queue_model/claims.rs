//! What a claim may answer.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    id::{JobId, TenantId},
    queue::machine::{Lanes, Taken},
};
use uuid::Uuid;

use super::{
    KINDS,
    reference::{LaneKey, Model},
    table::{self, SeenLane},
};

/// Lanes forget while the statement is on its way, and whether the first place of a lane costs a job or none is the same for
/// all: two lanes whose turns are closer than this may go in any order.
const TOLERANCE: f64 = 0.02;

/// What a worker asked for.
#[derive(Debug)]
pub struct Asked {
    /// How many of each kind there is room for; a kind without room is not asked for.
    pub room: BTreeMap<usize, usize>,
    pub paused: BTreeSet<TenantId>,
    /// Behind nil are all.
    pub lanes: Lanes,
}

impl Asked {
    /// As the statement takes them.
    pub fn columns(&self) -> (Vec<String>, Vec<i32>, Vec<Uuid>) {
        let kinds = self.room.keys().map(|kind| KINDS[*kind].to_owned()).collect();
        let room = self.room.values().map(|room| i32::try_from(*room).unwrap()).collect();
        (kinds, room, self.paused.iter().map(|tenant| tenant.0).collect())
    }
}

/// The next jobs of each lane within its limit, all that there is room for, and from no lane whose turn it is not.
pub fn check(model: &Model, asked: &Asked, seen: &BTreeMap<LaneKey, SeenLane>, taken: &[Taken]) {
    let mut lanes: BTreeMap<LaneKey, BTreeSet<JobId>> = BTreeMap::new();
    for job in taken {
        let lane = (job.held.tenant, table::kind(&job.kind));
        assert!(asked.room.contains_key(&lane.1), "nobody asked for {job:?}");
        assert!(!asked.paused.contains(&lane.0), "its tenant is paused: {job:?}");
        assert!(lanes.entry(lane).or_default().insert(job.held.job), "claimed twice in one statement: {job:?}");
        assert_eq!(job.attempt, model.jobs[&job.held.job].attempt + 1, "the attempt of {job:?}");
    }
    for (kind, room) in &asked.room {
        check_kind(model, asked, seen, &lanes, *kind, *room);
    }
}

fn check_kind(
    model: &Model,
    asked: &Asked,
    seen: &BTreeMap<LaneKey, SeenLane>,
    taken: &BTreeMap<LaneKey, BTreeSet<JobId>>,
    kind: usize,
    room: usize,
) {
    let (mut total, mut possible, mut last, mut next) = (0, 0, Vec::new(), Vec::new());
    for lane in model.lanes.keys().filter(|lane| lane.1 == kind && !asked.paused.contains(&lane.0)) {
        let due = model.due(*lane);
        let own = taken.get(lane).cloned().unwrap_or_default();
        let first: BTreeSet<JobId> = due.iter().take(own.len()).copied().collect();
        assert_eq!(own, first, "the next jobs of {lane:?} within its limit, of {due:?}");
        if let Some(place) = own.len().checked_sub(1) {
            last.push(Turn::new(*lane, &seen[lane], place));
        }
        if own.len() < due.len() {
            next.push(Turn::new(*lane, &seen[lane], own.len()));
        }
        total += own.len();
        possible += due.len();
    }
    assert!(total <= room, "{total} of kind {kind} where there is room for {room}");
    // Who begins in the middle may leave out the others.
    if matches!(asked.lanes, Lanes::After(after) if !after.is_nil()) {
        return;
    }
    assert_eq!(total, room.min(possible), "of kind {kind}, for which there is room for {room}");
    for (taken, left) in last.iter().flat_map(|taken| next.iter().map(move |left| (taken, left))) {
        assert!(taken.earliest <= left.latest * (1.0 + TOLERANCE) + 1e-6, "{taken:?} went before {left:?}");
    }
}

/// When a job of a lane has its turn: who has used less goes first.
#[derive(Debug)]
#[expect(dead_code, reason = "they are for whoever reads why a test failed")]
struct Turn {
    lane: LaneKey,
    place: usize,
    earliest: f64,
    latest: f64,
}

impl Turn {
    fn new(lane: LaneKey, seen: &SeenLane, place: usize) -> Self {
        let before = f64::from(seen.running) + f64::from(u32::try_from(place).unwrap());
        let turn = |jobs: f64| (seen.used + jobs * seen.job_seconds) / seen.weight;
        Self { lane, place, earliest: turn(before), latest: turn(before + 1.0) }
    }
}
