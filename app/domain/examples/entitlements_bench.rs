//! Sheaf's side of `make bench-entitlements`: many who upload to one workspace at once, each in a transaction like that of an
//! upload, with and without what the plan asks of it. A line of JSON in, a line of JSON out; it ends when its input does. It signs
//! in with the role that DATABASE_URL names.

#[path = "shared/lines.rs"]
mod lines;
#[path = "shared/services.rs"]
mod shared;

use std::{
    env,
    error::Error,
    io,
    time::{Duration, Instant},
};

use domain::{
    Result, Services,
    actor::System,
    audit::{self, Act},
    billing::{self, Stripe, StripeSettings, counter},
    clock::Clock,
    db::Db,
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

use self::lines::say;

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

/// How long it took to know the plan, how long the upload's transaction took, and how long of that what the plan asks, in
/// milliseconds.
struct Took {
    known: f64,
    whole: f64,
    asked: f64,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let services = services()?;
    say(&json!({ "settings": { "writers": WRITERS } }))?;
    for line in io::stdin().lines() {
        let turn: Turn = serde_json::from_str(&line?)?;
        let took = upload_for(&services, turn).await?;
        let column = |of: fn(&Took) -> f64| took.iter().map(of).collect::<Vec<f64>>();
        say(&json!({
            "known": column(|took| took.known),
            "whole": column(|took| took.whole),
            "asked": column(|took| took.asked),
        }))?;
    }
    Ok(())
}

/// With billing, though nothing here is asked of Stripe. One connection is beside those of the writers, to look a plan up.
fn services() -> Result<Services, Box<dyn Error>> {
    let db = Db::open(env::var("DATABASE_URL")?.parse()?, WRITERS + 1);
    let stripe = Stripe::new(StripeSettings {
        key: "sk_test_bench".into(),
        url: "http://127.0.0.1:9".parse()?,
        webhook_secrets: Vec::new(),
    })?;
    Ok(Services { stripe: Some(stripe), ..shared::services(db, Clock::system(), &env::temp_dir())? })
}

async fn upload_for(services: &Services, turn: Turn) -> Result<Vec<Took>, Box<dyn Error>> {
    let begun = Instant::now();
    let mut writers = JoinSet::new();
    for number in 0..WRITERS {
        writers.spawn(write(services.clone(), turn, begun, number));
    }
    let mut took = Vec::new();
    while let Some(wrote) = writers.join_next().await {
        took.append(&mut wrote??);
    }
    Ok(took)
}

/// One of them: at its own times, evenly among those of the others, whether or not it is late.
async fn write(services: Services, turn: Turn, begun: Instant, number: u32) -> Result<Vec<Took>> {
    let end = begun + Duration::from_secs_f64(turn.seconds);
    let pause = turn.rate.map(|rate| Duration::from_secs_f64(f64::from(WRITERS) / rate));
    let mut next = begun + pause.unwrap_or_default().mul_f64(f64::from(number) / f64::from(WRITERS));
    let mut took = Vec::new();
    while next < end && Instant::now() < end {
        sleep_until(next.into()).await;
        took.push(upload(&services, turn.metered).await?);
        next = pause.map_or_else(Instant::now, |pause| next + pause);
    }
    // Nobody ends before the others, as the last ones would have it easier.
    timeout_at(end.into(), std::future::pending::<()>()).await.ok();
    Ok(took)
}

/// What an upload asks and writes, but for the row of the document.
async fn upload(services: &Services, metered: bool) -> Result<Took> {
    let (tenant, clock) = (TenantId(TENANT), &services.clock);
    let document = clock.id::<DocumentId>();
    let knowing = Instant::now();
    let entitlements = if metered { Some(billing::entitlements(services, tenant).await?) } else { None };
    let known = knowing.elapsed();
    let begun = Instant::now();
    let mut tx = services.db.tenant(&System::for_tenant(tenant)).await?;
    let options = Enqueue::once(document.to_string()).about(document.0);
    queue::enqueue(&mut tx, clock, &Read { document }, options).await?;
    audit::record(&mut tx, clock, Act::DocumentUploaded, document.0).await?;
    live::announce(&mut tx, "document", document).await?;
    let asking = Instant::now();
    if let Some(entitlements) = &entitlements {
        counter::take_in(&mut tx, clock, entitlements, document, 1, 1_000).await?;
    }
    let asked = asking.elapsed();
    tx.commit().await?;
    Ok(Took { known: milliseconds(known), whole: milliseconds(begun.elapsed()), asked: milliseconds(asked) })
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
