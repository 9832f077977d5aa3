//! When the ticks of a schedule are. It is arithmetic on UTC alone: whenever schedulers were started, they agree.

use std::time::Duration;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use croner::{
    Cron,
    errors::CronError,
    parser::{CronParser, Seconds, Year},
};

/// What comes more often is work that never ends, and no schedule.
const SHORTEST: Duration = Duration::from_secs(1);

pub(super) enum Rhythm {
    /// So many microseconds, counted from the beginning of 1970: every six hours is at 0, 6, 12 and 18 o'clock.
    Every(i64),
    Cron(Box<Cron>),
}

impl Rhythm {
    /// Fails, with the reason, where the period is shorter than a second.
    pub fn every(period: Duration) -> Result<Self, String> {
        match i64::try_from(period.as_micros()) {
            Ok(microseconds) if period >= SHORTEST => Ok(Self::Every(microseconds)),
            _ => Err(format!("a period of {period:?} is not from one second on")),
        }
    }

    /// Fails, with the reason, where the expression is wrong or names a time that never comes, such as 30 February.
    pub fn cron(expression: &str) -> Result<Self, String> {
        match parse(expression) {
            Ok(cron) => Ok(Self::Cron(Box::new(cron))),
            Err(error) => Err(format!("the cron expression “{expression}” is wrong: {error}")),
        }
    }

    /// The latest tick that is not after this time.
    pub fn latest(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match self {
            Self::Every(microseconds) => {
                let ticks = now.timestamp_micros().div_euclid(*microseconds);
                DateTime::from_timestamp_micros(ticks * microseconds)
            }
            // It would keep the fraction of the second.
            Self::Cron(cron) => cron.find_previous_occurrence(&now.trunc_subsecs(0), true).ok(),
        }
    }

    /// The first tick after this time.
    pub fn next(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match self {
            Self::Every(microseconds) => self.latest(now)?.checked_add_signed(TimeDelta::microseconds(*microseconds)),
            Self::Cron(cron) => cron.find_next_occurrence(&now.trunc_subsecs(0), false).ok(),
        }
    }
}

/// Five fields: minute, hour, day of the month, month, day of the week.
fn parse(expression: &str) -> Result<Cron, CronError> {
    let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
    let cron = parser.parse(expression)?;
    cron.find_next_occurrence(&DateTime::<Utc>::UNIX_EPOCH, true)?;
    Ok(cron)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_period_is_counted_from_the_same_moment_by_all() {
        let six_hours = Rhythm::every(Duration::from_secs(6 * 60 * 60)).unwrap();
        let noon = at("2026-11-22T12:00:00Z");
        for now in ["2026-11-22T12:00:00Z", "2026-11-22T12:00:00.000001Z", "2026-11-22T17:59:59.999999Z"] {
            assert_eq!(six_hours.latest(at(now)), Some(noon), "{now}");
            assert_eq!(six_hours.next(at(now)), Some(at("2026-11-22T18:00:00Z")), "{now}");
        }
        assert_eq!(six_hours.latest(at("2026-11-22T11:59:59.999999Z")), Some(at("2026-11-22T06:00:00Z")));
    }

    #[test]
    fn a_cron_expression_is_read_in_utc() {
        let at_three = Rhythm::cron("0 3 * * *").unwrap();
        for now in ["2026-11-22T03:00:00Z", "2026-11-22T03:00:00.5Z", "2026-11-23T02:59:59.999999Z"] {
            assert_eq!(at_three.latest(at(now)), Some(at("2026-11-22T03:00:00Z")), "{now}");
            assert_eq!(at_three.next(at(now)), Some(at("2026-11-23T03:00:00Z")), "{now}");
        }
        let on_sundays = Rhythm::cron("30 6 * * SUN").unwrap();
        assert_eq!(on_sundays.latest(at("2026-11-25T12:00:00Z")), Some(at("2026-11-22T06:30:00Z")));
        let on_leap_days = Rhythm::cron("0 0 29 2 *").unwrap();
        assert_eq!(on_leap_days.next(at("2026-11-22T12:00:00Z")), Some(at("2028-02-29T00:00:00Z")));
        assert_eq!(on_leap_days.latest(at("2026-11-22T12:00:00Z")), Some(at("2024-02-29T00:00:00Z")));
    }

    #[test]
    fn ticks_follow_each_other_in_both_directions() {
        for rhythm in [
            Rhythm::every(Duration::from_millis(1_500)).unwrap(),
            Rhythm::every(Duration::from_secs(60 * 60)).unwrap(),
            Rhythm::cron("*/20 9-17 * * MON-FRI").unwrap(),
        ] {
            let mut tick = rhythm.latest(at("2026-11-22T12:34:56.789Z")).unwrap();
            for _ in 0..200 {
                let next = rhythm.next(tick).unwrap();
                assert!(next > tick);
                assert_eq!(rhythm.latest(next), Some(next));
                assert_eq!(rhythm.latest(next - TimeDelta::microseconds(1)), Some(tick));
                tick = next;
            }
        }
    }

    #[test]
    fn what_is_wrong_is_refused() {
        for expression in ["", "0 3 * *", "0 0 3 * * *", "60 3 * * *", "0 3 * * noon", "0 0 30 2 *"] {
            let reason = Rhythm::cron(expression).err().unwrap();
            assert!(reason.contains(expression), "{reason}");
        }
        assert!(Rhythm::every(Duration::ZERO).is_err());
        assert!(Rhythm::every(Duration::from_millis(999)).is_err());
        assert!(Rhythm::every(Duration::MAX).is_err());
    }
}
