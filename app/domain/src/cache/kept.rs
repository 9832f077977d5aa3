//! What is kept: declared once for each kind of value, beside the verb that asks for it.

use std::{marker::PhantomData, time::Duration};

/// The longest that a process answers from its own memory, which bounds how old an answer can be where a change was not heard of.
pub(super) const MAX_TTL: Duration = Duration::from_secs(5);

/// The longest that Redis keeps a value. It bounds how old an answer can be where nobody was left to tell Redis of a change.
const MAX_SHARED_TTL: Duration = Duration::from_secs(60);

/// A kind of value that is kept, and what invalidates it.
pub struct Kept<T> {
    pub(super) name: &'static str,
    pub(super) version: u32,
    pub(super) kinds: &'static [&'static str],
    pub(super) ttl: Duration,
    pub(super) stale: Duration,
    pub(super) shared: Option<Duration>,
    pub(super) missing: Option<Duration>,
    of: PhantomData<fn() -> T>,
}

impl<T> Kept<T> {
    /// Kept in this process for five seconds. `name` tells it from all others. `version` is another one whenever `T` is: values of
    /// two versions of the program never meet. `kinds` are the kinds of changes that invalidate it, as they are announced.
    pub const fn new(name: &'static str, version: u32, kinds: &'static [&'static str]) -> Self {
        let (stale, of) = (Duration::ZERO, PhantomData);
        Self { name, version, kinds, ttl: MAX_TTL, stale, shared: None, missing: None, of }
    }

    /// Fresh in this process for `ttl`, and for `stale` more it is answered while one who asks looks again, or while that
    /// fails. Five seconds at most, both together.
    #[must_use]
    pub const fn fresh_for(mut self, ttl: Duration, stale: Duration) -> Self {
        assert!(
            ttl.as_nanos() + stale.as_nanos() <= MAX_TTL.as_nanos(),
            "a change that nobody heard of would be seen too late"
        );
        (self.ttl, self.stale) = (ttl, stale);
        self
    }

    /// Also in Redis, for `ttl`, a minute at most: for what takes longer to find out than to ask Redis.
    #[must_use]
    pub const fn shared_for(mut self, ttl: Duration) -> Self {
        assert!(
            ttl.as_nanos() <= MAX_SHARED_TTL.as_nanos(),
            "a change that nobody told Redis of would be seen too late"
        );
        self.shared = Some(ttl);
        self
    }

    /// That there is none is kept too, in this process, for `ttl`: for what is asked for again and again although it is not there.
    #[must_use]
    pub const fn missing_for(mut self, ttl: Duration) -> Self {
        assert!(ttl.as_nanos() <= MAX_TTL.as_nanos(), "what was made meanwhile would be seen too late");
        self.missing = Some(ttl);
        self
    }
}
