//! A document as people see it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{
    Format, ImagesDigest,
    reading::{Failure, OutlineEntry, Word},
};
use crate::{
    begun::Begun,
    id::{DocumentId, JobId},
    search::Segment,
};

/// Where a document is on its way from bytes to text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentState {
    /// In the queue.
    Waiting,
    Reading,
    Read,
    /// Some pages could not be read, or there were more than Sheaf reads.
    PartlyRead,
    Unreadable,
    /// Reading was cancelled by a person.
    Cancelled,
    /// Kept as it is: a format that Sheaf does not read.
    Stored,
    /// For page credits: this month's are used or set aside. It goes on by itself when there are some.
    Held,
}

impl DocumentState {
    pub const ALL: [Self; 8] = [
        Self::Waiting,
        Self::Reading,
        Self::Read,
        Self::PartlyRead,
        Self::Unreadable,
        Self::Cancelled,
        Self::Stored,
        Self::Held,
    ];

    /// The word in the database and in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Reading => "reading",
            Self::Read => "read",
            Self::PartlyRead => "partly_read",
            Self::Unreadable => "unreadable",
            Self::Cancelled => "cancelled",
            Self::Stored => "stored",
            Self::Held => "held",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// What the screen says.
    pub fn label(self) -> &'static str {
        match self {
            Self::Waiting => "Waiting",
            Self::Reading => "Reading",
            Self::Read => "Read",
            Self::PartlyRead => "Partly read",
            Self::Unreadable => "Could not be read",
            Self::Cancelled => "Cancelled",
            Self::Stored => "Kept, not read",
            Self::Held => "Waiting for credits",
        }
    }

    /// Whether a job is at work on it or will be.
    pub fn is_busy(self) -> bool {
        matches!(self, Self::Waiting | Self::Reading)
    }

    /// Whether a person may ask for it to be read again.
    pub fn can_retry(self) -> bool {
        matches!(self, Self::PartlyRead | Self::Unreadable | Self::Cancelled | Self::Held)
    }

    /// Whether it may be read again among many: nobody is at work on it, or will be by itself.
    pub fn can_read_again(self) -> bool {
        matches!(self, Self::Read | Self::PartlyRead | Self::Unreadable | Self::Cancelled)
    }
}

/// A document without its pages.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Document {
    pub id: DocumentId,
    /// The file's name, cleaned.
    pub name: String,
    pub format: Format,
    pub bytes: i64,
    /// Lowercase hexadecimal.
    pub sha256: String,
    pub state: DocumentState,
    pub failure: Option<Failure>,
    pub title: Option<String>,
    pub author: Option<String>,
    /// ISO 639-3, as detected.
    pub language: Option<String>,
    pub authored_at: Option<DateTime<Utc>>,
    pub modified_at: Option<DateTime<Utc>>,
    pub outline: Vec<OutlineEntry>,
    /// Known once the document was opened.
    pub pages: Option<i32>,
    pub pages_read: i32,
    pub pages_failed: i32,
    pub words: i64,
    pub has_images: bool,
    /// What addresses of its images carry; none where they have none that stays, as its pages are still being drawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub images: Option<ImagesDigest>,
    pub uploaded_by: String,
    /// Not every member sees it.
    pub private: bool,
    pub created_at: DateTime<Utc>,
    pub read_at: Option<DateTime<Utc>>,
    pub trashed_at: Option<DateTime<Utc>>,
}

impl Document {
    /// The title it gives itself, or the file's name.
    pub fn display_title(&self) -> &str {
        self.title.as_deref().unwrap_or(&self.name)
    }

    /// The language's English name, if it was detected.
    pub fn language_name(&self) -> Option<&'static str> {
        self.language.as_deref().and_then(language_name)
    }
}

/// One page for the reader.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PageText {
    pub number: i32,
    /// In points; 0 for formats without pages of their own.
    pub width: f32,
    pub height: f32,
    /// The text, cut at the hits of the search inside the document; in one piece where there are none.
    pub segments: Vec<Segment>,
    pub words: Vec<Word>,
    /// Positions in `words` that the search inside the document has found.
    pub hits: Vec<u32>,
    /// Whether this page could not be read.
    pub failed: bool,
}

/// What became of an upload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Upload {
    /// It is kept; the job reads it. No job for a format that is not read.
    Accepted { document: DocumentId, job: Option<JobId> },
    /// The same bytes are here already, and nothing was kept.
    AlreadyHere { document: DocumentId, name: String },
}

/// What became of documents that were to be read again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadAgain {
    /// Those that are read again.
    pub begun: usize,
    /// Those that wait for page credits.
    pub held: usize,
    /// Those that could not be read again now: they are being read, wait already, or lie in the trash.
    pub passed_over: usize,
    /// The jobs that read them.
    #[serde(flatten)]
    pub work: Begun,
}

/// That all documents are read again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadAll {
    /// How many there are now.
    pub documents: i64,
    /// The job that has each of them read.
    #[serde(flatten)]
    pub work: Begun,
}

fn language_name(code: &str) -> Option<&'static str> {
    const NAMES: [(&str, &str); 28] = [
        ("ara", "Arabic"),
        ("ben", "Bengali"),
        ("ces", "Czech"),
        ("cmn", "Chinese"),
        ("dan", "Danish"),
        ("deu", "German"),
        ("ell", "Greek"),
        ("eng", "English"),
        ("fin", "Finnish"),
        ("fra", "French"),
        ("heb", "Hebrew"),
        ("hin", "Hindi"),
        ("hun", "Hungarian"),
        ("ita", "Italian"),
        ("jpn", "Japanese"),
        ("kor", "Korean"),
        ("nld", "Dutch"),
        ("nob", "Norwegian"),
        ("pes", "Persian"),
        ("pol", "Polish"),
        ("por", "Portuguese"),
        ("ron", "Romanian"),
        ("rus", "Russian"),
        ("spa", "Spanish"),
        ("swe", "Swedish"),
        ("tur", "Turkish"),
        ("ukr", "Ukrainian"),
        ("vie", "Vietnamese"),
    ];
    NAMES.iter().find(|(known, _)| *known == code).map(|(_, name)| *name)
}
