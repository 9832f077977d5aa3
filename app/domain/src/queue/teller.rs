//! Telling people that work of their workspace has changed, and not more often than they can look.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use sqlx::PgPool;
use tokio::time::{sleep, timeout};

use crate::{id::TenantId, live};

/// Between two announcements of one process.
const PAUSE: Duration = Duration::from_millis(500);

/// Of one announcement.
const STATEMENT: Duration = Duration::from_secs(5);

/// The tenants of which something is to be told. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Teller {
    changed: Arc<Mutex<BTreeSet<TenantId>>>,
}

impl Teller {
    /// Some job of this tenant has begun or ended.
    pub fn note(&self, tenant: TenantId) {
        self.lock().insert(tenant);
    }

    /// Announces what was noted, for as long as it is polled. What cannot be told is not told again: whoever looks sees it.
    pub async fn tell(self, pool: PgPool) {
        loop {
            sleep(PAUSE).await;
            self.tell_now(&pool).await;
        }
    }

    /// The same at once, for a worker that stops.
    pub async fn tell_now(&self, pool: &PgPool) {
        let changed = std::mem::take(&mut *self.lock());
        if changed.is_empty() {
            return;
        }
        match timeout(STATEMENT, live::announce_jobs(pool, &changed)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::debug!(error = %error, "changes of jobs could not be announced"),
            Err(_) => tracing::debug!("changes of jobs were not announced in time"),
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeSet<TenantId>> {
        self.changed.lock().expect("no thread panics while it holds this lock")
    }
}
