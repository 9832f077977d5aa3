//! Whether this server lives, and whether it can do its work.

use std::time::Duration;

use axum::{Json, extract::State, http::StatusCode, response::IntoResponse};
use serde_json::json;
use tokio::time::timeout;

use super::AppState;

/// A part that does not answer within this is away.
const PATIENCE: Duration = Duration::from_secs(2);

/// It answers, so it lives.
pub async fn live() -> &'static str {
    "ok"
}

/// 200 when the parts that Sheaf cannot do without answer, 503 when one does not; each part by name. Redis away makes Sheaf
/// weaker and not unready. From the signal that stops this server on it is 503 at once, so that nobody sends it more.
pub async fn ready(State(state): State<AppState>) -> impl IntoResponse {
    if state.shutdown.draining.is_cancelled() {
        return (StatusCode::SERVICE_UNAVAILABLE, Json(json!({ "stopping": true })));
    }
    let services = &state.services;
    let (database, store, redis) = tokio::join!(
        timeout(PATIENCE, services.db.system()),
        timeout(PATIENCE, services.files.is_ready()),
        timeout(PATIENCE, services.cache.is_ready()),
    );
    let database = matches!(database, Ok(Ok(_)));
    let (store, redis) = (store.unwrap_or(false), redis.unwrap_or(false));
    let status = if database && store { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(json!({ "database": database, "store": store, "cache": redis })))
}
