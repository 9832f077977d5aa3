//! What the browser may know of a failure: the domain's error without its context for the operator.

use std::{fmt, str::FromStr};

use domain::{Error, ErrorKind, LimitReached};
use leptos::server_fn::{
    codec::JsonEncoding,
    error::{FromServerFnError, ServerFnErrorErr},
};
use serde::{Deserialize, Serialize};

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
        if matches!(error.kind, ErrorKind::Internal | ErrorKind::Unavailable) {
            tracing::error!(error = %error, "a request failed");
        }
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
