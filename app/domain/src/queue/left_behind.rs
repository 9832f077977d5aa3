//! What the table may say that this worker does, and nobody does: what a claim has taken whose answer never came, and what was lost
//! while the database was away. As this worker lives, others do not look for it before they look at everything.

use std::{
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use tokio::time::Instant;

use super::lease::LEASE;

/// For so long, a claim that nobody waits for any more may still be under way: as long as any statement (`db`), and so longer than
/// the leases that it gives.
const UNSEEN: Duration = Duration::from_secs(15);

/// Whether there may be such jobs. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct LeftBehind {
    noted: Arc<Mutex<Option<Instant>>>,
}

impl LeftBehind {
    /// There may be some, which is said for as long as something may become of them.
    pub fn note(&self) {
        *self.noted() = Some(Instant::now());
    }

    pub fn may_be(&self) -> bool {
        self.noted().is_some()
    }

    /// Whether to look for them. Their leases have run out by then, and what had ended when the database went away is written: to free
    /// that first would be to do it once more.
    pub fn are_due(&self) -> bool {
        self.noted().is_some_and(|noted| noted.elapsed() >= LEASE)
    }

    /// Every job is free whose lease had run out at this moment. If it was early, there may be some still.
    pub fn freed(&self, at: Instant) {
        let mut noted = self.noted();
        if noted.is_some_and(|noted| at.duration_since(noted) >= UNSEEN) {
            *noted = None;
        }
    }

    fn noted(&self) -> MutexGuard<'_, Option<Instant>> {
        self.noted.lock().expect("no thread panics while it holds this lock")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_left_behind_is_looked_for_until_it_would_have_been_seen() {
        let left_behind = LeftBehind::default();
        assert!(!left_behind.may_be() && !left_behind.are_due());
        left_behind.note();
        assert!(!left_behind.are_due(), "its lease runs");
        left_behind.freed(Instant::now());
        assert!(left_behind.may_be(), "it was too early to find it");
        left_behind.freed(Instant::now() + UNSEEN);
        assert!(!left_behind.may_be());
    }
}
