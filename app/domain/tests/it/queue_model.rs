//! The state machine of the queue, held against a model of it: random events go to Postgres and to a reference in memory,
//! whose answers and contents must be the same. SHEAF_MODEL_EVENTS says how many, and SHEAF_SEED which. The same seed asks
//! for the same events; which of two jobs of one moment goes first is drawn anew, as their ids are.

mod claims;
mod crowd;
mod drive;
mod enqueueing;
pub mod random;
mod reference;
mod steering;
mod table;
mod working;

use std::{panic::AssertUnwindSafe, time::Duration};

use domain::{
    id::TenantId,
    queue::{Job, JobContext, JobError},
};
use futures::FutureExt;
use serde::{Deserialize, Serialize};

use self::{
    drive::{Drive, Trail},
    random::{Random, seed},
};
use crate::world::{World, person};

const KINDS: [&str; 3] = ["model_a", "model_b", "model_c"];

const MAX_ATTEMPTS: i32 = 3;

/// Claims beyond the attempts before a job of workers that die is dead.
const EXTRA: i32 = 3;

/// For every run of the tests. `make model-queue` asks for a million.
const EVENTS: usize = 100_000;

/// A job that is never run: the test says what became of it.
#[derive(Debug, Serialize, Deserialize)]
struct Card<const K: usize> {
    number: u64,
}

impl<const K: usize> Job for Card<K> {
    const KIND: &'static str = KINDS[K];
    const MAX_ATTEMPTS: i32 = MAX_ATTEMPTS;
    const TIMEOUT: Duration = Duration::from_secs(1);

    async fn run(self, _: &JobContext) -> Result<(), JobError> {
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_queue_does_what_its_model_does() {
    let (events, seed) = (number("SHEAF_MODEL_EVENTS", EVENTS), seed());
    eprintln!("SHEAF_MODEL_EVENTS={events} SHEAF_SEED={seed}");
    let world = World::new().await;
    let (trail, tenants) = (Trail::default(), tenants(&world).await);
    let run = async {
        let mut drive = Drive::new(&world, tenants, Random::new(seed), trail.clone()).await;
        drive.run(events).await
    };
    match AssertUnwindSafe(run).catch_unwind().await {
        Ok(seen) => eprintln!("{seen}"),
        Err(_) => panic!("as said above, after these events of SHEAF_SEED={seed}:\n{}", trail.tell()),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_of_workers_keeps_every_limit_and_every_job() {
    let seed = seed();
    eprintln!("SHEAF_SEED={seed}");
    let world = World::new().await;
    let seen = crowd::work(&world, Random::new(seed)).await;
    eprintln!("{seen}");
}

/// Ada's and Eve's, and some more.
async fn tenants(world: &World) -> Vec<TenantId> {
    let mut tenants = vec![world.acme, world.globex];
    for branch in ["North", "East", "South", "West"] {
        tenants.push(person(&world.services, "Bob", branch).await.tenant);
    }
    tenants
}

fn number(variable: &str, default: usize) -> usize {
    std::env::var(variable).map_or(default, |number| number.parse().expect("a number of events"))
}
