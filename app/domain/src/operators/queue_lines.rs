//! The queues as operators see them: how much waits and for how long, and nothing of what the work is about.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    error::{Error, Result},
    id::{JobId, TenantId},
};

/// How far jobs of a kind, or dead letters of one, are counted; the database then answers one more.
pub const COUNTED_OF_A_KIND: i64 = 10_000;

/// How far what waits in a lane is counted.
pub const COUNTED_OF_A_LANE: i64 = 1_000;

/// Dead letters that are run again at once.
pub const REPLAYED_AT_ONCE: i32 = 1_000;

/// As the table has it.
const MAX_KIND_CHARACTERS: usize = 100;

/// Whoever was silent for longer has died: a process that works says so every few seconds.
const ALIVE_SECONDS: f64 = 30.0;

/// A kind of work, over all workspaces.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KindLine {
    pub kind: String,
    pub running: i64,
    /// Those that could begin now.
    pub waiting: i64,
    /// Those whose time has not come, or that pause before another attempt.
    pub scheduled: i64,
    /// Whether there are more unfinished jobs than were counted.
    pub is_more: bool,
    /// How long the one has waited that waits longest.
    pub oldest_seconds: Option<f64>,
    pub dead: i64,
    /// Finished within `recent_seconds`, as are those that the figures below are of.
    pub done: i64,
    /// An hour, or less where very many jobs have finished.
    pub recent_seconds: f64,
    /// Half of the jobs began within this, in seconds, and 95 of 100 within the next.
    pub wait_median: Option<f64>,
    pub wait_high: Option<f64>,
    /// The same of how long they took, all attempts together.
    pub run_median: Option<f64>,
    pub run_high: Option<f64>,
}

impl KindLine {
    /// Jobs that are not over, as far as they were counted.
    pub fn unfinished(&self) -> i64 {
        self.running + self.waiting + self.scheduled
    }
}

/// The work of one kind of one workspace.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LaneLine {
    pub tenant: TenantId,
    /// The workspace's name.
    pub name: String,
    pub kind: String,
    pub weight: f32,
    pub max_running: i32,
    pub max_waiting: i32,
    pub running: i32,
    /// Counted to [`COUNTED_OF_A_LANE`].
    pub waiting: i64,
    pub oldest_seconds: Option<f64>,
    /// Seconds of workers of late, of which half are forgotten each minute.
    pub used: f64,
}

/// A process that works.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WorkerLine {
    pub name: String,
    pub kinds: Vec<String>,
    pub started_at: DateTime<Utc>,
    /// Since it last said that it is there.
    pub silent_seconds: f64,
}

impl WorkerLine {
    pub fn is_alive(&self) -> bool {
        self.silent_seconds <= ALIVE_SECONDS
    }
}

/// What is held up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PauseLine {
    /// A kind in all workspaces; or
    pub kind: Option<String>,
    /// a workspace with all its kinds,
    pub tenant: Option<TenantId>,
    /// by its name.
    pub name: Option<String>,
    pub reason: String,
    /// The operator's name.
    pub paused_by: String,
    pub paused_at: DateTime<Utc>,
}

/// Work that failed for good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeadLine {
    pub tenant: TenantId,
    /// The workspace's name.
    pub name: String,
    pub job: JobId,
    pub kind: String,
    pub attempts: i32,
    /// Of the last attempt: its first 500 characters.
    pub error: Option<String>,
    pub died_at: DateTime<Utc>,
    /// Whether the same work is under way anew, so that this cannot run again.
    pub is_under_way: bool,
}

/// All there is to know at a glance.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct QueueOverview {
    pub kinds: Vec<KindLine>,
    pub workers: Vec<WorkerLine>,
    pub pauses: Vec<PauseLine>,
}

impl QueueOverview {
    /// The kinds of which something is unfinished and that no process does.
    pub fn unserved(&self) -> impl Iterator<Item = &KindLine> {
        self.kinds.iter().filter(move |kind| kind.unfinished() > 0 && !self.serves(&kind.kind))
    }

    fn serves(&self, kind: &str) -> bool {
        self.workers.iter().any(|worker| worker.is_alive() && worker.kinds.iter().any(|done| done == kind))
    }
}

/// Which lanes or dead letters are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QueueFilter {
    pub kind: Option<String>,
    pub tenant: Option<TenantId>,
}

impl QueueFilter {
    /// From what an address or a form says. A kind that nobody could have named is passed over, and so is what is no id.
    pub fn parse(kind: &str, tenant: &str) -> Self {
        let kind = Some(kind.trim()).filter(|kind| !kind.is_empty() && kind.chars().count() <= MAX_KIND_CHARACTERS);
        Self { kind: kind.map(str::to_owned), tenant: tenant.trim().parse().ok() }
    }
}

/// Lanes, and what of them is held up.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LanePage {
    pub lanes: Vec<LaneLine>,
    /// Of the workspace that was asked for; none where it was none.
    pub pauses: Vec<PauseLine>,
}

/// What can be held up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pausable {
    /// In all workspaces.
    Kind(String),
    /// With all its kinds.
    Tenant(TenantId),
}

impl Pausable {
    /// What a form names: a workspace, or else a kind. Fails at the field `kind` where it names neither.
    pub fn parse(kind: &str, tenant: &str) -> Result<Self> {
        match QueueFilter::parse(kind, tenant) {
            QueueFilter { tenant: Some(tenant), .. } => Ok(Self::Tenant(tenant)),
            QueueFilter { kind: Some(kind), .. } => Ok(Self::Kind(kind)),
            _ => Err(Error::invalid("kind", "Say which kind of work is meant.")),
        }
    }
}

/// The share and the limits of a lane.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LaneLimits {
    pub weight: f32,
    pub max_running: i32,
    pub max_waiting: i32,
}

impl LaneLimits {
    /// From the fields `weight`, `max_running` and `max_waiting` of a form; fails at the one that is wrong.
    pub fn parse(weight: &str, max_running: &str, max_waiting: &str) -> Result<Self> {
        let weight = weight.trim().parse::<f32>().ok().filter(|weight| (0.01..=1000.0).contains(weight));
        Ok(Self {
            weight: weight.ok_or_else(|| Error::invalid("weight", "Give a number between 0.01 and 1000."))?,
            max_running: count("max_running", max_running, 10_000)?,
            max_waiting: count("max_waiting", max_waiting, 100_000_000)?,
        })
    }
}

/// What became of dead letters that were to run again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Replayed {
    pub replayed: usize,
    /// As the same work is under way.
    pub skipped: usize,
}

fn count(field: &str, text: &str, most: i32) -> Result<i32> {
    let number = text.trim().parse::<i32>().ok().filter(|number| (1..=most).contains(number));
    number.ok_or_else(|| Error::invalid(field, format!("Give a whole number between 1 and {most}.")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limits_of_a_lane_are_numbers_that_it_can_keep() {
        let limits = LaneLimits::parse(" 2.5 ", "8", "100000").unwrap();
        assert_eq!((limits.weight, limits.max_running, limits.max_waiting), (2.5, 8, 100_000));
        for (weight, running, waiting, field) in [
            ("0", "8", "100", "weight"),
            ("NaN", "8", "100", "weight"),
            ("inf", "8", "100", "weight"),
            ("1", "0", "100", "max_running"),
            ("1", "8.5", "100", "max_running"),
            ("1", "8", "", "max_waiting"),
            ("1", "8", "99999999999", "max_waiting"),
        ] {
            let error = LaneLimits::parse(weight, running, waiting).unwrap_err();
            assert_eq!(error.field.as_deref(), Some(field), "{weight} {running} {waiting}");
        }
    }

    #[test]
    fn a_process_that_is_silent_has_died() {
        let seen = |silent_seconds| WorkerLine {
            name: "reader".into(),
            kinds: Vec::new(),
            started_at: DateTime::UNIX_EPOCH,
            silent_seconds,
        };
        assert!(seen(3.0).is_alive() && !seen(31.0).is_alive());
    }
}
