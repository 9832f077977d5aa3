//! What a report says, before it is typeset: the input of the typesetter, complete and without references to anything
//! outside, so that the same content gives the same bytes.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub use crate::search::Segment;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReportContent {
    pub title: String,
    /// The workspace's name.
    pub workspace: String,
    /// The person who asked for it.
    pub author: String,
    /// When it was asked for; the PDF's dates come from here, never from a clock.
    pub made_at: DateTime<Utc>,
    /// What is in it, as a sentence: "3 chosen documents" or "Search: invoice type:pdf".
    pub scope: String,
    pub documents: Vec<ReportedDocument>,
    pub figures: Figures,
}

/// Sums and distributions over the documents of the report.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    pub documents: u64,
    pub pages: u64,
    pub words: u64,
    pub bytes: u64,
    /// Documents by format, largest first.
    pub by_format: Vec<Bar>,
    /// Documents by the month they were added, oldest first, months without one included.
    pub by_month: Vec<Bar>,
    /// Pages by document, largest first, at most 12.
    pub pages_by_document: Vec<Bar>,
    /// Words by document, largest first, at most 12.
    pub words_by_document: Vec<Bar>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bar {
    pub label: String,
    pub value: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReportedDocument {
    /// The title it gives itself, or its file name.
    pub title: String,
    pub file_name: String,
    /// The format's label, as the screen says it.
    pub format: String,
    pub author: Option<String>,
    /// The language's English name.
    pub language: Option<String>,
    pub created_at: Option<DateTime<Utc>>,
    pub added_at: DateTime<Utc>,
    pub pages: u32,
    pub words: u64,
    pub bytes: u64,
    /// Lowercase hexadecimal.
    pub sha256: String,
    /// In page order. For a search, around its hits; else the opening of the document.
    pub excerpts: Vec<Excerpt>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Excerpt {
    pub page: u32,
    pub segments: Vec<Segment>,
}
