//! Putting a job into the queue.

use chrono::{DateTime, Utc};

use super::{Job, Priority, store};
use crate::{
    clock::Clock,
    db::TenantTx,
    error::{Error, Result},
    id::JobId,
};

/// A job names what to work on; what is larger than this many bytes of JSON belongs in a table or in the store.
const MAX_PAYLOAD: usize = 256 * 1024;

/// Of a key, in bytes. The table has the same limit in characters.
const MAX_KEY: usize = 200;

/// How often a duplicate may finish between the insert that meets it and the question which one it was.
const MAX_RACES: usize = 5;

/// How a job is put into the queue. The default is: no key, as soon as possible, with the priority of its kind.
#[derive(Debug, Clone, Default)]
pub struct Enqueue {
    /// While an unfinished job of the same kind in this tenant has this key, no second one is made. At most 200 bytes.
    pub key: Option<String>,
    /// Not before this time, by the database's clock.
    pub run_at: Option<DateTime<Utc>>,
    pub priority: Option<Priority>,
}

impl Enqueue {
    /// With a key against duplicates.
    pub fn once(key: impl Into<String>) -> Self {
        Self { key: Some(key.into()), ..Self::default() }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Enqueued {
    pub id: JobId,
    /// Whether a job with this key was there already; then nothing was changed, and `id` is that job's.
    pub existing: bool,
}

/// Puts a job into the queue, in the caller's transaction: workers see it when that commits, and never if it does not. A
/// duplicate key is no error and leaves the transaction usable.
pub async fn enqueue<J: Job>(tx: &mut TenantTx, clock: &Clock, job: &J, options: Enqueue) -> Result<Enqueued> {
    let new = new_job(clock, job, options)?;
    for _ in 0..MAX_RACES {
        if store::insert(tx, &new).await? {
            tx.note_jobs();
            return Ok(Enqueued { id: new.id, existing: false });
        }
        if let Some(id) = store::find_unfinished(tx, new.kind, new.key.as_deref()).await? {
            return Ok(Enqueued { id, existing: true });
        }
    }
    Err(Error::unavailable(format!("queue: jobs of kind {} with one key come and go too fast", new.kind)))
}

fn new_job<J: Job>(clock: &Clock, job: &J, options: Enqueue) -> Result<store::NewJob> {
    let payload = serde_json::to_value(job)?;
    let size = payload.to_string().len();
    if size > MAX_PAYLOAD {
        return Err(Error::limit_reached("This is too much for one piece of work.")
            .with_context(format!("the payload of a job of kind {} has {size} bytes", J::KIND)));
    }
    if let Some(key) = options.key.as_deref().filter(|key| key.is_empty() || key.len() > MAX_KEY) {
        return Err(Error::internal(format!("the key of a job of kind {} has {} bytes", J::KIND, key.len())));
    }
    Ok(store::NewJob {
        id: clock.id(),
        kind: J::KIND,
        payload,
        key: options.key,
        priority: options.priority.unwrap_or(J::PRIORITY).value(),
        max_attempts: J::MAX_ATTEMPTS,
        run_at: options.run_at,
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde::{Deserialize, Serialize};

    use super::*;
    use crate::{
        error::ErrorKind,
        queue::{JobContext, JobError},
    };

    #[derive(Serialize, Deserialize)]
    struct Novel(String);

    impl Job for Novel {
        const KIND: &'static str = "novel";
        const TIMEOUT: Duration = Duration::from_secs(1);
        const PRIORITY: Priority = Priority::Batch;

        async fn run(self, _: &JobContext) -> Result<(), JobError> {
            Ok(())
        }
    }

    fn make(words: usize, options: Enqueue) -> Result<store::NewJob> {
        new_job(&Clock::system(), &Novel("all work and no play ".repeat(words)), options)
    }

    #[test]
    fn a_payload_or_a_key_that_is_too_large_is_refused() {
        assert!(make(20_000, Enqueue::default()).err().unwrap().is(ErrorKind::LimitReached));
        assert!(make(1, Enqueue::once("k".repeat(MAX_KEY + 1))).err().unwrap().is(ErrorKind::Internal));
        assert!(make(1, Enqueue::once("")).err().unwrap().is(ErrorKind::Internal));
        assert!(make(1, Enqueue::once("k".repeat(MAX_KEY))).is_ok());
    }

    #[test]
    fn a_job_has_the_priority_of_its_kind_unless_told_otherwise() {
        let told = Enqueue { priority: Some(Priority::Interactive), ..Enqueue::default() };
        assert_eq!(make(1, Enqueue::default()).unwrap().priority, Priority::Batch.value());
        assert_eq!(make(1, told).unwrap().priority, Priority::Interactive.value());
    }
}
