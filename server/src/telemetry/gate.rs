//! What comes through to the layers at all. It is asked once for each place in the program, which then knows the answer.
//!
//! Each layer decides again for itself. The per-layer filters of tracing-subscriber would do that too; but as of 0.3.23 a thread
//! that was asked whether a statement is wanted, as sqlx asks for each, loses the event after it with them.

use domain::operators::SLOW_MS;
use tracing::{Level, Metadata, Subscriber, level_filters::LevelFilter, subscriber::Interest};
use tracing_subscriber::{Layer, filter::Targets, layer::Context};

/// What sqlx tells of each statement, at the level of DEBUG.
pub const STATEMENTS: &str = "sqlx::query";

/// The crates of ours, whose spans are told.
const OURS: [&str; 3] = ["sheaf", "domain", "app"];

/// How long a request may take that is not slow, in microseconds.
pub const SLOW_MICROS: i64 = SLOW_MS as i64 * 1_000;

/// Lets through what is logged, and what traces are made of.
pub struct Gate {
    logged: Targets,
}

impl Gate {
    pub fn new(logged: Targets) -> Self {
        Self { logged }
    }

    fn is_wanted(&self, metadata: &Metadata<'_>) -> bool {
        self.logged.would_enable(metadata.target(), metadata.level())
            || (metadata.is_span() && is_traced(metadata))
            || (metadata.target() == STATEMENTS && *metadata.level() <= Level::DEBUG)
            // Errors are reported, also where little is logged.
            || *metadata.level() == Level::ERROR
    }
}

impl<S: Subscriber> Layer<S> for Gate {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if self.is_wanted(metadata) { Interest::always() } else { Interest::never() }
    }

    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        self.is_wanted(metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        let logged = self.logged.iter().map(|(_, level)| level).chain(self.logged.default_level());
        Some(logged.max().unwrap_or(LevelFilter::OFF).max(LevelFilter::DEBUG))
    }
}

/// Whether a span is one of ours, and no detail of one.
pub fn is_traced(metadata: &Metadata<'_>) -> bool {
    let root = metadata.target().split("::").next().unwrap_or_default();
    *metadata.level() <= Level::INFO && OURS.contains(&root)
}

/// What is logged, by `level` or `target=level`, separated by commas. What cannot be understood is left out.
pub fn logged(setting: &str) -> Targets {
    let mut logged = Targets::new();
    for part in setting.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let Ok(understood) = part.parse::<Targets>() else { continue };
        logged = logged.with_targets(understood.iter());
        if let Some(level) = understood.default_level() {
            logged = logged.with_default(level);
        }
    }
    logged
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_is_read_by_its_parts() {
        let logged = logged("info,sqlx=warn,no such thing=,domain=debug");
        for (target, level, is_logged) in [
            ("sheaf::web", Level::INFO, true),
            ("sheaf::web", Level::DEBUG, false),
            ("domain::queue", Level::DEBUG, true),
            ("sqlx::query", Level::INFO, false),
            ("sqlx::query", Level::WARN, true),
        ] {
            assert_eq!(logged.would_enable(target, &level), is_logged, "{target} {level}");
        }
        assert!(!super::logged("off").would_enable("sheaf", &Level::ERROR));
        assert!(!super::logged("").would_enable("sheaf", &Level::ERROR));
        assert!(super::logged("error").would_enable("sheaf", &Level::ERROR));
    }
}
