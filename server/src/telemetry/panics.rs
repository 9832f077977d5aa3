//! Panics, wherever they happen: in a request, in a job, in a task that runs beside both, in a thread of its own. Each is an error
//! in the log, with the trace of what it has ended, and goes where errors go.

use std::panic::{self, PanicHookInfo};

use domain::trace;

/// Tells each panic of this process from here on, in the place of what Rust prints: that is no line of the log, and nobody has
/// taken out of it what people have written.
pub fn watch() {
    panic::set_hook(Box::new(tell));
}

fn tell(panic: &PanicHookInfo<'_>) {
    let payload = panic.payload();
    let words =
        payload.downcast_ref::<&str>().copied().or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    // A task that was spawned is in no span, but may still be for a request or a job.
    let place = trace::current();
    tracing::error!(
        panic = words.unwrap_or("without a message"),
        panic.at = panic.location().map(tracing::field::display),
        trace.id = place.map(|place| tracing::field::display(place.trace)),
        span.id = place.map(|place| tracing::field::display(place.span)),
        "a part of the program panicked"
    );
}

#[cfg(test)]
mod tests {
    use domain::{
        clock::Clock,
        trace::{Place, SpanId, TraceId},
    };
    use tracing::subscriber;
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;
    use crate::{
        config::LogFormat,
        telemetry::{gate, lines::Lines, reports::Reports},
    };

    fn fails() {
        panic!("nobody is called ada@acme.example");
    }

    #[test]
    fn a_panic_of_a_task_is_an_error_with_its_trace_and_of_nobody() {
        let clock = Clock::system();
        let place = Place { trace: TraceId::new(&clock), span: SpanId::new(&clock) };
        let (layer, mut reports) = Reports::new();
        let lines = Lines::new(LogFormat::Json, gate::logged("info"), |_: &str| {});
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let before = panic::take_hook();
        watch();
        // All of it is on this thread, so that nobody else's panics are among them.
        subscriber::with_default(tracing_subscriber::registry().with(lines).with(layer), || {
            runtime.block_on(async {
                assert!(tokio::spawn(trace::within(place, async { fails() })).await.is_err());
                let span = tracing::error_span!("job", trace.id = "of-the-job", job.kind = "nap");
                assert!(tokio::spawn(tracing::Instrument::instrument(async { fails() }, span)).await.is_err());
            });
        });
        panic::set_hook(before);
        let told = [reports.try_recv().unwrap(), reports.try_recv().unwrap()];
        assert_eq!(told[0].trace, Some(place.trace.to_string()));
        assert_eq!(told[1].trace.as_deref(), Some("of-the-job"));
        assert_eq!(told[1].fields["job.kind"], "nap");
        for report in told {
            assert_eq!(report.fields["panic"], "nobody is called [address]");
            assert!(report.fields["panic.at"].as_str().unwrap().contains("panics.rs:"), "{report:?}");
        }
    }
}
