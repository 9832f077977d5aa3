//! The time that a request has, whoever takes it.

use std::time::Duration;

use axum::{
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::Error;
use tokio::time::{Instant, timeout_at};

use super::error::Failure;

/// A request that is not an upload or a stream of events is answered within this, from when it was looked at first. What a
/// download sends after it has begun takes as long as it takes.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(20);

/// When a request was looked at first.
#[derive(Clone, Copy)]
pub struct Begun(pub Instant);

/// Answers with 503 where nothing else does in time: what is done for the request ends there.
pub async fn keep(request: Request, next: Next) -> Response {
    let begun = request.extensions().get::<Begun>().map_or_else(Instant::now, |Begun(at)| *at);
    match timeout_at(begun + REQUEST_TIMEOUT, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Failure(Error::unavailable("the request was not answered in time")).into_response(),
    }
}
