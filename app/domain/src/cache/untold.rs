//! What has changed, as far as Redis was not told of it yet.

use std::{
    collections::HashMap,
    sync::{
        Mutex, MutexGuard,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use tokio::sync::Notify;

use crate::id::TenantId;

/// Of everything that is kept: for when too much has changed to be told one by one.
pub(super) const ALL: &str = "sheaf:tag:all";

/// Changes that are remembered while Redis is away, of about 100 bytes each. Beyond, all that is kept there falls.
const CAPACITY: usize = 10_000;

/// Changes that are told at once.
const BATCH: usize = 500;

/// The tag of a kind of things of a tenant. What Redis keeps under it is good for as long as the tag has the same value; a tag
/// that is deleted gets another one from whoever misses it, so a change is one command, however much it invalidates.
pub(super) fn tag(tenant: TenantId, kind: &str) -> String {
    format!("sheaf:tag:{tenant}:{kind}")
}

/// The tenant and the kind of a tag.
pub(super) fn parse(tag: &str) -> Option<(TenantId, &str)> {
    let (tenant, kind) = tag.strip_prefix("sheaf:tag:")?.split_once(':')?;
    Some((tenant.parse().ok()?, kind))
}

/// Tags that are to be deleted in Redis. As long as one stands here, nothing that Redis keeps under it is believed: so whoever
/// has heard of a change is not told by Redis what was before it, even where Redis was away in that moment.
#[derive(Default)]
pub(super) struct Untold {
    is_followed: AtomicBool,
    count: AtomicU64,
    changes: Mutex<HashMap<String, Change>>,
    pub(super) more: Notify,
}

/// Which of all changes was the last one under a tag, and whether one of them was made here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Change {
    number: u64,
    pub(super) is_ours: bool,
}

impl Untold {
    /// Somebody will tell Redis from now on. False if somebody does so already.
    pub fn follow(&self) -> bool {
        !self.is_followed.swap(true, Ordering::AcqRel)
    }

    pub fn is_followed(&self) -> bool {
        self.is_followed.load(Ordering::Acquire)
    }

    /// Remembers a change until Redis was told of it, if anybody will.
    pub fn add(&self, tenant: TenantId, kind: &str, is_ours: bool) {
        if !self.is_followed() {
            return;
        }
        let mut changes = self.changes();
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        let (mut tag, mut is_ours) = (tag(tenant, kind), is_ours);
        if changes.len() >= CAPACITY && !changes.contains_key(&tag) {
            is_ours |= changes.values().any(|change| change.is_ours);
            changes.clear();
            tag = ALL.into();
        }
        let change = changes.entry(tag).or_insert(Change { number, is_ours });
        *change = Change { number, is_ours: is_ours || change.is_ours };
        drop(changes);
        self.more.notify_one();
    }

    /// Whether Redis does not know yet of a change under one of these.
    pub fn has_any(&self, tags: &[String]) -> bool {
        let changes = self.changes();
        !changes.is_empty() && tags.iter().any(|tag| changes.contains_key(tag))
    }

    /// Some of what Redis is to be told.
    pub fn batch(&self) -> Vec<(String, Change)> {
        self.changes().iter().take(BATCH).map(|(tag, change)| (tag.clone(), *change)).collect()
    }

    /// Redis was told of these. What has changed again meanwhile stays.
    pub fn told(&self, batch: &[(String, Change)]) {
        let mut changes = self.changes();
        for (tag, change) in batch {
            if changes.get(tag).is_some_and(|last| last.number == change.number) {
                changes.remove(tag);
            }
        }
    }

    fn changes(&self) -> MutexGuard<'_, HashMap<String, Change>> {
        self.changes.lock().expect("no thread panics while it holds this lock")
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const ACME: TenantId = TenantId(Uuid::from_u128(1));

    #[test]
    fn what_changes_while_redis_is_told_is_told_again() {
        let untold = Untold::default();
        untold.add(ACME, "document", true);
        assert!(untold.batch().is_empty(), "nobody will tell it");
        untold.follow();
        untold.add(ACME, "document", true);
        let batch = untold.batch();
        untold.add(ACME, "document", false);
        untold.told(&batch);
        assert!(untold.has_any(&[tag(ACME, "document")]) && untold.batch()[0].1.is_ours);
        untold.told(&untold.batch());
        assert!(!untold.has_any(&[tag(ACME, "document")]));
        assert_eq!(parse(&tag(ACME, "document")), Some((ACME, "document")));
    }

    #[test]
    fn of_too_much_only_that_is_remembered() {
        let untold = Untold::default();
        untold.follow();
        for number in 0..=CAPACITY {
            untold.add(TenantId(Uuid::from_u128(number as u128)), "document", true);
        }
        assert!(untold.has_any(&[ALL.into()]));
        assert_eq!(untold.batch().len(), 1);
    }
}
