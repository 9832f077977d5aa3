//! One error for the whole product: a kind that doors translate (HTTP status, retry or give up), a message for the
//! person, and a context for the operator that never leaves the server.

use std::fmt;

use serde::{Deserialize, Serialize};

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, as coarse as callers need to tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// It is not there, or the actor may not know that it is. HTTP 404.
    NotFound,
    /// Nobody is signed in, or the session has ended. HTTP 401.
    Unauthenticated,
    /// The actor may know of it but may not do this. HTTP 403.
    Forbidden,
    /// The input is wrong; `field` names where. HTTP 422.
    Invalid,
    /// It collides with what is there. HTTP 409.
    Conflict,
    /// What is sent comes too slowly to be waited for. HTTP 408.
    TooSlow,
    /// A limit on size or count. HTTP 413.
    LimitReached,
    /// A limit of the workspace's plan, or a payment that is missing; paying helps. HTTP 402.
    PaymentRequired,
    /// Too many attempts; try again later. HTTP 429.
    RateLimited,
    /// Operators have switched this off for now. It is no failure: nothing is broken. HTTP 503 with Retry-After.
    SwitchedOff,
    /// A part that Sheaf stands on is away; trying again helps. HTTP 503.
    Unavailable,
    /// A bug or a broken promise of a dependency. HTTP 500.
    Internal,
}

impl ErrorKind {
    /// Whether the same may succeed a moment later: something is away or broken, or was asked for too often. What is switched off is
    /// not among these, as nobody knows for how long.
    pub fn may_pass(self) -> bool {
        matches!(self, Self::Unavailable | Self::Internal | Self::RateLimited)
    }

    /// The HTTP status code that says this.
    pub fn status(self) -> u16 {
        match self {
            Self::NotFound => 404,
            Self::Unauthenticated => 401,
            Self::Forbidden => 403,
            Self::Invalid => 422,
            Self::Conflict => 409,
            Self::TooSlow => 408,
            Self::LimitReached => 413,
            Self::PaymentRequired => 402,
            Self::RateLimited => 429,
            Self::SwitchedOff | Self::Unavailable => 503,
            Self::Internal => 500,
        }
    }
}

/// A limit that something was refused for, for programs. The words are those of the plans.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitReached {
    /// As in `credits`, `storage`, `members` and `requests`.
    pub limit: String,
    /// How much there is already, of what `allowed` counts.
    pub used: i64,
    pub allowed: i64,
    /// The plan that says so.
    pub plan: String,
    /// The plan that allows more; none where there is none.
    pub upgrade: Option<String>,
}

/// A failure with one message for the person and one for the operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Error {
    pub kind: ErrorKind,
    /// The form field that is wrong, if one is.
    pub field: Option<String>,
    /// A full sentence for the person.
    pub message: String,
    /// The limit that was met, if one was. In a box, as few errors have one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Box<LimitReached>>,
    /// By which operators find what was logged of it: the id of the trace. Set where it is handled, if it is ours to mend.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// What the operator needs. It is logged where the error is handled and never serialized.
    #[serde(skip)]
    pub context: Option<String>,
}

impl Error {
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, field: None, message: message.into(), limit: None, reference: None, context: None }
    }

    /// "Not found", also for what exists but belongs to somebody else.
    pub fn not_found() -> Self {
        Self::new(ErrorKind::NotFound, "There is nothing here, or it is not yours to see.")
    }

    pub fn unauthenticated() -> Self {
        Self::new(ErrorKind::Unauthenticated, "Please sign in.")
    }

    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Forbidden, message)
    }

    pub fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: Some(field.into()), ..Self::new(ErrorKind::Invalid, message) }
    }

    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Conflict, message)
    }

    pub fn limit_reached(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::LimitReached, message)
    }

    /// A limit of the plan. The message names it, what is used of it, and the way to more.
    pub fn over_limit(limit: LimitReached, message: impl Into<String>) -> Self {
        Self::new(ErrorKind::PaymentRequired, message).with_limit(limit)
    }

    pub fn rate_limited(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::RateLimited, message)
    }

    /// A dependency is away. `context` names it for the operator.
    pub fn unavailable(context: impl fmt::Display) -> Self {
        Self::new(ErrorKind::Unavailable, "Sheaf cannot do this right now. Please try again in a moment.")
            .with_context(context)
    }

    /// Something that must not happen. `context` says what, for the operator.
    pub fn internal(context: impl fmt::Display) -> Self {
        Self::new(ErrorKind::Internal, "Something went wrong on our side. Nothing you sent was changed.")
            .with_context(context)
    }

    pub fn with_context(mut self, context: impl fmt::Display) -> Self {
        self.context = Some(context.to_string());
        self
    }

    /// Says which limit it was.
    #[must_use]
    pub fn with_limit(mut self, limit: LimitReached) -> Self {
        self.limit = Some(Box::new(limit));
        self
    }

    pub fn is(&self, kind: ErrorKind) -> bool {
        self.kind == kind
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.context {
            Some(context) => write!(f, "{} ({context})", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl std::error::Error for Error {}

#[cfg(feature = "server")]
mod server {
    use super::Error;

    impl From<sqlx::Error> for Error {
        fn from(error: sqlx::Error) -> Self {
            match &error {
                sqlx::Error::RowNotFound => Self::not_found(),
                sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_) | sqlx::Error::Tls(_) => {
                    Self::unavailable(format!("database: {error}"))
                }
                sqlx::Error::Database(database) if database.code().as_deref().is_some_and(is_passing) => {
                    Self::unavailable(format!("database: {error}"))
                }
                _ => Self::internal(format!("database: {error}")),
            }
        }
    }

    /// The server is shutting down or starting (57P01 to 57P03), has no room left on its disk, in its memory or for connections
    /// (53100 to 53300), takes no writes since another server does (25006), or gave up on a statement that met others or took too
    /// long (40001, 40P01, 55P03, 57014).
    const PASSING: [&str; 11] =
        ["57P01", "57P02", "57P03", "53100", "53200", "53300", "25006", "40001", "40P01", "55P03", "57014"];

    /// Whether the same may succeed in a moment: also where the way to the server is broken (class 08), which is all that PgBouncer
    /// says of a server that is away.
    fn is_passing(code: &str) -> bool {
        code.starts_with("08") || PASSING.contains(&code)
    }

    impl From<object_store::Error> for Error {
        fn from(error: object_store::Error) -> Self {
            match error {
                object_store::Error::NotFound { .. } => Self::not_found().with_context(format!("store: {error}")),
                _ => Self::unavailable(format!("store: {error}")),
            }
        }
    }

    impl From<serde_json::Error> for Error {
        fn from(error: serde_json::Error) -> Self {
            Self::internal(format!("json: {error}"))
        }
    }

    #[cfg(test)]
    mod tests {
        use super::is_passing;

        #[test]
        fn what_a_database_cannot_do_now_is_away_and_what_it_refuses_is_not() {
            for code in ["08P01", "08006", "57P01", "53100", "53300", "25006", "40P01", "55P03"] {
                assert!(is_passing(code), "{code}");
            }
            // A value, a constraint, a right, a name.
            for code in ["22021", "23505", "42501", "42P01", "P0001"] {
                assert!(!is_passing(code), "{code}");
            }
        }
    }
}
