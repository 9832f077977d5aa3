//! A password on its way from a form to the hasher.

use std::fmt;

use crate::error::{Error, Result};

/// OWASP ASVS 5.0, 6.2.1 asks for 8 and recommends 15; there are no rules of composition (6.2.5).
const MIN_CHARACTERS: usize = 10;

/// 6.2.9 asks for at least 64. The upper bound keeps a request from buying much work.
const MAX_CHARACTERS: usize = 256;

/// The most common ones of at least ten characters, refused by name (6.2.4).
const COMMON: [&str; 12] = [
    "1234567890",
    "0123456789",
    "password12",
    "password123",
    "password1234",
    "qwertyuiop",
    "qwerty1234",
    "iloveyou12",
    "1q2w3e4r5t",
    "q1w2e3r4t5",
    "letmein123",
    "administrator",
];

/// Neither serializable nor printable, so that it reaches neither the browser nor a log.
#[derive(Clone)]
pub struct Password(String);

impl Password {
    /// A new password, which must be good enough. The form field is `password`.
    pub fn choose(text: &str) -> Result<Self> {
        let characters = text.chars().count();
        if characters < MIN_CHARACTERS {
            return Err(Error::invalid("password", format!("Use at least {MIN_CHARACTERS} characters.")));
        }
        if characters > MAX_CHARACTERS {
            return Err(Error::invalid("password", format!("Use at most {MAX_CHARACTERS} characters.")));
        }
        if is_common(text) {
            return Err(Error::invalid("password", "This password is one of the first that anyone would try."));
        }
        Ok(Self(text.to_owned()))
    }

    /// A password that is only compared: anything, but not at any length.
    pub fn given(text: &str) -> Self {
        Self(text.chars().take(MAX_CHARACTERS).collect())
    }

    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(..)")
    }
}

fn is_common(text: &str) -> bool {
    let lower = text.to_lowercase();
    let first = lower.chars().next();
    COMMON.contains(&lower.as_str()) || lower.chars().all(|c| Some(c) == first)
}

#[cfg(test)]
mod tests {
    use super::Password;

    #[test]
    fn length_counts_and_composition_does_not() {
        assert!(Password::choose("correct horse").is_ok());
        assert!(Password::choose("åäöåäöåäöå").is_ok());
        for text in ["", "short", "ninechars", "Password123", "aaaaaaaaaaaa", &"x y".repeat(100)] {
            assert!(Password::choose(text).is_err(), "{text:?} was taken");
        }
    }

    #[test]
    fn is_never_printed() {
        assert_eq!(format!("{:?}", Password::given("secret")), "Password(..)");
    }
}
