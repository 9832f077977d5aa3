//! Numbers, sizes and dates as a report says them, in English.

use chrono::{DateTime, Utc};

/// `1,234,567`.
pub(crate) fn number(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A number of a chart: whole when it is whole, else with one decimal; what is no number is 0.
pub(crate) fn decimal(value: f64) -> String {
    if !value.is_finite() || value <= 0.0 {
        "0".to_owned()
    } else if value.fract() == 0.0 || value >= 1e15 {
        number(value as u64)
    } else {
        format!("{}.{}", number((value * 10.0).round() as u64 / 10), (value * 10.0).round() as u64 % 10)
    }
}

/// `1 document`, `2 documents`.
pub(crate) fn count(value: u64, one: &str) -> String {
    if value == 1 { format!("1 {one}") } else { format!("{} {one}s", number(value)) }
}

/// A size in decimal units and its unit, `("38.4", "MB")`.
pub(crate) fn size(bytes: u64) -> (String, &'static str) {
    const UNITS: [&str; 5] = ["bytes", "kB", "MB", "GB", "TB"];
    let mut value = bytes as f64;
    let mut unit = 0;
    while value >= 999.95 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    let digits = if unit == 0 || value >= 99.95 { format!("{value:.0}") } else { format!("{value:.1}") };
    (digits, UNITS[unit])
}

/// `38.4 MB`.
pub(crate) fn size_text(bytes: u64) -> String {
    let (value, unit) = size(bytes);
    format!("{value} {unit}")
}

/// `14 March 2026`.
pub(crate) fn date(moment: DateTime<Utc>) -> String {
    moment.format("%-d %B %Y").to_string()
}

/// `14 March 2026, 09:30 UTC`.
pub(crate) fn moment(moment: DateTime<Utc>) -> String {
    moment.format("%-d %B %Y, %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(
            [0, 999, 1_000, 12_345, 1_234_567].map(number),
            ["0", "999", "1,000", "12,345", "1,234,567"].map(str::to_owned)
        );
        assert_eq!(
            [3.0, 1_234.56, -1.0, f64::NAN, f64::INFINITY, 0.96].map(decimal),
            ["3", "1,234.6", "0", "0", "0", "1.0"].map(str::to_owned)
        );
        assert_eq!([0, 1, 1_200].map(|n| count(n, "page")), ["0 pages", "1 page", "1,200 pages"].map(str::to_owned));
    }

    #[test]
    fn sizes_use_decimal_units() {
        assert_eq!(
            [0, 999, 1_000, 1_449, 999_960, 38_400_000, 123_456_789, u64::MAX].map(size_text),
            ["0 bytes", "999 bytes", "1.0 kB", "1.4 kB", "1.0 MB", "38.4 MB", "123 MB", "18446744 TB"]
                .map(str::to_owned)
        );
    }

    #[test]
    fn dates_are_written_out() {
        let at = DateTime::from_timestamp(1_773_480_600, 0).expect("a moment");
        assert_eq!(date(at), "14 March 2026");
        assert_eq!(moment(at), "14 March 2026, 09:30 UTC");
    }
}
