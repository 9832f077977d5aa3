//! The job of these benchmarks, which does nothing for a while, and what is remembered of those that have run.

use std::{
    mem,
    sync::{
        Mutex, MutexGuard,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use domain::queue::{Job, JobContext, JobError};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::time::sleep;

/// Jobs that have run since this process began.
static RUN: AtomicU64 = AtomicU64::new(0);

/// What ran since it was asked last.
static NOTES: Mutex<Vec<Note>> = Mutex::new(Vec::new());

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Nap {
    /// When it was about to be enqueued, in microseconds since 1970.
    pub at: i64,
    /// With which others it is counted.
    pub group: u8,
    /// For how long, in milliseconds. Of zero it gives nothing away, as a job that has nothing to do.
    pub nap: u64,
}

struct Note {
    group: u8,
    /// From before it was enqueued until it ran, in microseconds.
    waited: i64,
    took: Duration,
}

impl Job for Nap {
    const KIND: &'static str = "bench";
    const TIMEOUT: Duration = Duration::from_secs(30);

    async fn run(self, context: &JobContext) -> Result<(), JobError> {
        let waited = context.services.clock.now().timestamp_micros() - self.at;
        let began = Instant::now();
        if self.nap > 0 {
            sleep(Duration::from_millis(self.nap)).await;
        }
        notes().push(Note { group: self.group, waited, took: began.elapsed() });
        RUN.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

/// How many have run since this process began.
pub fn run() -> u64 {
    RUN.load(Ordering::Relaxed)
}

/// What ran since it was asked last: of each job its group, how long it had waited in milliseconds, and how many seconds of a
/// worker it took.
pub fn taken() -> Value {
    let notes = mem::take(&mut *notes());
    json!({
        "jobs": notes.len(),
        "groups": notes.iter().map(|note| note.group).collect::<Vec<_>>(),
        "waits": notes.iter().map(|note| note.waited as f64 / 1e3).collect::<Vec<_>>(),
        "worked": notes.iter().map(|note| note.took.as_secs_f64()).collect::<Vec<_>>(),
    })
}

pub fn forget() {
    notes().clear();
}

fn notes() -> MutexGuard<'static, Vec<Note>> {
    NOTES.lock().expect("no thread panics while it holds this lock")
}
