//! What is where in an archive: the one list that packing, checking and docs/export-format.md agree on.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::id::{DocumentId, ReportId};

pub(super) const FORMAT: &str = "sheaf-export";

/// Raised when an older Sheaf could not read the archive rightly.
pub(super) const VERSION: u32 = 1;

pub(super) const MANIFEST: &str = "manifest.json";
pub(super) const README: &str = "README.txt";
pub(super) const DOCUMENTS: &str = "documents.jsonl";
pub(super) const MEMBERS: &str = "members.jsonl";
pub(super) const REPORTS: &str = "reports.jsonl";
pub(super) const AUDIT: &str = "audit.jsonl";

/// What every archive has besides its manifest, also that of an empty workspace.
pub(super) const ALWAYS: [&str; 5] = [README, DOCUMENTS, MEMBERS, REPORTS, AUDIT];

/// The comment at the end of the ZIP, up to the hash: the very last bytes are SHA-256 of all bytes before them.
pub(super) const SEAL: &str = "Sheaf export 1. SHA-256 of all bytes before it: ";

/// Of the hash, in hexadecimal digits.
pub(super) const SEAL_DIGITS: usize = 64;

/// A member of the archive by what it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// One of [`ALWAYS`].
    Always,
    Original(DocumentId),
    Pages(DocumentId),
    Report(ReportId),
    /// The audit log of a workspace that was imported here.
    ImportedAudit(Uuid),
}

impl Part {
    /// None for a name that no archive has: a path that leads elsewhere is not among these.
    pub fn parse(name: &str) -> Option<Self> {
        if ALWAYS.contains(&name) {
            return Some(Self::Always);
        }
        let (folder, rest) = name.split_once('/')?;
        match folder {
            "originals" => id(rest).map(|id| Self::Original(DocumentId(id))),
            "pages" => id(rest.strip_suffix(".jsonl")?).map(|id| Self::Pages(DocumentId(id))),
            "reports" => id(rest.strip_suffix(".pdf")?).map(|id| Self::Report(ReportId(id))),
            "imported-audit" => id(rest.strip_suffix(".jsonl")?).map(Self::ImportedAudit),
            _ => None,
        }
    }
}

pub(super) fn original(id: DocumentId) -> String {
    format!("originals/{id}")
}

pub(super) fn pages(id: DocumentId) -> String {
    format!("pages/{id}.jsonl")
}

pub(super) fn report(id: ReportId) -> String {
    format!("reports/{id}.pdf")
}

pub(super) fn imported_audit(id: Uuid) -> String {
    format!("imported-audit/{id}.jsonl")
}

/// One spelling an id, so that no two names mean the same.
fn id(text: &str) -> Option<Uuid> {
    text.parse::<Uuid>().ok().filter(|id| id.to_string() == text)
}

/// The last member that is written: what the archive is, and every other member with its size and hash.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Manifest {
    pub format: String,
    pub version: u32,
    pub created_at: DateTime<Utc>,
    /// The row of the workspace.
    pub workspace: serde_json::Value,
    pub counts: Counts,
    pub files: Vec<PackedFile>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Counts {
    pub documents: u64,
    pub pages: u64,
    pub members: u64,
    pub reports: u64,
    pub audit_entries: u64,
    /// Documents and reports whose file was gone: deleted while the archive was made.
    pub left_out: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PackedFile {
    pub name: String,
    /// Unpacked.
    pub bytes: u64,
    /// Of what is unpacked, in lowercase hexadecimal.
    pub sha256: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back_and_others_are_none() {
        let id = "018f0000-0000-7000-8000-00000000000a".parse::<Uuid>().expect("a UUID");
        assert_eq!(Part::parse(&original(DocumentId(id))), Some(Part::Original(DocumentId(id))));
        assert_eq!(Part::parse(&pages(DocumentId(id))), Some(Part::Pages(DocumentId(id))));
        assert_eq!(Part::parse(&report(ReportId(id))), Some(Part::Report(ReportId(id))));
        assert_eq!(Part::parse(&imported_audit(id)), Some(Part::ImportedAudit(id)));
        assert_eq!(Part::parse(DOCUMENTS), Some(Part::Always));
        for name in [
            "",
            "/etc/passwd",
            "../documents.jsonl",
            "originals/../documents.jsonl",
            "originals/",
            "originals/018F0000-0000-7000-8000-00000000000A",
            "originals/018f000000007000800000000000000a",
            "originals\\018f0000-0000-7000-8000-00000000000a",
            "originals/018f0000-0000-7000-8000-00000000000a/",
            "pages/018f0000-0000-7000-8000-00000000000a",
            "documents.jsonl\0",
        ] {
            assert_eq!(Part::parse(name), None, "{name:?}");
        }
    }
}
