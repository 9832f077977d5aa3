//! What kind of file a document is, by its content and not by its name.

use serde::{Deserialize, Serialize};

/// What Sheaf reads, for whoever brings something else.
pub const READ_FORMATS: &str = "PDF, Word, text, Markdown, CSV and HTML";

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    Pdf,
    Text,
    Markdown,
    Csv,
    Html,
    Docx,
    /// Kept and shown as "kept, not read".
    Other,
}

impl Format {
    pub const ALL: [Self; 7] = [Self::Pdf, Self::Text, Self::Markdown, Self::Csv, Self::Html, Self::Docx, Self::Other];

    /// The word in the database, in addresses and in searches (`type:pdf`).
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Text => "text",
            Self::Markdown => "markdown",
            Self::Csv => "csv",
            Self::Html => "html",
            Self::Docx => "docx",
            Self::Other => "other",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.as_str() == text)
    }

    /// What the screen says.
    pub fn label(self) -> &'static str {
        match self {
            Self::Pdf => "PDF",
            Self::Text => "Text",
            Self::Markdown => "Markdown",
            Self::Csv => "CSV",
            Self::Html => "HTML",
            Self::Docx => "Word",
            Self::Other => "Other",
        }
    }

    /// Whether Sheaf reads this format today.
    pub fn is_read(self) -> bool {
        self != Self::Other
    }

    /// The media type that the original is served with.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Text => "text/plain; charset=utf-8",
            Self::Markdown => "text/markdown; charset=utf-8",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Html => "text/html; charset=utf-8",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Other => "application/octet-stream",
        }
    }
}
