//! Whether this server lives, and whether it can do its work.

use axum::{Json, extract::State, http::StatusCode, response::IntoResponse};
use serde_json::{Map, json};

use super::AppState;
use crate::readiness::{self, Part};

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
    let parts = readiness::ask(&state.services).await;
    let is_ready = parts.iter().all(|part| part.is_ok || !part.is_needed);
    let is_ok = |name: &str| parts.iter().any(|part| part.name == name && part.is_ok);
    let each: Map<_, _> = parts.iter().map(|part| (part.name.to_owned(), told(part))).collect();
    let status = if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let body =
        json!({ "database": is_ok("database"), "store": is_ok("store"), "cache": is_ok("redis"), "parts": each });
    (status, Json(body))
}

fn told(part: &Part) -> serde_json::Value {
    let state = if part.is_ok { "ok" } else { "away" };
    json!({ "state": state, "ms": part.took.as_millis(), "needed": part.is_needed })
}
