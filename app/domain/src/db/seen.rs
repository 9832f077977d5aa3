//! How far a database must have come for somebody to see what they have done themselves.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use super::Position;

tokio::task_local! {
    static CURRENT: Seen;
}

/// What the one who asks has seen done: the place of their last write, as they brought it along and as their request has moved it.
/// It goes with the task of a request, as its trace does, so that no verb has to pass it on. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Seen(Arc<State>);

#[derive(Debug, Default)]
struct State {
    position: AtomicU64,
    has_written: AtomicBool,
}

impl Seen {
    /// Of somebody who has written up to here.
    pub fn at(position: Position) -> Self {
        let state = State { position: AtomicU64::new(position.0), has_written: AtomicBool::new(false) };
        Self(Arc::new(state))
    }

    /// Of whoever this task works for; none outside of a request.
    pub fn current() -> Option<Self> {
        CURRENT.try_with(Clone::clone).ok()
    }

    /// Does this work for them. Tasks that it spawns work for nobody, unless they are given it by `carried`.
    pub async fn within<F: Future>(self, work: F) -> F::Output {
        CURRENT.scope(self, work).await
    }

    /// Does this work for whoever another task works for.
    pub async fn carried<F: Future>(seen: Option<Self>, work: F) -> F::Output {
        match seen {
            Some(seen) => seen.within(work).await,
            None => work.await,
        }
    }

    /// What they must be shown at least.
    pub fn position(&self) -> Position {
        Position(self.0.position.load(Ordering::Acquire))
    }

    /// Where to look from now on, if anything was written meanwhile.
    pub fn written(&self) -> Option<Position> {
        self.0.has_written.load(Ordering::Acquire).then(|| self.position())
    }

    pub(super) fn write(&self, position: Position) {
        self.0.position.fetch_max(position.0, Ordering::AcqRel);
        self.0.has_written.store(true, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_write_is_seen_in_its_work_and_goes_back_never() {
        assert!(Seen::current().is_none());
        let seen = Seen::at(Position(7));
        let inner = seen.clone().within(async { Seen::current().unwrap() }).await;
        assert_eq!((inner.position(), inner.written()), (Position(7), None));
        inner.write(Position(3));
        assert_eq!(seen.written(), Some(Position(7)), "the later place is what has to be shown");
        inner.write(Position(9));
        assert_eq!(seen.written(), Some(Position(9)));
    }
}
