//! Something that is wrong, or was, and what operators say of it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Component;
use crate::error::{Error, Result};

/// Characters of a title, which stands in a line.
const TITLE: std::ops::RangeInclusive<usize> = 5..=120;

/// Characters of one thing that is said: enough for a few paragraphs.
const WORDS: std::ops::RangeInclusive<usize> = 10..=2_000;

/// How much of Sheaf it touches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Minor,
    Major,
    Critical,
}

impl Severity {
    pub const ALL: [Self; 3] = [Self::Minor, Self::Major, Self::Critical];

    /// The word in the database and in forms.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Minor => "minor",
            Self::Major => "major",
            Self::Critical => "critical",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|severity| severity.as_str() == word)
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Minor => "Minor",
            Self::Major => "Major",
            Self::Critical => "Critical",
        }
    }
}

/// How far operators are with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IncidentState {
    Investigating,
    Identified,
    Monitoring,
    Resolved,
}

impl IncidentState {
    pub const ALL: [Self; 4] = [Self::Investigating, Self::Identified, Self::Monitoring, Self::Resolved];

    /// The word in the database and in forms.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Investigating => "investigating",
            Self::Identified => "identified",
            Self::Monitoring => "monitoring",
            Self::Resolved => "resolved",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Investigating => "Investigating",
            Self::Identified => "Identified",
            Self::Monitoring => "Monitoring",
            Self::Resolved => "Resolved",
        }
    }
}

/// An incident as everybody sees it, with what was said of it, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    pub id: Uuid,
    pub title: String,
    pub severity: Severity,
    pub components: Vec<Component>,
    pub opened_at: DateTime<Utc>,
    pub resolved_at: Option<DateTime<Utc>>,
    pub updates: Vec<IncidentUpdate>,
}

/// One thing that was said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentUpdate {
    pub id: Uuid,
    pub state: IncidentState,
    pub text: String,
    pub posted_at: DateTime<Utc>,
}

impl Incident {
    /// When the newest thing was said of it.
    pub fn updated_at(&self) -> DateTime<Utc> {
        self.updates.first().map_or(self.opened_at, |update| update.posted_at)
    }
}

/// What an operator is about to say, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    pub state: IncidentState,
    pub text: String,
}

impl Words {
    /// Fails at the fields `state` and `text`.
    pub fn parse(state: &str, text: &str) -> Result<Self> {
        let state =
            IncidentState::parse(state).ok_or_else(|| Error::invalid("state", "Choose how far you are with it."))?;
        let text = text.trim().replace("\r\n", "\n");
        let text: String = text.chars().filter(|c| *c == '\n' || !c.is_control()).collect();
        if !WORDS.contains(&text.chars().count()) {
            return Err(Error::invalid("text", "Say what is wrong in 10 to 2,000 characters."));
        }
        Ok(Self { state, text })
    }
}

/// An incident that is about to be opened, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewIncident {
    pub title: String,
    pub severity: Severity,
    pub components: Vec<Component>,
    pub words: Words,
}

impl NewIncident {
    /// Fails at the fields `title`, `severity`, `components`, and those of [`Words`].
    pub fn parse(title: &str, severity: &str, components: Vec<Component>, words: Result<Words>) -> Result<Self> {
        let title: String = title.trim().chars().filter(|c| !c.is_control()).collect();
        if !TITLE.contains(&title.chars().count()) {
            return Err(Error::invalid("title", "Give it a title of 5 to 120 characters."));
        }
        let severity = Severity::parse(severity).ok_or_else(|| Error::invalid("severity", "Choose how bad it is."))?;
        if components.is_empty() {
            return Err(Error::invalid("components", "Choose at least one part that is affected."));
        }
        Ok(Self { title, severity, components, words: words? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_an_incident_is_said_at_its_field() {
        let field = |made: Result<NewIncident>| made.unwrap_err().field.unwrap();
        let words = || Words::parse("investigating", "We look into it.");
        let parts = || vec![Component::Mail];
        assert_eq!(field(NewIncident::parse("Mai", "minor", parts(), words())), "title");
        assert_eq!(field(NewIncident::parse("Mail is late", "bad", parts(), words())), "severity");
        assert_eq!(field(NewIncident::parse("Mail is late", "minor", vec![], words())), "components");
        assert_eq!(field(NewIncident::parse("Mail is late", "minor", parts(), Words::parse("x", "We look."))), "state");
        assert_eq!(field(NewIncident::parse("Mail is late", "minor", parts(), Words::parse("resolved", "x"))), "text");
        assert!(NewIncident::parse("Mail is late", "minor", parts(), words()).is_ok());
    }
}
