//! What is looked at, as people know it.

use serde::{Deserialize, Serialize};

/// A part of Sheaf.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Component {
    Website,
    Database,
    Reading,
    Search,
    Files,
    Mail,
    Payments,
}

impl Component {
    pub const ALL: [Self; 7] =
        [Self::Website, Self::Database, Self::Reading, Self::Search, Self::Files, Self::Mail, Self::Payments];

    /// The word in the database and in forms.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Website => "website",
            Self::Database => "database",
            Self::Reading => "reading",
            Self::Search => "search",
            Self::Files => "files",
            Self::Mail => "mail",
            Self::Payments => "payments",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|component| component.as_str() == word)
    }

    /// As the page names it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Website => "Website",
            Self::Database => "Database",
            Self::Reading => "Reading of documents",
            Self::Search => "Search",
            Self::Files => "File store",
            Self::Mail => "Mail",
            Self::Payments => "Payments",
        }
    }
}

/// How a part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    Up,
    Slow,
    Down,
    /// Nobody has looked lately.
    Unknown,
}

impl Health {
    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Slow => "slow",
            Self::Down => "down",
            Self::Unknown => "unknown",
        }
    }

    pub fn parse(word: &str) -> Self {
        match word {
            "up" => Self::Up,
            "slow" => Self::Slow,
            "down" => Self::Down,
            _ => Self::Unknown,
        }
    }

    /// The worse of two results. That nobody has looked is no result, and anything is worse.
    #[must_use]
    pub fn worse(self, other: Self) -> Self {
        let badness = |health: Self| match health {
            Self::Unknown => 0,
            Self::Up => 1,
            Self::Slow => 2,
            Self::Down => 3,
        };
        if badness(other) > badness(self) { other } else { self }
    }

    /// As the page says it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Up => "Works",
            Self::Slow => "Slow",
            Self::Down => "Does not work",
            Self::Unknown => "Not known",
        }
    }
}
