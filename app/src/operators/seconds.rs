//! Spans of time and bounded counts, in few words for tables.

use crate::ui::{counted, grouped};

/// A span in the largest unit that it fills: `40 ms`, `2.5 s`, `12 s`, `3 min`, `5 h`, `2 days`.
pub(super) fn span(seconds: f64) -> String {
    match seconds.max(0.0) {
        seconds if seconds < 1.0 => format!("{:.0} ms", seconds * 1000.0),
        seconds if seconds < 10.0 => format!("{seconds:.1} s"),
        seconds if seconds < 60.0 => format!("{seconds:.0} s"),
        seconds if seconds < 3_600.0 => format!("{:.0} min", (seconds / 60.0).floor()),
        seconds if seconds < 86_400.0 => format!("{:.0} h", (seconds / 3_600.0).floor()),
        seconds => counted((seconds / 86_400.0) as u64, "day", "days"),
    }
}

/// A span, or a dash where there is none.
pub(super) fn span_or_none(seconds: Option<f64>) -> String {
    seconds.map_or_else(|| "–".into(), span)
}

/// Two of them, as `2 s / 40 s`; a dash where there is neither.
pub(super) fn spans(median: Option<f64>, high: Option<f64>) -> String {
    match (median, high) {
        (Some(median), Some(high)) => format!("{} / {}", span(median), span(high)),
        _ => "–".into(),
    }
}

/// A count that ends at `most`: `1,000 or more` from there on.
pub(super) fn counted_to(number: i64, most: i64) -> String {
    let shown = grouped(number.clamp(0, most).unsigned_abs());
    if number > most { format!("{shown} or more") } else { shown }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_told_in_the_largest_unit_that_it_fills() {
        let told: Vec<_> = [-1.0, 0.04, 2.46, 12.3, 59.4, 200.0, 7_300.0, 86_400.0, 200_000.0].map(span).to_vec();
        assert_eq!(told, ["0 ms", "40 ms", "2.5 s", "12 s", "59 s", "3 min", "2 h", "1 day", "2 days"]);
        assert_eq!(spans(Some(0.5), Some(3.0)), "500 ms / 3.0 s");
        assert_eq!((spans(None, None), span_or_none(None)), ("–".to_owned(), "–".to_owned()));
    }

    #[test]
    fn a_count_says_where_it_ends() {
        assert_eq!([0, 999, 1_000, 1_001].map(|n| counted_to(n, 1_000)), ["0", "999", "1,000", "1,000 or more"]);
    }
}
