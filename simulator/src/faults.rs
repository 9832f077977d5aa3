//! What goes wrong with requests, on demand.

use serde::{Deserialize, Serialize};

use crate::failure::Failure;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// 429, and nothing was done.
    TooManyRequests,
    /// 409, as another request with the same key is still running; nothing was done.
    Conflict,
    /// 500, and nothing was done.
    ServerError,
    /// No answer, and nothing was done.
    Timeout,
    /// No answer, although it was done.
    LateSuccess,
    /// 500, although it was done.
    LateError,
}

impl FaultKind {
    /// Whether the request is carried out all the same.
    pub fn is_done(self) -> bool {
        matches!(self, Self::LateSuccess | Self::LateError)
    }

    /// What is answered; none where nothing is.
    pub fn failure(self) -> Option<Failure> {
        let failure = |status, kind, code, message| Some(Failure::of(status, kind, code, message));
        match self {
            Self::TooManyRequests => {
                failure(429, "invalid_request_error", Some("rate_limit"), "Request rate limit exceeded.")
            }
            Self::Conflict => failure(
                409,
                "idempotency_error",
                Some("idempotency_key_in_use"),
                "There is another request with this key.",
            ),
            Self::ServerError | Self::LateError => {
                failure(500, "api_error", None, "Something went wrong on Stripe's end.")
            }
            Self::Timeout | Self::LateSuccess => None,
        }
    }
}

/// A fault of the next requests that it is meant for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiFault {
    pub kind: FaultKind,
    /// As in `POST`; none for any.
    pub method: Option<String>,
    /// What the path after `/v1/` begins with, as in `subscriptions`; empty for any.
    pub path: String,
    /// For how many requests.
    pub times: u32,
}

impl ApiFault {
    /// Of the next request, whichever it is.
    pub fn next(kind: FaultKind) -> Self {
        Self { kind, method: None, path: String::new(), times: 1 }
    }

    pub fn is_meant_for(&self, method: &str, path: &str) -> bool {
        self.times > 0 && self.method.as_deref().is_none_or(|only| only == method) && path.starts_with(&self.path)
    }
}
