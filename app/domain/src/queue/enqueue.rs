//! Putting jobs into the queue.

use std::{collections::HashSet, time::Duration};

use chrono::{DateTime, Utc};
use tokio::time::Instant;
use uuid::Uuid;

use super::{Job, Priority, fault, store};
use crate::{
    clock::Clock,
    db::TenantTx,
    error::{Error, Result},
    id::{JobId, TenantId},
};

/// A job names what to work on; what is larger than this many bytes of JSON belongs in a table or in the store.
const MAX_PAYLOAD: usize = 256 * 1024;

/// Of a key, in bytes. The table has the same limit in characters.
const MAX_KEY: usize = 200;

/// How often a duplicate may finish between the insert that meets it and the question which one it was.
const MAX_RACES: usize = 5;

/// Jobs that one statement inserts.
const CHUNK: usize = 1_000;

/// How a job is put into the queue. The default is: no key, as soon as possible, with the priority of its kind.
#[derive(Debug, Clone, Default)]
pub struct Enqueue {
    /// While an unfinished job of the same kind in this tenant has this key, no second one is made. At most 200 bytes.
    pub key: Option<String>,
    /// With a key: nor while one that was made within this time is done.
    pub window: Option<Duration>,
    /// Not before this time, by the database's clock.
    pub run_at: Option<DateTime<Utc>>,
    pub priority: Option<Priority>,
    /// What it is about, for whoever looks at what is under way: the id of a document, a report, a mail.
    pub subject: Option<Uuid>,
}

impl Enqueue {
    /// With a key against duplicates.
    pub fn once(key: impl Into<String>) -> Self {
        Self { key: Some(key.into()), ..Self::default() }
    }

    /// Says what it is about.
    #[must_use]
    pub fn about(self, subject: impl Into<Uuid>) -> Self {
        Self { subject: Some(subject.into()), ..self }
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
///
/// Fails with "rate limited" where as many jobs of this kind are unfinished as the workspace may have.
pub async fn enqueue<J: Job>(tx: &mut TenantTx, clock: &Clock, job: &J, options: Enqueue) -> Result<Enqueued> {
    let window = options.window;
    let new = new_job(clock, job, options)?;
    // What is there already needs no room.
    if let (Some(window), Some(key)) = (window, new.key.as_deref())
        && let Some(id) = store::find_recent(tx, J::KIND, key, window).await?
    {
        return Ok(Enqueued { id, existing: true });
    }
    if !has_room(tx, J::KIND, 1).await? {
        let there = match new.key.as_deref() {
            Some(key) => store::find_unfinished(tx, J::KIND, key).await?,
            None => None,
        };
        let enqueued = there.map(|id| Enqueued { id, existing: true });
        return enqueued.ok_or_else(|| too_much(tx.id(), J::KIND, 1));
    }
    insert_one(tx, &new).await
}

/// Puts many jobs of one kind into the queue, in the order given, or none: as [`enqueue`] does, in few statements. Of two with
/// the same key, the second is the first.
pub async fn enqueue_all<J: Job>(tx: &mut TenantTx, clock: &Clock, jobs: Vec<(J, Enqueue)>) -> Result<Vec<Enqueued>> {
    if !has_room(tx, J::KIND, jobs.len()).await? {
        return Err(too_much(tx.id(), J::KIND, jobs.len()));
    }
    let mut enqueued = Vec::with_capacity(jobs.len());
    let mut chunk = Vec::with_capacity(CHUNK.min(jobs.len()));
    for (job, options) in jobs {
        let window = options.window;
        let new = new_job(clock, &job, options)?;
        if chunk.len() == CHUNK || window.is_some() {
            insert_chunk(tx, &mut chunk, &mut enqueued).await?;
        }
        if let (Some(window), Some(key)) = (window, new.key.as_deref())
            && let Some(id) = store::find_recent(tx, J::KIND, key, window).await?
        {
            enqueued.push(Enqueued { id, existing: true });
        } else {
            chunk.push(new);
        }
    }
    insert_chunk(tx, &mut chunk, &mut enqueued).await?;
    Ok(enqueued)
}

async fn insert_chunk(tx: &mut TenantTx, chunk: &mut Vec<store::NewJob>, enqueued: &mut Vec<Enqueued>) -> Result<()> {
    let Some(kind) = chunk.first().map(|job| job.kind) else { return Ok(()) };
    let jobs: Vec<&store::NewJob> = chunk.iter().collect();
    let inserted = store::insert(tx, kind, &jobs).await?;
    fault::point("enqueue.before_commit");
    tx.note_jobs();
    let all = inserted.len() == jobs.len();
    let inserted: HashSet<JobId> = inserted.into_iter().collect();
    for job in chunk.drain(..) {
        let found = if all || inserted.contains(&job.id) {
            Enqueued { id: job.id, existing: false }
        } else {
            // Somebody had its key: now it is found, or it can be inserted after all.
            insert_one(tx, &job).await?
        };
        enqueued.push(found);
    }
    Ok(())
}

async fn insert_one(tx: &mut TenantTx, new: &store::NewJob) -> Result<Enqueued> {
    for _ in 0..MAX_RACES {
        if !store::insert(tx, new.kind, &[new]).await?.is_empty() {
            fault::point("enqueue.before_commit");
            tx.note_jobs();
            return Ok(Enqueued { id: new.id, existing: false });
        }
        let Some(key) = new.key.as_deref() else { break };
        if let Some(id) = store::find_unfinished(tx, new.kind, key).await? {
            return Ok(Enqueued { id, existing: true });
        }
    }
    Err(Error::unavailable(format!("queue: jobs of kind {} with one key come and go too fast", new.kind)))
}

/// Whether the lane takes so many more. It is counted once a second, and again before anybody is refused, so a tenant may go
/// over its limit by what other servers take in within that second.
async fn has_room(tx: &mut TenantTx, kind: &'static str, jobs: usize) -> Result<bool> {
    let (tenant, depths) = (tx.id(), tx.wake().depths.clone());
    if depths.take(tenant, kind, jobs) {
        return Ok(true);
    }
    let asked = Instant::now();
    let depth = store::depth(tx, kind).await?;
    depths.keep(tenant, kind, depth.jobs, depth.most, asked.elapsed());
    Ok(depths.take(tenant, kind, jobs))
}

fn too_much(tenant: TenantId, kind: &str, jobs: usize) -> Error {
    Error::rate_limited(
        "So much work of this kind is waiting in your workspace that no more can be added now. Please try again when some \
         of it is done.",
    )
    .with_context(format!("{jobs} more jobs of kind {kind} in tenant {tenant}"))
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
        subject: options.subject,
    })
}

#[cfg(test)]
mod tests {
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
