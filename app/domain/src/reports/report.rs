//! A report as people ask for it and see it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    error::{Error, Result},
    id::{DocumentId, ReportId},
    search::Query,
};

/// Documents in one report.
pub const MAX_DOCUMENTS: usize = 200;

const MAX_TITLE_CHARACTERS: usize = 150;

/// What a report is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// These documents, in this order.
    Documents(Vec<DocumentId>),
    /// What this search finds when the report is made.
    Search(String),
}

/// What is asked for, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewReport {
    pub title: String,
    pub scope: Scope,
}

impl NewReport {
    /// Fails with the field that is wrong: `title`, `documents` or `q`.
    pub fn parse(title: &str, mut scope: Scope) -> Result<Self> {
        let title: String = title.trim().chars().filter(|c| !c.is_control()).collect();
        if title.is_empty() {
            return Err(Error::invalid("title", "Give the report a title."));
        }
        if title.chars().count() > MAX_TITLE_CHARACTERS {
            return Err(Error::invalid("title", format!("Use at most {MAX_TITLE_CHARACTERS} characters.")));
        }
        if let Scope::Search(text) = &mut scope {
            // It is kept as it was asked for, and Postgres takes no NUL.
            text.retain(|c| c != '\0');
        }
        match &scope {
            Scope::Documents(ids) if ids.is_empty() => {
                return Err(Error::invalid("documents", "Choose at least one document."));
            }
            Scope::Documents(ids) if ids.len() > MAX_DOCUMENTS => {
                return Err(Error::invalid("documents", format!("Choose at most {MAX_DOCUMENTS} documents.")));
            }
            Scope::Search(text) if Query::parse(text)?.node.is_none() => {
                return Err(Error::invalid("q", "Enter something to search for."));
            }
            Scope::Documents(_) | Scope::Search(_) => {}
        }
        Ok(Self { title, scope })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportState {
    Waiting,
    Making,
    Ready,
    Failed,
}

impl ReportState {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Making => "making",
            Self::Ready => "ready",
            Self::Failed => "failed",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Waiting, Self::Making, Self::Ready, Self::Failed].into_iter().find(|state| state.as_str() == text)
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Waiting => "Waiting",
            Self::Making => "Being made",
            Self::Ready => "Ready",
            Self::Failed => "Could not be made",
        }
    }

    pub fn is_busy(self) -> bool {
        matches!(self, Self::Waiting | Self::Making)
    }
}

/// A report, without its file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    pub id: ReportId,
    pub title: String,
    pub scope: Scope,
    pub state: ReportState,
    /// What the person is told when it failed.
    pub failure: Option<String>,
    pub bytes: Option<i64>,
    /// Lowercase hexadecimal.
    pub sha256: Option<String>,
    pub pages: Option<i32>,
    pub documents: Option<i32>,
    pub made_by: String,
    /// Only whoever asked for it sees it, since it holds a private document.
    pub private: bool,
    pub created_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
    /// Whether Sheaf gave up the mail that says that it is ready.
    pub mail_failed: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_needs_a_title_and_something_to_report() {
        let search = || Scope::Search("invoice".into());
        assert!(NewReport::parse(" Quarter ", search()).is_ok_and(|report| report.title == "Quarter"));
        assert!(NewReport::parse("", search()).is_err());
        let noisy = NewReport::parse("Title", Scope::Search("inv\0oice".into()));
        assert!(noisy.is_ok_and(|report| report.scope == search()));
        assert!(NewReport::parse(&"x".repeat(151), search()).is_err());
        assert!(NewReport::parse("Title", Scope::Search("type:pdf".into())).is_err());
        assert!(NewReport::parse("Title", Scope::Documents(Vec::new())).is_err());
    }
}
