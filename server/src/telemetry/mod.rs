//! What operators are told of a running Sheaf: its log, its figures for Prometheus, its traces, what was slow and what failed.

mod exporter;
mod fields;
mod gate;
mod lines;
mod otlp;
mod panics;
mod reports;
mod sentry;
mod slow;
mod spans;
mod text;
mod watch;

pub use exporter::{Exporter, Sources};
pub use sentry::Dsn;
pub use watch::Watch;

use std::io::{IsTerminal, Write};

use tracing_subscriber::{layer::SubscriberExt, util::SubscriberInitExt};

use self::{gate::Gate, lines::Lines, reports::Reports, spans::Spans, watch::Gathered};
use crate::config::{Config, LogFormat};

/// Begins to log to the standard error, one line an event; what cannot be understood in the filter is left out of it. Nobody
/// reads a log that does not go to a terminal before a program has. What else is gathered waits for [`Watch::start`].
pub fn start(config: &Config) {
    let usual = if std::io::stderr().is_terminal() { LogFormat::Text } else { LogFormat::Json };
    let logged = gate::logged(&config.log);
    let lines = Lines::new(config.log_format.unwrap_or(usual), logged.clone(), write);
    let (spans, parts) = Spans::new();
    let (layer, reports) = config.sentry_dsn.as_ref().map(|_| Reports::new()).unzip();
    watch::leave(Gathered { parts, reports });
    tracing_subscriber::registry().with(lines).with(spans).with(layer).with(Gate::new(logged)).init();
    panics::watch();
}

/// Whole lines, so that those of other threads do not get in between.
fn write(line: &str) {
    // Nobody reads it any more: that is no reason to stop working.
    std::io::stderr().lock().write_all(line.as_bytes()).ok();
}
