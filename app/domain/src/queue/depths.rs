//! How deep the lanes are, nearly: enough to refuse what is too much, without counting a lane for each job.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use moka::sync::Cache;
use tokio::time::Instant;

use crate::id::TenantId;

/// How old a count may be. What this process adds meanwhile is counted along; what others add is not.
const TTL: Duration = Duration::from_secs(1);

/// A count that took long, as it does past the dead rows that a transaction which stays open keeps, may be so many times as old as it
/// took, and never older than [`LONGEST`].
const TIMES: u32 = 20;
const LONGEST: Duration = Duration::from_secs(10);

/// Lanes whose depth is known at once.
const LANES: u64 = 10_000;

/// Unfinished jobs by lane, as they were counted lately. Cheap to clone.
#[derive(Clone)]
pub(super) struct Depths {
    counted: Cache<(TenantId, &'static str), Arc<Depth>>,
}

struct Depth {
    jobs: AtomicI64,
    most: i64,
    until: Instant,
}

impl Depths {
    pub fn new() -> Self {
        Self { counted: Cache::builder().max_capacity(LANES).time_to_live(LONGEST).build() }
    }

    /// Whether `jobs` more fit, which then count as being there; false where nobody has counted lately.
    pub fn take(&self, tenant: TenantId, kind: &'static str, jobs: usize) -> bool {
        let counted = self.counted.get(&(tenant, kind)).filter(|depth| Instant::now() < depth.until);
        let Some(depth) = counted else { return false };
        let jobs = i64::try_from(jobs).unwrap_or(i64::MAX);
        let before = depth.jobs.fetch_add(jobs, Ordering::Relaxed);
        let fits = before.saturating_add(jobs) <= depth.most;
        if !fits {
            depth.jobs.fetch_sub(jobs, Ordering::Relaxed);
        }
        fits
    }

    /// Forgets what was counted, as a second that passes does.
    pub fn forget(&self) {
        self.counted.invalidate_all();
    }

    /// Keeps what was counted: so many jobs, of at most so many; and how long that took.
    pub fn keep(&self, tenant: TenantId, kind: &'static str, jobs: i64, most: i64, took: Duration) {
        let until = Instant::now() + took.saturating_mul(TIMES).clamp(TTL, LONGEST);
        self.counted.insert((tenant, kind), Arc::new(Depth { jobs: AtomicI64::new(jobs), most, until }));
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn what_does_not_fit_takes_no_room() {
        let (depths, tenant) = (Depths::new(), TenantId(Uuid::from_u128(1)));
        assert!(!depths.take(tenant, "mail", 1), "nobody has counted");
        depths.keep(tenant, "mail", 7, 10, Duration::ZERO);
        assert!(!depths.take(tenant, "mail", 4));
        assert!(depths.take(tenant, "mail", 3));
        assert!(!depths.take(tenant, "mail", 1));
        assert!(!depths.take(TenantId(Uuid::from_u128(2)), "mail", 1));
    }
}
