//! Amounts, rounding and months: the arithmetic of every bill. Cents are whole numbers, and nothing is a float.

use chrono::{DateTime, Months, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::failure::Failure;

/// The parts of a cent. Stripe knows twelve decimals, of which nine are kept here.
const PARTS: i64 = 1_000_000_000;

/// Cents with decimals, as a price of a fraction of a cent needs them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub struct Decimal(i64);

impl Decimal {
    pub fn of_cents(cents: i64) -> Self {
        Self(cents.saturating_mul(PARTS))
    }

    /// As in `12` or `1.25`.
    pub fn parse(text: &str, param: &str) -> Result<Self, Failure> {
        let wrong = || Failure::invalid(param, format!("Invalid decimal: {text}"));
        let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
        if decimals.len() > 9 || !decimals.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(wrong());
        }
        let whole: i64 = whole.parse().map_err(|_| wrong())?;
        let part: i64 = format!("{decimals:0<9}").parse().map_err(|_| wrong())?;
        let parts = whole.checked_mul(PARTS).and_then(|parts| parts.checked_add(part)).ok_or_else(wrong)?;
        if parts < 0 { Err(wrong()) } else { Ok(Self(parts)) }
    }

    /// Whole cents; none where there are parts of one.
    pub fn cents(self) -> Option<i64> {
        (self.0 % PARTS == 0).then_some(self.0 / PARTS)
    }

    /// So many of them, to the cent, half a cent upward.
    pub fn times(self, quantity: i64) -> i64 {
        share(i128::from(self.0) * i128::from(quantity), 1, i128::from(PARTS))
    }

    /// Without zeros at its end.
    pub fn text(self) -> String {
        let (whole, part) = (self.0 / PARTS, self.0 % PARTS);
        if part == 0 { whole.to_string() } else { format!("{whole}.{part:09}").trim_end_matches('0').to_owned() }
    }
}

/// The part of an amount that a part of the time costs, to the cent, half a cent away from zero: so a credit and a charge of
/// the same time are the same amount.
pub fn prorated(amount: i64, seconds: i64, of: i64) -> i64 {
    share(i128::from(amount), i128::from(seconds.clamp(0, of.max(0))), i128::from(of.max(1)))
}

/// So many hundredths of a per cent, to the cent, half a cent away from zero.
pub fn percent(amount: i64, hundredths: i64) -> i64 {
    share(i128::from(amount), i128::from(hundredths), 10_000)
}

fn share(amount: i128, part: i128, of: i128) -> i64 {
    let product = amount * part;
    let rounded = (product.abs() * 2 + of) / (of * 2);
    i64::try_from(if product < 0 { -rounded } else { rounded }).unwrap_or(i64::MAX)
}

/// How often a price is due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interval {
    /// `day`, `week`, `month` or `year`.
    pub unit: String,
    pub count: i64,
}

impl Interval {
    /// The first end of a period after a time, counted from an anchor: a month from the 31st ends on the last of a shorter one, and
    /// on the 31st again after it.
    pub fn end_after(&self, anchor: i64, at: i64) -> i64 {
        // From the one that surely lies before, so that 24 years are as quick as a month.
        let mut periods = ((at - anchor) / self.longest()).max(0);
        loop {
            let end = self.nth(anchor, periods);
            if end > at {
                return end;
            }
            periods += 1;
        }
    }

    fn nth(&self, anchor: i64, periods: i64) -> i64 {
        let count = periods.saturating_mul(self.count.max(1));
        let start = DateTime::<Utc>::from_timestamp(anchor, 0).unwrap_or_default();
        let months = |months: i64| {
            let months = u32::try_from(months).ok()?;
            start.checked_add_months(Months::new(months))
        };
        let end = match self.unit.as_str() {
            "day" => start.checked_add_signed(TimeDelta::days(count)),
            "week" => start.checked_add_signed(TimeDelta::weeks(count)),
            "year" => months(count.saturating_mul(12)),
            _ => months(count),
        };
        // Only beyond the end of the calendar: then there is no further period.
        end.map_or(i64::MAX, |end| end.timestamp())
    }

    fn longest(&self) -> i64 {
        let days = match self.unit.as_str() {
            "day" => 1,
            "week" => 7,
            "year" => 366,
            _ => 31,
        };
        days * 86_400 * self.count.max(1)
    }
}

/// So many months after a time.
pub fn months_after(at: i64, months: i64) -> i64 {
    Interval { unit: "month".to_owned(), count: 1 }.nth(at, months)
}

/// A day as a bill writes it, as in `15 Jan 2026`.
pub fn day(at: i64) -> String {
    DateTime::<Utc>::from_timestamp(at, 0).unwrap_or_default().format("%-d %b %Y").to_string()
}

/// As in `49.00 EUR`.
pub fn money(cents: i64, currency: &str) -> String {
    let minus = if cents < 0 { "-" } else { "" };
    let (whole, part) = (cents.unsigned_abs() / 100, cents.unsigned_abs() % 100);
    format!("{minus}{whole}.{part:02} {}", currency.to_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> i64 {
        DateTime::parse_from_rfc3339(text).unwrap().timestamp()
    }

    #[test]
    fn half_a_cent_goes_away_from_zero() {
        assert_eq!([prorated(4_900, 1, 2), prorated(5, 1, 2), prorated(-5, 1, 2)], [2_450, 3, -3]);
        assert_eq!([prorated(10, 5, 3), prorated(10, -1, 3), prorated(10, 1, 0)], [10, 0, 0]);
        assert_eq!([percent(4_900, 2_550), percent(1, 5_000), percent(0, 10_000)], [1_250, 1, 0]);
    }

    #[test]
    fn a_price_may_be_a_part_of_a_cent() {
        let price = Decimal::parse("1.2", "unit_amount_decimal").unwrap();
        assert_eq!([price.times(0), price.times(1), price.times(1_000), price.times(12_345)], [0, 1, 1_200, 14_814]);
        assert_eq!((price.cents(), price.text().as_str()), (None, "1.2"));
        assert_eq!(Decimal::of_cents(4_900).text(), "4900");
        assert!(Decimal::parse("1.2.3", "x").is_err() && Decimal::parse("-1", "x").is_err());
    }

    #[test]
    fn months_are_counted_from_their_anchor() {
        let month = Interval { unit: "month".to_owned(), count: 1 };
        let anchor = time("2026-01-31T10:00:00Z");
        assert_eq!(month.end_after(anchor, anchor), time("2026-02-28T10:00:00Z"));
        assert_eq!(month.end_after(anchor, time("2026-02-28T10:00:00Z")), time("2026-03-31T10:00:00Z"));
        assert_eq!(month.end_after(anchor, time("2028-02-10T00:00:00Z")), time("2028-02-29T10:00:00Z"));
        assert_eq!(month.end_after(anchor, anchor - 1), anchor);
    }
}
