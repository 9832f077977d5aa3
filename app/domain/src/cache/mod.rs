//! Counters and short-lived values. Counters are in process by default, in Redis when a URL is given, so that several servers count
//! together; Redis away means a limit is counted per server for a while: weaker, never down. Values are in process, until what
//! they were read from changes, and for five seconds at most.

mod epochs;
mod values;

pub use epochs::Epochs;
pub use values::Kept;

use std::{
    any::Any,
    fmt::Display,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use moka::{Expiry, future::Cache as Memory};
use redis::aio::{ConnectionManager, ConnectionManagerConfig};

use self::values::Values;
use crate::{
    error::{Error, Result},
    id::TenantId,
    metrics,
};

/// Longer than a healthy Redis ever takes, even on a loaded machine, and short enough for a request to wait.
const REDIS_TIMEOUT: Duration = Duration::from_millis(200);

/// Entries kept in process. Each is a short key and a counter.
const CAPACITY: u64 = 100_000;

#[derive(Clone)]
pub struct Cache {
    memory: Memory<String, Counter>,
    values: Values,
    redis: Option<ConnectionManager>,
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
        Self { memory, values: Values::new(), redis: None }
    }

    /// In Redis at `url` (`redis://[:password@]host:port[/db]`). It does not wait for Redis to be there.
    pub fn redis(url: &str) -> Result<Self> {
        let client = redis::Client::open(url).map_err(|error| Error::internal(format!("redis url: {error}")))?;
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(REDIS_TIMEOUT))
            .set_response_timeout(Some(REDIS_TIMEOUT))
            .set_number_of_retries(1);
        let manager = ConnectionManager::new_lazy_with_config(client, config)
            .map_err(|error| Error::internal(format!("redis: {error}")))?;
        Ok(Self { redis: Some(manager), ..Self::memory() })
    }

    /// Counts one event under `key` and returns how many there were in this window, this one included. The window begins
    /// with its first event.
    ///
    /// Invalidated by: time alone.
    pub async fn count(&self, key: &str, window: Duration) -> u64 {
        if let Some(redis) = &self.redis {
            match count_in_redis(redis.clone(), key, window).await {
                Ok(count) => return count,
                Err(error) => {
                    metrics::CACHE_LOOKUPS.add(1, [("cache", "limits"), ("outcome", "error")]);
                    tracing::warn!(error = %error, "redis is away; counting in this process");
                }
            }
        }
        let counter = self.memory.get_with_by_ref(key, async { Counter { count: Arc::default(), window } }).await;
        counter.count.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// What is kept under this key, or what `load` answers, which is kept then. However many ask at once, one of them loads.
    ///
    /// Invalidated by: what `kept` says, as `epochs` are those of the database that `load` asks.
    pub async fn kept<T, F>(
        &self,
        epochs: &Epochs,
        kept: &Kept<T>,
        tenant: TenantId,
        key: impl Display,
        load: F,
    ) -> Result<Arc<T>>
    where
        T: Any + Send + Sync,
        F: Future<Output = Result<T>>,
    {
        self.values.get(epochs, kept, tenant, key, load).await
    }

    /// The keys that name a tenant, here and in Redis.
    pub async fn keys_of(&self, tenant: TenantId) -> Result<Vec<String>> {
        let id = tenant.to_string();
        let mut keys: Vec<String> =
            self.memory.iter().map(|(key, _)| key.to_string()).filter(|key| key.contains(&id)).collect();
        keys.extend(self.values.keys_of(&id));
        if let Some(redis) = &self.redis {
            keys.extend(keys_in_redis(redis.clone(), &id).await.map_err(away)?);
        }
        Ok(keys)
    }

    /// Forgets whatever is kept under keys that name a tenant. What other processes keep by themselves, where there is no
    /// Redis, ends with its window. Fails while Redis is away.
    pub async fn forget(&self, tenant: TenantId) -> Result<()> {
        for key in self.keys_of(tenant).await? {
            self.memory.invalidate(key.as_str()).await;
            self.values.forget(&key).await;
            if let Some(redis) = &self.redis {
                redis::cmd("UNLINK").arg(key).query_async::<u64>(&mut redis.clone()).await.map_err(away)?;
            }
        }
        Ok(())
    }

    /// Whether Redis answers; true without one. Within 200 ms.
    pub async fn is_ready(&self) -> bool {
        let Some(redis) = &self.redis else { return true };
        redis::cmd("PING").query_async::<String>(&mut redis.clone()).await.is_ok()
    }
}

async fn count_in_redis(mut redis: ConnectionManager, key: &str, window: Duration) -> redis::RedisResult<u64> {
    // One script, so that a counter without an expiry cannot be left behind between two commands.
    const SCRIPT: &str = "local n = redis.call('INCR', KEYS[1]) \
                          if n == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end \
                          return n";
    let milliseconds = u64::try_from(window.as_millis()).unwrap_or(u64::MAX);
    redis::Script::new(SCRIPT).key(format!("sheaf:count:{key}")).arg(milliseconds).invoke_async(&mut redis).await
}

/// A key is a few words, and SCAN goes through them without keeping anybody else waiting.
async fn keys_in_redis(mut redis: ConnectionManager, id: &str) -> redis::RedisResult<Vec<String>> {
    let (mut keys, mut cursor) = (Vec::new(), 0_u64);
    loop {
        let mut scan = redis::cmd("SCAN");
        scan.arg(cursor).arg("MATCH").arg(format!("sheaf:*{id}*")).arg("COUNT").arg(1_000);
        let (next, found): (u64, Vec<String>) = scan.query_async(&mut redis).await?;
        keys.extend(found);
        cursor = next;
        if cursor == 0 {
            return Ok(keys);
        }
    }
}

fn away(error: redis::RedisError) -> Error {
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
