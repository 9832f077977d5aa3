//! The time of day where a workspace is. The browser is told the offsets of the years that it may have to show and needs no
//! time zone data of its own, which is larger than a page; and it shows what the server has shown.

use chrono::{DateTime, FixedOffset, Offset, Utc};
use serde::{Deserialize, Serialize};

/// A time zone, as far as moments between 2015 and a year from now are concerned. What is older is told as if it were of
/// January 2015.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Zone {
    name: String,
    /// East of UTC, in seconds, before the first change.
    first: i32,
    /// From when on, in seconds since 1970, it is how far east of UTC, in the order of time.
    changes: Vec<(i64, i32)>,
}

impl Zone {
    pub fn utc() -> Self {
        Self { name: "UTC".into(), first: 0, changes: Vec::new() }
    }

    /// As in `Europe/Berlin`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The moment as a clock there shows it.
    pub fn local(&self, at: DateTime<Utc>) -> DateTime<FixedOffset> {
        let passed = self.changes.partition_point(|(from, _)| *from <= at.timestamp());
        let seconds = self.changes[..passed].last().map_or(self.first, |(_, seconds)| *seconds);
        at.with_timezone(&FixedOffset::east_opt(seconds).unwrap_or_else(|| Utc.fix()))
    }
}

#[cfg(feature = "server")]
mod known {
    use chrono::{DateTime, Offset, TimeDelta, TimeZone, Utc};
    use chrono_tz::{TZ_VARIANTS, Tz};

    use super::Zone;

    /// The beginning of 2015.
    const FIRST: i64 = 1_420_070_400;

    /// Two changes are further apart: those around Ramadan in Morocco by four weeks.
    const STEP: i64 = 14 * 24 * 60 * 60;

    /// How far ahead of now, in days.
    const AHEAD: TimeDelta = TimeDelta::days(366);

    impl Zone {
        /// The zone of this name; UTC for a name that the database of time zones does not have any more.
        pub fn of(name: &str, now: DateTime<Utc>) -> Self {
            match name.parse::<Tz>() {
                Ok(zone) if name != "UTC" => {
                    let offset = |at| offset_of(zone, at);
                    let changes = changes(offset, (now + AHEAD).timestamp());
                    Self { name: name.to_owned(), first: offset(FIRST), changes }
                }
                _ => Self::utc(),
            }
        }

        /// Every name, in alphabetical order.
        pub fn names() -> impl Iterator<Item = &'static str> {
            TZ_VARIANTS.iter().map(|zone| zone.name())
        }
    }

    fn offset_of(zone: Tz, at: i64) -> i32 {
        let at = DateTime::from_timestamp(at, 0).unwrap_or_default();
        zone.offset_from_utc_datetime(&at.naive_utc()).fix().local_minus_utc()
    }

    fn changes(offset: impl Fn(i64) -> i32, last: i64) -> Vec<(i64, i32)> {
        let (mut at, mut current) = (FIRST, offset(FIRST));
        let mut found = Vec::new();
        while at < last {
            let next = at + STEP;
            if offset(next) != current {
                current = offset(next);
                found.push((first_with(&offset, current, at, next), current));
            }
            at = next;
        }
        found
    }

    /// The first second after `before` with this offset, which `after` has and `before` has not.
    fn first_with(offset: &impl Fn(i64) -> i32, wanted: i32, mut before: i64, mut after: i64) -> i64 {
        while after - before > 1 {
            let middle = before + (after - before) / 2;
            if offset(middle) == wanted {
                after = middle;
            } else {
                before = middle;
            }
        }
        after
    }
}

#[cfg(all(test, feature = "server"))]
mod tests {
    use chrono::TimeZone;

    use super::*;

    fn at(year: i32, month: u32, day: u32, hour: u32, minute: u32) -> DateTime<Utc> {
        Utc.with_ymd_and_hms(year, month, day, hour, minute, 0).unwrap()
    }

    #[test]
    fn summer_begins_to_the_second() {
        let berlin = Zone::of("Europe/Berlin", at(2026, 11, 21, 12, 0));
        let shown = |moment| berlin.local(moment).format("%Y-%m-%d %H:%M").to_string();
        assert_eq!(shown(at(2026, 11, 21, 23, 30)), "2026-11-22 00:30");
        assert_eq!(shown(at(2026, 3, 29, 0, 59)), "2026-03-29 01:59");
        assert_eq!(shown(at(2026, 3, 29, 1, 0)), "2026-03-29 03:00");
        assert_eq!(shown(at(1999, 7, 1, 12, 0)), "1999-07-01 13:00", "before 2015, as in January of that year");
    }

    #[test]
    fn every_zone_agrees_with_the_database_of_time_zones() {
        let now = at(2026, 11, 21, 12, 0);
        for name in Zone::names() {
            let (zone, known) = (Zone::of(name, now), name.parse::<chrono_tz::Tz>().unwrap());
            for days in (0..4_600).step_by(9) {
                let moment = at(2015, 1, 1, 7, 13) + chrono::TimeDelta::days(days);
                let (ours, theirs) = (zone.local(moment).naive_local(), moment.with_timezone(&known).naive_local());
                assert_eq!(ours, theirs, "{name} at {moment}");
            }
        }
    }

    #[test]
    fn a_name_that_is_none_is_utc() {
        let now = at(2026, 11, 21, 12, 0);
        assert_eq!(Zone::of("Europe/Atlantis", now), Zone::utc());
        assert_eq!(Zone::of("UTC", now), Zone::utc());
        assert!(Zone::names().any(|name| name == "UTC"));
    }
}
