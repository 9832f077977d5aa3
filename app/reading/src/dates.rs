//! Dates as documents write them.

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeZone, Utc};

/// A date of XML or HTML: RFC 3339, the same without a zone (taken as UTC), or a day alone (its midnight in UTC).
pub fn iso(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if let Ok(date) = DateTime::parse_from_rfc3339(text) {
        return plausible(date.to_utc());
    }
    if let Ok(date) = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f") {
        return plausible(date.and_utc());
    }
    let day = NaiveDate::parse_from_str(text.get(..10)?, "%Y-%m-%d").ok()?;
    plausible(day.and_hms_opt(0, 0, 0)?.and_utc())
}

/// A date of PDF: `D:YYYYMMDDHHmmSSOHH'mm'`, of which everything after the year may be missing.
pub fn pdf(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim().trim_start_matches("D:");
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let field = |from: usize, to: usize, absent: u32| match text.get(from..to) {
        Some(digits_here) if to <= digits => digits_here.parse().ok(),
        _ => Some(absent),
    };
    let year: i32 = text.get(..4)?.parse().ok()?;
    let day = NaiveDate::from_ymd_opt(year, field(4, 6, 1)?, field(6, 8, 1)?)?;
    let local = day.and_hms_opt(field(8, 10, 0)?, field(10, 12, 0)?, field(12, 14, 0)?.min(59))?;
    let offset = chrono::FixedOffset::east_opt(pdf_offset(text.get(digits..)?))?;
    plausible(offset.from_local_datetime(&local).single()?.to_utc())
}

/// Seconds east of UTC of `+01'00'`, `-0500` or `Z`.
fn pdf_offset(text: &str) -> i32 {
    let sign = match text.bytes().next() {
        Some(b'+') => 1,
        Some(b'-') => -1,
        _ => return 0,
    };
    let digits: String = text.chars().filter(char::is_ascii_digit).take(4).collect();
    let number = |part: Option<&str>| part.and_then(|part| part.parse::<i32>().ok()).unwrap_or(0);
    sign * (number(digits.get(..2)) * 3_600 + number(digits.get(2..4)) * 60)
}

/// Years outside these are mistakes, and the database need not keep them.
fn plausible(date: DateTime<Utc>) -> Option<DateTime<Utc>> {
    use chrono::Datelike;
    (1900..=2200).contains(&date.year()).then_some(date)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(date: Option<DateTime<Utc>>) -> String {
        date.map_or_else(|| "none".to_owned(), |date| date.to_rfc3339())
    }

    #[test]
    fn pdf_dates_in_all_lengths() {
        assert_eq!(shown(pdf("D:20260131174522+01'30'")), "2026-01-31T16:15:22+00:00");
        assert_eq!(shown(pdf("D:20260131174522Z")), "2026-01-31T17:45:22+00:00");
        assert_eq!(shown(pdf("20260131")), "2026-01-31T00:00:00+00:00");
        assert_eq!(shown(pdf("D:2026")), "2026-01-01T00:00:00+00:00");
        assert_eq!(shown(pdf("D:20261399")), "none");
        assert_eq!(shown(pdf("yesterday")), "none");
        assert_eq!(shown(pdf("D:00010101")), "none");
    }

    #[test]
    fn iso_dates_with_and_without_time() {
        assert_eq!(shown(iso("2026-01-31T17:45:22+02:00")), "2026-01-31T15:45:22+00:00");
        assert_eq!(shown(iso("2026-01-31T17:45:22")), "2026-01-31T17:45:22+00:00");
        assert_eq!(shown(iso(" 2026-01-31 ")), "2026-01-31T00:00:00+00:00");
        assert_eq!(shown(iso("31 January")), "none");
    }
}
