//! An e-mail address, checked as far as it can be without sending a mail.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// RFC 5321, section 4.5.3.1.3: a path is at most 256 characters, two of them angle brackets.
const MAX_CHARACTERS: usize = 254;

/// Trimmed and lowercase, so that one person has one account however they type it.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Email(String);

impl Email {
    /// Fails on what no mail server would take. The form field is `email`.
    pub fn parse(text: &str) -> Result<Self> {
        let address = text.trim().to_lowercase();
        let plausible = match address.rsplit_once('@') {
            Some((local, domain)) => is_local(local) && is_domain(domain),
            None => false,
        };
        if plausible && address.len() <= MAX_CHARACTERS {
            Ok(Self(address))
        } else {
            Err(Error::invalid("email", "Enter an e-mail address, like ada@example.com."))
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An address is personal data, so that it is not printed by accident in a log.
impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(..)")
    }
}

fn is_local(local: &str) -> bool {
    !local.is_empty()
        && local.len() <= 64
        && local.chars().all(|c| !c.is_whitespace() && !c.is_control() && !"<>()[],;:\\\"@".contains(c))
}

fn is_domain(domain: &str) -> bool {
    (domain.contains('.') || domain == "localhost")
        && domain.split('.').all(|label| {
            !label.is_empty() && label.len() <= 63 && label.chars().all(|c| c.is_alphanumeric() || c == '-')
        })
}

#[cfg(test)]
mod tests {
    use super::Email;

    #[test]
    fn takes_addresses_as_people_type_them() {
        assert_eq!(Email::parse("  Ada@Example.COM ").unwrap().as_str(), "ada@example.com");
        assert!(Email::parse("ada+sheaf@sub.example.com").is_ok());
    }

    #[test]
    fn refuses_what_no_server_would_take() {
        let long = format!("{}@example.com", "a".repeat(250));
        for text in [
            "",
            "ada",
            "@example.com",
            "ada@",
            "ada@@example.com",
            "a da@example.com",
            "ada@.",
            "ada@x..y",
            "ada@exa\nmple.com",
            "ada@example.com\r\nbcc: eve@globex.example",
            &long,
        ] {
            assert!(Email::parse(text).is_err(), "{text:?} was taken");
        }
    }
}
