//! Whether Stripe has sent what says so.
//!
//! The header is `t=<seconds>,v1=<hex>,v1=<hex>,...`. Each `v1` is an HMAC with SHA-256 of the seconds, a dot and the body as it
//! came, by one of the secrets: while one takes the place of another, Stripe signs with both.

use aws_lc_rs::hmac::{self, HMAC_SHA256, Key};
use chrono::{DateTime, Utc};

/// How old or how early a signature may be, in seconds: what Stripe's own libraries allow. Whoever has caught a message cannot
/// send it again later.
const TOLERANCE: i64 = 300;

/// Signatures that are looked at. Stripe sends one for each secret, of which there are two.
const SIGNATURES: usize = 8;

/// Whether the header signs this body, with any of the secrets, about now.
pub(super) fn is_good(secrets: &[String], body: &[u8], header: &str, now: DateTime<Utc>) -> bool {
    let parts = || header.split(',').filter_map(|part| part.trim().split_once('='));
    let Some(at) = parts().find(|(name, _)| *name == "t").and_then(|(_, at)| at.parse::<i64>().ok()) else {
        return false;
    };
    if at.abs_diff(now.timestamp()) > TOLERANCE.unsigned_abs() {
        return false;
    }
    let signed = [at.to_string().as_bytes(), b".", body].concat();
    let told = parts().filter(|(name, _)| *name == "v1").take(SIGNATURES);
    let signatures: Vec<Vec<u8>> = told.filter_map(|(_, digits)| bytes(digits)).collect();
    let mut is_good = false;
    for secret in secrets {
        let key = Key::new(HMAC_SHA256, secret.as_bytes());
        for signature in &signatures {
            // Compared in constant time, and all of them, so that no time tells which was nearly right.
            is_good |= hmac::verify(&key, &signed, signature).is_ok();
        }
    }
    is_good
}

/// None where these are no pairs of hexadecimal digits.
fn bytes(digits: &str) -> Option<Vec<u8>> {
    let pair = |pair: &[u8]| match pair {
        [high, low] => Some((digit(*high)? << 4) | digit(*low)?),
        _ => None,
    };
    digits.as_bytes().chunks(2).map(pair).collect()
}

fn digit(character: u8) -> Option<u8> {
    u8::try_from(char::from(character).to_digit(16)?).ok()
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    const BODY: &[u8] = br#"{"id":"evt_1"}"#;

    fn noon() -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 11, 21, 12, 0, 0).unwrap()
    }

    fn sign(secret: &str, at: i64, body: &[u8]) -> String {
        let signed = [at.to_string().as_bytes(), b".", body].concat();
        let tag = hmac::sign(&Key::new(HMAC_SHA256, secret.as_bytes()), &signed);
        tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn check(secrets: &[&str], header: &str) -> bool {
        let secrets: Vec<String> = secrets.iter().map(|secret| (*secret).into()).collect();
        is_good(&secrets, BODY, header, noon())
    }

    #[test]
    fn any_of_the_signatures_by_any_of_the_secrets_is_good() {
        let at = noon().timestamp();
        let (old, new) = (sign("whsec_old", at, BODY), sign("whsec_new", at, BODY));
        assert!(check(&["whsec_old"], &format!("t={at},v1={old}")));
        assert!(check(&["whsec_new", "whsec_old"], &format!("t={at},v1={old},v0=00")));
        assert!(check(&["whsec_new"], &format!("t={at}, v1={old}, v1={new}")));
        assert!(!check(&["whsec_other"], &format!("t={at},v1={old},v1={new}")));
        assert!(!check(&[], &format!("t={at},v1={old}")));
        assert!(!check(&["whsec_old"], &format!("t={at},v0={old}")), "an older scheme");
    }

    #[test]
    fn a_signature_is_good_for_five_minutes() {
        for (late, good) in [(0, true), (300, true), (301, false), (-300, true), (-301, false)] {
            let at = noon().timestamp() - late;
            assert_eq!(check(&["s"], &format!("t={at},v1={}", sign("s", at, BODY))), good, "{late}");
        }
    }

    #[test]
    fn what_is_no_signature_is_refused() {
        let at = noon().timestamp();
        let other = sign("s", at, b"another body");
        let moved = sign("s", at - 1, BODY);
        for header in [
            String::new(),
            "t=,v1=".into(),
            format!("t={at}"),
            format!("v1={}", sign("s", at, BODY)),
            format!("t={at},v1={other}"),
            format!("t={at},v1={moved}"),
            format!("t={at},v1=zz"),
            format!("t={at},v1=é"),
            format!("t={at},v1={}0", sign("s", at, BODY)),
            format!("t={},v1={}", i64::MIN, sign("s", i64::MIN, BODY)),
        ] {
            assert!(!check(&["s"], &header), "{header}");
        }
    }
}
