//! The fields of spans and events, as they are logged.

use std::{collections::BTreeMap, fmt};

use serde_json::Value;
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{layer::Context, registry::LookupSpan};

use super::text;

/// By name. Of two with one name, the inner one counts.
#[derive(Debug, Clone, Default)]
pub struct Fields(pub BTreeMap<&'static str, Value>);

impl Fields {
    /// Those of an event and of all spans around it, as `Lines` has kept them.
    pub fn around<S>(event: &Event<'_>, context: &Context<'_, S>) -> Self
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        let mut fields = Self::default();
        for span in context.event_scope(event).into_iter().flat_map(|scope| scope.from_root()) {
            if let Some(outer) = span.extensions().get::<Self>() {
                fields.add(outer);
            }
        }
        event.record(&mut fields);
        fields
    }

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
        self.0.insert(field.name(), Value::String(text::clean(value).into_owned()));
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
