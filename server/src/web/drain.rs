//! What a server that is about to stop tells those who keep connections to it.

use axum::{
    extract::{Request, State},
    http::{HeaderValue, header},
    middleware::Next,
    response::Response,
};

use super::AppState;

/// Says with each answer that the connection is closed behind it (RFC 9112, section 9.6). A proxy that kept it would send the
/// next request on it in the moment in which it goes away, and could not know whether that was done.
pub async fn say_goodbye(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if state.shutdown.draining.is_cancelled() {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}
