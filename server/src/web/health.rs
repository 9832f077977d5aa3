//! Whether this server lives, and whether it can do its work.

use std::time::{Duration, Instant};

use axum::{Json, extract::State, http::StatusCode, response::IntoResponse};
use domain::{Services, db::setup, metrics};
use serde_json::{Map, json};
use tokio::{sync::Mutex, time::timeout};

use super::AppState;

/// A part that does not answer within this is away.
const PATIENCE: Duration = Duration::from_secs(2);

/// The same of Redis, for which no request waits longer either.
const REDIS_PATIENCE: Duration = Duration::from_millis(200);

/// A mail server is not greeted more often than this, however often somebody asks here.
const MAIL_ASKED_EVERY: Duration = Duration::from_secs(30);

/// When the mail server was asked last, and whether it answered.
static MAIL: Mutex<Option<(Instant, bool)>> = Mutex::const_new(None);

/// What one part answered.
struct Part {
    name: &'static str,
    /// Whether nothing can be done without it. Without the others, Sheaf is weaker and not unready.
    is_needed: bool,
    is_ok: bool,
    took: Duration,
}

/// It answers, so it lives.
pub async fn live() -> &'static str {
    "ok"
}

/// 200 when the parts that Sheaf cannot do without answer, 503 when one does not. `parts` tells each by name, with the time that it
/// took; `database`, `store` and `cache` say the same in a word. From the signal that stops this server on it is 503 at once, so
/// that nobody sends it more.
pub async fn ready(State(state): State<AppState>) -> impl IntoResponse {
    if state.shutdown.draining.is_cancelled() {
        return (StatusCode::SERVICE_UNAVAILABLE, Json(json!({ "stopping": true })));
    }
    let services = &state.services;
    let parts = tokio::join!(
        asked("database", true, PATIENCE, async { services.db.system().await.is_ok() }),
        asked("migrations", true, PATIENCE, are_migrations_current(services)),
        asked("store", true, PATIENCE, services.files.is_ready()),
        asked("redis", false, REDIS_PATIENCE, services.cache.is_ready()),
        asked("mail", false, PATIENCE, does_mail_answer(services)),
        asked("listener", false, PATIENCE, async { services.live.is_listening() }),
    );
    let parts = <[Part; 6]>::from(parts);
    let is_ready = parts.iter().all(|part| part.is_ok || !part.is_needed);
    let is_ok = |name: &str| parts.iter().any(|part| part.name == name && part.is_ok);
    let told: Map<_, _> = parts.iter().map(|part| (part.name.to_owned(), part.to_json())).collect();
    let status = if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let body =
        json!({ "database": is_ok("database"), "store": is_ok("store"), "cache": is_ok("redis"), "parts": told });
    (status, Json(body))
}

impl Part {
    fn to_json(&self) -> serde_json::Value {
        let state = if self.is_ok { "ok" } else { "away" };
        json!({ "state": state, "ms": self.took.as_millis(), "needed": self.is_needed })
    }
}

/// Asks one part, which has so long to answer.
async fn asked(
    name: &'static str,
    is_needed: bool,
    patience: Duration,
    ask: impl Future<Output = bool> + Send,
) -> Part {
    let begun = Instant::now();
    let is_ok = timeout(patience, ask).await.unwrap_or(false);
    metrics::PART_READY.set(if is_ok { 1.0 } else { 0.0 }, [("part", name)]);
    Part { name, is_needed, is_ok, took: begun.elapsed() }
}

/// Whether the schema is the one that this program knows. One that is newer is good too: changes are forward compatible.
async fn are_migrations_current(services: &Services) -> bool {
    setup::pending_migrations(&services.db).await.is_ok_and(|pending| pending.is_empty())
}

/// True where none is used.
async fn does_mail_answer(services: &Services) -> bool {
    if !services.mailer.sends() {
        return true;
    }
    let mut asked = MAIL.lock().await;
    if let Some((at, is_ok)) = *asked
        && at.elapsed() < MAIL_ASKED_EVERY
    {
        return is_ok;
    }
    // Whoever asks meanwhile gives up before this does, and finds what was learned the next time.
    *asked = Some((Instant::now(), false));
    let is_ok = services.mailer.is_ready().await;
    *asked = Some((Instant::now(), is_ok));
    is_ok
}
