//! Months of the calendar, in UTC.

use std::fmt;

use chrono::{DateTime, Datelike, Months, NaiveDate, NaiveTime, Utc};
use serde::{Deserialize, Serialize};

/// A month, by its first day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(sqlx::Type))]
#[cfg_attr(feature = "server", sqlx(transparent))]
#[serde(transparent)]
pub struct Month(NaiveDate);

impl Month {
    /// The one that holds a moment.
    pub fn of(at: DateTime<Utc>) -> Self {
        let day = at.date_naive();
        Self(day.with_day(1).unwrap_or(day))
    }

    /// From text such as `2026-11`; none where it is no month.
    pub fn parse(text: &str) -> Option<Self> {
        let is_written_so = text.len() == 7 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        if !is_written_so {
            return None;
        }
        let day = NaiveDate::parse_from_str(&format!("{text}-01"), "%Y-%m-%d").ok();
        // There was no Sheaf before.
        day.filter(|day| day.year() >= 2_000).map(Self)
    }

    pub fn first_day(self) -> NaiveDate {
        self.0
    }

    /// Its first moment.
    pub fn start(self) -> DateTime<Utc> {
        self.0.and_time(NaiveTime::MIN).and_utc()
    }

    /// The first moment of the next one.
    pub fn end(self) -> DateTime<Utc> {
        self.next().start()
    }

    pub fn next(self) -> Self {
        self.0.checked_add_months(Months::new(1)).map_or(self, Self)
    }

    /// So many months before it.
    #[must_use]
    pub fn back(self, months: u32) -> Self {
        self.0.checked_sub_months(Months::new(months)).map_or(self, Self)
    }

    /// As people say it: `November 2026`.
    pub fn label(self) -> String {
        self.0.format("%B %Y").to_string()
    }

    /// In few letters, for a chart: `Nov`, and `Jan 2027` where a year begins.
    pub fn short_label(self) -> String {
        let format = if self.0.month() == 1 { "%b %Y" } else { "%b" };
        self.0.format(format).to_string()
    }
}

impl fmt::Display for Month {
    /// As it is parsed: `2026-11`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.format("%Y-%m"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_written_as_it_is_read() {
        let month = Month::parse("2026-12").unwrap();
        assert_eq!(month.to_string(), "2026-12");
        assert_eq!((month.label(), month.short_label()), ("December 2026".to_owned(), "Dec".to_owned()));
        assert_eq!(month.next().short_label(), "Jan 2027");
        assert_eq!(month.back(12), Month::parse("2025-12").unwrap());
        for wrong in ["", "2026", "2026-13", "2026-1", "2026-012", "0000-01", "+2026-1", "26-11-1", "2026-1x"] {
            assert_eq!(Month::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_month_ends_where_the_next_begins() {
        let month = Month::parse("2028-02").unwrap();
        assert_eq!(Month::of(month.start()), month);
        assert_eq!((month.end() - month.start()).num_days(), 29);
        assert_eq!(Month::of(month.end()), month.next());
    }
}
