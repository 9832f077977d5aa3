//! Every kind of work, and a worker that is killed (kill -9) at every place of it: the job is done in the end by another worker,
//! with one attempt more at most, nothing is lost, and what it does is done once.
//!
//! Once is what whoever is asked can tell: a mail may come twice, and has one Message-ID then; an event may be told twice, and has
//! one id. What is in the database and the store is there once in any case.
//!
//! The short form chooses a place for each kind; SHEAF_SEED repeats the choice. With SHEAF_CHAOS_SECONDS, as in `make chaos`, it
//! is every kind at every place. What asks Stripe (`sync_subscription`) is not among them: `billing_crash.rs` in `domain` kills it
//! beside a simulator that says what it was asked for.

mod causes;
mod effects;
mod kind;
mod stage;

use std::{fmt, panic::AssertUnwindSafe};

use domain::clock::Clock;
use futures::{FutureExt, StreamExt, stream};

use self::{
    kind::{CLAIM, Kind, SETTLED, TOLD},
    stage::Stage,
};
use crate::dice::{Dice, number};

/// Rounds at once. Most of each is waiting for a lease to expire.
const TOGETHER: usize = 8;

/// The first attempt, and the one after its worker died.
const MOST_ATTEMPTS: i32 = 2;

/// A worker of a kind that dies at a place.
#[derive(Debug, Clone, Copy)]
struct Round {
    kind: Kind,
    place: &'static str,
}

impl fmt::Display for Round {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}", self.kind.name(), self.place)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_a_worker_died_at_is_done_and_done_once() {
    let seed = number("SHEAF_SEED").unwrap_or_else(|| u64::from_be_bytes(Clock::system().random()));
    eprintln!("SHEAF_SEED={seed}");
    let rounds = rounds(number("SHEAF_CHAOS_SECONDS").is_some(), &mut Dice::new(seed));
    eprintln!("{} workers are killed", rounds.len());
    let played = stream::iter(rounds).map(|round| async move {
        let survived = AssertUnwindSafe(round.play()).catch_unwind().await;
        survived.err().map(|_| round.to_string())
    });
    let lost: Vec<String> = played.buffer_unordered(TOGETHER).filter_map(std::future::ready).collect().await;
    assert!(lost.is_empty(), "SHEAF_SEED={seed}: what went wrong is above, with the last words of the log: {lost:?}");
}

/// Each kind at each of its places, or at one of them.
fn rounds(is_long: bool, dice: &mut Dice) -> Vec<Round> {
    let mut rounds = Vec::new();
    for kind in Kind::ALL {
        let places = kind.places();
        let one = usize::try_from(dice.below(places.len() as u64)).unwrap();
        let chosen = if is_long { places } else { vec![places[one]] };
        rounds.extend(chosen.into_iter().map(|place| Round { kind, place }));
    }
    rounds
}

impl Round {
    async fn play(self) {
        let mut stage = Stage::open().await;
        causes::cause(self.kind, &mut stage).await;
        let before = stage.jobs(self.kind).await;
        assert_eq!(before.is_empty(), self.kind.is_scheduled(), "{self}: {before:?}");
        stage.loses_a_worker(self.kind, self.place).await;
        let left = stage.jobs(self.kind).await;
        if let Some(state) = self.leaves() {
            assert!(left.iter().any(|(found, _)| found == state), "{self}: none is {state}: {left:?}");
        }
        stage.works(self.kind).await;
        let done = stage.when_done(self.kind).await;
        assert_eq!(done.len(), before.len().max(1), "{self}: there are other jobs than there were: {done:?}");
        assert!(done.iter().all(|(_, attempt)| *attempt <= MOST_ATTEMPTS), "{self}: {done:?}");
        effects::check(self.kind, &mut stage).await;
        // Postgres drops a database when every connection has noticed, also one that is just beginning: of the rounds beside this one,
        // which go on meanwhile on another thread.
        tokio::task::spawn_blocking(move || drop(stage)).await.unwrap();
    }

    /// What the table says of the job when its worker has died here, where that is certain: it proves that the worker died where it
    /// was told to. A worker makes the job of a schedule itself, and may die before.
    fn leaves(self) -> Option<&'static str> {
        match self.place {
            CLAIM | TOLD if self.kind.is_scheduled() => None,
            CLAIM => Some("waiting"),
            SETTLED => Some("done"),
            _ => Some("running"),
        }
    }
}
