//! A day of a part.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

/// Minutes in a day of UTC, which has no summer.
const MINUTES: i32 = 24 * 60;

/// What was found of a part on one day, in minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Day {
    pub day: NaiveDate,
    pub up: i32,
    pub slow: i32,
    pub down: i32,
    /// Those that are over and in which nobody has looked.
    pub unknown: i32,
}

/// The worst that a day was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayState {
    Up,
    Slow,
    Down,
    Unknown,
}

impl Day {
    /// A day of which these minutes were counted, at `now`. A day that is not over has as many minutes as have passed.
    pub fn new(day: NaiveDate, up: i32, slow: i32, down: i32, now: DateTime<Utc>) -> Self {
        let begun = day.and_time(chrono::NaiveTime::MIN).and_utc();
        let passed = i32::try_from((now - begun).num_minutes().clamp(0, i64::from(MINUTES))).unwrap_or(MINUTES);
        Self { day, up, slow, down, unknown: (passed - up - slow - down).max(0) }
    }

    /// Minutes in which somebody has looked.
    pub fn known(&self) -> i32 {
        self.up + self.slow + self.down
    }

    pub fn state(&self) -> DayState {
        match self {
            day if day.known() == 0 => DayState::Unknown,
            day if day.down > 0 => DayState::Down,
            day if day.slow > 0 => DayState::Slow,
            _ => DayState::Up,
        }
    }

    /// All of it in words: "Down for 3 minutes, slow for 1 minute, not known for 20 minutes".
    pub fn words(&self) -> String {
        if self.known() == 0 {
            return "Not known".into();
        }
        let parts = [("down", self.down), ("slow", self.slow), ("not known", self.unknown)];
        let parts: Vec<String> = parts
            .into_iter()
            .filter(|(_, minutes)| *minutes > 0)
            .map(|(what, minutes)| format!("{what} for {minutes} minute{}", if minutes == 1 { "" } else { "s" }))
            .collect();
        if self.down == 0 && self.slow == 0 {
            return ["Worked".to_owned()].into_iter().chain(parts).collect::<Vec<_>>().join(", ");
        }
        let words = parts.join(", ");
        words[..1].to_uppercase() + &words[1..]
    }
}

/// The share of the known minutes in which a part was not down, in per cent; none where no minute is known.
#[expect(clippy::cast_precision_loss, reason = "90 days have 129,600 minutes")]
pub(super) fn uptime(days: &[Day]) -> Option<f64> {
    let known: i64 = days.iter().map(|day| i64::from(day.known())).sum();
    let down: i64 = days.iter().map(|day| i64::from(day.down)).sum();
    (known > 0).then(|| (known - down) as f64 * 100.0 / known as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn time_in_which_nobody_looked_is_unknown_and_not_up() {
        let day = at("2026-11-20T00:00:00Z").date_naive();
        let over = Day::new(day, 1_400, 10, 5, at("2026-11-21T12:00:00Z"));
        assert_eq!((over.unknown, over.state()), (25, DayState::Down));
        assert_eq!(over.words(), "Down for 5 minutes, slow for 10 minutes, not known for 25 minutes");
        let running = Day::new(day, 60, 0, 0, at("2026-11-20T01:30:00Z"));
        assert_eq!(
            (running.unknown, running.state(), running.words().as_str()),
            (30, DayState::Up, "Worked, not known for 30 minutes")
        );
        let nothing = Day::new(day, 0, 0, 0, at("2026-11-21T12:00:00Z"));
        assert_eq!(
            (nothing.unknown, nothing.state(), nothing.words().as_str()),
            (1_440, DayState::Unknown, "Not known")
        );
        assert_eq!(Day::new(day, 0, 0, 0, at("2026-11-19T12:00:00Z")).unknown, 0, "a day to come has no minutes yet");
    }

    #[test]
    fn uptime_is_of_known_minutes_alone() {
        let (day, now) = (at("2026-11-20T00:00:00Z").date_naive(), at("2026-11-21T12:00:00Z"));
        assert_eq!(uptime(&[Day::new(day, 0, 0, 0, now)]), None);
        assert_eq!(uptime(&[Day::new(day, 80, 10, 10, now), Day::new(day, 0, 0, 0, now)]), Some(90.0));
    }
}
