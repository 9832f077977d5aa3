//! Why a job waits.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The first of the reasons that holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Wait {
    /// Operators hold up this kind of work, or all of the workspace.
    Paused,
    /// It failed, and is tried again then.
    NextTry { at: DateTime<Utc> },
    /// It is not to begin before.
    Scheduled { at: DateTime<Utc> },
    /// No process does this kind of work, or none of a version that knows it.
    Unserved,
    /// So many of the workspace come first, or `more` than so many.
    Behind { before: u32, more: bool },
    /// As many of this kind run as the plan allows.
    PlanLimit,
    /// Nobody is free to do it yet.
    FreeWorker,
}

impl Wait {
    /// As people read it, `now` being the time of the server.
    pub fn text(&self, now: DateTime<Utc>) -> String {
        match self {
            Self::Paused => "paused by the operator".into(),
            Self::NextTry { at } => match (*at - now).num_seconds() {
                ..=0 => "next try in a moment".into(),
                seconds => format!("next try in {}", in_words(seconds)),
            },
            Self::Scheduled { at } => match (*at - now).num_seconds() {
                ..=0 => "starts in a moment".into(),
                seconds @ ..86_400 => format!("starts in {}", in_words(seconds)),
                _ => format!("starts at {}", at.format("%-d %b %Y, %H:%M UTC")),
            },
            Self::Unserved => "waiting for a server that does it".into(),
            Self::Behind { before, more: true } => format!("more than {before} before you"),
            Self::Behind { before, more: false } => format!("{before} before you"),
            Self::PlanLimit => "limit of your plan".into(),
            Self::FreeWorker => "waiting for a free worker".into(),
        }
    }

    /// What else is good to know of it, in sentences; none where the few words say it all.
    pub fn note(&self) -> Option<&'static str> {
        match self {
            Self::Unserved => Some("Nothing is lost: it starts as soon as one runs."),
            Self::Paused
            | Self::NextTry { .. }
            | Self::Scheduled { .. }
            | Self::Behind { .. }
            | Self::PlanLimit
            | Self::FreeWorker => None,
        }
    }
}

/// "40 s", "3 min 5 s", "2 h 10 min": no more than two units.
pub(super) fn in_words(seconds: i64) -> String {
    match seconds {
        ..60 => format!("{} s", seconds.max(0)),
        60..3_600 if seconds % 60 == 0 => format!("{} min", seconds / 60),
        60..3_600 => format!("{} min {} s", seconds / 60, seconds % 60),
        3_600.. if seconds % 3_600 < 60 => format!("{} h", seconds / 3_600),
        3_600.. => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn a_time_is_told_in_two_units_at_most() {
        let told = [-3, 0, 59, 60, 185, 3_600, 3_659, 7_800].map(in_words);
        assert_eq!(told, ["0 s", "0 s", "59 s", "1 min", "3 min 5 s", "1 h", "1 h", "2 h 10 min"]);
    }

    #[test]
    fn each_reason_is_a_few_words() {
        let now = DateTime::from_timestamp(1_795_000_000, 0).expect("a moment of 2026");
        let after = |seconds| now + TimeDelta::seconds(seconds);
        for (wait, text) in [
            (Wait::NextTry { at: after(40) }, "next try in 40 s"),
            (Wait::NextTry { at: after(-1) }, "next try in a moment"),
            (Wait::Scheduled { at: after(120) }, "starts in 2 min"),
            (Wait::Scheduled { at: after(90_000) }, "starts at 19 Nov 2026, 12:06 UTC"),
            (Wait::Unserved, "waiting for a server that does it"),
            (Wait::Behind { before: 3, more: false }, "3 before you"),
            (Wait::Behind { before: 100, more: true }, "more than 100 before you"),
            (Wait::PlanLimit, "limit of your plan"),
        ] {
            assert_eq!(wait.text(now), text);
            assert_eq!(wait.note().is_some(), wait == Wait::Unserved, "{text}");
        }
    }
}
