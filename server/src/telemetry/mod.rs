//! What operators are told of a running Sheaf: its log, and its figures for Prometheus.

mod exporter;
mod fields;
mod lines;
mod text;

pub use exporter::{Exporter, Sources};

use std::io::{IsTerminal, Write};

use tracing_subscriber::{EnvFilter, layer::SubscriberExt, util::SubscriberInitExt};

use self::lines::Lines;
use crate::config::{Config, LogFormat};

/// Begins to log to the standard error, one line an event; what cannot be understood in the filter is left out of it. Nobody
/// reads a log that does not go to a terminal before a program has.
pub fn start(config: &Config) {
    let usual = if std::io::stderr().is_terminal() { LogFormat::Text } else { LogFormat::Json };
    let lines = Lines::new(config.log_format.unwrap_or(usual), write);
    tracing_subscriber::registry().with(EnvFilter::new(&config.log)).with(lines).init();
}

/// Whole lines, so that those of other threads do not get in between.
fn write(line: &str) {
    // Nobody reads it any more: that is no reason to stop working.
    std::io::stderr().lock().write_all(line.as_bytes()).ok();
}
