//! What a search answers.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{documents::Format, id::DocumentId};

/// A run of text that is, or is not, what was searched for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    pub text: String,
    pub hit: bool,
}

/// The best documents for a query, best first.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SearchResults {
    pub documents: Vec<FoundDocument>,
    /// Pages that match, at most the number that is ranked.
    pub pages: i64,
    /// Whether there are more than were ranked, so that `pages` is a lower bound.
    pub capped: bool,
}

/// A document with its best pages.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FoundDocument {
    pub id: DocumentId,
    pub title: String,
    pub name: String,
    pub format: Format,
    pub created_at: DateTime<Utc>,
    pub pages: Option<i32>,
    pub has_images: bool,
    pub hits: Vec<FoundPage>,
}

/// A page with the place where it matches best.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundPage {
    pub number: i32,
    pub snippet: Vec<Segment>,
}
