//! Whether the Redis that answers is the one that was told what has changed.

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Notify;

/// A number that goes up whenever a connection to Redis was lost or made anew. Behind the next one there may be another Redis, a
/// replica that knows less or one that was started from an older copy, whose values and tags agree with each other and are
/// old. So nothing that it keeps is believed until it was told that everything may have changed.
#[derive(Default)]
pub(super) struct Doubts {
    raised: AtomicU64,
    settled: AtomicU64,
    /// Somebody is to tell Redis.
    pub(super) more: Notify,
}

impl Doubts {
    pub fn raise(&self) {
        self.raised.fetch_add(1, Ordering::AcqRel);
        self.more.notify_one();
    }

    /// To be asked for before and after a look at Redis: what was found is good if both times it is the same number. None while
    /// Redis is not believed.
    pub fn none_since(&self) -> Option<u64> {
        let raised = self.raised.load(Ordering::Acquire);
        (self.settled.load(Ordering::Acquire) == raised).then_some(raised)
    }

    /// The doubts that are to be settled; none where there are none.
    pub fn open(&self) -> Option<u64> {
        let raised = self.raised.load(Ordering::Acquire);
        (self.settled.load(Ordering::Acquire) != raised).then_some(raised)
    }

    /// Redis was told, on account of these doubts. Others that came meanwhile stay.
    pub fn settle(&self, raised: u64) {
        self.settled.fetch_max(raised, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_doubted_while_redis_is_told_is_told_again() {
        let doubts = Doubts::default();
        assert_eq!((doubts.none_since(), doubts.open()), (Some(0), None));
        doubts.raise();
        let told = doubts.open().unwrap();
        doubts.raise();
        doubts.settle(told);
        assert_eq!((doubts.none_since(), doubts.open()), (None, Some(2)));
        doubts.settle(2);
        assert_eq!((doubts.none_since(), doubts.open()), (Some(2), None));
    }
}
