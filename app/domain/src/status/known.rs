//! How Sheaf is, also where the database that knows it is away.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::Mutex,
    time::{Instant, timeout},
};

use super::{Status, store};
use crate::{Services, error::Result};

/// The database is asked once in this time, however many look, and whether it answers or not.
const PACE: Duration = Duration::from_secs(5);

/// Longer nobody waits for it.
const PATIENCE: Duration = Duration::from_secs(2);

/// How Sheaf is, asked of the database.
pub async fn overview(services: &Services) -> Result<Status> {
    let now = services.clock.now();
    let mut system = services.db.system().await?;
    let counted = store::counted(&mut system, now.date_naive()).await?;
    let seen = store::seen(&mut system).await?;
    let incidents = store::incidents(&mut system, now.date_naive()).await?;
    system.commit().await?;
    Ok(Status::fold(now, &counted, &seen, incidents))
}

/// What this process knew last. Cheap to clone.
#[derive(Clone, Default)]
pub struct LastKnown {
    kept: Arc<Mutex<Kept>>,
}

#[derive(Default)]
struct Kept {
    status: Option<Arc<Status>>,
    asked: Option<Instant>,
    is_away: bool,
}

impl LastKnown {
    /// How Sheaf is, five seconds ago at most, and false; or where the database does not answer, what it said of incidents and of
    /// the days before when it did last, and true. It never fails: where nothing was ever heard, nothing is known.
    pub async fn get(&self, services: &Services) -> (Arc<Status>, bool) {
        let mut kept = self.kept.lock().await;
        if kept.asked.is_none_or(|asked| asked.elapsed() >= PACE) {
            let answer = timeout(PATIENCE, overview(services)).await;
            kept.asked = Some(Instant::now());
            kept.is_away = !matches!(answer, Ok(Ok(_)));
            match answer {
                Ok(Ok(status)) => kept.status = Some(Arc::new(status)),
                Ok(Err(error)) => tracing::warn!(error = %error, "how Sheaf is cannot be asked"),
                Err(_) => tracing::warn!("how Sheaf is was not told in time"),
            }
        }
        let status = kept.status.clone().unwrap_or_else(|| Arc::new(Status::unknown(services.clock.now())));
        let status = if kept.is_away { Arc::new(status.unheard()) } else { status };
        (status, kept.is_away)
    }
}
