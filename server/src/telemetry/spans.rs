//! What happens within a request or an attempt of a job, and for how long: spans of ours, and the statements of sqlx. When the
//! whole of it is over in this process, it is handed on.
//!
//! It is this and not `tracing-opentelemetry` with its SDK and its exporter, a dozen crates with a second model of spans: whether
//! one is kept is known at its end, as slow and failed ones always are, and the same spans are shown to operators.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use chrono::{DateTime, TimeDelta, Utc};
use domain::{clock::Clock, metrics, trace::SpanId};
use serde_json::Value;
use tokio::sync::mpsc;
use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};
use tracing_subscriber::{
    Layer,
    layer::Context,
    registry::{LookupSpan, SpanRef},
};

use super::{
    fields::Fields,
    gate::{self, STATEMENTS},
    text,
};

/// Of one request or attempt; what comes after is counted. A job may run thousands of statements.
const MOST: usize = 500;

/// Parts of traces that wait for whoever takes them.
const WAITING: usize = 1_024;

/// Of what is said of an error, in characters: as the table of kept requests has it.
const MOST_OF_ERROR: usize = 500;

/// What an event says of its error, beside its message.
const OF_ERROR: [&str; 4] = ["error", "reason", "panic", "panic.at"];

/// Fields of ours that are for the log, or stand in each span anyway.
const APART: [&str; 4] = ["trace.id", "span.id", "span.parent", "message"];

/// What took part in a trace, and is over.
#[derive(Debug, Clone)]
pub struct Finished {
    pub id: SpanId,
    pub parent: Option<SpanId>,
    pub name: Cow<'static, str>,
    pub begun: DateTime<Utc>,
    pub took: TimeDelta,
    /// Whether an error was logged in it.
    pub failed: bool,
    pub fields: BTreeMap<&'static str, Value>,
}

/// All that one request or one attempt of a job was in this process.
#[derive(Debug, Clone)]
pub struct Part {
    /// 32 digits.
    pub trace: String,
    /// The request or the attempt itself.
    pub root: Finished,
    pub inner: Vec<Finished>,
    /// How many more there were.
    pub left_out: usize,
    /// What the log says of the first error in it; those after it often follow from it.
    pub error: Option<String>,
}

/// The layer that gathers them.
pub struct Spans {
    parts: mpsc::Sender<Part>,
}

/// A span that is open.
struct Open {
    id: SpanId,
    parent: Option<SpanId>,
    begun: DateTime<Utc>,
    since: Instant,
    /// For a request, the beginning of its answer.
    ended: Option<Instant>,
    failed: bool,
    fields: Fields,
    gathered: Arc<Gathered>,
    is_root: bool,
}

/// What is over already of what a root is around.
struct Gathered {
    trace: String,
    spans: Mutex<Vec<Finished>>,
    left_out: AtomicUsize,
    error: OnceLock<String>,
}

/// What sqlx tells of a statement: never its parameters.
#[derive(Default)]
struct Statement {
    summary: String,
    seconds: f64,
    rows: u64,
}

impl Spans {
    /// The layer, and where the parts of traces come out. Nothing waits for whoever takes them.
    pub fn new() -> (Self, mpsc::Receiver<Part>) {
        let (parts, receiver) = mpsc::channel(WAITING);
        (Self { parts }, receiver)
    }
}

impl<S> Layer<S> for Spans
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id).filter(|span| gate::is_traced(span.metadata())) else { return };
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let Some(open) = Open::root(&mut fields).or_else(|| Open::within(&span)) {
            span.extensions_mut().insert(Open { fields, ..open });
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut extensions = span.extensions_mut();
        let Some(open) = extensions.get_mut::<Open>() else { return };
        values.record(&mut open.fields);
        if open.is_root && open.fields.0.contains_key("http.status") {
            open.ended.get_or_insert_with(Instant::now);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let is_statement = event.metadata().target() == STATEMENTS;
        let is_error = *event.metadata().level() == Level::ERROR;
        if !is_statement && !is_error {
            return;
        }
        for span in context.event_scope(event).into_iter().flatten() {
            let mut extensions = span.extensions_mut();
            let Some(open) = extensions.get_mut::<Open>() else { continue };
            open.failed |= is_error;
            if is_error {
                open.gathered.error.get_or_init(|| error_of(event));
            }
            if is_statement {
                open.gathered.keep(statement(event, open.id));
            }
            return;
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else { return };
        let Some(open) = span.extensions_mut().remove::<Open>() else { return };
        let (is_root, gathered) = (open.is_root, open.gathered.clone());
        let finished = open.finish(span.metadata());
        if !is_root {
            return gathered.keep(finished);
        }
        let inner = std::mem::take(&mut *gathered.spans());
        let left_out = gathered.left_out.load(Ordering::Relaxed);
        let error = gathered.error.get().cloned();
        let part = Part { trace: gathered.trace.clone(), root: finished, inner, left_out, error };
        if self.parts.try_send(part).is_err() {
            metrics::TELEMETRY_DROPPED.add(1, [("what", "trace")]);
        }
    }
}

impl Open {
    /// A request or an attempt, which says to which trace it belongs.
    fn root(fields: &mut Fields) -> Option<Self> {
        let trace = fields.0.contains_key("trace.id").then(|| fields.take("trace.id"))?;
        let id = SpanId::parse(&fields.take("span.id"))?;
        let parent = SpanId::parse(&fields.take("span.parent"));
        let gathered =
            Gathered { trace, spans: Mutex::default(), left_out: AtomicUsize::default(), error: OnceLock::new() };
        Some(Self { id, is_root: true, ..Self::new(parent, Arc::new(gathered)) })
    }

    /// What is within one of them; none for what is within none.
    fn within<'a, S: LookupSpan<'a>>(span: &SpanRef<'a, S>) -> Option<Self> {
        span.scope().skip(1).find_map(|around| {
            let extensions = around.extensions();
            let open = extensions.get::<Self>()?;
            Some(Self::new(Some(open.id), open.gathered.clone()))
        })
    }

    fn new(parent: Option<SpanId>, gathered: Arc<Gathered>) -> Self {
        let clock = Clock::system();
        Self {
            id: SpanId::new(&clock),
            parent,
            begun: clock.now(),
            since: Instant::now(),
            ended: None,
            failed: false,
            fields: Fields::default(),
            gathered,
            is_root: false,
        }
    }

    fn finish(self, metadata: &Metadata<'static>) -> Finished {
        let took = self.ended.map_or_else(|| self.since.elapsed(), |ended| ended - self.since);
        let mut fields = self.fields.0;
        fields.retain(|name, _| !APART.contains(name));
        Finished {
            id: self.id,
            parent: self.parent,
            name: metadata.name().into(),
            begun: self.begun,
            took: TimeDelta::from_std(took).unwrap_or(TimeDelta::MAX),
            failed: self.failed,
            fields,
        }
    }
}

impl Gathered {
    fn spans(&self) -> MutexGuard<'_, Vec<Finished>> {
        self.spans.lock().expect("no thread panics while it holds this lock")
    }

    fn keep(&self, finished: Finished) {
        let mut spans = self.spans();
        if spans.len() < MOST {
            spans.push(finished);
        } else {
            self.left_out.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// What a line of the log says of an error, without addresses and secrets as there, and without the fields around it.
fn error_of(event: &Event<'_>) -> String {
    let mut fields = Fields::default();
    event.record(&mut fields);
    let said = std::iter::once("message").chain(OF_ERROR).map(|name| fields.take(name));
    let said = said.filter(|words| !words.is_empty()).collect::<Vec<_>>().join(": ");
    text::on_one_line(&said).chars().take(MOST_OF_ERROR).collect()
}

/// A statement is told when it is over.
fn statement(event: &Event<'_>, parent: SpanId) -> Finished {
    let mut told = Statement::default();
    event.record(&mut told);
    let clock = Clock::system();
    let micros = (told.seconds * 1_000_000.0).clamp(0.0, 1e15) as i64;
    let took = TimeDelta::microseconds(micros);
    Finished {
        id: SpanId::new(&clock),
        parent: Some(parent),
        name: format!("sql {}", without_values(&told.summary)).into(),
        begun: clock.now() - took,
        took,
        failed: false,
        fields: BTreeMap::from([("db.rows", told.rows.into())]),
    }
}

/// The first words of a statement, to the first value in it. Those of ours have parameters; but what begins a transaction names
/// the tenant.
fn without_values(summary: &str) -> &str {
    let words = summary.split(['\'', '$']).next().unwrap_or_default();
    words.split(';').next().unwrap_or_default().trim_end_matches([' ', '…', '('])
}

impl Visit for Statement {
    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "summary" {
            value.clone_into(&mut self.summary);
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name().starts_with("rows_") {
            self.rows = self.rows.max(value);
        }
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        if field.name() == "elapsed_secs" {
            self.seconds = value;
        }
    }
}

#[cfg(test)]
mod tests {
    use tracing::{error_span, field::Empty, info_span, subscriber};
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

    /// The parts of traces that `act` leaves.
    fn gathered(act: impl FnOnce()) -> Vec<Part> {
        let (layer, mut parts) = Spans::new();
        let gate = gate::Gate::new(gate::logged("warn"));
        subscriber::with_default(tracing_subscriber::registry().with(layer).with(gate), act);
        std::iter::from_fn(|| parts.try_recv().ok()).collect()
    }

    fn tell(summary: &str) {
        // As sqlx does: it asks, and then tells.
        if tracing::enabled!(target: "sqlx::query", Level::DEBUG) {
            tracing::debug!(target: "sqlx::query", summary, rows_returned = 2_u64, elapsed_secs = 0.002);
        }
    }

    #[test]
    fn what_is_within_a_request_hangs_under_it() {
        let parts = gathered(|| {
            tell("select nobody");
            let request = error_span!(
                "request",
                trace.id = TRACE,
                span.id = "00f067aa0ba902b7",
                span.parent = "00f067aa0ba902b8",
                http.status = Empty
            );
            let entered = request.enter();
            tell("BEGIN; SELECT begin_for('0191')");
            let inner = info_span!("smtp").entered();
            tell("select id, name from …");
            tracing::error!("it failed");
            drop(inner);
            request.record("http.status", 500);
            drop(entered);
        });
        let [part] = &parts[..] else { panic!("{parts:?}") };
        assert_eq!((part.trace.as_str(), part.left_out), (TRACE, 0));
        let root = &part.root;
        assert_eq!(
            (root.id.to_string(), root.parent.unwrap().to_string()),
            ("00f067aa0ba902b7".into(), "00f067aa0ba902b8".into())
        );
        assert_eq!(root.fields, BTreeMap::from([("http.status", Value::from(500))]));
        let told: Vec<_> = part.inner.iter().map(|span| (&*span.name, span.failed)).collect();
        assert_eq!(told, [("sql BEGIN", false), ("sql select id, name from", false), ("smtp", true)]);
        let [begin, select, smtp] = &part.inner[..] else { panic!("{part:?}") };
        assert_eq!([begin.parent, smtp.parent, select.parent], [Some(root.id), Some(root.id), Some(smtp.id)]);
        assert_eq!((select.took, &select.fields["db.rows"]), (TimeDelta::milliseconds(2), &Value::from(2)));
        assert!(!root.failed && root.took >= TimeDelta::zero());
    }

    #[test]
    fn the_first_error_is_kept_as_the_log_says_it_and_cut_short() {
        let parts = gathered(|| {
            let _request = error_span!("request", trace.id = TRACE, span.id = "00f067aa0ba902b7").entered();
            let long = "x".repeat(600);
            tracing::error!(error = %format!("nobody is called ada@acme.example\n\0{long}"), file = "a.txt", "it failed");
            tracing::error!("and so did what follows");
        });
        let error = parts[0].error.as_deref().unwrap();
        assert!(error.starts_with("it failed: nobody is called [address]\\u{a}\\u{0}xxx"), "{error}");
        assert_eq!(error.chars().count(), MOST_OF_ERROR);
        let parts = gathered(|| {
            let _request = error_span!("request", trace.id = TRACE, span.id = "00f067aa0ba902b7").entered();
            tracing::warn!(error = "away", "it goes on");
        });
        assert_eq!(parts[0].error, None);
    }

    #[test]
    fn a_job_of_many_statements_is_bounded() {
        let parts = gathered(|| {
            let _job = error_span!("job", trace.id = TRACE, span.id = "00f067aa0ba902b7").entered();
            (0..MOST + 3).for_each(|_| tell("select one"));
        });
        assert_eq!((parts[0].inner.len(), parts[0].left_out), (MOST, 3));
    }
}
