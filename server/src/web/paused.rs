//! What is switched off, for the pages that say so.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use app::{
    features::{ReadAgainPaused, UploadsPaused},
    session::CurrentMember,
};
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use domain::{
    Services,
    features::{self, Feature},
    id::TenantId,
};
use moka::sync::Cache;
use tokio::time::{Instant, timeout};

use super::AppState;

/// How long a page waits to learn it: many times what the database takes.
const PATIENCE: Duration = Duration::from_millis(300);

/// How long nobody asks again after it was not answered, so that one page in so many waits, and not each.
const PAUSE: Duration = Duration::from_secs(2);

/// Workspaces whose answer is remembered.
const REMEMBERED: u64 = 100_000;

/// What this process was answered last, for the time in which it is answered nothing. Cheap to clone.
///
/// Invalidated by: the next answer. It decides nothing: an upload asks by itself.
#[derive(Clone)]
pub struct LastAnswers {
    paused: Cache<(TenantId, Feature), bool>,
    begun: Instant,
    /// Nobody asks before, in milliseconds since `begun`.
    next: Arc<AtomicU64>,
}

impl Default for LastAnswers {
    fn default() -> Self {
        let paused = Cache::builder().max_capacity(REMEMBERED).build();
        Self { paused, begun: Instant::now(), next: Arc::default() }
    }
}

impl LastAnswers {
    /// Whether a feature is switched off in this workspace; as it was last known where that is not told at once, and false where it
    /// never was.
    async fn is_paused(&self, services: &Services, tenant: TenantId, feature: Feature) -> bool {
        let known = self.paused.get(&(tenant, feature));
        if self.since_begun() < self.next.load(Ordering::Relaxed) {
            return known.unwrap_or(false);
        }
        match timeout(PATIENCE, features::enabled(services, tenant, feature)).await {
            Ok(Ok(enabled)) => {
                if known != Some(!enabled) {
                    self.paused.insert((tenant, feature), !enabled);
                }
                !enabled
            }
            _ => {
                self.next.store(self.since_begun() + milliseconds(PAUSE), Ordering::Relaxed);
                known.unwrap_or(false)
            }
        }
    }

    fn since_begun(&self) -> u64 {
        milliseconds(self.begun.elapsed())
    }
}

/// Tells the page where its workspace cannot take files in, or have documents read again. Where that cannot be asked, the act
/// will say so.
pub async fn look(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let member = request.extensions().get::<CurrentMember>().and_then(|current| current.member.as_ref());
    let tenant = member.map(|member| member.tenant);
    if let Some(tenant) = tenant {
        let paused = |feature| state.last_answers.is_paused(&state.services, tenant, feature);
        let (uploads, read_again) = tokio::join!(paused(Feature::Uploads), paused(Feature::ReadAgain));
        if uploads {
            request.extensions_mut().insert(UploadsPaused);
        }
        if read_again {
            request.extensions_mut().insert(ReadAgainPaused);
        }
    }
    next.run(request).await
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
