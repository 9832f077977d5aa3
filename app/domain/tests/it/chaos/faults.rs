//! What befalls the queue.

use std::time::Duration;

use tokio::time::sleep;

use super::{
    Arena,
    dice::Dice,
    fleet::{Worker, was_killed},
    history::RECOVERY,
    round::{Load, Outcome, Round},
};

/// The places in the source at which a process dies (`queue::fault`), and how often the jobs of a round surely come there.
pub const POINTS: [(&str, u64); 18] = [
    ("enqueue.before_commit", 6),
    ("enqueue.after_commit", 4),
    ("claim.before", 2),
    ("claim.after", 2),
    ("run.before", 6),
    ("step.before_effect", 6),
    ("step.after_effect", 6),
    ("step.after_kept", 6),
    ("run.after", 6),
    ("settle.before", 6),
    ("settle.after", 6),
    ("renew.before", 1),
    ("renew.after", 1),
    ("dead.before_told", 2),
    ("dead.after_told", 2),
    ("cancelled.before_told", 2),
    ("cancelled.after_told", 2),
    ("handback.before", 1),
];

/// The names of workers. Whoever dies comes back under the same one, at once.
const NAMES: [&str; 2] = ["ada", "bob"];

const USUAL: Load = Load { long: 0, milliseconds: 0, doomed: 2, flaky: 3, steps: 15 };

/// Jobs that run for longer than a lease is renewed after.
const WITH_LONG: Load = Load { long: 3, milliseconds: 5_000, ..USUAL };

/// Jobs that run until they are cancelled, however long the processes that cancel them take to start, and others beside them.
const TO_CANCEL: Load = Load { long: 3, milliseconds: 45_000, steps: 6, ..USUAL };

/// Jobs that run for longer than a lease.
const WITH_LONGEST: Load = Load { long: 2, milliseconds: 12_000, ..USUAL };

/// How long an outage lasts, which is shorter than a lease.
const OUTAGE: Duration = Duration::from_secs(4);

/// Of a measurement of the throughput, in seconds.
const WINDOW: u32 = 10;

#[derive(Debug, Clone, Copy)]
pub enum Fault {
    /// A process dies when it comes to a place for this time.
    Point(&'static str, u64),
    /// So many workers are killed at random so many times.
    Kills { workers: usize, times: u64 },
    /// A worker stops in order, while another one is there.
    Stop,
    /// Jobs are cancelled, and then their worker is killed.
    Cancel,
    /// The clocks of all that is not the database jump.
    Clock,
    /// Postgres starts again, after it was stopped in this way.
    Restart(&'static str),
    /// Postgres ends the connections of the workers.
    Cut,
    /// The same, and has none left for them for a while.
    Connections,
    /// Redis is away for a while.
    Redis,
}

impl Fault {
    pub fn name(self) -> String {
        match self {
            Self::Point(name, times) => format!("{name}:{times}"),
            Self::Kills { workers: 1, times } => format!("kill one name {times} times"),
            Self::Kills { workers, times } => format!("kill any of {workers} {times} times"),
            Self::Stop => "stop in order".into(),
            Self::Cancel => "cancel and kill".into(),
            Self::Clock => "clock jumps".into(),
            Self::Restart(mode) => format!("restart postgres ({mode})"),
            Self::Cut => "backends killed".into(),
            Self::Connections => "connections exhausted".into(),
            Self::Redis => "redis away".into(),
        }
    }

    /// Whether it harms what all rounds share.
    pub fn is_shared(self) -> bool {
        matches!(self, Self::Restart(_) | Self::Cut | Self::Connections | Self::Redis)
    }

    /// Whether the throughput before and after it says something.
    pub fn is_measured(self) -> bool {
        self.is_shared() || matches!(self, Self::Kills { .. })
    }

    pub async fn befall(self, arena: &Arena, mut dice: Dice) -> Outcome {
        let mut round = Round::open(arena, self.name()).await;
        let workers = match self {
            Self::Point(name, _) if name.starts_with("enqueue.") => self.kill_enqueuer(&mut round).await,
            Self::Point(name, _) => self.kill_at(name, &mut round).await,
            Self::Stop => stop(&mut round).await,
            Self::Cancel => cancel(&mut round, &mut dice).await,
            Self::Clock => clock(&mut round).await,
            Self::Kills { workers, .. } => self.disturb(&mut round, workers, &mut dice).await,
            Self::Restart(_) | Self::Cut | Self::Connections | Self::Redis => {
                self.disturb(&mut round, NAMES.len(), &mut dice).await
            }
        };
        round.close(workers).await
    }

    async fn kill_enqueuer(self, round: &mut Round<'_>) -> Vec<Worker> {
        let fault = self.name();
        let killed = round.enqueue(USUAL, &[("SHEAF_FAULT", fault.as_str())]).await;
        round.history.missed = !was_killed(killed);
        enqueue(round, USUAL).await;
        vec![round.start(NAMES[0], &[])]
    }

    async fn kill_at(self, place: &str, round: &mut Round<'_>) -> Vec<Worker> {
        let fault = self.name();
        let is_late = place.starts_with("renew.") || place.starts_with("handback.");
        let is_cancel = place.starts_with("cancelled.");
        enqueue(
            round,
            if is_cancel {
                TO_CANCEL
            } else if is_late {
                WITH_LONG
            } else {
                USUAL
            },
        )
        .await;
        let mut worker = round.start(NAMES[0], &[("SHEAF_FAULT", fault.as_str())]);
        if place.starts_with("handback.") {
            round.begun(WITH_LONG.long).await;
            worker.ask_to_stop();
        }
        if is_cancel {
            cancel_some(round).await;
        }
        round.await_death(&mut worker).await;
        vec![round.start(NAMES[0], &[])]
    }

    /// In the middle of much work.
    async fn disturb(self, round: &mut Round<'_>, workers: usize, dice: &mut Dice) -> Vec<Worker> {
        let is_measured = round.arena.is_long;
        // About 25 are done in a second by each worker.
        let steps = workers * if is_measured { 1_700 } else { 100 };
        enqueue(round, Load { long: 2, milliseconds: 3_000, steps, ..USUAL }).await;
        let mut workers: Vec<Worker> = NAMES[..workers].iter().map(|name| round.start(name, &[])).collect();
        round.begun(workers.len()).await;
        sleep(if is_measured { Duration::from_secs((WINDOW + 3).into()) } else { Duration::from_secs(1) }).await;
        let before = round.rate(WINDOW);
        self.strike(round, &mut workers, dice).await;
        if is_measured {
            sleep(RECOVERY + Duration::from_secs(WINDOW.into())).await;
            round.history.throughput = Some((before, round.rate(WINDOW)));
        }
        workers
    }

    async fn strike(self, round: &mut Round<'_>, workers: &mut [Worker], dice: &mut Dice) {
        let (arena, database) = (round.arena, round.database.clone());
        // Redis is missed by nothing that an attempt fails for.
        round.history.outages += usize::from(self.is_shared() && !matches!(self, Self::Redis));
        match self {
            Self::Kills { times, .. } => kill_any(round, workers, times, dice).await,
            Self::Restart(mode) => arena.cluster.restart(mode).await,
            Self::Cut => arena.cluster.cut(&database).await,
            Self::Connections => {
                let taken = arena.cluster.take_all_connections(&database).await;
                arena.cluster.cut(&database).await;
                let freed = arena.cluster.take_all_connections(&database).await;
                sleep(OUTAGE).await;
                drop((taken, freed));
            }
            Self::Redis => {
                arena.cluster.kill_redis().await;
                sleep(OUTAGE).await;
                arena.cluster.start_redis().await;
            }
            Self::Point(..) | Self::Stop | Self::Cancel | Self::Clock => {}
        }
    }
}

async fn enqueue(round: &mut Round<'_>, load: Load) {
    let status = round.enqueue(load, &[]).await;
    assert!(status.success(), "jobs could not be enqueued: {status}");
}

async fn kill_any(round: &mut Round<'_>, workers: &mut [Worker], times: u64, dice: &mut Dice) {
    for _ in 0..times {
        sleep(dice.milliseconds(500, 4_000)).await;
        let victim = usize::try_from(dice.below(workers.len() as u64)).unwrap();
        round.kill(&mut workers[victim]).await;
        workers[victim] = round.start(NAMES[victim], &[]);
    }
}

async fn stop(round: &mut Round<'_>) -> Vec<Worker> {
    enqueue(round, WITH_LONG).await;
    let mut first = round.start(NAMES[0], &[]);
    round.begun(WITH_LONG.long).await;
    let second = round.start(NAMES[1], &[]);
    sleep(Duration::from_secs(2)).await;
    round.stop(&mut first).await;
    vec![second]
}

async fn cancel(round: &mut Round<'_>, dice: &mut Dice) -> Vec<Worker> {
    enqueue(round, TO_CANCEL).await;
    let mut worker = round.start(NAMES[0], &[]);
    cancel_some(round).await;
    sleep(dice.milliseconds(0, 800)).await;
    round.kill(&mut worker).await;
    vec![round.start(NAMES[0], &[])]
}

async fn cancel_some(round: &mut Round<'_>) {
    round.begun(TO_CANCEL.long).await;
    for number in 0..TO_CANCEL.long {
        round.cancel(number).await;
    }
}

async fn clock(round: &mut Round<'_>) -> Vec<Worker> {
    let jumps = [("SHEAF_CHAOS_CLOCK", "jumps")];
    let status = round.enqueue(WITH_LONGEST, &jumps).await;
    assert!(status.success(), "jobs could not be enqueued: {status}");
    vec![round.start(NAMES[0], &jumps)]
}
