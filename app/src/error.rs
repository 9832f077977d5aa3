//! What the browser may know of a failure: the domain's error without its context for the operator.

use std::{fmt, str::FromStr};

use domain::{Error, ErrorKind, LimitReached};
#[cfg(feature = "ssr")]
use http::{
    HeaderName, HeaderValue,
    header::{CONNECTION, RETRY_AFTER},
};
use leptos::server_fn::{
    codec::JsonEncoding,
    error::{FromServerFnError, ServerFnErrorErr},
};
use serde::{Deserialize, Serialize};

/// Says of an answer of 503 that operators mean it, to what counts failures. It does not leave the server.
#[cfg(feature = "ssr")]
pub const SWITCHED_OFF: HeaderName = HeaderName::from_static("x-sheaf-switched-off");

/// What stands in the headers of an answer that refuses for now: when to ask again, in seconds; and of what is switched off, for
/// ourselves, that it is meant. Where the rest of a request is not waited for, that its connection ends with the answer.
#[cfg(feature = "ssr")]
pub fn headers_of(kind: ErrorKind) -> Vec<(HeaderName, HeaderValue)> {
    match kind {
        // Nobody switches by the second.
        ErrorKind::SwitchedOff => {
            vec![(RETRY_AFTER, HeaderValue::from_static("300")), (SWITCHED_OFF, HeaderValue::from_static("yes"))]
        }
        ErrorKind::RateLimited => vec![(RETRY_AFTER, HeaderValue::from_static("60"))],
        ErrorKind::TooSlow => vec![(CONNECTION, HeaderValue::from_static("close"))],
        _ => Vec::new(),
    }
}

/// Logs an error where it is handled: what is ours to mend as one, what operators have switched off as what it is.
#[cfg(feature = "ssr")]
pub fn log(error: &Error) {
    match error.kind {
        ErrorKind::Internal | ErrorKind::Unavailable => tracing::error!(error = %error, "a request failed"),
        ErrorKind::SwitchedOff => tracing::info!(reason = %error, "a request was refused as operators want it"),
        _ => {}
    }
}

/// The error with the trace by which operators find what was logged of it, where it is ours to mend: the people whom it met can
/// tell it to them.
#[cfg(feature = "ssr")]
pub fn with_reference(error: Error) -> Error {
    match error.kind {
        ErrorKind::Internal | ErrorKind::Unavailable => {
            Error { reference: domain::trace::current().map(|place| place.trace.to_string()), ..error }
        }
        _ => error,
    }
}

/// An error as server functions answer it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppError(Error);

impl AppError {
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// A full sentence for the person.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// By which operators find what was logged of it, if it is ours to mend.
    pub fn reference(&self) -> Option<&str> {
        self.0.reference.as_deref()
    }

    /// The limit of the plan that was met, if one was.
    pub fn limit(&self) -> Option<&LimitReached> {
        self.0.limit.as_deref()
    }

    /// The form field that is wrong, if one is.
    pub fn field(&self) -> Option<&str> {
        self.0.field.as_deref()
    }
}

impl From<Error> for AppError {
    fn from(error: Error) -> Self {
        // It is handled here, as far as the server is concerned: the operator's part is logged and goes no further.
        #[cfg(feature = "ssr")]
        let error = {
            log(&error);
            with_reference(error)
        };
        Self(error)
    }
}

impl fmt::Display for AppError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for AppError {}

impl FromStr for AppError {
    type Err = serde_json::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        serde_json::from_str(text)
    }
}

impl FromServerFnError for AppError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        let kind = match error {
            ServerFnErrorErr::Request(_) | ServerFnErrorErr::MiddlewareError(_) => ErrorKind::Unavailable,
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) => ErrorKind::Invalid,
            _ => ErrorKind::Internal,
        };
        let message = match kind {
            ErrorKind::Unavailable => "Sheaf cannot be reached right now. Please try again.",
            ErrorKind::Invalid => "This request was not understood.",
            _ => "Something went wrong on our side.",
        };
        Self(Error::new(kind, message))
    }
}
