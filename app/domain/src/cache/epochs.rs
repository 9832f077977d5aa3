//! How often things have changed, as far as this process knows.

use std::{
    collections::hash_map::DefaultHasher,
    hash::{Hash, Hasher},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
};

use super::untold::{self, Untold};
use crate::{
    db::{Heard, Position, Seen},
    id::TenantId,
};

/// The kind of a change that concerns all kinds of its tenant, as it is announced.
const EVERYTHING: &str = "everything";

/// So many counters, 8 bytes each.
const STRIPES: usize = 1 << 16;

/// A counter for each kind of thing of each tenant, which goes up with every change that is announced (see
/// [`live`](crate::live)): at once for what this process commits, and when it is told for what others do. Cheap to clone.
///
/// Several tenants share a counter, as there are more of them. A change of one has the others look again, and nobody misses a
/// change of their own.
#[derive(Clone)]
pub struct Epochs {
    /// Of everything: it goes up when changes may have been missed.
    all: Arc<AtomicU64>,
    stripes: Arc<[AtomicU64]>,
    untold: Arc<Untold>,
    /// Where there are replicas: what tells how far one must have come to show what these have counted.
    heard: Arc<OnceLock<Arc<Heard>>>,
}

impl Default for Epochs {
    fn default() -> Self {
        let stripes = (0..STRIPES).map(|_| AtomicU64::new(0)).collect();
        Self { all: Arc::default(), stripes, untold: Arc::default(), heard: Arc::default() }
    }
}

impl Epochs {
    /// Something of this kind was changed by this process, which has committed it.
    pub fn change(&self, tenant: TenantId, kind: &str) {
        self.untold.add(tenant, kind, true);
        self.raise(tenant, kind);
    }

    /// Something of this kind has changed, as Postgres says.
    pub fn bump(&self, tenant: TenantId, kind: &str) {
        self.untold.add(tenant, kind, false);
        self.raise(tenant, kind);
    }

    /// Something of this kind has changed, which Redis knows already.
    pub(super) fn raise(&self, tenant: TenantId, kind: &str) {
        // Before: whoever reads the new number finds that no replica may answer yet.
        if let Some(heard) = self.heard.get() {
            heard.note(tenant);
        }
        self.stripe(tenant, kind).fetch_add(1, Ordering::Release);
    }

    /// Anything may have changed.
    pub fn bump_all(&self) {
        if let Some(heard) = self.heard.get() {
            heard.note_all();
        }
        self.all.fetch_add(1, Ordering::Release);
    }

    /// Tells this of each change, before it is counted. Once.
    pub(crate) fn tell(&self, heard: Arc<Heard>) {
        // A second one would be told by the same changes.
        self.heard.set(heard).ok();
    }

    /// A number that is never the same again once something of these kinds has changed. To be asked for before what is kept with it.
    pub fn of(&self, tenant: TenantId, kinds: &[&str]) -> u64 {
        let kinds: u64 = kinds.iter().map(|kind| self.stripe(tenant, kind).load(Ordering::Acquire)).sum();
        kinds + self.stripe(tenant, EVERYTHING).load(Ordering::Acquire) + self.all.load(Ordering::Acquire)
    }

    /// Where the one who asks has written last, in the last minute, where there are replicas. It may have been at another server of which
    /// this one has not heard yet, so they are shown nothing that was kept for others; what is kept for this place shows it.
    pub(super) fn own_place(&self) -> Option<Position> {
        self.heard.get()?;
        Seen::current().map(|seen| seen.position()).filter(|position| *position > Position::START)
    }

    /// What Redis was not told of.
    pub(super) fn untold(&self) -> &Untold {
        &self.untold
    }

    /// What of these kinds is kept under, in Redis.
    pub(super) fn tags(tenant: TenantId, kinds: &[&str]) -> Vec<String> {
        let kinds = kinds.iter().chain([&EVERYTHING]).map(|kind| untold::tag(tenant, kind));
        std::iter::once(untold::ALL.to_owned()).chain(kinds).collect()
    }

    fn stripe(&self, tenant: TenantId, kind: &str) -> &AtomicU64 {
        let mut hasher = DefaultHasher::new();
        (tenant, kind).hash(&mut hasher);
        let stripe = usize::try_from(hasher.finish() % STRIPES as u64).unwrap_or_default();
        &self.stripes[stripe]
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_change_is_that_of_one_tenant_and_of_one_kind() {
        let (epochs, [acme, globex]) = (Epochs::default(), [1, 2].map(|id| TenantId(Uuid::from_u128(id))));
        let before = epochs.of(acme, &["document", "member"]);
        epochs.bump(globex, "document");
        epochs.bump(acme, "report");
        assert_eq!(epochs.of(acme, &["document", "member"]), before);
        epochs.bump(acme, "member");
        let after = epochs.of(acme, &["document", "member"]);
        assert_ne!(after, before);
        epochs.bump(globex, EVERYTHING);
        assert_eq!(epochs.of(acme, &["document", "member"]), after);
        epochs.bump(acme, EVERYTHING);
        let all = epochs.of(acme, &["document", "member"]);
        assert_ne!(all, after);
        epochs.bump_all();
        assert_ne!(epochs.of(acme, &["document", "member"]), all);
    }
}
