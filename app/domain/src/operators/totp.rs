//! Codes by time (RFC 6238), as every authenticator app makes them: HMAC-SHA-1, steps of 30 seconds, six digits.

use aws_lc_rs::{constant_time::verify_slices_are_equal, hmac};
use chrono::{DateTime, Utc};

const STEP_SECONDS: i64 = 30;

/// RFC 4226, section 4, asks for 128 bits and recommends 160.
const SECRET_BYTES: usize = 20;

/// RFC 4648, section 6.
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// What the app of an operator and Sheaf both know.
pub struct TotpSecret([u8; SECRET_BYTES]);

impl TotpSecret {
    pub fn new(bytes: [u8; SECRET_BYTES]) -> Self {
        Self(bytes)
    }

    /// From the form in which it is typed into an app, and kept.
    pub fn from_base32(text: &str) -> Option<Self> {
        let value = |letter: u8| BASE32.iter().position(|known| *known == letter).map(|value| value as u64);
        let values = text.bytes().map(value).collect::<Option<Vec<_>>>()?;
        let bytes: Vec<u8> = values.chunks_exact(8).flat_map(bytes_of).collect();
        bytes.try_into().ok().map(Self)
    }

    /// 32 letters and digits.
    pub fn to_base32(&self) -> String {
        base32(&self.0)
    }

    /// What an app takes as a link or a QR code.
    pub fn uri(&self, email: &str) -> String {
        let label = email.replace('%', "%25").replace('@', "%40").replace(['?', '#', '&', ' ', '/'], "_");
        let secret = self.to_base32();
        format!("otpauth://totp/Sheaf:{label}?secret={secret}&issuer=Sheaf&algorithm=SHA1&digits=6&period=30")
    }

    /// The code that an app shows at this time.
    pub fn code_at(&self, time: DateTime<Utc>) -> String {
        self.code(step_at(time))
    }

    /// The step that the code belongs to: that of now, the one before, or the one after, since clocks differ. None for a
    /// code of any other. It takes as long for a wrong code as for a right one.
    pub fn step_of(&self, code: &str, now: DateTime<Utc>) -> Option<i64> {
        let current = step_at(now);
        (current - 1..=current + 1).fold(None, |found, step| {
            let is_it = verify_slices_are_equal(self.code(step).as_bytes(), code.as_bytes()).is_ok();
            if is_it { Some(step) } else { found }
        })
    }

    /// RFC 4226, section 5.3.
    fn code(&self, step: i64) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &self.0);
        let tag = hmac::sign(&key, &step.to_be_bytes());
        let tag = tag.as_ref();
        let offset = usize::from(tag[19] & 0x0F);
        let number = u32::from_be_bytes([tag[offset], tag[offset + 1], tag[offset + 2], tag[offset + 3]]);
        format!("{:06}", (number & 0x7FFF_FFFF) % 1_000_000)
    }
}

/// Bytes, in fives, as letters and digits that cannot be mistaken for each other.
pub(super) fn base32(bytes: &[u8; SECRET_BYTES]) -> String {
    let letters = bytes.chunks_exact(5).flat_map(|five| {
        let bits = five.iter().fold(0_u64, |bits, byte| (bits << 8) | u64::from(*byte));
        (0..8).map(move |place| char::from(BASE32[(bits >> (35 - 5 * place)) as usize & 31]))
    });
    letters.collect()
}

fn bytes_of(eight: &[u64]) -> [u8; 5] {
    let bits = eight.iter().fold(0_u64, |bits, value| (bits << 5) | value);
    let [.., a, b, c, d, e] = bits.to_be_bytes();
    [a, b, c, d, e]
}

fn step_at(time: DateTime<Utc>) -> i64 {
    time.timestamp().div_euclid(STEP_SECONDS)
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn time(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    fn secret() -> TotpSecret {
        TotpSecret::new(*b"12345678901234567890")
    }

    #[test]
    fn the_codes_are_those_of_the_rfc() {
        // RFC 6238, appendix B: the last six of its eight digits.
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(secret().code_at(time(seconds)), code);
        }
    }

    #[test]
    fn a_code_is_good_in_its_step_and_in_those_beside_it() {
        let now = time(1_234_567_890);
        let code = secret().code_at(now);
        let step = Some(1_234_567_890 / 30);
        for seconds in [-30, 0, 29, 30] {
            assert_eq!(secret().step_of(&code, now + TimeDelta::seconds(seconds)), step, "{seconds}");
        }
        for seconds in [-61, -31, 60, 3600] {
            assert_eq!(secret().step_of(&code, now + TimeDelta::seconds(seconds)), None, "{seconds}");
        }
        for wrong in ["", "000000", "5924", "0059240", "00592４"] {
            assert_eq!(secret().step_of(wrong, now), None, "{wrong}");
        }
    }

    #[test]
    fn a_secret_reads_back_from_what_is_typed_into_an_app() {
        let text = secret().to_base32();
        assert_eq!(text, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert_eq!(TotpSecret::from_base32(&text).unwrap().0, secret().0);
        for text in ["", "GEZDGNBV", "gezdgnbvgy3tqojqgezdgnbvgy3tqojq", "1".repeat(32).as_str()] {
            assert!(TotpSecret::from_base32(text).is_none(), "{text}");
        }
        assert!(secret().uri("bob@sheaf.example").starts_with("otpauth://totp/Sheaf:bob%40sheaf.example?secret=GEZ"));
    }
}
