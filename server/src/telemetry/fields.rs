//! The fields of spans and events, as they are logged.

use std::{collections::BTreeMap, fmt};

use serde_json::Value;
use tracing::field::{Field, Visit};

use super::text;

/// By name. Of two with one name, the inner one counts.
#[derive(Debug, Clone, Default)]
pub struct Fields(pub BTreeMap<&'static str, Value>);

impl Fields {
    /// Adds those of a span further inside.
    pub fn add(&mut self, inner: &Self) {
        self.0.extend(inner.0.iter().map(|(name, value)| (*name, value.clone())));
    }

    /// Takes a text out; nothing where it is not there.
    pub fn take(&mut self, name: &str) -> String {
        match self.0.remove(name) {
            Some(Value::String(text)) => text,
            Some(other) => other.to_string(),
            None => String::new(),
        }
    }

    fn set_text(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), Value::String(text::without_addresses(value).into_owned()));
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.set_text(field, &format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.set_text(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.0.insert(field.name(), value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.0.insert(field.name(), value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.insert(field.name(), value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.0.insert(field.name(), value.into());
    }
}
