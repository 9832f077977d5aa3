//! What was asked of the database lately, kept in this process.

use std::{
    any::Any,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use moka::{Expiry, future::Cache};

use super::{Kept, wire};
use crate::{
    error::{Error, ErrorKind, Result},
    metrics,
};

/// How much is kept, in bytes of JSON. In memory a value takes about twice as much.
const CAPACITY: u64 = 64 << 20;

/// What an entry takes beside its key and its value.
const OVERHEAD: usize = 200;

/// A value, and how long its JSON is.
pub(super) struct Loaded<T> {
    pub value: T,
    pub bytes: usize,
}

impl<T> From<(T, Option<Vec<u8>>)> for Loaded<T> {
    fn from((value, json): (T, Option<Vec<u8>>)) -> Self {
        Self { value, bytes: json.map_or(wire::MAX_BYTES, |json| json.len()) }
    }
}

#[derive(Clone)]
struct Entry {
    found: Found,
    made: Instant,
    ttl: Duration,
    /// Beyond its `ttl`.
    stale: Duration,
    weight: u32,
    /// Whether somebody looks again.
    is_renewed: Arc<AtomicBool>,
}

#[derive(Clone)]
enum Found {
    Value(Arc<dyn Any + Send + Sync>),
    /// There is none.
    Missing(Error),
}

/// Each entry lives as long as its kind, from when it was made, also in the place of an older one.
struct ByKind;

impl Expiry<String, Entry> for ByKind {
    fn expire_after_create(&self, _: &String, entry: &Entry, _: Instant) -> Option<Duration> {
        Some(entry.ttl + entry.stale)
    }

    fn expire_after_update(&self, _: &String, entry: &Entry, _: Instant, _: Option<Duration>) -> Option<Duration> {
        Some(entry.ttl + entry.stale)
    }
}

/// The values that this process keeps. Cheap to clone.
#[derive(Clone)]
pub(super) struct Values {
    entries: Cache<String, Entry>,
}

impl Values {
    pub fn new() -> Self {
        let weight =
            |key: &String, entry: &Entry| entry.weight.saturating_add(u32::try_from(key.len()).unwrap_or(u32::MAX));
        Self { entries: Cache::builder().max_capacity(CAPACITY).weigher(weight).expire_after(ByKind).build() }
    }

    /// The value under this key, or what `load` answers. However many ask at once, one of them loads.
    ///
    /// The epoch is part of the key: whoever asks after a change joins nobody who began to load before it.
    pub async fn get<T, F>(&self, key: String, kept: &Kept<T>, load: F) -> Result<Arc<T>>
    where
        T: Any + Send + Sync,
        F: Future<Output = Result<Loaded<T>>>,
    {
        if let Some(entry) = self.entries.get(&key).await {
            let is_fresh = entry.made.elapsed() < entry.ttl;
            if !is_fresh && let Some(_turn) = Turn::take(&entry.is_renewed) {
                return self.renew(key, kept, &entry, load).await;
            }
            count(kept, if is_fresh { "hit" } else { "stale" });
            return entry.found.value(kept);
        }
        let mut is_mine = false;
        let load = async {
            is_mine = true;
            Entry::of(kept, load.await)
        };
        let entry = self.entries.try_get_with(key, load).await.map_err(|error| Error::clone(&error))?;
        if !is_mine {
            count(kept, "hit");
        }
        entry.found.value(kept)
    }

    /// The keys that name a tenant.
    pub fn keys_of(&self, tenant: &str) -> Vec<String> {
        let keys = self.entries.iter().map(|(key, _)| key.to_string());
        keys.filter(|key| key.contains(tenant)).collect()
    }

    pub async fn forget(&self, key: &str) {
        self.entries.invalidate(key).await;
    }

    /// Looks again; where that cannot be done now, the old value is still good.
    async fn renew<T, F>(&self, key: String, kept: &Kept<T>, old: &Entry, load: F) -> Result<Arc<T>>
    where
        T: Any + Send + Sync,
        F: Future<Output = Result<Loaded<T>>>,
    {
        match Entry::of(kept, load.await) {
            Ok(entry) => {
                self.entries.insert(key, entry.clone()).await;
                entry.found.value(kept)
            }
            Err(error) if error.is(ErrorKind::Unavailable) => {
                count(kept, "stale");
                old.found.value(kept)
            }
            Err(error) => Err(error),
        }
    }
}

impl Entry {
    /// What is to be kept of an answer. A failure is not, unless it says that there is none and that is to be kept.
    fn of<T: Any + Send + Sync>(kept: &Kept<T>, answer: Result<Loaded<T>>) -> Result<Self> {
        let (found, ttl, stale, bytes) = match (answer, kept.missing) {
            (Ok(Loaded { value, bytes }), _) => (Found::Value(Arc::new(value)), kept.ttl, kept.stale, bytes),
            (Err(error), Some(ttl)) if error.is(ErrorKind::NotFound) => (Found::Missing(error), ttl, Duration::ZERO, 0),
            (Err(error), _) => return Err(error),
        };
        let weight = u32::try_from(bytes.saturating_add(OVERHEAD)).unwrap_or(u32::MAX);
        Ok(Self { found, made: Instant::now(), ttl, stale, weight, is_renewed: Arc::default() })
    }
}

impl Found {
    fn value<T: Any + Send + Sync>(&self, kept: &Kept<T>) -> Result<Arc<T>> {
        match self {
            Self::Value(value) => Arc::clone(value)
                .downcast()
                .map_err(|_| Error::internal(format!("{} names two kinds of values", kept.name))),
            Self::Missing(error) => Err(error.clone()),
        }
    }
}

/// The turn of whoever looks again, which ends however that ends.
struct Turn<'a>(&'a AtomicBool);

impl<'a> Turn<'a> {
    fn take(is_renewed: &'a Arc<AtomicBool>) -> Option<Self> {
        (!is_renewed.swap(true, Ordering::AcqRel)).then_some(Self(is_renewed))
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

fn count<T>(kept: &Kept<T>, outcome: &'static str) {
    metrics::answered_by_cache(kept.name, outcome);
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU64;

    use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
    use tokio::sync::Notify;
    use uuid::Uuid;

    use super::{
        super::{Cache, Epochs},
        *,
    };
    use crate::{
        db::{Heard, Position, Seen},
        id::TenantId,
    };

    const NUMBER: Kept<u64> = Kept::new("number", 1, &["document"]);
    const STALE: Kept<u64> = Kept::new("stale", 1, &[]).fresh_for(Duration::from_millis(1), Duration::from_secs(4));
    const MISSING: Kept<u64> = Kept::new("missing", 1, &[]).missing_for(Duration::from_secs(5));
    const ACME: TenantId = TenantId(Uuid::from_u128(1));

    async fn next(cache: &Cache, epochs: &Epochs, counter: &AtomicU64) -> u64 {
        let load = async { Ok(counter.fetch_add(1, Ordering::Relaxed)) };
        *cache.cached(epochs, &NUMBER, ACME, "all", load).await.unwrap()
    }

    #[tokio::test]
    async fn what_is_kept_is_asked_for_once_until_it_changes() {
        let (cache, epochs, counter) = (Cache::memory(), Epochs::default(), AtomicU64::new(0));
        assert_eq!([next(&cache, &epochs, &counter).await, next(&cache, &epochs, &counter).await], [0, 0]);
        epochs.bump(ACME, "report");
        assert_eq!(next(&cache, &epochs, &counter).await, 0, "it does not depend on reports");
        epochs.bump(ACME, "document");
        assert_eq!(next(&cache, &epochs, &counter).await, 1);
        epochs.bump_all();
        assert_eq!(next(&cache, &epochs, &counter).await, 2);
    }

    #[tokio::test]
    async fn however_many_ask_at_once_one_of_them_loads() {
        let (cache, epochs, counter) = (Cache::memory(), Epochs::default(), AtomicU64::new(0));
        let asked = (0..1_000).map(|_| async {
            let load = async {
                tokio::time::sleep(Duration::from_millis(20)).await;
                Ok(counter.fetch_add(1, Ordering::Relaxed))
            };
            *cache.cached(&epochs, &NUMBER, ACME, "all", load).await.unwrap()
        });
        assert!(futures::future::join_all(asked).await.iter().all(|answer| *answer == 0));
        assert_eq!(counter.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn whoever_asks_after_a_change_does_not_get_what_was_asked_before_it() {
        let (cache, epochs, counter) = (Cache::memory(), Epochs::default(), AtomicU64::new(0));
        let go_on = Notify::new();
        let before = cache.cached(&epochs, &NUMBER, ACME, "all", async {
            let read = counter.load(Ordering::Relaxed);
            go_on.notified().await;
            Ok(read)
        });
        let after = async {
            counter.store(7, Ordering::Relaxed);
            epochs.bump(ACME, "document");
            let answer = next(&cache, &epochs, &counter).await;
            go_on.notify_one();
            answer
        };
        let (before, after) = tokio::join!(before, after);
        assert_eq!((*before.unwrap(), after), (0, 7));
        assert_eq!(next(&cache, &epochs, &counter).await, 7, "and the late one has replaced nothing");
    }

    #[tokio::test]
    async fn whoever_has_written_is_shown_nothing_that_was_kept_before() {
        let (cache, epochs, counter) = (Cache::memory(), Epochs::default(), AtomicU64::new(0));
        epochs.tell(Arc::new(Heard::new(PgPoolOptions::new().connect_lazy_with(PgConnectOptions::new()))));
        let at = async |position: Position| Seen::at(position).within(next(&cache, &epochs, &counter)).await;
        let [one, other] = ["0000000000000001", "0000000000000002"].map(|text| Position::parse(text).unwrap());
        assert_eq!([at(one).await, at(one).await, at(other).await], [0, 0, 1]);
        assert_eq!([at(Position::UNKNOWN).await, at(Position::UNKNOWN).await], [2, 3], "nobody knows what shows it");
    }

    #[tokio::test]
    async fn a_failure_is_not_kept_and_that_there_is_none_is_where_that_was_said() {
        let (cache, epochs) = (Cache::memory(), Epochs::default());
        let failed = cache.cached(&epochs, &NUMBER, ACME, "all", async { Err(Error::unavailable("away")) }).await;
        assert_eq!(failed.unwrap_err().context.as_deref(), Some("away"));
        assert_eq!(next(&cache, &epochs, &AtomicU64::new(3)).await, 3);
        for _ in 0..2 {
            let there = async { Ok(7) };
            let none = async { Err(Error::not_found()) };
            assert!(cache.cached(&epochs, &MISSING, ACME, "all", none).await.unwrap_err().is(ErrorKind::NotFound));
            assert!(cache.cached(&epochs, &MISSING, ACME, "all", there).await.is_err(), "for as long as that is kept");
        }
    }

    #[tokio::test]
    async fn what_is_old_is_answered_while_one_looks_again_and_while_that_fails() {
        let (cache, epochs, go_on) = (Cache::memory(), Epochs::default(), Notify::new());
        let ask =
            async |answer: Result<u64>| cache.cached(&epochs, &STALE, ACME, "all", async { answer }).await.unwrap();
        assert_eq!(*ask(Ok(1)).await, 1);
        tokio::time::sleep(Duration::from_millis(5)).await;
        let looks_again = cache.cached(&epochs, &STALE, ACME, "all", async {
            go_on.notified().await;
            Ok(2)
        });
        let others = async {
            let answer = *ask(Ok(3)).await;
            go_on.notify_one();
            answer
        };
        let (new, old) = tokio::join!(looks_again, others);
        assert_eq!((*new.unwrap(), old), (2, 1));
        tokio::time::sleep(Duration::from_millis(5)).await;
        assert_eq!(*ask(Err(Error::unavailable("away"))).await, 2);
        assert_eq!(*ask(Ok(4)).await, 4, "whose turn it was has ended it");
    }
}
