//! The lines of an archive, as far as an import must understand them. The database is given the line itself, so that no
//! number or time is rounded on its way through here.
//!
//! A line has exactly the fields that are known: one that is missing, or that this Sheaf does not know, would be lost
//! without a word, so it is refused.

use std::collections::BTreeSet;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::archive::refused;
use crate::{
    documents::{
        DocumentState, Format, clean_name,
        reading::{OutlineEntry, Word},
    },
    error::Result,
    id::{AccountId, DocumentId, ReportId},
    reports::{ReportState, Scope},
    search,
};

const DOCUMENT: [&str; 23] = [
    "id",
    "name",
    "format",
    "bytes",
    "sha256",
    "state",
    "failure",
    "title",
    "author",
    "language",
    "authored_at",
    "modified_at",
    "outline",
    "pages",
    "pages_read",
    "pages_failed",
    "words",
    "uploaded_by",
    "created_at",
    "read_at",
    "trashed_at",
    "visibility",
    "readers",
];

const PAGE: [&str; 8] = ["number", "width", "height", "text", "words", "word_count", "failure", "config"];

const REPORT: [&str; 13] = [
    "id",
    "title",
    "scope",
    "state",
    "failure",
    "bytes",
    "sha256",
    "pages",
    "documents",
    "made_by",
    "created_at",
    "finished_at",
    "visibility",
];

const MEMBER: [&str; 5] = ["account", "email", "name", "role", "joined_at"];

/// What an import does with a document.
pub(super) struct DocumentLine {
    pub id: DocumentId,
    pub bytes: u64,
    pub sha256: String,
    /// It waits to be read, in the workspace that it came from and so here.
    pub waits: bool,
    /// Pages that are kept of it.
    pub pages: i32,
    /// It had page images, which are drawn anew.
    pub has_images: bool,
}

pub(super) struct PageLine {
    pub text: String,
}

pub(super) struct ReportLine {
    pub id: ReportId,
    pub is_ready: bool,
    /// Lowercase hexadecimal; none where there is no PDF.
    pub sha256: Option<String>,
}

pub(super) struct MemberLine {
    pub account: AccountId,
    pub email: String,
}

impl DocumentLine {
    pub fn parse(line: &str) -> Result<Self> {
        let fields = fields(line, &DOCUMENT)?;
        let (state, format): (DocumentState, Format) = (field(&fields, "state")?, field(&fields, "format")?);
        let name: String = field(&fields, "name")?;
        let pages: i32 = field(&fields, "pages_read")?;
        let failed: i32 = field(&fields, "pages_failed")?;
        // It is shown as it is.
        field::<Vec<OutlineEntry>>(&fields, "outline")?;
        if name != clean_name(&name) {
            return Err(refused(format!("a document is called {name:?}")));
        }
        if state == DocumentState::Reading || failed > pages {
            return Err(refused(format!("the document “{name}” is in a state that no export has")));
        }
        Ok(Self {
            id: field(&fields, "id")?,
            bytes: field(&fields, "bytes")?,
            sha256: field(&fields, "sha256")?,
            waits: state == DocumentState::Waiting,
            pages,
            has_images: format == Format::Pdf && pages > failed,
        })
    }
}

impl PageLine {
    pub fn parse(line: &str) -> Result<Self> {
        let fields = fields(line, &PAGE)?;
        // They are shown as they are.
        field::<Vec<Word>>(&fields, "words")?;
        let config: String = field(&fields, "config")?;
        if !search::CONFIGS.contains(&config.as_str()) {
            return Err(refused(format!("a page is in the language {config:?}")));
        }
        Ok(Self { text: field(&fields, "text")? })
    }
}

impl ReportLine {
    pub fn parse(line: &str) -> Result<Self> {
        let fields = fields(line, &REPORT)?;
        let state: ReportState = field(&fields, "state")?;
        field::<Scope>(&fields, "scope")?;
        if state.is_busy() {
            return Err(refused("a report is in a state that no export has"));
        }
        let is_ready = state == ReportState::Ready;
        Ok(Self { id: field(&fields, "id")?, is_ready, sha256: field(&fields, "sha256")? })
    }
}

impl MemberLine {
    pub fn parse(line: &str) -> Result<Self> {
        let fields = fields(line, &MEMBER)?;
        Ok(Self { account: field(&fields, "account")?, email: field(&fields, "email")? })
    }
}

fn fields(line: &str, known: &[&str]) -> Result<Map<String, Value>> {
    let fields: Map<String, Value> =
        serde_json::from_str(line).map_err(|error| refused(format!("a line is not understood: {error}")))?;
    let (found, known): (BTreeSet<&str>, BTreeSet<&str>) =
        (fields.keys().map(String::as_str).collect(), known.iter().copied().collect());
    match found.symmetric_difference(&known).next() {
        None => Ok(fields),
        Some(field) if known.contains(field) => Err(refused(format!("a line has no field {field:?}"))),
        Some(field) => Err(refused(format!("a line has a field {field:?}, which this Sheaf does not know"))),
    }
}

fn field<T: DeserializeOwned>(fields: &Map<String, Value>, name: &str) -> Result<T> {
    let value = fields.get(name).unwrap_or(&Value::Null);
    <T as serde::Deserialize>::deserialize(value)
        .map_err(|error| refused(format!("the field {name:?} of a line is not understood: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = r#"{"account": "018f0000-0000-7000-8000-00000000000a", "email": "ada@acme.example", "name": "Ada",
        "role": "owner", "joined_at": "2026-11-21T12:00:00+00:00"}"#;

    #[test]
    fn a_line_has_the_fields_that_are_known_and_no_others() {
        assert!(MemberLine::parse(LINE).is_ok_and(|member| member.email == "ada@acme.example"));
        let message = |line: &str| MemberLine::parse(line).err().map(|error| error.message).unwrap_or_default();
        assert!(message(&LINE.replace("\"role\"", "\"rank\"")).contains("\"rank\""));
        assert!(message(&LINE.replace("\"name\": \"Ada\",", "")).contains("no field \"name\""));
        assert!(message(&LINE.replace("\"ada@acme.example\"", "7")).contains("\"email\""));
        assert!(message("[]").contains("not understood"));
    }
}
