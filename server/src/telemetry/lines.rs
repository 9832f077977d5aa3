//! One line an event, in either format: when, how bad, what happened, and the fields of it and of all that it happened in, so
//! that a line alone says which request or job it belongs to.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use tracing::{
    Event, Subscriber,
    span::{Attributes, Id, Record},
};
use tracing_subscriber::{
    Layer,
    filter::Targets,
    fmt::{
        format::Writer,
        time::{FormatTime, SystemTime},
    },
    layer::Context,
    registry::LookupSpan,
};

use super::{fields::Fields, text};
use crate::config::LogFormat;

/// Writes each event that is wanted with this function.
pub struct Lines<W> {
    format: LogFormat,
    wanted: Targets,
    write: W,
}

/// As programs read it. The names of ours are those of no field.
#[derive(Serialize)]
struct Line {
    timestamp: String,
    level: &'static str,
    message: String,
    target: String,
    #[serde(flatten)]
    fields: BTreeMap<&'static str, Value>,
}

impl<W> Lines<W> {
    pub fn new(format: LogFormat, wanted: Targets, write: W) -> Self {
        Self { format, wanted, write }
    }
}

impl<S, W> Layer<S> for Lines<W>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: Fn(&str) + Send + Sync + 'static,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        span.extensions_mut().insert(fields);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(fields) = span.extensions_mut().get_mut::<Fields>() {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        // What comes by way of the crate `log` was asked for by its own target before.
        let metadata = event.metadata();
        if metadata.target() != "log" && !self.wanted.would_enable(metadata.target(), metadata.level()) {
            return;
        }
        let fields = Fields::around(event, &context);
        let line = line_of(event, fields);
        (self.write)(&match self.format {
            LogFormat::Text => line.to_text(),
            LogFormat::Json => line.to_json(),
        });
    }
}

fn line_of(event: &Event<'_>, mut fields: Fields) -> Line {
    let mut timestamp = String::new();
    // It fails where the text does, which takes anything.
    SystemTime.format_time(&mut Writer::new(&mut timestamp)).ok();
    let metadata = event.metadata();
    let mut target = metadata.target().to_owned();
    // What comes by way of the crate `log` has its own place in fields.
    if target == "log" {
        target = fields.take("log.target");
        fields.0.retain(|name, _| !name.starts_with("log."));
    }
    let message = fields.take("message");
    Line { timestamp, level: metadata.level().as_str(), message, target, fields: fields.0 }
}

impl Line {
    fn to_text(&self) -> String {
        let mut line = format!("{} {:>5} {}", self.timestamp, self.level, text::on_one_line(&self.message));
        for (name, value) in &self.fields {
            let value = match value {
                Value::String(word) if is_plain(word) => word.clone(),
                other => text::on_one_line_of_json(&other.to_string()).into_owned(),
            };
            line.push_str(&format!(" {name}={value}"));
        }
        line.push('\n');
        line
    }

    fn to_json(&self) -> String {
        // It fails for maps whose keys are no text.
        let json = serde_json::to_string(self).unwrap_or_default();
        format!("{}\n", text::on_one_line_of_json(&json))
    }
}

/// Whether it can be told from what is around it without quotes.
fn is_plain(word: &str) -> bool {
    let is_plain = |character: char| character.is_alphanumeric() || "-_./:{}*+%".contains(character);
    !word.is_empty() && word.chars().all(is_plain)
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use tracing::{field::Empty, info_span, subscriber};
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;
    use crate::telemetry::gate;

    /// What is logged meanwhile.
    fn logged(format: LogFormat, act: impl FnOnce()) -> String {
        let written = Arc::new(Mutex::new(String::new()));
        let keep = {
            let written = written.clone();
            move |line: &str| written.lock().unwrap().push_str(line)
        };
        subscriber::with_default(
            tracing_subscriber::registry().with(Lines::new(format, gate::logged("info"), keep)),
            act,
        );
        written.lock().unwrap().clone()
    }

    fn a_request() {
        let request = info_span!("request", request.id = "r-1", http.route = "/documents/{id}", tenant.id = Empty);
        let _request = request.enter();
        request.record("tenant.id", "t-1");
        let _inner = info_span!("document", document.id = %"d-1").entered();
        tracing::info!(pages = 3, error = %"two\nlines \u{1b}[31m of ada@acme.example", "a document was read");
    }

    #[test]
    fn a_line_of_json_has_all_fields_of_all_spans_beside_each_other() {
        let written = logged(LogFormat::Json, a_request);
        assert_eq!(written.lines().count(), 1, "{written}");
        let line: Value = serde_json::from_str(&written).unwrap();
        for (name, value) in [
            ("level", "INFO"),
            ("message", "a document was read"),
            ("request.id", "r-1"),
            ("http.route", "/documents/{id}"),
            ("tenant.id", "t-1"),
            ("document.id", "d-1"),
            ("error", "two\nlines \u{1b}[31m of [address]"),
        ] {
            assert_eq!(line[name], value, "{written}");
        }
        assert_eq!(line["pages"], 3);
        assert!(line["timestamp"].as_str().unwrap().ends_with('Z') && line["target"].is_string(), "{written}");
    }

    #[test]
    fn nothing_hostile_leaves_its_line_in_either_format() {
        let hostile: String =
            ('\0'..='\u{9f}').chain(['\u{2028}', '\u{2029}', '\u{202e}', '\u{2066}', '\u{200f}']).collect();
        let path = format!("/documents/\n2026-01-01T00:00:00Z ERROR forged {hostile}");
        for format in [LogFormat::Json, LogFormat::Text] {
            let written = logged(format, || {
                let _request = info_span!("request", http.route = %path).entered();
                tracing::info!(file.name = hostile.as_str(), header = ?hostile, "{hostile}");
            });
            let line = written.strip_suffix('\n').unwrap();
            let is_harmless =
                |c: char| !c.is_control() && !matches!(c, '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}');
            assert!(line.chars().all(is_harmless), "{line:?}");
            let is_first = |line: &str| line.starts_with("20") || line.starts_with('{');
            assert!(is_first(line) && line.contains("forged"), "{line:?}");
            if matches!(format, LogFormat::Json) {
                let told: Value = serde_json::from_str(line).unwrap();
                assert_eq!((&told["http.route"], &told["message"]), (&path.as_str().into(), &hostile.as_str().into()));
            }
        }
    }

    #[test]
    fn a_line_of_text_is_one_line_whatever_it_says() {
        let written = logged(LogFormat::Text, a_request);
        assert_eq!(written.lines().count(), 1, "{written}");
        assert!(
            written
                .contains("  INFO a document was read document.id=d-1 error=\"two\\nlines \\u001b[31m of [address]\"")
        );
        assert!(written.ends_with(" http.route=/documents/{id} pages=3 request.id=r-1 tenant.id=t-1\n"), "{written}");
        let forged = logged(LogFormat::Text, || tracing::info!("done\n2026-01-01T00:00:00Z ERROR forged \u{9b}2J"));
        assert_eq!(forged.lines().count(), 1, "{forged}");
        assert!(!forged.contains('\u{9b}'), "{forged}");
    }
}
