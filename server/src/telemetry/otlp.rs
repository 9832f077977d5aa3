//! Traces as OpenTelemetry's collectors take them: OTLP over HTTP, in its JSON (<https://opentelemetry.io/docs/specs/otlp/>).

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::{clock::Clock, metrics};
use reqwest::{
    Client, StatusCode, Url,
    header::{self, HeaderMap},
};
use serde_json::{Value, json};
use tokio::{sync::mpsc, time::sleep};

use super::spans::{Finished, Part};

/// Batches that wait while the collector does not answer.
const WAITING: usize = 8;

/// Of one attempt.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Before the second attempt, unless the collector names a longer one.
const PAUSE: Duration = Duration::from_secs(1);

/// The longest that is waited at a collector's word. Meanwhile batches gather, and those for which there is no room are counted.
const LONGEST_PAUSE: Duration = Duration::from_secs(120);

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
            // Whoever has asked for a pause twice has it before the next batch as well.
            sleep(failure.pause.unwrap_or_default()).await;
        }
        was_away = told.is_err();
    }
}

/// Why a batch was not taken, and after what pause another attempt may help, if one may.
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
    Err(Failure { reason: status.to_string(), pause: pause_after(status, response.headers(), Clock::system().now()) })
}

/// At least as long as the collector says in `Retry-After`, in seconds or by naming a moment (RFC 9110, section 10.2.3). None for
/// what the protocol does not try again.
fn pause_after(status: StatusCode, headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let may_pass = [
        StatusCode::TOO_MANY_REQUESTS,
        StatusCode::BAD_GATEWAY,
        StatusCode::SERVICE_UNAVAILABLE,
        StatusCode::GATEWAY_TIMEOUT,
    ];
    let asked = headers.get(header::RETRY_AFTER).and_then(|after| after.to_str().ok()).and_then(|after| {
        let until = |moment: &str| DateTime::parse_from_rfc2822(moment).ok()?.signed_duration_since(now).to_std().ok();
        after.parse().ok().map(Duration::from_secs).or_else(|| until(after))
    });
    may_pass.contains(&status).then(|| asked.unwrap_or(PAUSE).clamp(PAUSE, LONGEST_PAUSE))
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

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use axum::{Router, extract::State};
    use domain::trace::SpanId;
    use tokio::net::TcpListener;

    use super::*;

    #[test]
    fn a_pause_is_as_long_as_the_collector_says_and_no_longer_than_we_would() {
        let now: DateTime<Utc> = "2026-11-21T12:00:00Z".parse().unwrap();
        let pause = |status: u16, after: &str| {
            let headers = HeaderMap::from_iter([(header::RETRY_AFTER, after.parse().unwrap())]);
            pause_after(StatusCode::from_u16(status).unwrap(), &headers, now).map(|pause| pause.as_secs())
        };
        for (status, after, seconds) in [
            (429, "7", Some(7)),
            (503, "Sat, 21 Nov 2026 12:00:09 GMT", Some(9)),
            (503, "Sat, 21 Nov 2026 11:00:00 GMT", Some(1)),
            (503, "0", Some(1)),
            (503, "soon", Some(1)),
            (503, "86400", Some(120)),
            (502, "", Some(1)),
            (400, "7", None),
        ] {
            assert_eq!(pause(status, after), seconds, "{status} {after}");
        }
    }

    /// It is told when each batch came, and wants nothing but the second of them.
    async fn collector(State(came): State<mpsc::Sender<Instant>>) -> (StatusCode, [(&'static str, &'static str); 1]) {
        let is_first = came.capacity() == came.max_capacity();
        came.send(Instant::now()).await.unwrap();
        let status = if is_first { StatusCode::TOO_MANY_REQUESTS } else { StatusCode::OK };
        (status, [("retry-after", "2")])
    }

    #[tokio::test]
    async fn a_collector_that_wants_a_pause_has_it() {
        let (came, mut times) = mpsc::channel(4);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        let router = Router::new().fallback(collector).with_state(came);
        tokio::spawn(async move { axum::serve(listener, router).await });
        let client = Client::builder().tls_certs_only([]).build().unwrap();
        let (otlp, telling) = Otlp::start(client, Collector { url, authorization: None, environment: "test".into() });
        let root = Finished {
            id: SpanId::parse("00f067aa0ba902b7").unwrap(),
            parent: None,
            name: "request".into(),
            begun: DateTime::UNIX_EPOCH,
            took: chrono::TimeDelta::zero(),
            failed: false,
            fields: std::collections::BTreeMap::new(),
        };
        otlp.tell(vec![Part {
            trace: "4bf92f3577b34da6a3ce929d0e0e4736".into(),
            root,
            inner: vec![],
            left_out: 0,
            error: None,
        }]);
        drop(otlp);
        telling.await.unwrap();
        let (first, second) = (times.recv().await.unwrap(), times.recv().await.unwrap());
        assert!(second - first >= Duration::from_secs(2), "{:?}", second - first);
    }
}
