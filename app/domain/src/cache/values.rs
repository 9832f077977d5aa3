//! What was asked of the database lately, kept in this process.

use std::{
    any::Any,
    fmt::Display,
    marker::PhantomData,
    sync::Arc,
    time::{Duration, Instant},
};

use moka::{Expiry, future::Cache};

use super::Epochs;
use crate::{
    error::{Error, Result},
    id::TenantId,
};

/// Entries kept. What is in them is small: a number, or a few.
const CAPACITY: u64 = 100_000;

/// The longest that anything is kept, which bounds how old it can be where a change was not heard of.
const MAX_TTL: Duration = Duration::from_secs(5);

/// A kind of value that is kept, and what invalidates it.
pub struct Kept<T> {
    name: &'static str,
    ttl: Duration,
    kinds: &'static [&'static str],
    of: PhantomData<fn() -> T>,
}

impl<T> Kept<T> {
    /// `name` tells it from all others. `kinds` are the kinds of changes that invalidate it, as they are announced; `ttl`, of five
    /// seconds at most, does it without any.
    pub const fn new(name: &'static str, ttl: Duration, kinds: &'static [&'static str]) -> Self {
        assert!(ttl.as_nanos() <= MAX_TTL.as_nanos(), "a change that nobody heard of would be seen too late");
        Self { name, ttl, kinds, of: PhantomData }
    }
}

#[derive(Clone)]
struct Entry {
    value: Arc<dyn Any + Send + Sync>,
    ttl: Duration,
}

/// Each entry lives as long as its kind.
struct ByKind;

impl Expiry<String, Entry> for ByKind {
    fn expire_after_create(&self, _: &String, entry: &Entry, _: Instant) -> Option<Duration> {
        Some(entry.ttl)
    }
}

/// The values that this process keeps. Cheap to clone.
#[derive(Clone)]
pub(super) struct Values {
    entries: Cache<String, Entry>,
}

impl Values {
    pub fn new() -> Self {
        Self { entries: Cache::builder().max_capacity(CAPACITY).expire_after(ByKind).build() }
    }

    /// The value under this key, or what `load` answers. However many ask at once, one of them loads.
    ///
    /// The epoch is part of the key: whoever asks after a change joins nobody who began to load before it.
    pub async fn get<T, F>(
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
        let epoch = epochs.of(tenant, kept.kinds);
        let key = format!("{}:{tenant}:{epoch}:{key}", kept.name);
        let load = async { load.await.map(|value| Entry { value: Arc::new(value), ttl: kept.ttl }) };
        let entry = self.entries.try_get_with(key, load).await.map_err(|error| Error::clone(&error))?;
        entry.value.downcast().map_err(|_| Error::internal(format!("{} names two kinds of values", kept.name)))
    }

    /// The keys that name a tenant.
    pub fn keys_of(&self, tenant: &str) -> Vec<String> {
        let keys = self.entries.iter().map(|(key, _)| key.to_string());
        keys.filter(|key| key.contains(tenant)).collect()
    }

    pub async fn forget(&self, key: &str) {
        self.entries.invalidate(key).await;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use tokio::sync::Notify;
    use uuid::Uuid;

    use super::*;

    const NUMBER: Kept<u64> = Kept::new("number", Duration::from_secs(5), &["document"]);
    const ACME: TenantId = TenantId(Uuid::from_u128(1));

    async fn next(values: &Values, epochs: &Epochs, counter: &AtomicU64) -> u64 {
        let load = async { Ok(counter.fetch_add(1, Ordering::Relaxed)) };
        *values.get(epochs, &NUMBER, ACME, "all", load).await.unwrap()
    }

    #[tokio::test]
    async fn what_is_kept_is_asked_for_once_until_it_changes() {
        let (values, epochs, counter) = (Values::new(), Epochs::default(), AtomicU64::new(0));
        assert_eq!([next(&values, &epochs, &counter).await, next(&values, &epochs, &counter).await], [0, 0]);
        epochs.bump(ACME, "report");
        assert_eq!(next(&values, &epochs, &counter).await, 0, "it does not depend on reports");
        epochs.bump(ACME, "document");
        assert_eq!(next(&values, &epochs, &counter).await, 1);
        epochs.bump_all();
        assert_eq!(next(&values, &epochs, &counter).await, 2);
    }

    #[tokio::test]
    async fn however_many_ask_at_once_one_of_them_loads() {
        let (values, epochs, counter) = (Values::new(), Epochs::default(), AtomicU64::new(0));
        let asked = (0..1_000).map(|_| async {
            let load = async {
                tokio::time::sleep(Duration::from_millis(20)).await;
                Ok(counter.fetch_add(1, Ordering::Relaxed))
            };
            *values.get(&epochs, &NUMBER, ACME, "all", load).await.unwrap()
        });
        assert!(futures::future::join_all(asked).await.iter().all(|answer| *answer == 0));
        assert_eq!(counter.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn whoever_asks_after_a_change_does_not_get_what_was_asked_before_it() {
        let (values, epochs, counter) = (Values::new(), Epochs::default(), AtomicU64::new(0));
        let go_on = Notify::new();
        let before = values.get(&epochs, &NUMBER, ACME, "all", async {
            let read = counter.load(Ordering::Relaxed);
            go_on.notified().await;
            Ok(read)
        });
        let after = async {
            counter.store(7, Ordering::Relaxed);
            epochs.bump(ACME, "document");
            let answer = next(&values, &epochs, &counter).await;
            go_on.notify_one();
            answer
        };
        let (before, after) = tokio::join!(before, after);
        assert_eq!((*before.unwrap(), after), (0, 7));
        assert_eq!(next(&values, &epochs, &counter).await, 7, "and the late one has replaced nothing");
    }

    #[tokio::test]
    async fn a_failure_is_not_kept() {
        let (values, epochs) = (Values::new(), Epochs::default());
        let failed = values.get(&epochs, &NUMBER, ACME, "all", async { Err(Error::unavailable("away")) }).await;
        assert_eq!(failed.unwrap_err().context.as_deref(), Some("away"));
        assert_eq!(next(&values, &epochs, &AtomicU64::new(3)).await, 3);
    }
}
