//! Why Stripe did not do what it was asked.

use std::{fmt, time::Duration};

use reqwest::{StatusCode, header::HeaderMap};
use serde_json::Value;

use super::json::Read;
use crate::error::Error;

/// The code of an event of a meter that Stripe has already, and the sentence that comes in its place in this version of the API.
const DUPLICATE_EVENT: &str = "duplicate_meter_event";
const DUPLICATE_SENTENCE: &str = "An event already exists with identifier";

/// It says codes and names of fields, and no sentence of Stripe's: those may quote an address or a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    /// None where no answer came.
    status: Option<u16>,
    code: String,
    context: String,
}

/// A failure of one attempt, and whether another may help.
#[derive(Debug)]
pub(super) struct Refused {
    pub failure: Failure,
    pub may_pass: bool,
    /// What Stripe asks for before the next one.
    pub after: Option<Duration>,
}

impl Failure {
    /// Whether it is not there, or not any more.
    pub fn is_missing(&self) -> bool {
        self.status == Some(404) || self.code == "resource_missing"
    }

    /// What became of the call, in a word.
    pub(super) fn outcome(&self) -> &'static str {
        match self.status {
            None => "unanswered",
            Some(409 | 429 | 500..) => "unavailable",
            Some(_) => "refused",
        }
    }

    /// Whether this event was told before.
    pub fn is_duplicate_event(&self) -> bool {
        self.code == DUPLICATE_EVENT
    }
}

impl Refused {
    /// Nothing came back, or not all of it: whether it was done is not known.
    pub fn no_answer(reason: impl fmt::Display) -> Self {
        let failure = Failure { status: None, code: String::new(), context: reason.to_string() };
        Self { failure, may_pass: true, after: None }
    }

    /// It answered what is no JSON.
    pub fn no_json(status: StatusCode, reason: impl fmt::Display) -> Self {
        let failure = Failure { status: Some(status.as_u16()), code: String::new(), context: reason.to_string() };
        Self { may_pass: status.is_server_error(), failure, after: None }
    }

    pub fn answered(status: StatusCode, headers: &HeaderMap, answer: &Value) -> Self {
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let part = |pointer: &str| answer.text(pointer).unwrap_or("-").to_owned();
        let context = format!(
            "{} {} {} at {}, request {}",
            status.as_u16(),
            part("/error/type"),
            part("/error/code"),
            part("/error/param"),
            header("request-id").unwrap_or("-"),
        );
        let passes = matches!(status.as_u16(), 409 | 429) || status.is_server_error();
        // Stripe knows best, where it says.
        let may_pass = match header("stripe-should-retry") {
            Some("true") => true,
            Some("false") => false,
            _ => passes,
        };
        let after = header("retry-after").and_then(|seconds| seconds.parse().ok()).map(Duration::from_secs);
        let is_duplicate = answer.text("/error/message").is_some_and(|told| told.starts_with(DUPLICATE_SENTENCE));
        let code = if is_duplicate { DUPLICATE_EVENT } else { answer.text("/error/code").unwrap_or_default() };
        let code = code.to_owned();
        Self { failure: Failure { status: Some(status.as_u16()), code, context }, may_pass, after }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "stripe: {}", self.context)
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        match failure.status {
            None | Some(409 | 429 | 500..) => Self::unavailable(failure),
            _ if failure.is_missing() => Self::not_found().with_context(failure),
            Some(402) => Self::conflict(
                "The payment did not go through, and nothing was changed. Please choose another card or ask your bank, then \
                 try again.",
            )
            .with_context(failure),
            Some(_) => Self::internal(failure),
        }
    }
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;
    use serde_json::json;

    use super::*;
    use crate::error::ErrorKind;

    fn refused(status: u16, headers: &[(&'static str, &'static str)], error: &Value) -> Refused {
        let headers = headers
            .iter()
            .map(|(name, value)| (reqwest::header::HeaderName::from_static(name), HeaderValue::from_static(value)));
        Refused::answered(StatusCode::from_u16(status).unwrap(), &headers.collect(), &json!({ "error": error }))
    }

    #[test]
    fn what_passes_is_tried_again_unless_stripe_says_otherwise() {
        for (status, may_pass) in [(400, false), (402, false), (404, false), (409, true), (429, true), (500, true)] {
            assert_eq!(refused(status, &[], &json!({})).may_pass, may_pass, "{status}");
        }
        assert!(!refused(500, &[("stripe-should-retry", "false")], &json!({})).may_pass);
        assert!(refused(400, &[("stripe-should-retry", "true")], &json!({})).may_pass);
        assert_eq!(refused(429, &[("retry-after", "2")], &json!({})).after, Some(Duration::from_secs(2)));
    }

    #[test]
    fn each_failure_is_told_as_what_it_is() {
        let kind = |status, code: &str| Error::from(refused(status, &[], &json!({ "code": code })).failure).kind;
        assert_eq!(kind(429, "rate_limit"), ErrorKind::Unavailable);
        assert_eq!(kind(503, ""), ErrorKind::Unavailable);
        assert_eq!(kind(400, "resource_missing"), ErrorKind::NotFound);
        assert_eq!(kind(402, "card_declined"), ErrorKind::Conflict);
        assert_eq!(kind(400, "parameter_unknown"), ErrorKind::Internal);
        assert_eq!(Error::from(Refused::no_answer("timed out").failure).kind, ErrorKind::Unavailable);
    }

    #[test]
    fn an_event_that_stripe_has_already_is_known_by_its_code_and_by_its_sentence() {
        for error in [
            json!({ "code": "duplicate_meter_event" }),
            json!({ "message": "An event already exists with identifier acme:1." }),
        ] {
            assert!(refused(400, &[], &error).failure.is_duplicate_event(), "{error}");
        }
        assert!(!refused(400, &[], &json!({ "param": "identifier" })).failure.is_duplicate_event());
    }

    #[test]
    fn a_sentence_of_stripes_is_not_kept() {
        let failure = refused(400, &[], &json!({ "message": "No such ada@acme.example", "code": "x" })).failure;
        assert!(!Error::from(failure).to_string().contains("ada@"));
    }
}
