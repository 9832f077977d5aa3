//! Traces as OpenTelemetry's collectors take them: OTLP over HTTP, in its JSON (<https://opentelemetry.io/docs/specs/otlp/>).

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::metrics;
use reqwest::{Client, StatusCode, Url, header};
use serde_json::{Value, json};
use tokio::{sync::mpsc, time::sleep};

use super::spans::{Finished, Part};

/// Batches that wait while the collector does not answer.
const WAITING: usize = 8;

/// Of one attempt.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Before the second attempt, unless the collector names a shorter one: the specification has it tell when to come again.
const PAUSE: Duration = Duration::from_secs(1);

/// Where a collector is.
#[derive(Clone)]
pub struct Collector {
    pub url: Url,
    /// Of the header `Authorization`.
    pub authorization: Option<String>,
    pub environment: String,
}

/// Tells the collector one batch after the other. Whoever gives it more than it takes is told that it is full.
pub struct Otlp {
    batches: mpsc::Sender<Vec<Part>>,
}

impl Otlp {
    /// Goes on until the handle is dropped and everything is told or given up.
    pub fn start(client: Client, collector: Collector) -> (Self, tokio::task::JoinHandle<()>) {
        let (batches, receiver) = mpsc::channel(WAITING);
        (Self { batches }, tokio::spawn(tell_all(client, collector, receiver)))
    }

    /// Counts those for which there is no room.
    pub fn tell(&self, batch: Vec<Part>) {
        let parts = batch.len();
        if parts > 0 && self.batches.try_send(batch).is_err() {
            drop_all(parts);
        }
    }
}

async fn tell_all(client: Client, collector: Collector, mut batches: mpsc::Receiver<Vec<Part>>) {
    let mut was_away = false;
    while let Some(batch) = batches.recv().await {
        let body = request(&batch, &collector.environment).to_string();
        let mut told = tell(&client, &collector, body.clone()).await;
        if let Err(Failure { pause: Some(pause), .. }) = told {
            sleep(pause).await;
            told = tell(&client, &collector, body).await;
        }
        // Once, and not for every batch.
        if let Err(failure) = &told {
            drop_all(batch.len());
            if !was_away {
                tracing::warn!(error = failure.reason, "traces could not be told");
            }
        }
        was_away = told.is_err();
    }
}

/// Why a batch was not taken, and whether another attempt helps.
struct Failure {
    reason: String,
    pause: Option<Duration>,
}

async fn tell(client: &Client, collector: &Collector, body: String) -> Result<(), Failure> {
    let mut request =
        client.post(collector.url.clone()).timeout(TIMEOUT).header(header::CONTENT_TYPE, "application/json").body(body);
    if let Some(authorization) = &collector.authorization {
        request = request.header(header::AUTHORIZATION, authorization);
    }
    let response = request.send().await;
    let response = response.map_err(|error| Failure { reason: error.without_url().to_string(), pause: Some(PAUSE) })?;
    let status = response.status();
    if status.is_success() {
        return Ok(());
    }
    let may_pass = [
        StatusCode::TOO_MANY_REQUESTS,
        StatusCode::BAD_GATEWAY,
        StatusCode::SERVICE_UNAVAILABLE,
        StatusCode::GATEWAY_TIMEOUT,
    ];
    Err(Failure { reason: status.to_string(), pause: may_pass.contains(&status).then_some(PAUSE) })
}

fn drop_all(parts: usize) {
    metrics::TELEMETRY_DROPPED.add(parts as u64, [("what", "trace")]);
}

/// An `ExportTraceServiceRequest` (`opentelemetry/proto/collector/trace/v1`) as JSON, whose ids are hexadecimal.
fn request(parts: &[Part], environment: &str) -> Value {
    let spans: Vec<Value> = parts.iter().flat_map(spans_of).collect();
    let resource = [
        attribute("service.name", &"sheaf".into()),
        attribute("service.version", &env!("CARGO_PKG_VERSION").into()),
        attribute("deployment.environment.name", &environment.into()),
    ];
    json!({ "resourceSpans": [{
        "resource": { "attributes": resource },
        "scopeSpans": [{ "scope": { "name": "sheaf" }, "spans": spans }],
    }] })
}

fn spans_of(part: &Part) -> impl Iterator<Item = Value> {
    let root = span(&part.trace, &part.root, part.left_out);
    std::iter::once(root).chain(part.inner.iter().map(|inner| span(&part.trace, inner, 0)))
}

fn span(trace: &str, span: &Finished, left_out: usize) -> Value {
    let mut attributes: Vec<Value> = span.fields.iter().map(|(name, value)| attribute(name, value)).collect();
    if left_out > 0 {
        attributes.push(attribute("spans.left_out", &left_out.into()));
    }
    json!({
        "traceId": trace,
        "spanId": span.id.to_string(),
        "parentSpanId": span.parent.map(|parent| parent.to_string()).unwrap_or_default(),
        "name": name(span),
        "kind": kind(&span.name),
        "startTimeUnixNano": nanos(span.begun),
        "endTimeUnixNano": nanos(span.begun + span.took),
        "attributes": attributes,
        // Ok is for people to say; what did not fail is unset.
        "status": { "code": if span.failed { 2 } else { 0 } },
    })
}

/// Of a request its method and route, as the conventions have it; of a job its kind.
fn name(span: &Finished) -> String {
    let field = |name: &str| span.fields.get(name).and_then(Value::as_str);
    match (&*span.name, field("http.method"), field("http.route"), field("job.kind")) {
        ("request", Some(method), Some(route), _) => format!("{method} {route}"),
        ("job", _, _, Some(kind)) => format!("job {kind}"),
        (name, ..) => name.to_owned(),
    }
}

/// `SpanKind`: internal, server, client, consumer.
fn kind(name: &str) -> u8 {
    match name.split(' ').next() {
        Some("request") => 2,
        Some("job") => 5,
        Some("sql" | "stripe" | "smtp" | "store") => 3,
        _ => 1,
    }
}

/// Whole numbers are texts in this JSON.
fn attribute(name: &str, value: &Value) -> Value {
    let value = match value {
        Value::Bool(value) => json!({ "boolValue": value }),
        Value::Number(number) if number.is_f64() => json!({ "doubleValue": number }),
        Value::Number(number) => json!({ "intValue": number.to_string() }),
        Value::String(text) => json!({ "stringValue": text }),
        other => json!({ "stringValue": other.to_string() }),
    };
    json!({ "key": name, "value": value })
}

fn nanos(at: DateTime<Utc>) -> String {
    at.timestamp_nanos_opt().unwrap_or_default().to_string()
}
