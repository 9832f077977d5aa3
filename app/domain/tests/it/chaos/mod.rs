//! The queue while everything around it fails: workers are killed at named places and at random, Postgres starts again, its
//! connections are cut or used up, Redis is away, clocks jump. Afterwards no accepted job is lost, no effect happened twice, and
//! what a dead worker had ran again soon.
//!
//! The short form meets each fault once. `make chaos` goes on for SHEAF_CHAOS_SECONDS, with more jobs, and measures what a
//! fault leaves of the throughput. SHEAF_SEED repeats the choices of a run, though not the machine's.

mod cluster;
mod dice;
mod effects;
mod faults;
mod fleet;
mod forged;
mod history;
mod report;
mod round;

pub use fleet::was_killed;

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

use domain::clock::Clock;
use futures::{StreamExt, stream};
use sqlx::types::Uuid;

use self::{
    cluster::{Cluster, TEMPLATE},
    dice::{Dice, number},
    effects::Effects,
    faults::{Fault, POINTS},
    round::Outcome,
};

/// Rounds at once. Most of each is waiting for a lease to expire.
const TOGETHER: usize = 11;

/// How often the long form has a process die at each place.
const TIMES: usize = 3;

/// What all rounds share.
pub struct Arena {
    cluster: Cluster,
    effects: Effects,
    tenants: Vec<Uuid>,
    is_long: bool,
    databases: AtomicU32,
}

impl Arena {
    async fn start(is_long: bool) -> Self {
        let (cluster, effects) = (Cluster::start().await, Effects::start().await);
        let mut arena = Self { cluster, effects, tenants: Vec::new(), is_long, databases: AtomicU32::default() };
        let (status, said) = fleet::run(&arena, TEMPLATE, &["setup"], &[]).await;
        assert!(status.success(), "the database could not be made ready: {status}");
        arena.tenants = said.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
        arena
    }

    async fn new_database(&self) -> String {
        let name = format!("chaos_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.cluster.clone_template(&name).await;
        name
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_and_nothing_happens_twice_whatever_fails() {
    let seed = number("SHEAF_SEED").unwrap_or_else(|| u64::from_be_bytes(Clock::system().random()));
    let seconds = number("SHEAF_CHAOS_SECONDS");
    report::say(&format!("SHEAF_SEED={seed}"));
    let (mut dice, begun) = (Dice::new(seed), Instant::now());
    let mut arena = Arena::start(seconds.is_some()).await;
    let mut outcomes = Vec::new();
    loop {
        outcomes.extend(run(&arena, &mut dice).await);
        if begun.elapsed() >= Duration::from_secs(seconds.unwrap_or_default()) {
            break;
        }
    }
    if arena.is_long {
        report::write(seed, &outcomes);
    }
    let violations: usize = outcomes.iter().map(|outcome| outcome.violations.len()).sum();
    let recovery = report::recovery(&outcomes);
    report::say(&format!("{} faults, recovery p99 {recovery:.1?}, {violations} violations", outcomes.len()));
    arena.cluster.folder.disable_cleanup(violations > 0);
    let logs = arena.cluster.folder.path().display();
    assert!(violations == 0, "SHEAF_SEED={seed}: what must not happen is above, and what the workers said in {logs}");
    assert!(recovery <= history::RECOVERY, "SHEAF_SEED={seed}: recovery p99 {recovery:?}");
}

/// Each fault once, first those that can befall many rounds at once.
async fn run(arena: &Arena, dice: &mut Dice) -> Vec<Outcome> {
    let faults: Vec<(Fault, Dice)> =
        faults(arena.is_long, dice).into_iter().map(|fault| (fault, dice.others())).collect();
    let is_alone = |fault: &Fault| fault.is_shared() || (arena.is_long && fault.is_measured());
    let (alone, together): (Vec<_>, Vec<_>) = faults.into_iter().partition(|(fault, _)| is_alone(fault));
    let mut outcomes = befall(arena, together, TOGETHER).await;
    outcomes.extend(befall(arena, alone, 1).await);
    outcomes
}

async fn befall(arena: &Arena, faults: Vec<(Fault, Dice)>, at_once: usize) -> Vec<Outcome> {
    let rounds = stream::iter(faults).map(|(fault, dice)| async move {
        let outcome = fault.befall(arena, dice).await;
        report::tell(&outcome);
        outcome
    });
    rounds.buffer_unordered(at_once).collect().await
}

/// Those that take longest come first.
fn faults(is_long: bool, dice: &mut Dice) -> Vec<Fault> {
    let times = if is_long { 5 } else { 3 };
    let mut faults = vec![
        Fault::Kills { workers: 2, times },
        Fault::Kills { workers: 1, times },
        Fault::Cancel,
        Fault::Clock,
        Fault::Stop,
    ];
    for _ in 0..if is_long { TIMES } else { 1 } {
        faults.extend(POINTS.iter().rev().map(|&(name, most)| Fault::Point(name, 1 + dice.below(most))));
    }
    let shared = [Fault::Restart("fast"), Fault::Restart("immediate"), Fault::Cut, Fault::Connections, Fault::Redis];
    faults.extend(shared);
    faults
}
