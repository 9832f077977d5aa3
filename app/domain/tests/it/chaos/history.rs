//! What happened in one round, and whether it may have. It knows no database and no process, so that it can be shown histories
//! that never were (see `forged`).

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    time::Duration,
};

use domain::queue::JobState;
use serde_json::Value;
use sqlx::types::Uuid;

/// Since the run began, by the clock of the tests.
pub type Moment = Duration;

/// From the death of a worker until what it held runs again: the lease of ten seconds, and a look at what is expired.
pub const RECOVERY: Duration = Duration::from_secs(15);

/// The same after a clean stop, which hands back what it held: one second by itself, and one for a loaded machine.
pub const RECOVERY_OF_STOP: Duration = Duration::from_secs(2);

/// How long a cancelled job may go on.
pub const CANCEL: Duration = Duration::from_secs(2);

/// Attempts that one fault of the database may cost a job: the one under way, and one that meets what is left of it.
const ATTEMPTS_OF_OUTAGE: usize = 2;

/// Of the jobs done in a second, what must be left after a fault.
const THROUGHPUT: f64 = 0.95;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    Steps,
    Flaky,
    Long,
    Doomed,
}

impl Task {
    /// As its kind and its payload tell.
    pub fn parse(kind: &str, payload: &Value) -> Self {
        match (kind, payload.as_str()) {
            ("chaos_doomed", _) => Self::Doomed,
            (_, Some("steps")) => Self::Steps,
            (_, Some("flaky")) => Self::Flaky,
            _ => Self::Long,
        }
    }

    /// The effects that there must be in the end, once each.
    fn effects(self) -> &'static [&'static str] {
        match self {
            Self::Steps => &["reserve", "charge", "deliver"],
            Self::Flaky => &["prepare", "deliver"],
            Self::Long => &["deliver"],
            Self::Doomed => &["told"],
        }
    }

    /// Where nothing goes wrong that is not meant to.
    fn attempts(self) -> usize {
        match self {
            Self::Steps | Self::Long => 1,
            Self::Flaky | Self::Doomed => 3,
        }
    }

    fn end(self) -> JobState {
        if self == Self::Doomed { JobState::Dead } else { JobState::Done }
    }
}

/// A job that was promised to be done: its transaction was committed.
#[derive(Debug, Clone)]
pub struct Accepted {
    pub job: Uuid,
    /// None where the job cannot be found any more.
    pub task: Option<Task>,
    /// When its cancelling was committed.
    pub cancelled: Option<Moment>,
}

/// What the other side was told or asked.
#[derive(Debug, Clone)]
pub struct Call {
    pub job: Uuid,
    pub attempt: i32,
    /// The process, by a name that no other one has.
    pub worker: String,
    pub at: Moment,
    /// None where an attempt has begun.
    pub effect: Option<Effect>,
}

#[derive(Debug, Clone)]
pub struct Effect {
    pub step: String,
    pub key: String,
}

/// A job as it is in the table at the end.
#[derive(Debug, Clone)]
pub struct Row {
    pub job: Uuid,
    pub state: JobState,
    pub attempt: i32,
}

/// The end of a worker.
#[derive(Debug, Clone)]
pub struct End {
    pub worker: String,
    pub at: Moment,
    /// Whether it was asked to stop, and not killed.
    pub is_clean: bool,
    /// The jobs that it had.
    pub held: BTreeSet<Uuid>,
}

#[derive(Debug, Default)]
pub struct History {
    pub accepted: Vec<Accepted>,
    pub calls: Vec<Call>,
    pub rows: Vec<Row>,
    pub ends: Vec<End>,
    /// Faults of what all workers share.
    pub outages: usize,
    /// Rows without their job, and jobs without their row.
    pub torn: i64,
    /// Whether a process never came to the place at which it was to die, or did not stop when it was asked to.
    pub missed: bool,
    /// Jobs done in a second before and after the fault, where that was measured.
    pub throughput: Option<(f64, f64)>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Violation {
    Lost { job: Uuid },
    Ended { job: Uuid, state: JobState },
    Doubled { job: Uuid, step: String, times: usize },
    Omitted { job: Uuid, step: String },
    Repeated { job: Uuid, step: String, times: usize },
    SharedKey { key: String },
    AfterCancel { job: Uuid, late: Duration },
    Attempts { job: Uuid, attempts: i32, at_most: usize },
    Unaccepted { job: Uuid },
    Slow { job: Uuid, took: Duration },
    Torn { rows: i64 },
    Slower { before: f64, after: f64 },
    Missed,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lost { job } => write!(f, "job {job} was accepted and is not finished, or not there"),
            Self::Ended { job, state } => write!(f, "job {job} ended as {state:?}"),
            Self::Doubled { job, step, times } => write!(f, "step {step} of job {job} had its effect {times} times"),
            Self::Omitted { job, step } => write!(f, "step {step} of job {job} never had its effect"),
            Self::Repeated { job, step, times } => write!(f, "step {step} of job {job} was asked for {times} times"),
            Self::SharedKey { key } => write!(f, "the key {key} stands for two steps"),
            Self::AfterCancel { job, late } => write!(f, "job {job} had an effect {late:?} after it was cancelled"),
            Self::Attempts { job, attempts, at_most } => {
                write!(f, "job {job} took {attempts} attempts and may take {at_most}")
            }
            Self::Unaccepted { job } => write!(f, "job {job} ran and was never committed"),
            Self::Slow { job, took } => write!(f, "job {job} ran again {took:?} after its worker was gone"),
            Self::Torn { rows } => write!(f, "{rows} rows without their job, or jobs without their row"),
            Self::Slower { before, after } => write!(f, "{before:.1} jobs a second before, {after:.1} after"),
            Self::Missed => write!(f, "a process did not end where and as it was to"),
        }
    }
}

impl History {
    /// Everything that must not have happened.
    pub fn check(&self) -> Vec<Violation> {
        let mut found = Vec::new();
        for accepted in &self.accepted {
            self.check_end(accepted, &mut found);
            self.check_effects(accepted, &mut found);
        }
        found.extend(self.shared_keys());
        found.extend(self.unaccepted());
        found.extend(self.slow());
        if self.torn != 0 {
            found.push(Violation::Torn { rows: self.torn });
        }
        if let Some((before, after)) = self.throughput.filter(|(before, after)| *after < before * THROUGHPUT) {
            found.push(Violation::Slower { before, after });
        }
        if self.missed {
            found.push(Violation::Missed);
        }
        found
    }

    /// How long after the death of its worker each job ran again that it had. A job that has ended without running again was
    /// settled in its last moment, or cancelled.
    pub fn recoveries(&self) -> Vec<Duration> {
        self.recovered().filter(|(end, ..)| !end.is_clean).map(|(.., took)| took).collect()
    }

    fn recovered(&self) -> impl Iterator<Item = (&End, Uuid, Duration)> {
        self.ends.iter().flat_map(move |end| {
            end.held.iter().filter_map(move |job| {
                let again = |call: &&Call| call.job == *job && call.worker != end.worker && call.at >= end.at;
                let first = self.calls.iter().filter(again).map(|call| call.at).min()?;
                Some((end, *job, first - end.at))
            })
        })
    }

    fn check_end(&self, accepted: &Accepted, found: &mut Vec<Violation>) {
        let job = accepted.job;
        let row = self.rows.iter().find(|row| row.job == job && row.state.is_finished());
        let (Some(row), Some(task)) = (row, accepted.task) else {
            found.push(Violation::Lost { job });
            return;
        };
        let was_cancelled = accepted.cancelled.is_some() && row.state == JobState::Cancelled;
        if row.state != task.end() && !was_cancelled {
            found.push(Violation::Ended { job, state: row.state });
        }
        let at_most = task.attempts() + self.interruptions(job);
        if usize::try_from(row.attempt).is_ok_and(|attempts| attempts > at_most) {
            found.push(Violation::Attempts { job, attempts: row.attempt, at_most });
        }
    }

    fn check_effects(&self, accepted: &Accepted, found: &mut Vec<Violation>) {
        let (job, Some(task)) = (accepted.job, accepted.task) else { return };
        let asked = self.effects_of(job);
        // A job that is handed back spends no attempt, and has left a step in the middle.
        let stops = self.ends.iter().filter(|end| end.is_clean && end.held.contains(&job)).count();
        for (step, keys) in &asked {
            let (step, times) = ((*step).to_owned(), keys.len());
            let effects = keys.iter().collect::<BTreeSet<_>>().len();
            if effects > 1 {
                found.push(Violation::Doubled { job, step, times: effects });
            } else if times > 1 + self.interruptions(job) + stops {
                found.push(Violation::Repeated { job, step, times });
            }
        }
        let is_done = self.rows.iter().any(|row| row.job == job && row.state == task.end());
        let omitted = task.effects().iter().filter(|step| is_done && !asked.contains_key(**step));
        found.extend(omitted.map(|step| Violation::Omitted { job, step: (*step).to_owned() }));
        if let Some(cancelled) = accepted.cancelled {
            let effects = self.calls.iter().filter(|call| call.job == job && call.effect.is_some());
            let late = effects.filter_map(|call| call.at.checked_sub(cancelled)).filter(|late| *late > CANCEL);
            found.extend(late.map(|late| Violation::AfterCancel { job, late }));
        }
    }

    /// The keys that each step was asked for with, in order. One key is one effect, as the other side honours it.
    fn effects_of(&self, job: Uuid) -> BTreeMap<&str, Vec<&str>> {
        let mut asked: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for effect in self.calls.iter().filter(|call| call.job == job).filter_map(|call| call.effect.as_ref()) {
            asked.entry(effect.step.as_str()).or_default().push(effect.key.as_str());
        }
        asked
    }

    /// How often an attempt of the job may have ended for no fault of its own.
    fn interruptions(&self, job: Uuid) -> usize {
        let kills = self.ends.iter().filter(|end| !end.is_clean && end.held.contains(&job)).count();
        kills + self.outages * ATTEMPTS_OF_OUTAGE
    }

    /// A key that two steps share has the effect of the first alone.
    fn shared_keys(&self) -> Vec<Violation> {
        let mut owners: BTreeMap<&str, BTreeSet<(Uuid, &str)>> = BTreeMap::new();
        for call in &self.calls {
            if let Some(effect) = &call.effect {
                owners.entry(effect.key.as_str()).or_default().insert((call.job, effect.step.as_str()));
            }
        }
        let shared = owners.into_iter().filter(|(_, steps)| steps.len() > 1);
        shared.map(|(key, _)| Violation::SharedKey { key: key.to_owned() }).collect()
    }

    fn unaccepted(&self) -> Vec<Violation> {
        let accepted: BTreeSet<Uuid> = self.accepted.iter().map(|accepted| accepted.job).collect();
        let ran: BTreeSet<Uuid> = self.calls.iter().map(|call| call.job).collect();
        ran.difference(&accepted).map(|job| Violation::Unaccepted { job: *job }).collect()
    }

    /// One in a hundred may take longer: a worker that dies just when it has claimed a job keeps it for another lease.
    fn slow(&self) -> Vec<Violation> {
        let is_rare = p99(self.recoveries()) <= RECOVERY;
        let is_slow = |end: &End, took: Duration| {
            if end.is_clean { took > RECOVERY_OF_STOP } else { took > RECOVERY && !is_rare }
        };
        let slow = self.recovered().filter(|(end, _, took)| is_slow(end, *took));
        slow.map(|(_, job, took)| Violation::Slow { job, took }).collect()
    }
}

/// A job that is running, with the process that the table says has it.
#[derive(Debug, Clone)]
pub struct Running {
    pub job: Uuid,
    pub attempt: i32,
    pub process: Option<Uuid>,
}

/// Those of the running jobs that a worker has. The table knows no names, so a process that has what another worker has begun
/// is taken for that one.
pub fn held_by(worker: &str, running: &[Running], calls: &[Call]) -> BTreeSet<Uuid> {
    let is_anothers = |running: &&Running| {
        let begun = |call: &Call| call.job == running.job && call.attempt == running.attempt && call.worker != worker;
        calls.iter().any(begun)
    };
    let others: BTreeSet<_> = running.iter().filter(is_anothers).map(|running| running.process).collect();
    running.iter().filter(|running| !others.contains(&running.process)).map(|running| running.job).collect()
}

/// What 99 of 100 values do not exceed; zero where there are none.
pub fn p99(mut values: Vec<Duration>) -> Duration {
    values.sort();
    let last = (values.len() * 99).div_ceil(100).saturating_sub(1);
    values.get(last).copied().unwrap_or_default()
}
