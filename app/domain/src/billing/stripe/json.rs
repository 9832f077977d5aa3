//! Reading what Stripe answers. Each value is asked for by its path alone, so a field that is new, missing or of another kind
//! never breaks the rest.

use chrono::{DateTime, Utc};
use serde_json::Value;

/// Asking a value for what lies at a JSON pointer (RFC 6901) in it.
pub(super) trait Read {
    fn text(&self, pointer: &str) -> Option<&str>;

    /// A whole number, also where it is written as `10.0` or `"10"`.
    fn whole(&self, pointer: &str) -> Option<i64>;

    /// Seconds since 1970.
    fn time(&self, pointer: &str) -> Option<DateTime<Utc>>;

    /// False where it is missing.
    fn flag(&self, pointer: &str) -> bool;

    /// Of an object that may be told whole or by its id.
    fn id(&self, pointer: &str) -> Option<&str>;

    /// Nothing where it is missing.
    fn list(&self, pointer: &str) -> &[Value];
}

impl Read for Value {
    fn text(&self, pointer: &str) -> Option<&str> {
        self.pointer(pointer)?.as_str().filter(|text| !text.is_empty())
    }

    fn whole(&self, pointer: &str) -> Option<i64> {
        match self.pointer(pointer)? {
            Value::Number(number) => number.as_i64().or_else(|| number.as_f64().map(|number| number.round() as i64)),
            Value::String(text) => text.parse().ok(),
            _ => None,
        }
    }

    fn time(&self, pointer: &str) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp(self.whole(pointer)?, 0)
    }

    fn flag(&self, pointer: &str) -> bool {
        self.pointer(pointer).and_then(Value::as_bool).unwrap_or_default()
    }

    fn id(&self, pointer: &str) -> Option<&str> {
        let found = self.pointer(pointer)?;
        found.as_str().or_else(|| found.get("id")?.as_str())
    }

    fn list(&self, pointer: &str) -> &[Value] {
        self.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }
}

/// Whether a text has the form of an id of Stripe's, and so may be part of a path.
pub(super) fn is_id(text: &str) -> bool {
    (1..=255).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_there_is_read_and_what_is_not_is_none() {
        let answer = json!({
            "customer": { "id": "cus_1" }, "plain": "cus_2", "sum": 10.0, "many": "12", "at": 60, "on": true, "data": [1],
        });
        assert_eq!(
            (answer.id("/customer"), answer.id("/plain"), answer.id("/sum")),
            (Some("cus_1"), Some("cus_2"), None)
        );
        assert_eq!((answer.whole("/sum"), answer.whole("/many"), answer.whole("/plain")), (Some(10), Some(12), None));
        assert_eq!(answer.time("/at").map(|time| time.timestamp()), Some(60));
        assert!(answer.flag("/on") && !answer.flag("/off"));
        assert_eq!((answer.list("/data").len(), answer.list("/customer").len()), (1, 0));
    }

    #[test]
    fn an_id_is_no_path() {
        assert!(is_id("cs_test_a1B2"));
        for text in ["", "cs/../x", "cs_1?x", "cs 1", "cs_é"] {
            assert!(!is_id(text), "{text}");
        }
    }
}
