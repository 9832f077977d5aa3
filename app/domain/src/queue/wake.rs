//! Telling workers that there is something to do, without making the enqueuing transaction pay for it.

use std::{sync::Arc, time::Duration};

use sqlx::{PgPool, postgres::PgListener};
use tokio::{
    sync::{Notify, mpsc},
    time::timeout,
};

use super::{depths::Depths, fault, worker_store};
use crate::{error::Result, live};

pub(super) const CHANNEL: &str = "sheaf_jobs";

/// What is heard on it.
pub(super) const NOTIFY: &str = "notify sheaf_jobs";

/// Between two notifications of one process. A NOTIFY inside the transaction was measured to halve concurrent enqueuing,
/// as all commits that notify take one lock; a worker that learns of a job this much later is still early.
const COALESCE: Duration = Duration::from_millis(10);

/// Before the connection that listens is made anew.
const RECONNECT: Duration = Duration::from_millis(500);

/// Wakes the workers of all processes, and knows about how much waits for them. Cheap to clone; the task behind it ends with
/// its last clone.
#[derive(Clone)]
pub struct Wake {
    ring: mpsc::Sender<()>,
    pub(super) depths: Depths,
}

impl Wake {
    /// Starts the task that notifies, with connections of this pool.
    pub fn start(pool: PgPool) -> Self {
        let (ring, rung) = mpsc::channel(1);
        tokio::spawn(notify_workers(pool, rung));
        Self { ring, depths: Depths::new() }
    }

    /// Says that a job was committed. It never waits and never fails: a notification that is lost costs a worker its
    /// polling interval of one second.
    pub fn wake(&self) {
        fault::point("enqueue.after_commit");
        // A full channel means that a notification is about to be sent: that one tells of this job too.
        self.ring.try_send(()).ok();
    }
}

async fn notify_workers(pool: PgPool, mut rung: mpsc::Receiver<()>) {
    while rung.recv().await.is_some() {
        if let Err(error) = worker_store::notify(&pool).await {
            tracing::debug!(error = %error, "workers were not notified of new jobs; they look by themselves");
        }
        tokio::time::sleep(COALESCE).await;
    }
}

/// Rings the bell at each notification, for as long as it is polled.
pub(super) async fn listen(pool: PgPool, bell: Arc<Notify>) {
    loop {
        if let Err(error) = listen_once(&pool, &bell).await {
            tracing::debug!(error = %error, "not listening for new jobs; trying again");
        }
        tokio::time::sleep(RECONNECT).await;
    }
}

async fn listen_once(pool: &PgPool, bell: &Notify) -> Result<()> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(CHANNEL).await?;
    loop {
        // Also at first, and where `None` says that the connection was made anew: what was told meanwhile is lost.
        bell.notify_one();
        match timeout(live::SILENCE, listener.try_recv()).await {
            Ok(heard) => drop(heard?),
            Err(_) => live::probe(&mut listener).await?,
        }
    }
}
