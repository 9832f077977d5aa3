//! Writing down what became of attempts: many at once, as each write of its own would cost a commit.

use std::{collections::HashSet, sync::Arc, time::Duration};

use sqlx::PgPool;
use tokio::{
    sync::{mpsc, oneshot},
    time::{sleep, timeout},
};
use uuid::Uuid;

use super::{
    fault,
    lease::StopReason,
    poller::{HeldJob, MANY},
    teller::Teller,
    worker_store::{self, Settlement},
};
use crate::{
    error::{Error, ErrorKind, Result},
    id::TenantId,
};

/// Attempts that are written together at most.
const BATCH: usize = 1_000;

/// Where many ended together before and few now, for so long it is waited for the others.
const GATHER: Duration = Duration::from_millis(3);

/// Of one try to write.
const STATEMENT: Duration = Duration::from_secs(5);

/// Between two tries, while the database is away.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// Takes what became of attempts. Cheap to clone.
#[derive(Clone)]
pub(super) struct Settler {
    entries: mpsc::UnboundedSender<Entry>,
}

/// One attempt that has ended. Its job holds its room until it is written, so there are never more than run at once.
struct Entry {
    settlement: Settlement,
    held: Arc<HeldJob>,
    written: oneshot::Sender<bool>,
}

impl Settler {
    /// The settler, and the work of it, to be run beside the worker.
    pub fn new(pool: PgPool, teller: Teller) -> (Self, impl Future<Output = ()> + Send + 'static) {
        let (entries, taken) = mpsc::unbounded_channel();
        (Self { entries }, write_all(pool, teller, taken))
    }

    /// Writes until the database answers. The lease is renewed meanwhile, or lost. False where it was lost or the worker is
    /// about to end: then nothing was written.
    pub async fn write(&self, settlement: Settlement, held: Arc<HeldJob>) -> bool {
        let (written, answer) = oneshot::channel();
        if self.entries.send(Entry { settlement, held, written }).is_err() {
            return false;
        }
        answer.await.unwrap_or(false)
    }
}

/// While one write is under way the next gather, so the busier it is the more go together.
async fn write_all(pool: PgPool, teller: Teller, mut entries: mpsc::UnboundedReceiver<Entry>) {
    let (mut batch, mut before) = (Vec::new(), 0);
    while entries.recv_many(&mut batch, BATCH).await > 0 {
        if before >= MANY && batch.len() < before / 2 {
            sleep(GATHER).await;
            take_more(&mut batch, &mut entries);
        }
        before = batch.len();
        let tenants: Vec<TenantId> = batch.iter().map(|entry| entry.settlement.attempt.tenant).collect();
        write_batch(&pool, &mut batch).await;
        // Only now: whoever is told looks at once, and is told no second time.
        tenants.into_iter().for_each(|tenant| teller.note(tenant));
    }
}

/// What has come meanwhile.
fn take_more(batch: &mut Vec<Entry>, entries: &mut mpsc::UnboundedReceiver<Entry>) {
    while batch.len() < BATCH
        && let Ok(entry) = entries.try_recv()
    {
        batch.push(entry);
    }
}

async fn write_batch(pool: &PgPool, batch: &mut Vec<Entry>) {
    let mut pause = FIRST_PAUSE;
    fault::point("settle.before");
    loop {
        match settle(pool, batch).await {
            Ok(settled) => return answer(batch, &settled.into_iter().collect()),
            // One value that the database does not take must not hold up the others.
            Err(error) if is_refusal(&error) && batch.len() > 1 => return write_each(pool, batch).await,
            Err(error) if is_refusal(&error) => {
                tracing::error!(error = %error, "the database refuses the end of a job; its lease runs out");
                return answer(batch, &HashSet::new());
            }
            Err(error) => tracing::warn!(error = %error, "the end of jobs could not be written; trying again"),
        }
        if batch.iter().all(|entry| entry.held.lease.stop.reason() == Some(StopReason::ShuttingDown)) {
            return answer(batch, &HashSet::new());
        }
        sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

async fn write_each(pool: &PgPool, batch: &mut Vec<Entry>) {
    for entry in std::mem::take(batch) {
        Box::pin(write_batch(pool, &mut vec![entry])).await;
    }
}

/// Whether it is the values that the database does not take, and no other time or order helps.
fn is_refusal(error: &Error) -> bool {
    error.is(ErrorKind::Internal)
}

/// Frees the room of all of them, and tells each whether it was written.
fn answer(batch: &mut Vec<Entry>, settled: &HashSet<Uuid>) {
    fault::point("settle.after");
    for Entry { settlement, held, written } in batch.drain(..) {
        drop(held);
        // Whoever asked may be gone, with the worker.
        written.send(settled.contains(&settlement.attempt.token)).ok();
    }
}

async fn settle(pool: &PgPool, batch: &[Entry]) -> Result<Vec<Uuid>> {
    let settlements: Vec<&Settlement> = batch.iter().map(|entry| &entry.settlement).collect();
    let late = |_| Error::unavailable("database: no answer in time");
    timeout(STATEMENT, worker_store::settle(pool, &settlements)).await.map_err(late)?
}
