//! What a reader tells: the protocol between the sandboxed child process that parses a file and the worker that keeps what
//! was read. The child writes one JSON object a line to its standard output, each a [`ReadEvent`].
//!
//! Units: points (1/72 inch). The origin is the top left corner of the page *as it is shown*, after the page's own rotation;
//! x grows to the right and y grows downwards.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::Format;

/// What the parent asks a reader for. It is passed as one JSON argument.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReadRequest {
    pub format: Format,
    /// The first page to read, from 1: a resumed job skips what is already kept.
    pub first_page: u32,
    /// Pages after this many are not read.
    pub max_pages: u32,
    /// Whether to draw page images and thumbnails (PDF only).
    pub images: bool,
}

/// One line of a reader's output. The order is: `Opened`, then for each page `Page` or `PageFailed`, each followed by its
/// `Image`s, then `Finished`; or `Failed` at any place, which is the last line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum ReadEvent {
    Opened(Facts),
    Page(PageRead),
    /// This page could not be read; the others go on. `reason` is for the operator.
    PageFailed {
        number: u32,
        reason: String,
    },
    /// An image was written to the output folder.
    Image(PageImage),
    Finished,
    Failed {
        reason: Failure,
        detail: String,
    },
}

/// What a document says of itself.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    pub title: Option<String>,
    pub author: Option<String>,
    pub created_at: Option<DateTime<Utc>>,
    pub modified_at: Option<DateTime<Utc>>,
    /// All pages of the document, also those before `first_page` and after `max_pages`.
    pub pages: u32,
    /// Bookmarks in document order, at most 2,000.
    pub outline: Vec<OutlineEntry>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutlineEntry {
    pub title: String,
    /// 0 for the top level.
    pub level: u8,
    /// From 1; none where the bookmark leads nowhere.
    pub page: Option<u32>,
}

/// The text of one page and the place of every word.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PageRead {
    /// From 1.
    pub number: u32,
    /// Of the page as shown, in points; 0 for formats that have no pages of their own.
    pub width: f32,
    pub height: f32,
    /// All words of `words` in their order with white space between them, so that a place in the text leads to a word.
    pub text: String,
    /// Empty for formats without places (text, Markdown, CSV, HTML, DOCX).
    pub words: Vec<Word>,
}

/// One word and its box on the page: serialized as `[text, x, y, width, height]`, as there are a thousand on a page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "(String, f32, f32, f32, f32)", into = "(String, f32, f32, f32, f32)")]
pub struct Word {
    pub text: String,
    pub x: f32,
    pub y: f32,
    pub width: f32,
    pub height: f32,
}

impl From<(String, f32, f32, f32, f32)> for Word {
    fn from((text, x, y, width, height): (String, f32, f32, f32, f32)) -> Self {
        Self { text, x, y, width, height }
    }
}

impl From<Word> for (String, f32, f32, f32, f32) {
    fn from(word: Word) -> Self {
        (word.text, word.x, word.y, word.width, word.height)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageImage {
    pub number: u32,
    pub size: ImageSize,
    /// The file's name in the output folder, without any folder. PNG.
    pub file: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImageSize {
    /// For the reader: 1,400 pixels wide, fewer where the page is very tall.
    Page,
    /// For lists and the thumbnail strip: 240 pixels wide. Made for every page.
    Thumbnail,
}

impl ImageSize {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Thumbnail => "thumbnail",
        }
    }
}

/// Why a document could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    PasswordProtected,
    Damaged,
    /// There is nothing in it: no bytes, or no page.
    Empty,
    /// It unpacks to more than a reader may use: too much memory, too many entries, too deep.
    TooLarge,
    TooSlow,
    /// The reader died: a bug of ours or a file made to do harm.
    Crashed,
}

impl Failure {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PasswordProtected => "password_protected",
            Self::Damaged => "damaged",
            Self::Empty => "empty",
            Self::TooLarge => "too_large",
            Self::TooSlow => "too_slow",
            Self::Crashed => "crashed",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::PasswordProtected, Self::Damaged, Self::Empty, Self::TooLarge, Self::TooSlow, Self::Crashed]
            .into_iter()
            .find(|failure| failure.as_str() == text)
    }

    /// What the person is told, as a full sentence.
    pub fn message(self) -> &'static str {
        match self {
            Self::PasswordProtected => "This file is protected by a password. Remove the password and upload it again.",
            Self::Damaged => "This file is damaged, or it is not what its name says.",
            Self::Empty => "This file has no content to read.",
            Self::TooLarge => "This file unpacks to more than Sheaf can read safely.",
            Self::TooSlow => "Reading this file took too long, so Sheaf stopped.",
            Self::Crashed => "Sheaf could not read this file. The original is kept and can be downloaded.",
        }
    }
}
