//! Counters and short-lived values. Counters are in process by default, in Redis when a URL is given, so that several servers count
//! together; Redis away means a limit is counted per server for a while: weaker, never down. Values are in process, and some of them
//! in Redis, until what they were read from changes, and for as long at most as their kind says.

mod connection;
mod doubts;
mod epochs;
mod follow;
mod kept;
mod shared;
mod untold;
mod values;
mod wire;

pub use epochs::Epochs;
pub use kept::Kept;

use std::{
    fmt::Display,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use moka::{Expiry, future::Cache as Memory};
use serde::{Serialize, de::DeserializeOwned};
use tracing::Instrument;

use self::{
    connection::{Away, Connection},
    shared::{Place, Seen, Shared},
    values::{Loaded, Values},
};
use crate::{
    clock::Clock,
    db::{Position, Source},
    error::{Error, Result},
    id::TenantId,
    metrics,
};

/// Entries kept in process. Each is a short key and a counter.
const CAPACITY: u64 = 100_000;

#[derive(Clone)]
pub struct Cache {
    memory: Memory<String, Counter>,
    values: Values,
    shared: Option<Shared>,
}

#[derive(Clone)]
struct Counter {
    count: Arc<AtomicU64>,
    window: Duration,
}

/// Each entry lives as long as its own window.
struct ByWindow;

impl Expiry<String, Counter> for ByWindow {
    fn expire_after_create(&self, _: &String, counter: &Counter, _: Instant) -> Option<Duration> {
        Some(counter.window)
    }
}

impl Cache {
    /// In this process alone.
    pub fn memory() -> Self {
        let memory = Memory::builder().max_capacity(CAPACITY).expire_after(ByWindow).build();
        Self { memory, values: Values::new(), shared: None }
    }

    /// In Redis at `url` (`redis://[:password@]host:port[/db]`). It does not wait for Redis to be there.
    pub fn redis(url: &str) -> Result<Self> {
        let server = shared::hex(&Clock::system().random::<10>());
        Ok(Self { shared: Some(Shared::new(Connection::open(url)?, server)), ..Self::memory() })
    }

    /// Has Redis told of what these hear of, in tasks that live as long as the process. Before, and without, nothing that was
    /// read from their database is kept in Redis.
    pub fn follow(&self, epochs: &Epochs) {
        let Some(Shared { redis, server, .. }) = self.shared.clone() else { return };
        if epochs.untold().follow() {
            tokio::spawn(follow::tell(redis.clone(), epochs.clone(), server.clone()));
            tokio::spawn(follow::listen(redis, epochs.clone(), server));
        }
    }

    /// Counts one event under `key` and returns how many there were in this window, this one included. The window begins
    /// with its first event.
    ///
    /// Invalidated by: time alone.
    pub async fn count(&self, key: &str, window: Duration) -> u64 {
        if let Some(shared) = &self.shared {
            match count_in_redis(&shared.redis, key, window).await {
                Ok(count) => return count,
                Err(Away::Open) => metrics::CACHE_LOOKUPS.add(1, [("cache", "limits"), ("outcome", "error")]),
                Err(error) => {
                    metrics::CACHE_LOOKUPS.add(1, [("cache", "limits"), ("outcome", "error")]);
                    tracing::warn!(error = %error, "redis is away; counting in this process");
                }
            }
        }
        let counter = self.memory.get_with_by_ref(key, async { Counter { count: Arc::default(), window } }).await;
        counter.count.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// What is kept under this key, or what `load` answers, which is kept then. However many ask at once, one of them loads; where
    /// it is kept in Redis, one of all processes, as long as Redis answers. `load` begins after this was called, outside of any
    /// snapshot that was taken before: in a transaction at the level of read committed, which has changed nothing.
    ///
    /// The key has to name whatever the answer depends on beside the tenant: who asks, where they see what others do not.
    ///
    /// Invalidated by: what `kept` says, as `epochs` are those of the database that `load` asks. Every `Kept` has such a line.
    pub async fn cached<T, F>(
        &self,
        epochs: &Epochs,
        kept: &Kept<T>,
        tenant: TenantId,
        key: impl Display,
        load: F,
    ) -> Result<Arc<T>>
    where
        T: Serialize + DeserializeOwned + Send + Sync + 'static,
        F: Future<Output = Result<T>>,
    {
        self.cached_from(epochs, kept, tenant, key, async { Ok((load.await?, Source::Primary)) }).await
    }

    /// The same for what may be read from a replica, with where that was; in a transaction that `load` begins itself.
    ///
    /// What comes from a replica is as new as its epoch says, since what this process has heard of decides whether that replica is
    /// asked (`db`, `heard.rs`), and is kept in this process. It does not go to Redis: another process may have heard of a later
    /// change and told Redis of it before this one began to read, and would find there what was before that change, for as long as
    /// Redis keeps it. The primary shows all that Redis was told of. So a process does with its own replicas what it would do without
    /// Redis, and takes from Redis what others have read from the primary.
    ///
    /// Invalidated by: what `kept` says, like `cached`.
    pub async fn cached_from<T, F>(
        &self,
        epochs: &Epochs,
        kept: &Kept<T>,
        tenant: TenantId,
        key: impl Display,
        load: F,
    ) -> Result<Arc<T>>
    where
        T: Serialize + DeserializeOwned + Send + Sync + 'static,
        F: Future<Output = Result<(T, Source)>>,
    {
        let (epoch, key) = (epochs.of(tenant, kept.kinds), key.to_string());
        let mut here = format!("{}:{}:{tenant}:{epoch}:{key}", kept.name, kept.version);
        match epochs.own_place() {
            // Of two writes of which nobody knows where they are, the first would be found again after the second.
            Some(Position::UNKNOWN) => return Ok(Arc::new(Box::pin(load_here(kept, load)).await?.value)),
            // Found again by nobody but them, and loaded behind what they have written.
            Some(position) => here.push_str(&format!(":{position}")),
            None => {}
        }
        // On the heap, as whoever asks would carry all of it along, in each verb around it.
        Box::pin(self.values.get(here, kept, self.find(epochs, kept, tenant, &key, Box::pin(load)))).await
    }

    /// From Redis, or by asking.
    async fn find<T, F>(
        &self,
        epochs: &Epochs,
        kept: &Kept<T>,
        tenant: TenantId,
        key: &str,
        load: F,
    ) -> Result<Loaded<T>>
    where
        T: Serialize + DeserializeOwned,
        F: Future<Output = Result<(T, Source)>>,
    {
        let tags = Epochs::tags(tenant, kept.kinds);
        let is_told = epochs.untold().is_followed() && !epochs.untold().has_any(&tags);
        let is_believed = is_told && epochs.own_place().is_none();
        let (Some(shared), Some(ttl), true) = (&self.shared, kept.shared, is_believed) else {
            return load_here(kept, load).await;
        };
        let Some(doubts) = shared.redis.doubts.none_since() else {
            return load_here(kept, load).await;
        };
        let place = Place::new(kept, tenant, key, tags, ttl);
        match shared.look(&place).instrument(tracing::info_span!("redis", cache = kept.name)).await {
            Ok(Seen::Value(..)) if shared.redis.doubts.none_since() != Some(doubts) => load_here(kept, load).await,
            Ok(Seen::Value(value, bytes)) => {
                metrics::answered_by_cache(kept.name, "shared");
                Ok(Loaded { value, bytes })
            }
            Ok(Seen::Ours(turn)) => match load_counted(kept, load).await {
                Ok((value, json, source)) => {
                    let shareable = json.as_deref().filter(|_| source == Source::Primary);
                    shared.keep(&place, &turn, shareable).await;
                    Ok(Loaded::from((value, json)))
                }
                Err(error) => {
                    shared.keep(&place, &turn, None).await;
                    Err(error)
                }
            },
            Err(_) => {
                metrics::answered_by_cache(kept.name, "error");
                load_here(kept, load).await
            }
        }
    }

    /// The keys that name a tenant, here and in Redis.
    pub async fn keys_of(&self, tenant: TenantId) -> Result<Vec<String>> {
        let id = tenant.to_string();
        let mut keys: Vec<String> =
            self.memory.iter().map(|(key, _)| key.to_string()).filter(|key| key.contains(&id)).collect();
        keys.extend(self.values.keys_of(&id));
        if let Some(shared) = &self.shared {
            keys.extend(keys_in_redis(&shared.redis, &id).await.map_err(away)?);
        }
        Ok(keys)
    }

    /// Forgets whatever is kept under keys that name a tenant. What other processes keep by themselves, where there is no
    /// Redis, ends with its window. Fails while Redis is away.
    pub async fn forget(&self, tenant: TenantId) -> Result<()> {
        for key in self.keys_of(tenant).await? {
            self.memory.invalidate(key.as_str()).await;
            self.values.forget(&key).await;
            if let Some(shared) = &self.shared {
                shared.redis.ask_anyway::<()>(redis::pipe().cmd("UNLINK").arg(key).ignore()).await.map_err(away)?;
            }
        }
        Ok(())
    }

    /// Whether Redis answers; true without one. Within 200 ms.
    pub async fn is_ready(&self) -> bool {
        match &self.shared {
            Some(shared) => shared.redis.is_there().await,
            None => true,
        }
    }
}

/// What `load` answers, its JSON, and where it was read.
async fn load_counted<T, F>(kept: &Kept<T>, load: F) -> Result<(T, Option<Vec<u8>>, Source)>
where
    T: Serialize,
    F: Future<Output = Result<(T, Source)>>,
{
    metrics::answered_by_cache(kept.name, "miss");
    let (value, source) = load.await?;
    let json = wire::json(&value);
    Ok((value, json, source))
}

/// For whom what Redis has is not good enough.
async fn load_here<T, F>(kept: &Kept<T>, load: F) -> Result<Loaded<T>>
where
    T: Serialize,
    F: Future<Output = Result<(T, Source)>>,
{
    let (value, json, _) = load_counted(kept, load).await?;
    Ok(Loaded::from((value, json)))
}

async fn count_in_redis(redis: &Connection, key: &str, window: Duration) -> std::result::Result<u64, Away> {
    // One script, so that a counter without an expiry cannot be left behind between two commands.
    const SCRIPT: &str = "local n = redis.call('INCR', KEYS[1]) \
                          if n == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end \
                          return n";
    let milliseconds = u64::try_from(window.as_millis()).unwrap_or(u64::MAX);
    let mut commands = redis::pipe();
    commands.cmd("EVAL").arg(SCRIPT).arg(1).arg(format!("sheaf:count:{key}")).arg(milliseconds);
    let (count,) = redis.ask(&commands).await?;
    Ok(count)
}

/// A key is a few words, and SCAN goes through them without keeping anybody else waiting.
async fn keys_in_redis(redis: &Connection, id: &str) -> std::result::Result<Vec<String>, Away> {
    let (mut keys, mut cursor) = (Vec::new(), 0_u64);
    loop {
        let mut scan = redis::pipe();
        scan.cmd("SCAN").arg(cursor).arg("MATCH").arg(format!("sheaf:*{id}*")).arg("COUNT").arg(1_000);
        let ((next, found),): ((u64, Vec<String>),) = redis.ask_anyway(&scan).await?;
        keys.extend(found);
        cursor = next;
        if cursor == 0 {
            return Ok(keys);
        }
    }
}

fn away(error: Away) -> Error {
    Error::unavailable(format!("redis: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_tenant_is_forgotten_and_no_other() {
        let (cache, window) = (Cache::memory(), Duration::from_secs(60));
        let [acme, globex] = [1, 2].map(|id| TenantId(uuid::Uuid::from_u128(id)));
        for tenant in [acme, globex] {
            cache.count(&format!("export:tenant:{tenant}"), window).await;
        }
        assert_eq!(cache.keys_of(acme).await.unwrap().len(), 1);
        cache.forget(acme).await.unwrap();
        assert_eq!(cache.keys_of(acme).await.unwrap().len(), 0);
        assert_eq!(cache.count(&format!("export:tenant:{globex}"), window).await, 2);
    }
}
