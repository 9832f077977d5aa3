//! Failures on their way out: a status and a message for the person, as JSON or as a plain sentence.

use std::any::Any;

use app::{RefusedRequest, error::headers_of};
use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::Error;

/// A domain error as an answer: its JSON, without what is for the operator.
pub struct Failure(pub Error);

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let Self(error) = self;
        app::error::log(&error);
        answer(error)
    }
}

fn answer(error: Error) -> Response {
    let error = app::error::with_reference(error);
    let status = StatusCode::from_u16(error.kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, Json(&error)).into_response();
    // Where a browser would show it, it is a page instead (`navigation.rs`).
    let Error { kind, message, reference, .. } = error;
    response.extensions_mut().insert(RefusedRequest { kind, message, reference });
    response.headers_mut().extend(headers_of(kind));
    response
}

/// A bug in a handler ends its request and no other. It is told where it happens (`telemetry/panics.rs`), as all panics are.
pub fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    let mut response = answer(Error::internal("a handler panicked"));
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}
