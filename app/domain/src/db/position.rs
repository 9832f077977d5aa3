//! A place in the log of changes, by which the state of two databases is compared.

use std::fmt;

/// A place in Postgres' log of changes (its LSN): a replica that has come so far shows whatever was committed before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Position(pub(super) u64);

impl Position {
    /// Every database has come so far.
    pub const START: Self = Self(0);

    /// Of what nobody knows where it is: no replica has come so far.
    pub const UNKNOWN: Self = Self(u64::MAX);

    /// From its 16 hexadecimal digits, as it is written.
    pub fn parse(text: &str) -> Option<Self> {
        let is_hex = text.len() == 16 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if is_hex { u64::from_str_radix(text, 16).ok().map(Self) } else { None }
    }

    /// From the bytes of the log before it, as Postgres counts them.
    pub(super) fn of_bytes(bytes: i64) -> Self {
        Self(bytes.cast_unsigned())
    }

    /// As Postgres writes it: two hexadecimal numbers.
    pub(super) fn to_sql(self) -> String {
        format!("{:X}/{:X}", self.0 >> 32, self.0 & 0xFFFF_FFFF)
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_read_as_it_is_written() {
        for position in [Position::START, Position(0x16_B374_D848), Position::UNKNOWN] {
            assert_eq!(Position::parse(&position.to_string()), Some(position));
        }
        assert_eq!(Position(0x16_B374_D848).to_sql(), "16/B374D848");
        for wrong in ["", "16/B374D848", "00000016B374D848", "+000000000000000", "00000000000000001"] {
            assert_eq!(Position::parse(wrong), None, "{wrong:?}");
        }
    }
}
