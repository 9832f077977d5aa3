//! Errors as Sentry takes them: an envelope with one event, to the address that a DSN names
//! (<https://develop.sentry.dev/sdk/foundations/transport/envelopes/>).
//!
//! It is this and not Sentry's crate, whose panic and tracing parts would gather more than we want to tell, and which brings
//! threads and an HTTP client of its own.

use std::time::{Duration, Instant};

use chrono::{DateTime, SecondsFormat, Utc};
use domain::{clock::Clock, metrics};
use reqwest::{Client, Url, header};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use uuid::Uuid;

use super::reports::Report;

/// Of one error.
const TIMEOUT: Duration = Duration::from_secs(5);

/// In a minute: where everything fails, the first tell what it is.
const MOST: u32 = 60;

/// Of a message or a field, in characters. Sentry cuts at 8,192.
const LONGEST: usize = 2_000;

/// How long nothing is told to a Sentry that wants no more, where it does not say.
const SILENCE: Duration = Duration::from_secs(60);

/// Where errors go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dsn {
    /// Of the envelopes.
    url: Url,
    key: String,
}

impl Dsn {
    /// `https://key@host[:port][/path]/project`. No message repeats the key.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || "it takes a DSN of Sentry: https://key@host/project".to_owned();
        let mut url = Url::parse(text).map_err(|_| wrong())?;
        let key = url.username().to_owned();
        let (path, project) = url.path().rsplit_once('/').ok_or_else(wrong)?;
        let is_project = !project.is_empty() && project.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let is_key = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() || !is_project || !is_key {
            return Err(wrong());
        }
        let path = format!("{path}/api/{project}/envelope/");
        url.set_path(&path);
        url.set_query(None);
        url.set_fragment(None);
        url.set_username("").and_then(|()| url.set_password(None)).map_err(|()| wrong())?;
        Ok(Self { url, key })
    }

    /// Whether it is reached by `http` or `https`.
    pub fn scheme(&self) -> &str {
        self.url.scheme()
    }
}

/// Tells each of them until there are no more.
pub async fn tell_all(client: Client, dsn: Dsn, environment: String, mut reports: mpsc::Receiver<Report>) {
    let (mut minute, mut told, mut silent_until) = (Instant::now(), 0_u32, None::<Instant>);
    while let Some(report) = reports.recv().await {
        let now = Instant::now();
        if now - minute > Duration::from_secs(60) {
            (minute, told) = (now, 0);
        }
        told += 1;
        if told > MOST || silent_until.is_some_and(|until| now < until) {
            drop_one();
            continue;
        }
        silent_until = tell(&client, &dsn, &environment, &report).await.map(|silence| Instant::now() + silence);
    }
}

/// For how long Sentry wants to hear nothing, if it says so. What it does not take is gone: it is in the log as well.
async fn tell(client: &Client, dsn: &Dsn, environment: &str, report: &Report) -> Option<Duration> {
    let clock = Clock::system();
    let body = envelope(report, environment, clock.id::<Uuid>(), clock.now());
    let authentication =
        format!("Sentry sentry_version=7, sentry_client=sheaf/{}, sentry_key={}", env!("CARGO_PKG_VERSION"), dsn.key);
    let request = client
        .post(dsn.url.clone())
        .timeout(TIMEOUT)
        .header(header::CONTENT_TYPE, "application/x-sentry-envelope")
        .header("x-sentry-auth", authentication)
        .body(body);
    match request.send().await {
        Ok(response) if response.status().is_success() => None,
        Ok(response) if response.status() == 429 => {
            drop_one();
            let after = response.headers().get(header::RETRY_AFTER).and_then(|after| after.to_str().ok()?.parse().ok());
            Some(after.map_or(SILENCE, Duration::from_secs).min(Duration::from_secs(3_600)))
        }
        // An error about errors would be told again: a warning is not.
        Ok(response) => {
            drop_one();
            tracing::warn!(status = response.status().as_u16(), "Sentry did not take an error");
            None
        }
        Err(error) => {
            drop_one();
            tracing::warn!(error = %error.without_url(), "Sentry could not be reached");
            Some(Duration::from_secs(1))
        }
    }
}

fn drop_one() {
    metrics::TELEMETRY_DROPPED.add(1, [("what", "error")]);
}

/// A header, the header of the event, and the event, a line each.
fn envelope(report: &Report, environment: &str, id: Uuid, now: DateTime<Utc>) -> String {
    let id = id.simple().to_string();
    let event = event(report, environment, &id).to_string();
    let header = json!({ "event_id": id, "sent_at": time(now) });
    let item = json!({ "type": "event", "content_type": "application/json", "length": event.len() });
    format!("{header}\n{item}\n{event}\n")
}

/// Nothing of a request but its route, and nobody but the id of a workspace.
fn event(report: &Report, environment: &str, id: &str) -> Value {
    let told: serde_json::Map<String, Value> =
        report.fields.iter().map(|(name, value)| ((*name).to_owned(), short(value))).collect();
    let tag = |name: &str| told.get(name).cloned().unwrap_or_default();
    let mut event = json!({
        "event_id": id,
        "timestamp": time(report.at),
        "platform": "other",
        "level": "error",
        "logger": report.target,
        "release": concat!("sheaf@", env!("CARGO_PKG_VERSION")),
        "environment": environment,
        "logentry": { "formatted": cut(&report.message) },
        // Panics have one message, and each place in the program is a fault of its own.
        "fingerprint": [report.target, report.message, told.get("panic.at").and_then(Value::as_str).unwrap_or_default()],
        "tags": { "http.route": tag("http.route"), "job.kind": tag("job.kind") },
        "extra": told,
    });
    if let (Some(trace), Some(span)) = (&report.trace, &report.span) {
        event["contexts"] = json!({ "trace": { "trace_id": trace, "span_id": span } });
    }
    event
}

fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

fn short(value: &Value) -> Value {
    value.as_str().map_or_else(|| value.clone(), |text| cut(text).into())
}

fn cut(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dsn_names_an_address_and_a_key() {
        let dsn = Dsn::parse("https://abc123@o1.ingest.sentry.example/42").unwrap();
        assert_eq!(
            (dsn.url.as_str(), dsn.key.as_str()),
            ("https://o1.ingest.sentry.example/api/42/envelope/", "abc123")
        );
        let below = Dsn::parse("http://abc:old@127.0.0.1:9000/sentry/7?x=1").unwrap();
        assert_eq!(below.url.as_str(), "http://127.0.0.1:9000/sentry/api/7/envelope/");
        for wrong in
            ["", "sentry", "https://sentry.example/42", "https://abc@sentry.example/", "ftp://abc@sentry.example/1"]
        {
            let refused = Dsn::parse(wrong).unwrap_err();
            assert!(!refused.contains("abc"), "{refused}");
        }
    }

    #[test]
    fn an_envelope_is_three_lines_of_which_the_second_tells_the_length_of_the_third() {
        let report = Report {
            at: DateTime::UNIX_EPOCH,
            message: "a line\nand another".into(),
            target: "sheaf::web",
            trace: Some("4bf92f3577b34da6a3ce929d0e0e4736".into()),
            span: Some("00f067aa0ba902b7".into()),
            fields: [("error", Value::from("x".repeat(3_000)))].into(),
        };
        let envelope = envelope(&report, "test", Uuid::nil(), DateTime::UNIX_EPOCH);
        let lines: Vec<&str> = envelope.lines().collect();
        let [header, item, event] = lines[..] else { panic!("{envelope}") };
        let [header, item, told]: [Value; 3] = [header, item, event].map(|line| serde_json::from_str(line).unwrap());
        assert_eq!((&header["event_id"], &item["length"]), (&told["event_id"], &Value::from(event.len())));
        assert_eq!(told["contexts"]["trace"]["span_id"], "00f067aa0ba902b7");
        assert_eq!(told["extra"]["error"].as_str().unwrap().len(), LONGEST);
        assert_eq!(told["timestamp"], "1970-01-01T00:00:00.000000Z");
    }
}
