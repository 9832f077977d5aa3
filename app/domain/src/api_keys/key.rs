//! A key as people see it, and what they choose for one.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::{id::ApiKeyId, roles::Role};

/// The roles that a key may have, from the least to the most. A program works with documents; it does not run the workspace.
pub const KEY_ROLES: [Role; 2] = [Role::Viewer, Role::Member];

/// How long a key is good, unless it is revoked before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeyLife {
    Month,
    Quarter,
    Year,
    /// Until it is revoked.
    Unlimited,
}

impl KeyLife {
    pub const ALL: [Self; 4] = [Self::Month, Self::Quarter, Self::Year, Self::Unlimited];

    /// The word in forms.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Month => "30",
            Self::Quarter => "90",
            Self::Year => "365",
            Self::Unlimited => "never",
        }
    }

    /// What people choose.
    pub fn label(self) -> &'static str {
        match self {
            Self::Month => "In 30 days",
            Self::Quarter => "In 90 days",
            Self::Year => "In 365 days",
            Self::Unlimited => "Never",
        }
    }

    /// None for any text but one of those words.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|life| life.as_str() == text)
    }

    /// When a key ends that is made now; none for one without an end.
    pub fn end(self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let days = match self {
            Self::Month => 30,
            Self::Quarter => 90,
            Self::Year => 365,
            Self::Unlimited => return None,
        };
        Some(now + TimeDelta::days(days))
    }
}

/// A key that was not revoked, without what lets in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKeyInfo {
    pub id: ApiKeyId,
    pub name: String,
    /// How its text begins, which tells it from others.
    pub beginning: String,
    pub role: Role,
    /// The name of the person as whom it acts.
    pub made_by: String,
    pub created_at: DateTime<Utc>,
    /// To the minute; none where it was never used.
    pub last_used_at: Option<DateTime<Utc>>,
    pub expires_at: Option<DateTime<Utc>>,
    /// Whether its time is over.
    pub expired: bool,
}

/// A key that was made a moment ago, with the text that lets in. It is told once and logged nowhere, so it cannot be printed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MadeKey {
    pub id: ApiKeyId,
    pub name: String,
    /// What a program sends as its bearer token.
    pub key: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_life_is_read_from_its_own_word_alone_and_ends_when_it_says() {
        for life in KeyLife::ALL {
            assert_eq!(KeyLife::parse(life.as_str()), Some(life));
            let days = life.end(DateTime::UNIX_EPOCH).map(|end| end.timestamp() / 86_400);
            assert_eq!(days.map_or_else(|| "never".to_owned(), |days| days.to_string()), life.as_str());
        }
        for word in ["", "31", "forever", "-30"] {
            assert_eq!(KeyLife::parse(word), None, "{word:?}");
        }
    }
}
