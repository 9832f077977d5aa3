//! The cap as people type it.

use crate::error::{Error, Result};

/// A number of page credits, also with commas between its digits. Fails at the field `cap`.
pub fn parse_cap(typed: &str) -> Result<i64> {
    let digits: String = typed.trim().chars().filter(|letter| *letter != ',').collect();
    digits.parse().ok().filter(|cap| *cap >= 0).ok_or_else(|| {
        Error::invalid("cap", "Write a whole number of page credits, or 0 so that no month costs more than the plan.")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cap_is_a_whole_number() {
        assert_eq!(parse_cap(" 12,000 ").unwrap(), 12_000);
        assert_eq!(parse_cap("0").unwrap(), 0);
        for typed in ["", "-1", "1.5", "many", "99999999999999999999"] {
            assert_eq!(parse_cap(typed).unwrap_err().field.as_deref(), Some("cap"), "{typed}");
        }
    }
}
