//! Sheaf's side of `make bench-cache`: how long an answer takes that is kept in process, and one that another process has left in
//! Redis, beside the least that asking Redis costs. A line of JSON in, a line of JSON out; it ends when its input does. It asks
//! the Redis that REDIS_URL names.

#[path = "shared/lines.rs"]
mod lines;

use std::{
    env,
    error::Error,
    io,
    time::{Duration, Instant},
};

use domain::{
    Result,
    cache::{Cache, Epochs, Kept},
    id::TenantId,
};
use redis::{AsyncCommands, aio::ConnectionManager};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::time::sleep;
use uuid::Uuid;

use self::lines::say;

/// Invalidated by: what is announced of documents.
const FOUND: Kept<Vec<Hit>> = Kept::new("bench", 1, &["document"]).shared_for(Duration::from_secs(60));

const ACME: TenantId = TenantId(Uuid::from_u128(1));

/// As many as a page of search results has.
const HITS: u32 = 25;

/// How often each value is asked for again, in process.
const AGAIN: u32 = 10;

/// At the start, until Redis keeps what is read.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a search finds, about: a page of it is some 5 kB of JSON.
#[derive(Clone, Serialize, Deserialize)]
struct Hit {
    document: Uuid,
    name: String,
    page: u32,
    snippet: String,
}

/// So many values, each asked for once of Redis, and then some times in process.
#[derive(Deserialize)]
struct Turn {
    values: u32,
}

/// A process: its memory, and what it has heard of.
struct Process {
    cache: Cache,
    epochs: Epochs,
}

impl Process {
    fn start(url: &str) -> Result<Self> {
        let (cache, epochs) = (Cache::redis(url)?, Epochs::default());
        cache.follow(&epochs);
        Ok(Self { cache, epochs })
    }

    /// The answer, and how long it took in microseconds. Fails where it is not kept and `load` says so.
    async fn ask(&self, key: &str, load: impl Future<Output = Result<Vec<Hit>>>) -> Result<f64> {
        let begun = Instant::now();
        let hits = self.cache.cached(&self.epochs, &FOUND, ACME, key, load).await?;
        let took = microseconds(begun);
        assert_eq!(hits.len(), HITS as usize);
        Ok(took)
    }
}

#[tokio::main]
async fn main() -> std::result::Result<(), Box<dyn Error>> {
    let url = env::var("REDIS_URL")?;
    let (writes, reads) = (Process::start(&url)?, Process::start(&url)?);
    let mut bare = ConnectionManager::new(redis::Client::open(url)?).await?;
    until_kept(&writes, &reads).await?;
    say(&json!({ "settings": { "bytes": serde_json::to_vec(&hits())?.len() } }))?;
    for (number, line) in io::stdin().lines().enumerate() {
        let turn: Turn = serde_json::from_str(&line?)?;
        let keys: Vec<String> = (0..turn.values).map(|key| format!("{number}:{key}")).collect();
        let (mut memory, mut shared, mut least) = (Vec::new(), Vec::new(), Vec::new());
        for key in &keys {
            writes.ask(key, async { Ok(hits()) }).await?;
            let _: () = bare.set_ex(format!("bench:{key}"), serde_json::to_vec(&hits())?, 60).await?;
        }
        for key in &keys {
            // In turn, so that both meet the same machine.
            shared.push(reads.ask(key, not_kept()).await?);
            least.push(ask_bare(&mut bare, key).await?);
            for _ in 0..AGAIN {
                memory.push(reads.ask(key, not_kept()).await?);
            }
        }
        say(&json!({ "memory": memory, "shared": shared, "bare": least }))?;
    }
    Ok(())
}

/// What one process has read is found by the other: Redis is believed once it was told of all that it missed.
async fn until_kept(writes: &Process, reads: &Process) -> Result<()> {
    let begun = Instant::now();
    for key in 0.. {
        let key = format!("begin:{key}");
        writes.ask(&key, async { Ok(hits()) }).await?;
        if reads.ask(&key, not_kept()).await.is_ok() {
            break;
        }
        assert!(begun.elapsed() < PATIENCE, "Redis keeps nothing");
        sleep(Duration::from_millis(10)).await;
    }
    Ok(())
}

/// Nobody is to load here: that would be measured.
async fn not_kept() -> Result<Vec<Hit>> {
    Err(domain::Error::internal("it is not kept"))
}

/// A `GET` and its JSON: no single flight, nothing that invalidates it, nothing where Redis is away.
async fn ask_bare(redis: &mut ConnectionManager, key: &str) -> std::result::Result<f64, Box<dyn Error>> {
    let begun = Instant::now();
    let json: Vec<u8> = redis.get(format!("bench:{key}")).await?;
    let hits: Vec<Hit> = serde_json::from_slice(&json)?;
    let took = microseconds(begun);
    assert_eq!(hits.len(), HITS as usize);
    Ok(took)
}

fn hits() -> Vec<Hit> {
    let hit = |page: u32| Hit {
        document: Uuid::from_u128(u128::from(page)),
        name: format!("Report of quarter {page}.pdf"),
        page,
        snippet: format!("The figures of page {page} were <mark>audited</mark> and are those of the balance sheet. ")
            .repeat(2),
    };
    (0..HITS).map(hit).collect()
}

fn microseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e6
}
