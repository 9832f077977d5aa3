//! Why an operator does something to a workspace.

use crate::error::{Error, Result};

/// Less than this says nothing to those who read it later.
const MIN_CHARACTERS: usize = 10;

/// It stands in a banner and in a line of the audit log.
const MAX_CHARACTERS: usize = 500;

/// A sentence for the workspace's members and for other operators.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason(String);

impl Reason {
    /// Fails on what is too short or too long, at the form's `field`.
    pub fn parse(field: &str, text: &str) -> Result<Self> {
        let text: String = text.trim().chars().filter(|c| !c.is_control()).collect();
        match text.chars().count() {
            ..MIN_CHARACTERS => {
                Err(Error::invalid(field, format!("Give a reason of at least {MIN_CHARACTERS} characters.")))
            }
            MIN_CHARACTERS..=MAX_CHARACTERS => Ok(Self(text)),
            _ => Err(Error::invalid(field, format!("Use at most {MAX_CHARACTERS} characters."))),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::Reason;

    #[test]
    fn a_reason_says_something() {
        assert_eq!(Reason::parse("reason", "  Ada asked\n for help ").unwrap().as_str(), "Ada asked for help");
        for text in ["", "because", "          ", &"x".repeat(501)] {
            assert_eq!(Reason::parse("reason", text).unwrap_err().field.as_deref(), Some("reason"), "{text:?}");
        }
    }
}
