//! Sheaf's side of `make bench-entitlements`: many who upload to one workspace at once, each in a transaction like that of an
//! upload, with and without what the plan asks of it. A line of JSON in, a line of JSON out; it ends when its input does. It signs
//! in with the role that DATABASE_URL names.

use std::{
    error::Error,
    io::{self, Write},
    time::{Duration, Instant},
};

use domain::{
    Result,
    actor::System,
    audit::{self, Act},
    billing::{Entitlements, Plan, PlanId, Standing, counter},
    clock::Clock,
    db::{Db, TenantTx},
    id::{DocumentId, TenantId},
    live,
    queue::{self, Enqueue, Job, JobContext, JobError},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::{
    task::JoinSet,
    time::{sleep_until, timeout_at},
};
use uuid::Uuid;

/// Who write at once, each on a connection of its own.
const WRITERS: u32 = 100;

/// The first tenant that the benchmark makes.
const TENANT: Uuid = Uuid::from_u128(0x0000_0000_0000_7000_8000_0000_0000_0001);

/// Some time of it, for as many uploads as come.
#[derive(Clone, Copy, Deserialize)]
struct Turn {
    /// Whether credits are set aside, and bytes counted.
    metered: bool,
    seconds: f64,
    /// Uploads each second of all together; none for as many as they can.
    rate: Option<f64>,
}

/// In place of the job that reads a document. Nobody runs it.
#[derive(Serialize, Deserialize)]
struct Read {
    document: DocumentId,
}

impl Job for Read {
    const KIND: &'static str = "bench";
    const TIMEOUT: Duration = Duration::from_secs(1);

    async fn run(self, _: &JobContext) -> Result<(), JobError> {
        Ok(())
    }
}

/// How long an upload's transaction took, and how long of that what the plan asks, in milliseconds.
struct Took {
    whole: f64,
    asked: f64,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let db = Db::open(std::env::var("DATABASE_URL")?.parse()?, WRITERS);
    say(&json!({ "settings": { "writers": WRITERS } }))?;
    for line in io::stdin().lines() {
        let turn: Turn = serde_json::from_str(&line?)?;
        let took = upload_for(&db, turn).await?;
        let (whole, asked): (Vec<f64>, Vec<f64>) = took.into_iter().map(|took| (took.whole, took.asked)).unzip();
        say(&json!({ "whole": whole, "asked": asked }))?;
    }
    Ok(())
}

async fn upload_for(db: &Db, turn: Turn) -> Result<Vec<Took>, Box<dyn Error>> {
    let begun = Instant::now();
    let mut writers = JoinSet::new();
    for number in 0..WRITERS {
        writers.spawn(write(db.clone(), turn, begun, number));
    }
    let mut took = Vec::new();
    while let Some(wrote) = writers.join_next().await {
        took.append(&mut wrote??);
    }
    Ok(took)
}

/// One of them: at its own times, evenly among those of the others, whether or not it is late.
async fn write(db: Db, turn: Turn, begun: Instant, number: u32) -> Result<Vec<Took>> {
    let clock = Clock::system();
    let end = begun + Duration::from_secs_f64(turn.seconds);
    let pause = turn.rate.map(|rate| Duration::from_secs_f64(f64::from(WRITERS) / rate));
    let mut next = begun + pause.unwrap_or_default().mul_f64(f64::from(number) / f64::from(WRITERS));
    let mut took = Vec::new();
    while next < end && Instant::now() < end {
        sleep_until(next.into()).await;
        took.push(upload(&db, &clock, turn.metered).await?);
        next = pause.map_or_else(Instant::now, |pause| next + pause);
    }
    // Nobody ends before the others, as the last ones would have it easier.
    timeout_at(end.into(), std::future::pending::<()>()).await.ok();
    Ok(took)
}

/// What an upload writes, but for the row of the document.
async fn upload(db: &Db, clock: &Clock, metered: bool) -> Result<Took> {
    let document = clock.id::<DocumentId>();
    let begun = Instant::now();
    let mut tx = db.tenant(&System::for_tenant(TenantId(TENANT))).await?;
    let options = Enqueue::once(document.to_string()).about(document.0);
    queue::enqueue(&mut tx, clock, &Read { document }, options).await?;
    audit::record(&mut tx, clock, Act::DocumentUploaded, document.0).await?;
    live::announce(&mut tx, "document", document).await?;
    let asking = Instant::now();
    if metered {
        ask(&mut tx, clock, document).await?;
    }
    let asked = asking.elapsed();
    tx.commit().await?;
    Ok(Took { whole: begun.elapsed().as_secs_f64() * 1e3, asked: asked.as_secs_f64() * 1e3 })
}

async fn ask(tx: &mut TenantTx, clock: &Clock, document: DocumentId) -> Result<()> {
    let plan = Plan::newest(PlanId::Enterprise);
    let e = Entitlements {
        plan: plan.id,
        plan_version: plan.version,
        limits: plan.limits,
        cap: 0,
        standing: Standing::Good,
        trial_ends_at: None,
        is_metered: true,
    };
    counter::take_in(tx, clock, &e, document, 1, 1_000).await
}

fn say(answer: &serde_json::Value) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{answer}")?;
    out.flush()
}
