//! The side that works.

use std::{error::Error, time::Duration};

use domain::{
    Services,
    queue::{self, Concurrency, Job, Registry},
};
use tokio::{task::JoinHandle, time::sleep};
use tokio_util::sync::CancellationToken;

use crate::naps::{self, Nap};

/// Between two looks whether enough jobs have run: too seldom to cost anything, and soon enough for what takes seconds.
const LOOK: Duration = Duration::from_millis(5);

/// The workers of this process, as `sheaf work` has them.
pub struct Worker {
    task: JoinHandle<domain::Result<()>>,
    shutdown: CancellationToken,
    /// Jobs that had run before.
    before: u64,
}

impl Worker {
    /// Begins to work. It runs as many jobs at once.
    pub fn start(services: &Services, slots: usize) -> Self {
        naps::forget();
        let before = naps::run();
        let registry = Registry::new().register::<Nap>();
        let concurrency = Concurrency::default().limit(Nap::KIND, slots);
        let shutdown = CancellationToken::new();
        let task = tokio::spawn(queue::work(services.clone(), registry, concurrency, shutdown.clone()));
        Self { task, shutdown, before }
    }

    /// Waits until so many jobs have run, or until nobody works any more.
    pub async fn has_run(&self, jobs: u64) {
        while naps::run() - self.before < jobs && !self.task.is_finished() {
            sleep(LOOK).await;
        }
    }

    /// Ends, once so many jobs have run.
    pub async fn stop_after(self, jobs: u64) -> Result<(), Box<dyn Error>> {
        self.has_run(jobs).await;
        self.shutdown.cancel();
        Ok(self.task.await??)
    }
}

/// How many jobs are not done yet, of all tenants.
pub async fn left(services: &Services) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("select count(*) from job where state <> 'done'").fetch_one(services.db.sessions()).await
}
