//! Errors on their way to whoever looks into them: what was logged as one, with where it happened and nothing of what was sent.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::{clock::Clock, metrics};
use serde_json::Value;
use tokio::sync::mpsc;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::{Layer, layer::Context, registry::LookupSpan};

use super::fields::Fields;

/// Errors that wait to be told.
const WAITING: usize = 100;

/// The fields of ours that are told. Whatever else is added to the log later is not, until somebody thinks of it here.
const TOLD: [&str; 11] = [
    "error",
    "panic",
    "panic.at",
    "reason",
    "http.method",
    "http.route",
    "http.status",
    "job.kind",
    "job.attempt",
    "request.id",
    "tenant.id",
];

/// An error that was logged.
#[derive(Debug, Clone)]
pub struct Report {
    pub at: DateTime<Utc>,
    pub message: String,
    /// The module.
    pub target: &'static str,
    pub trace: Option<String>,
    pub span: Option<String>,
    pub fields: BTreeMap<&'static str, Value>,
}

/// The layer that takes them up.
pub struct Reports {
    reports: mpsc::Sender<Report>,
}

impl Reports {
    /// The layer, and where the errors come out. Nothing waits for whoever takes them.
    pub fn new() -> (Self, mpsc::Receiver<Report>) {
        let (reports, receiver) = mpsc::channel(WAITING);
        (Self { reports }, receiver)
    }
}

impl<S> Layer<S> for Reports
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let metadata = event.metadata();
        if *metadata.level() != Level::ERROR {
            return;
        }
        let mut fields = Fields::around(event, &context);
        let mut id = |name| Some(fields.take(name)).filter(|id| !id.is_empty());
        let (trace, span) = (id("trace.id"), id("span.id"));
        let message = fields.take("message");
        fields.0.retain(|name, _| TOLD.contains(name));
        let at = Clock::system().now();
        let report = Report { at, message, target: metadata.target(), trace, span, fields: fields.0 };
        if self.reports.try_send(report).is_err() {
            metrics::TELEMETRY_DROPPED.add(1, [("what", "error")]);
        }
    }
}
