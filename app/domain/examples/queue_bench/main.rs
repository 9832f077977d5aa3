//! Sheaf's own queue in the benchmarks of `end2end/bench/queue`: a program that is told what to do, as its peers are. A line
//! of JSON in, a line of JSON out; the first line out tells its settings, and it ends when its input does.
//!
//! It knows the queue as every feature of Sheaf does, by what `domain` says of it in public, and signs in with the role that
//! DATABASE_URL names: `sheaf_app` to enqueue, `sheaf_worker` to work.

mod enqueuer;
#[path = "../shared/lines.rs"]
mod lines;
mod naps;
#[path = "../shared/services.rs"]
mod shared;
mod worker;

use std::{error::Error, io, time::Instant};

use domain::{Services, clock::Clock, db::Db, id::TenantId};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use self::{
    enqueuer::{Bulk, Steady},
    lines::say,
    worker::Worker,
};

/// Of the pool, as the peers have it.
const CONNECTIONS: u32 = 10;

/// How many jobs run at once where a benchmark does not say.
const SLOTS: usize = 1_000;

#[derive(Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
enum Command {
    /// Enqueues one job after the other, each in a transaction of its own.
    One { jobs: u64 },
    /// Enqueues many in each transaction.
    Bulk(Bulk),
    /// Enqueues at a rate, whether or not the job before is written already.
    Steady(Steady),
    /// Begins to work.
    Start { slots: Option<usize> },
    /// What ran since it was asked last.
    Taken,
    /// Ends to work, once so many jobs have run. What ran since it was asked last.
    Stop { jobs: u64 },
    /// Works until so many jobs have run.
    Drain { jobs: u64 },
    /// How many jobs are not done yet.
    Left,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let files = tempfile::tempdir()?;
    let db = Db::open(std::env::var("DATABASE_URL")?.parse()?, CONNECTIONS);
    let services = shared::services(db, Clock::system(), files.path())?;
    let mut worker = None;
    say(&json!({ "settings": { "slots": SLOTS, "connections": CONNECTIONS } }))?;
    // It waits for its next line in the thread of `main`, which runs no tasks.
    for line in io::stdin().lines() {
        let (began, command) = (Instant::now(), serde_json::from_str(&line?)?);
        let mut answer = obey(&services, &mut worker, command).await?;
        if answer.get("seconds").is_none() {
            answer["seconds"] = json!(began.elapsed().as_secs_f64());
        }
        say(&answer)?;
    }
    Ok(())
}

async fn obey(services: &Services, worker: &mut Option<Worker>, command: Command) -> Result<Value, Box<dyn Error>> {
    match command {
        Command::One { jobs } => enqueuer::one_by_one(services, jobs).await?,
        Command::Bulk(bulk) => bulk.enqueue(services).await?,
        Command::Steady(steady) => return Ok(json!({ "jobs": steady.enqueue(services).await? })),
        Command::Start { slots } => *worker = Some(Worker::start(services, slots.unwrap_or(SLOTS))),
        Command::Taken => return Ok(naps::taken()),
        Command::Stop { jobs } => {
            worker.take().ok_or("nobody works")?.stop_after(jobs).await?;
            return Ok(naps::taken());
        }
        Command::Drain { jobs } => {
            let began = Instant::now();
            let worker = Worker::start(services, SLOTS);
            worker.has_run(jobs).await;
            let seconds = began.elapsed().as_secs_f64();
            worker.stop_after(jobs).await?;
            naps::forget();
            return Ok(json!({ "seconds": seconds }));
        }
        Command::Left => return Ok(json!({ "jobs": worker::left(services).await? })),
    }
    Ok(json!({}))
}

/// The tenants of a benchmark are numbered from 1.
fn tenant(number: u64) -> TenantId {
    const ZERO: u128 = 0x00000000_0000_7000_8000_000000000000;
    TenantId(Uuid::from_u128(ZERO + u128::from(number)))
}
