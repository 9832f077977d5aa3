//! Numbers as people read them.

pub use domain::billing::grouped;

/// A size in decimal units with at most one digit after the point: `0 bytes`, `999 bytes`, `1.4 MB`, `200 MB`.
pub fn bytes(size: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if size < 1000 {
        return counted(size, "byte", "bytes");
    }
    let mut value = size as f64 / 1000.0;
    let mut unit = 0;
    // 999.95 would be shown as "1000.0", so it belongs to the next unit.
    while value >= 999.95 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    if value < 99.95 {
        let text = format!("{value:.1}");
        format!("{} {}", text.trim_end_matches(".0"), UNITS[unit])
    } else {
        format!("{value:.0} {}", UNITS[unit])
    }
}

/// A number with its noun: `1 page`, `1,240 pages`.
pub fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(number), if number == 1 { one } else { many })
}

/// A number that was not counted further than this: "213", or "1,000+" for 1,001 of at most 1,000.
pub fn counted_to(most: i64, found: i64) -> String {
    let shown = grouped(found.min(most).unsigned_abs());
    if found > most { format!("{shown}+") } else { shown }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_keep_one_digit_where_it_tells_something() {
        let shown: Vec<_> =
            [0, 1, 999, 1_000, 1_449, 99_940, 99_960, 999_950, 1_400_000, 200_000_000].into_iter().map(bytes).collect();
        assert_eq!(
            shown,
            ["0 bytes", "1 byte", "999 bytes", "1 kB", "1.4 kB", "99.9 kB", "100 kB", "1 MB", "1.4 MB", "200 MB"]
        );
    }

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!(
            [0, 12, 999, 1_000, 12_345, 1_234_567].map(grouped),
            ["0", "12", "999", "1,000", "12,345", "1,234,567"]
        );
    }

    #[test]
    fn what_is_not_counted_further_says_so() {
        assert_eq!([0, 999, 1_000, 1_001].map(|n| counted_to(1_000, n)), ["0", "999", "1,000", "1,000+"]);
    }

    #[test]
    fn one_is_singular() {
        assert_eq!([0, 1, 1_240].map(|n| counted(n, "page", "pages")), ["0 pages", "1 page", "1,240 pages"]);
    }
}
