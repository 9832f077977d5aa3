//! apalis-postgres in the benchmark of Sheaf's queue: a program that is told what to do, as all contestants are. A line of JSON
//! in, a line of JSON out; the first line out tells its settings, and it ends when its input does.
//!
//! BATCH and CONCURRENCY say how many jobs it fetches and runs at once.

mod worker;

use std::{
    env,
    error::Error,
    io::{self, Write},
    time::{Duration, Instant, SystemTime},
};

use apalis::prelude::*;
use apalis_postgres::{Config, PgPool, PostgresStorage};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sqlx::postgres::PgPoolOptions;
use tokio::{task::JoinSet, time::sleep};

use self::worker::Worker;

/// Of the pool, as the others have it.
const CONNECTIONS: u32 = 10;

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Nap {
    /// When it was about to be enqueued, in microseconds since 1970.
    at: u64,
}

impl Nap {
    fn now() -> Self {
        Self { at: microseconds() }
    }
}

#[derive(Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
enum Command {
    One { jobs: u64 },
    Bulk { jobs: u64, batch: u64 },
    Steady { rate: f64, seconds: f64 },
    Start,
    Stop { jobs: u64 },
    Drain { jobs: u64 },
    Left,
}

struct Contestant {
    pool: PgPool,
    config: Config,
    concurrency: usize,
    worker: Option<Worker>,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let pool = PgPoolOptions::new().max_connections(CONNECTIONS).connect(&env::var("DATABASE_URL")?).await?;
    PostgresStorage::setup(&pool).await?;
    let (batch, concurrency): (usize, usize) = (env::var("BATCH")?.parse()?, env::var("CONCURRENCY")?.parse()?);
    // As its examples for throughput: what is fetched is locked by that already.
    let config = Config::default().queue("bench").batch_size(batch).lock_tasks(false);
    say(
        &json!({ "settings": { "batch_size": batch, "concurrency": concurrency, "lock_tasks": false, "pubsub": true } }),
    )?;
    let mut contestant = Contestant { pool, config, concurrency, worker: None };
    for line in io::stdin().lines() {
        let (began, command) = (Instant::now(), serde_json::from_str(&line?)?);
        let mut answer = contestant.obey(command).await?;
        if answer.get("seconds").is_none() {
            answer["seconds"] = json!(began.elapsed().as_secs_f64());
        }
        say(&answer)?;
    }
    Ok(())
}

impl Contestant {
    async fn obey(&mut self, command: Command) -> Result<Value, Box<dyn Error>> {
        match command {
            Command::One { jobs } => self.one_by_one(jobs).await?,
            Command::Bulk { jobs, batch } => self.bulk(jobs, batch).await?,
            Command::Steady { rate, seconds } => return Ok(json!({ "jobs": self.steady(rate, seconds).await? })),
            Command::Start => self.worker = Some(self.work()),
            Command::Stop { jobs } => {
                self.worker.take().ok_or("nobody works")?.stop_after(jobs).await?;
                let waits = worker::take_waits();
                return Ok(json!({ "jobs": waits.len(), "waits": waits }));
            }
            Command::Drain { jobs } => {
                let (began, worker) = (Instant::now(), self.work());
                worker.has_run(jobs).await;
                let seconds = began.elapsed().as_secs_f64();
                worker.stop_after(jobs).await?;
                return Ok(json!({ "seconds": seconds }));
            }
            Command::Left => {
                let left = sqlx::query_scalar::<_, i64>("select count(*) from apalis.jobs where status <> 'Done'");
                return Ok(json!({ "jobs": left.fetch_one(&self.pool).await? }));
            }
        }
        Ok(json!({}))
    }

    async fn one_by_one(&self, jobs: u64) -> Result<(), Box<dyn Error>> {
        let mut storage = self.storage();
        for _ in 0..jobs {
            storage.push(Nap::now()).await?;
        }
        Ok(())
    }

    async fn bulk(&self, jobs: u64, batch: u64) -> Result<(), Box<dyn Error>> {
        let (mut storage, mut left) = (self.storage(), jobs);
        while left > 0 {
            let jobs = left.min(batch);
            let now = Nap::now();
            storage.push_bulk((0..jobs).map(|_| now.clone()).collect()).await?;
            left -= jobs;
        }
        Ok(())
    }

    /// At their times, whether or not the one before is written already.
    async fn steady(&self, rate: f64, seconds: f64) -> Result<usize, Box<dyn Error>> {
        let jobs = (rate * seconds) as usize;
        let (began, mut enqueued) = (Instant::now(), JoinSet::new());
        for job in 0..jobs {
            sleep(Duration::from_secs_f64(job as f64 / rate).saturating_sub(began.elapsed())).await;
            let mut storage = self.storage();
            enqueued.spawn(async move { storage.push(Nap::now()).await.map_err(|error| error.to_string()) });
        }
        while let Some(one) = enqueued.join_next().await {
            one??;
        }
        Ok(jobs)
    }

    fn work(&self) -> Worker {
        Worker::start(self.storage(), self.concurrency)
    }

    fn storage(&self) -> PostgresStorage<Nap> {
        PostgresStorage::new(&self.pool).with_config(self.config.clone())
    }
}

fn say(words: &Value) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{words}")?;
    out.flush()
}

/// Since 1970.
fn microseconds() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    since.as_secs() * 1_000_000 + u64::from(since.subsec_micros())
}
