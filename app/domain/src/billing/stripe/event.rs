//! What Stripe tells, as far as it is needed: that something happened, and to whom. What it is now is asked for.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{client::API_VERSION, json::Read};
use crate::error::{Error, Result};

/// The longest that the table takes.
const MAX_NAME: usize = 100;
const MAX_KIND: usize = 200;

/// Beginnings of the kinds after which a subscription may be another.
const OURS: [&str; 4] = ["customer.", "invoice.", "checkout.session.", "subscription_schedule."];

/// An event, whose signature was good.
#[derive(Debug, PartialEq)]
pub(super) struct Event {
    pub id: String,
    /// As in `invoice.paid`.
    pub kind: String,
    pub api_version: Option<String>,
    /// Whom it is about; none where it says nobody.
    pub customer: Option<String>,
    pub created_at: DateTime<Utc>,
    pub body: Value,
}

impl Event {
    /// Fails where it is no event.
    pub fn parse(body: &[u8]) -> Result<Self> {
        let text = str::from_utf8(body).map_err(|_| no_event())?;
        // Postgres keeps no NUL character in JSON.
        let body: Value = serde_json::from_str(&text.replace("\\u0000", "\\ufffd")).map_err(|_| no_event())?;
        let named = |pointer: &str, longest| body.text(pointer).filter(|text| text.len() <= longest).map(str::to_owned);
        Ok(Self {
            id: named("/id", MAX_NAME).ok_or_else(no_event)?,
            kind: named("/type", MAX_KIND).ok_or_else(no_event)?,
            api_version: named("/api_version", MAX_NAME),
            customer: customer(&body).filter(|customer| customer.len() <= MAX_NAME).map(str::to_owned),
            // Postgres keeps no time long before Christ, and Stripe is younger.
            created_at: body.time("/created").filter(|at| *at >= DateTime::UNIX_EPOCH).ok_or_else(no_event)?,
            body,
        })
    }

    /// Whether a subscription may be another after it.
    pub fn is_ours(&self) -> bool {
        OURS.iter().any(|beginning| self.kind.starts_with(beginning))
    }

    /// What an operator may want to know of it.
    pub fn note(&self) -> Option<String> {
        let version = self.api_version.as_deref().filter(|version| *version != API_VERSION)?;
        Some(format!("It is written as version {version} has it, and this is {API_VERSION}."))
    }
}

fn customer(body: &Value) -> Option<&str> {
    match body.text("/data/object/object") {
        Some("customer") => body.text("/data/object/id"),
        _ => body.id("/data/object/customer"),
    }
}

fn no_event() -> Error {
    Error::invalid("body", "This is no event of Stripe.")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(kind: &str, object: &Value) -> Event {
        let event = json!({
            "id": "evt_1", "object": "event", "type": kind, "created": 1_700_000_000, "api_version": API_VERSION,
            "data": { "object": object }, "a_field_of_a_later_version": [],
        });
        Event::parse(event.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn an_event_says_whom_it_is_about() {
        let of = |kind: &str, object: &Value| event(kind, object).customer;
        assert_eq!(of("invoice.paid", &json!({ "object": "invoice", "customer": "cus_1" })).as_deref(), Some("cus_1"));
        let whole = json!({ "object": "invoice", "customer": { "id": "cus_1" } });
        assert_eq!(of("invoice.paid", &whole).as_deref(), Some("cus_1"));
        assert_eq!(of("customer.updated", &json!({ "object": "customer", "id": "cus_1" })).as_deref(), Some("cus_1"));
        assert_eq!(of("price.created", &json!({ "object": "price" })), None);
    }

    #[test]
    fn what_stripe_adds_later_is_kept_and_changes_nothing() {
        assert!(event("customer.subscription.updated", &json!({})).is_ours());
        assert!(!event("a_kind.of_a_later.version", &json!({})).is_ours());
        let mut other = event("invoice.paid", &json!({}));
        assert_eq!(other.note(), None);
        other.api_version = Some("2024-06-20".into());
        assert!(other.note().unwrap().contains("2024-06-20"));
    }

    #[test]
    fn what_is_no_event_is_refused() {
        let long = format!(r#"{{"id":"{}","type":"x","created":1}}"#, "e".repeat(101));
        for body in ["", "{}", "[]", "null", "not json", r#"{"id":"evt_1","type":"x"}"#, &long] {
            assert!(Event::parse(body.as_bytes()).is_err(), "{body}");
        }
        assert!(Event::parse(b"\xff").is_err());
        for created in ["-8000000000000", "9223372036854775807", "1e300", "\"soon\"", "null", "[1]"] {
            let body = format!(r#"{{"id":"evt_1","type":"x","created":{created}}}"#);
            assert!(Event::parse(body.as_bytes()).is_err(), "{body}");
        }
        let deep =
            format!(r#"{{"id":"evt_1","type":"x","created":1,"data":{}{}}}"#, "[".repeat(9_000), "]".repeat(9_000));
        assert!(Event::parse(deep.as_bytes()).is_err());
        let nul = r#"{"id":"evt_1","type":"x","created":1,"data":{"object":{"name":"a\u0000b"}}}"#;
        assert!(!Event::parse(nul.as_bytes()).unwrap().body.to_string().contains('\0'));
    }
}
