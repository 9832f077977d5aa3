//! Which requests are kept for operators, and what of them.

use app::routes;
use chrono::TimeDelta;
use domain::{
    clock::Clock,
    id::TenantId,
    operators::{SlowLine, SlowRequest, SlowSpan},
    trace::TraceId,
};
use serde_json::Value;

use super::{
    gate::SLOW_MICROS,
    spans::{Finished, Part},
};

/// A request that is to be kept.
pub struct Slow {
    pub request: SlowRequest,
    pub trace: TraceId,
}

/// Whether it took long or failed. A job takes as long as it takes, and an upload as long as its client's line; and a server that
/// is asked whether it is ready, and is not, says so every second.
pub fn is_notable(part: &Part) -> bool {
    let route = text(&part.root, "http.route");
    match &*part.root.name {
        "request" if route == routes::LIVEZ || route == routes::READYZ => false,
        "request" if route == routes::UPLOADS => has_failed(part),
        "request" => part.root.took.num_microseconds().is_none_or(|micros| micros >= SLOW_MICROS) || has_failed(part),
        _ => part.root.failed || !matches!(text(&part.root, "job.outcome"), "done" | "cancelled" | "left" | ""),
    }
}

impl Slow {
    /// What operators are shown of it; none of what is no request.
    pub fn of(part: &Part) -> Option<Self> {
        let root = &part.root;
        if root.name != "request" {
            return None;
        }
        let line = SlowLine {
            id: Clock::system().id(),
            at: root.begun,
            method: text(root, "http.method").to_owned(),
            route: text(root, "http.route").chars().take(200).collect(),
            status: status(part),
            took_ms: root.took.num_milliseconds().clamp(0, i64::from(i32::MAX)).try_into().unwrap_or(i32::MAX),
            tenant: text(root, "tenant.id").parse::<TenantId>().ok(),
            name: None,
            failed: has_failed(part),
        };
        let mut inner: Vec<&Finished> = part.inner.iter().collect();
        inner.sort_by_key(|span| span.begun);
        let spans = std::iter::once(root).chain(inner).map(|span| span_of(span, root)).collect();
        let trace = TraceId::parse(&part.trace)?;
        let error = part.error.clone();
        Some(Self { request: SlowRequest { line, trace: part.trace.clone(), error, spans }, trace })
    }
}

/// A page may say in its own words that a part of it failed, and is answered with 200: what was logged as an error says so. What
/// operators have switched off is refused as they want it.
fn has_failed(part: &Part) -> bool {
    (status(part) >= 500 || part.error.is_some()) && !part.root.fields.contains_key("switched.off")
}

/// None was recorded where the task was dropped with its request.
fn status(part: &Part) -> i16 {
    let status = part.root.fields.get("http.status").and_then(Value::as_i64);
    status.and_then(|status| status.try_into().ok()).unwrap_or(499)
}

fn span_of(span: &Finished, root: &Finished) -> SlowSpan {
    SlowSpan {
        id: span.id.to_string(),
        parent: span.parent.map(|parent| parent.to_string()),
        name: span.name.clone().into_owned(),
        start_ms: milliseconds(span.begun - root.begun).max(0.0),
        took_ms: milliseconds(span.took),
        failed: span.failed,
    }
}

fn text<'a>(span: &'a Finished, field: &str) -> &'a str {
    span.fields.get(field).and_then(Value::as_str).unwrap_or_default()
}

/// To a hundredth of one.
fn milliseconds(span: TimeDelta) -> f64 {
    (span.num_microseconds().unwrap_or(i64::MAX) as f64 / 10.0).round() / 100.0
}
