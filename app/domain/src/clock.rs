//! Time, randomness and ids as a value that is passed in, so that tests are exact. clippy.toml forbids the shortcuts.

use std::sync::{Arc, Mutex};

use chrono::{DateTime, Duration, SubsecRound, Utc};
use uuid::{Builder, Uuid};

/// Where time and randomness come from. Cheap to clone.
#[derive(Clone)]
pub struct Clock {
    manual: Option<Arc<Mutex<DateTime<Utc>>>>,
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self { manual: None }
    }

    /// A clock that stands still until [`advance`](Self::advance) is called. Randomness stays real: secrets must differ.
    pub fn manual(start: DateTime<Utc>) -> Self {
        Self { manual: Some(Arc::new(Mutex::new(start))) }
    }

    /// The time now, to the microsecond, as Postgres keeps it.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that asks the machine")]
    pub fn now(&self) -> DateTime<Utc> {
        match &self.manual {
            Some(time) => *time.lock().expect("no thread panics while it holds this lock"),
            None => Utc::now().trunc_subsecs(6),
        }
    }

    /// Moves a manual clock forward; does nothing to the machine's.
    pub fn advance(&self, by: Duration) {
        if let Some(time) = &self.manual {
            *time.lock().expect("no thread panics while it holds this lock") += by;
        }
    }

    /// A new id, wrapped in the type that the caller asks for. UUIDv7 (RFC 9562, section 5.7): sortable by creation, with
    /// 74 random bits and no sequence to count.
    pub fn id<T: From<Uuid>>(&self) -> T {
        let milliseconds = self.now().timestamp_millis().max(0).unsigned_abs();
        Builder::from_unix_timestamp_millis(milliseconds, &self.random()).into_uuid().into()
    }

    /// Random bytes, fit for secrets.
    pub fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        rand::fill(&mut bytes);
        bytes
    }
}
