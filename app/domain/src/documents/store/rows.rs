//! A row of `document`, as the database gives it.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{
    documents::{Document, DocumentState, Format, ImagesDigest, ListedDocument, reading::Failure},
    error::{Error, Result},
    id::DocumentId,
};

pub(crate) struct DocumentRow {
    pub tenant_id: Uuid,
    pub id: Uuid,
    pub name: String,
    pub format: String,
    pub bytes: i64,
    pub sha256: Vec<u8>,
    pub state: String,
    pub failure: Option<String>,
    pub title: Option<String>,
    pub author: Option<String>,
    pub language: Option<String>,
    pub authored_at: Option<DateTime<Utc>>,
    pub modified_at: Option<DateTime<Utc>>,
    pub outline: serde_json::Value,
    pub pages: Option<i32>,
    pub pages_read: i32,
    pub pages_failed: i32,
    pub words: i64,
    pub has_images: bool,
    pub uploaded_by: String,
    pub private: bool,
    pub created_at: DateTime<Utc>,
    pub read_at: Option<DateTime<Utc>>,
    pub trashed_at: Option<DateTime<Utc>>,
}

impl TryFrom<DocumentRow> for Document {
    type Error = Error;

    fn try_from(row: DocumentRow) -> Result<Self> {
        let images = ImagesDigest::of(row.tenant_id, &row.sha256, row.has_images, row.read_at);
        Ok(Self {
            id: DocumentId(row.id),
            name: row.name,
            format: format_of(&row.format)?,
            bytes: row.bytes,
            sha256: hexadecimal(&row.sha256),
            state: state_of(&row.state)?,
            failure: row.failure.as_deref().and_then(Failure::parse),
            title: row.title,
            author: row.author,
            language: row.language,
            authored_at: row.authored_at,
            modified_at: row.modified_at,
            outline: serde_json::from_value(row.outline)?,
            pages: row.pages,
            pages_read: row.pages_read,
            pages_failed: row.pages_failed,
            words: row.words,
            has_images: row.has_images,
            images,
            uploaded_by: row.uploaded_by,
            private: row.private,
            created_at: row.created_at,
            read_at: row.read_at,
            trashed_at: row.trashed_at,
        })
    }
}

/// The columns that a list shows.
pub(crate) struct ListedRow {
    pub tenant_id: Uuid,
    pub id: Uuid,
    pub name: String,
    pub format: String,
    pub bytes: i64,
    pub sha256: Vec<u8>,
    pub state: String,
    pub failure: Option<String>,
    pub title: Option<String>,
    pub pages: Option<i32>,
    pub pages_read: i32,
    pub words: i64,
    pub has_images: bool,
    pub private: bool,
    pub created_at: DateTime<Utc>,
    pub read_at: Option<DateTime<Utc>>,
    pub trashed_at: Option<DateTime<Utc>>,
}

impl TryFrom<ListedRow> for ListedDocument {
    type Error = Error;

    fn try_from(row: ListedRow) -> Result<Self> {
        let images = ImagesDigest::of(row.tenant_id, &row.sha256, row.has_images, row.read_at);
        Ok(Self {
            id: DocumentId(row.id),
            name: row.name,
            format: format_of(&row.format)?,
            bytes: row.bytes,
            state: state_of(&row.state)?,
            failure: row.failure.as_deref().and_then(Failure::parse),
            title: row.title,
            pages: row.pages,
            pages_read: row.pages_read,
            words: row.words,
            has_images: row.has_images,
            images,
            private: row.private,
            created_at: row.created_at,
            trashed_at: row.trashed_at,
        })
    }
}

fn format_of(word: &str) -> Result<Format> {
    Format::parse(word).ok_or_else(|| Error::internal("an unknown format"))
}

fn state_of(word: &str) -> Result<DocumentState> {
    DocumentState::parse(word).ok_or_else(|| Error::internal("an unknown state"))
}

pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
        text
    })
}
