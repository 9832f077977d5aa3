//! Which ticks are due, above all after a time in which nobody could do any.

use chrono::{DateTime, TimeDelta, Utc};

use super::rhythm::Rhythm;

/// How late a tick may be that is not made up for: schedulers look every ten seconds at least, and one may die.
const LATE: TimeDelta = TimeDelta::seconds(30);

/// What becomes of the ticks at which no scheduler ran, or at which what was due failed until the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CatchUp {
    /// The latest is made up for, however late, and none of those before it.
    Latest,
    /// All are, the oldest first; of more than `most`, the latest.
    All { most: u8 },
    /// None is: a tick is done within half a minute of its time, or never.
    Skip,
}

/// What is to be done now.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Due {
    /// Those of which the table does not know, the oldest first.
    pub ticks: Vec<DateTime<Utc>>,
    /// What is older and not done will not be done any more.
    pub since: DateTime<Utc>,
}

impl CatchUp {
    /// What is due, where `last` is the latest tick that the table knows of. Of a schedule that is new to it, only the
    /// latest tick can have been missed.
    pub(super) fn due(self, rhythm: &Rhythm, last: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Due {
        let mut ticks = self.window(rhythm, now);
        let since = ticks.first().copied().unwrap_or(now);
        match last {
            Some(last) => ticks.retain(|tick| *tick > last),
            None => ticks = ticks.split_off(ticks.len().saturating_sub(1)),
        }
        Due { ticks, since }
    }

    /// The ticks that may be done now, the oldest first.
    fn window(self, rhythm: &Rhythm, now: DateTime<Utc>) -> Vec<DateTime<Utc>> {
        let (most, oldest) = match self {
            Self::Latest => (1, DateTime::<Utc>::MIN_UTC),
            Self::All { most } => (usize::from(most.max(1)), DateTime::<Utc>::MIN_UTC),
            Self::Skip => (1, now - LATE),
        };
        let before = |tick: &DateTime<Utc>| rhythm.latest(*tick - TimeDelta::microseconds(1));
        let ticks = std::iter::successors(rhythm.latest(now), before);
        let mut window: Vec<_> = ticks.take(most).filter(|tick| *tick >= oldest).collect();
        window.reverse();
        window
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        format!("2026-11-22T{text}Z").parse().unwrap()
    }

    fn due(policy: CatchUp, last: Option<&str>, now: &str) -> Due {
        let hourly = Rhythm::every(Duration::from_secs(60 * 60)).unwrap();
        policy.due(&hourly, last.map(at), at(now))
    }

    fn is_due(ticks: &[&str], since: &str) -> Due {
        Due { ticks: ticks.iter().map(|tick| at(tick)).collect(), since: at(since) }
    }

    #[test]
    fn nothing_is_due_between_two_ticks() {
        for policy in [CatchUp::Latest, CatchUp::Skip, CatchUp::All { most: 1 }] {
            assert!(due(policy, Some("12:00:00"), "12:59:59").ticks.is_empty());
            assert_eq!(due(policy, Some("12:00:00"), "13:00:00"), is_due(&["13:00:00"], "13:00:00"));
        }
    }

    #[test]
    fn after_an_outage_the_latest_tick_is_made_up_for() {
        assert_eq!(due(CatchUp::Latest, Some("06:00:00"), "12:40:00"), is_due(&["12:00:00"], "12:00:00"));
    }

    #[test]
    fn or_all_of_them_within_bounds() {
        let all = CatchUp::All { most: 3 };
        assert_eq!(due(all, Some("10:00:00"), "12:40:00"), is_due(&["11:00:00", "12:00:00"], "10:00:00"));
        assert_eq!(due(all, Some("06:00:00"), "12:40:00"), is_due(&["10:00:00", "11:00:00", "12:00:00"], "10:00:00"));
        assert_eq!(due(CatchUp::All { most: 0 }, Some("06:00:00"), "12:40:00"), is_due(&["12:00:00"], "12:00:00"));
    }

    #[test]
    fn or_none_of_them() {
        assert_eq!(due(CatchUp::Skip, Some("06:00:00"), "12:40:00"), is_due(&[], "12:40:00"));
        assert_eq!(due(CatchUp::Skip, Some("06:00:00"), "12:00:29"), is_due(&["12:00:00"], "12:00:00"));
    }

    #[test]
    fn a_new_schedule_begins_with_its_latest_tick() {
        assert_eq!(due(CatchUp::Latest, None, "12:40:00"), is_due(&["12:00:00"], "12:00:00"));
        assert_eq!(due(CatchUp::All { most: 3 }, None, "12:40:00"), is_due(&["12:00:00"], "10:00:00"));
        assert!(due(CatchUp::Skip, None, "12:40:00").ticks.is_empty());
    }

    #[test]
    fn a_table_that_is_ahead_waits() {
        assert!(due(CatchUp::All { most: 3 }, Some("15:00:00"), "12:40:00").ticks.is_empty());
    }
}
