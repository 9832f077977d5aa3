//! The side that works.

use std::{
    error::Error,
    mem,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use apalis::prelude::*;
use apalis_postgres::PostgresStorage;
use tokio::{sync::oneshot, task::JoinHandle, time::sleep};

use crate::{Nap, microseconds};

/// Between two looks whether enough jobs have run.
const LOOK: Duration = Duration::from_millis(5);

/// Besides being told of new jobs: what is done is written when a worker is polled next.
const POLL: Duration = Duration::from_millis(50);

/// Workers started so far; each has a name of its own.
static STARTED: AtomicU64 = AtomicU64::new(0);

/// Jobs that have run since this process began.
static RUN: AtomicU64 = AtomicU64::new(0);

/// In milliseconds, of each job since it was asked last: from before it was enqueued until it ran.
static WAITS: Mutex<Vec<f64>> = Mutex::new(Vec::new());

pub struct Worker {
    task: JoinHandle<Result<(), WorkerError>>,
    stop: oneshot::Sender<()>,
    /// Jobs that had run before.
    before: u64,
}

impl Worker {
    pub fn start(storage: PostgresStorage<Nap>, concurrency: usize) -> Self {
        take_waits();
        let name = format!("bench-{}-{}", std::process::id(), STARTED.fetch_add(1, Ordering::Relaxed));
        let worker = WorkerBuilder::new(name)
            .backend(storage.with_pubsub().poll_with_interval(POLL))
            .concurrency(concurrency)
            .build(run);
        let (stop, stopped) = oneshot::channel::<()>();
        let before = RUN.load(Ordering::Relaxed);
        let task = tokio::spawn(worker.run_until(async move {
            // Whoever forgets the other end wants it stopped too.
            let _ = stopped.await;
            Ok::<(), std::io::Error>(())
        }));
        Self { task, stop, before }
    }

    /// Waits until so many jobs have run, or until it works no more.
    pub async fn has_run(&self, jobs: u64) {
        while RUN.load(Ordering::Relaxed) - self.before < jobs && !self.task.is_finished() {
            sleep(LOOK).await;
        }
    }

    pub async fn stop_after(self, jobs: u64) -> Result<(), Box<dyn Error>> {
        self.has_run(jobs).await;
        // It fails for a worker that has ended, and the next line says why.
        let _ = self.stop.send(());
        self.task.await??;
        Ok(())
    }
}

async fn run(nap: Nap) -> Result<(), BoxDynError> {
    let waited = microseconds().saturating_sub(nap.at) as f64 / 1e3;
    WAITS.lock().unwrap_or_else(PoisonError::into_inner).push(waited);
    RUN.fetch_add(1, Ordering::Relaxed);
    Ok(())
}

pub fn take_waits() -> Vec<f64> {
    mem::take(&mut *WAITS.lock().unwrap_or_else(PoisonError::into_inner))
}
