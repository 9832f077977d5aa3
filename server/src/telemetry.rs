//! Logs: readable for people, or one JSON object a line.

use tracing_subscriber::{EnvFilter, fmt};

use crate::config::{Config, LogFormat};

/// Begins to log to the standard error; what cannot be understood in the filter is left out of it.
pub fn start(config: &Config) {
    let filter = EnvFilter::new(&config.log);
    let builder = fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match config.log_format {
        LogFormat::Text => builder.with_target(false).init(),
        LogFormat::Json => builder.json().flatten_event(true).init(),
    }
}
