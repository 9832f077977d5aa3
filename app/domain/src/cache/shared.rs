//! What all processes keep together, in Redis.
//!
//! A value is kept with its seal: the values of all tags that it depends on, as they were before it was asked for. A change
//! deletes a tag, and whoever misses one gives it a value that was never there before. So a value whose question began before
//! a change carries a seal that no tag confirms afterwards, whenever it is written; and a tag that Redis has thrown away, or has lost
//! with everything else, has the same effect as a change.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use serde::de::DeserializeOwned;
use tokio::time::{Instant, sleep};

use super::{
    Kept,
    connection::{Away, Connection},
    wire,
};

/// How long a tag lives, which is longer than anything that is kept under it.
const TAG_TTL: Duration = Duration::from_secs(60 * 60);

/// For so long, nobody else asks the database; also where whoever was to ask has died.
const LEASE: Duration = Duration::from_secs(2);

/// For so long, whoever does not ask the database waits for who does.
const PATIENCE: Duration = Duration::from_millis(500);

/// Between two looks whether the other one has an answer: it grows from the first to the second.
const PAUSES: [Duration; 2] = [Duration::from_millis(2), Duration::from_millis(50)];

/// The values in Redis. Cheap to clone.
#[derive(Clone)]
pub(super) struct Shared {
    pub(super) redis: Connection,
    /// A name that no other process has.
    pub(super) server: String,
    /// How many values this process has given to tags.
    given: Arc<AtomicU64>,
}

/// Where a value is kept, and what it depends on.
pub(super) struct Place {
    key: String,
    lock: String,
    tags: Vec<String>,
    ttl: Duration,
}

impl Place {
    /// `ttl` is how long Redis keeps it.
    pub fn new<T>(kept: &Kept<T>, tenant: impl std::fmt::Display, key: &str, tags: Vec<String>, ttl: Duration) -> Self {
        // What somebody has typed may be long, and is nothing for an operator to read.
        let is_an_id = uuid::Uuid::parse_str(key).is_ok();
        let key = if is_an_id { key.to_owned() } else { hex(&<sha2::Sha256 as sha2::Digest>::digest(key)) };
        let key = format!("sheaf:kept:{}:{}:{tenant}:{key}", kept.name, kept.version);
        Self { lock: format!("{key}:lock"), key, tags, ttl }
    }
}

/// What was found there.
pub(super) enum Seen<T> {
    /// The value, and the length of its JSON.
    Value(T, usize),
    /// Nothing that is good, and nobody else asks for it: it is for whoever sees this to ask, and to [`keep`](Shared::keep).
    Ours(Turn),
}

/// Whose turn it is to ask the database.
pub(super) struct Turn {
    seal: Vec<u8>,
    until: Instant,
}

impl Shared {
    /// `server` is a name that no other process has.
    pub fn new(redis: Connection, server: String) -> Self {
        Self { redis, server, given: Arc::default() }
    }

    /// The value, or the turn to ask for it. Fails when Redis is away, and when another process takes too long: whoever asks
    /// then asks for themselves.
    pub async fn look<T: DeserializeOwned>(&self, place: &Place) -> Result<Seen<T>, Away> {
        let found: Vec<Option<Vec<u8>>> = flat(self.redis.ask(&place.read()).await?);
        if let (Some(value), _) = opened(&found) {
            return Ok(value);
        }
        let (begun, mut pause) = (Instant::now(), PAUSES[0]);
        loop {
            let until = Instant::now() + LEASE;
            let found: Vec<Option<Vec<u8>>> = flat(self.redis.ask(&self.claim(place)).await?);
            let owner = found.last().cloned().flatten();
            let is_ours = owner.as_deref() == Some(self.server.as_bytes());
            match opened(&found[..found.len() - 1]) {
                (Some(value), _) => {
                    if is_ours {
                        self.give_up(place, until).await;
                    }
                    return Ok(value);
                }
                (None, seal) if is_ours => return Ok(Seen::Ours(Turn { seal, until })),
                _ if begun.elapsed() > PATIENCE => return Err(Away::Late),
                _ => {}
            }
            sleep(pause).await;
            pause = (pause * 2).min(PAUSES[1]);
        }
    }

    /// Keeps what was found in this turn, if anything was and it is not too long, and ends the turn. That Redis does not take
    /// it (it is full, or away) harms nobody.
    pub async fn keep(&self, place: &Place, turn: &Turn, json: Option<&[u8]>) {
        if let Some(bytes) = json.and_then(|json| wire::encode(json, &turn.seal)) {
            let mut set = redis::pipe();
            set.cmd("SET").arg(&place.key).arg(bytes).arg("PX").arg(milliseconds(place.ttl)).ignore();
            if let Err(away) = self.redis.ask::<()>(&set).await {
                tracing::debug!(error = %away, "redis did not take a value");
            }
        }
        self.give_up(place, turn.until).await;
    }

    /// One that has lasted for too long may be somebody else's by now.
    async fn give_up(&self, place: &Place, until: Instant) {
        if Instant::now() + LEASE / 5 < until {
            // Where it fails, it ends by itself.
            let _ = self.redis.ask::<()>(redis::pipe().cmd("UNLINK").arg(&place.lock).ignore()).await;
        }
    }

    /// Gives values to the tags that have none, takes the turn if nobody has it, and only then reads: whoever has the turn
    /// because another one has just ended it finds what that one has kept.
    fn claim(&self, place: &Place) -> redis::Pipeline {
        let mut commands = redis::pipe();
        let ttl = milliseconds(TAG_TTL);
        for tag in &place.tags {
            let value = format!("{}.{}", self.server, self.given.fetch_add(1, Ordering::Relaxed));
            commands.cmd("SET").arg(tag).arg(value).arg("NX").arg("PX").arg(ttl).ignore();
        }
        let lease = milliseconds(LEASE);
        commands.cmd("SET").arg(&place.lock).arg(&self.server).arg("NX").arg("PX").arg(lease).ignore();
        commands.cmd("MGET").arg(&place.key).arg(&place.tags).arg(&place.lock);
        commands
    }
}

impl Place {
    fn read(&self) -> redis::Pipeline {
        let mut commands = redis::pipe();
        commands.cmd("MGET").arg(&self.key).arg(&self.tags);
        commands
    }
}

/// The value, if the tags confirm its seal; and the seal that they make.
fn opened<T: DeserializeOwned>(found: &[Option<Vec<u8>>]) -> (Option<Seen<T>>, Vec<u8>) {
    let Some((value, tags)) = found.split_first() else { return (None, Vec::new()) };
    let Some(tags) = tags.iter().cloned().collect::<Option<Vec<_>>>() else { return (None, Vec::new()) };
    let seal = tags.join(&b',');
    let value = value.as_ref().and_then(|bytes| wire::decode(bytes, &seal));
    (value.map(|(value, bytes)| Seen::Value(value, bytes)), seal)
}

/// The answer of a pipeline of which one command answers.
fn flat<T>((answer,): (T,)) -> T {
    answer
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
