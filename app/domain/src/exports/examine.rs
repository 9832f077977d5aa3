//! What an archive says, read to its end before anything of it is written: each original and each report has its line, and
//! each line what it names.

use std::collections::BTreeMap;

use futures::TryStreamExt;

use super::{
    Archive,
    archive::refused,
    format::{self, DOCUMENTS, MEMBERS, PackedFile, Part, REPORTS},
    lines::{DocumentLine, MemberLine, ReportLine},
};
use crate::{
    error::{Error, Result},
    id::{DocumentId, ReportId},
};

/// Members of one workspace. They are held in memory, and looked up in one query.
const MAX_MEMBERS: usize = 10_000;

/// What an import has to do.
pub(super) struct Plan {
    pub documents: BTreeMap<DocumentId, PlannedDocument>,
    /// Those that are ready have a PDF.
    pub reports: BTreeMap<ReportId, bool>,
    pub members: Vec<MemberLine>,
}

#[derive(Clone, Copy)]
pub(super) struct PlannedDocument {
    pub waits: bool,
    pub bytes: u64,
    pub pages: i32,
    pub has_images: bool,
}

/// Fails where the archive contradicts itself, or has more than `max_documents`.
pub(super) async fn examine(archive: &Archive, max_documents: u64) -> Result<Plan> {
    let files: BTreeMap<&str, &PackedFile> =
        archive.manifest.files.iter().map(|file| (file.name.as_str(), file)).collect();
    let plan = Plan {
        documents: documents(archive, &files, max_documents).await?,
        reports: reports(archive, &files).await?,
        members: members(archive).await?,
    };
    for (part, file) in archive.parts() {
        let is_known = match part {
            Part::Original(id) => plan.documents.contains_key(&id),
            Part::Pages(id) => plan.documents.contains_key(&id),
            Part::Report(id) => plan.reports.get(&id) == Some(&true),
            Part::Always | Part::ImportedAudit(_) => true,
        };
        if !is_known {
            return Err(refused(format!("“{}” belongs to nothing", file.name)));
        }
    }
    Ok(plan)
}

async fn documents(
    archive: &Archive,
    files: &BTreeMap<&str, &PackedFile>,
    max: u64,
) -> Result<BTreeMap<DocumentId, PlannedDocument>> {
    let mut documents = BTreeMap::new();
    let mut lines = archive.lines(DOCUMENTS);
    while let Some(line) = lines.try_next().await? {
        let document = DocumentLine::parse(&line)?;
        let id = document.id;
        let original = files.get(format::original(id).as_str());
        if !original.is_some_and(|file| file.sha256 == document.sha256 && file.bytes == document.bytes) {
            return Err(refused(format!("the original of the document {id} is missing or another")));
        }
        if document.pages > 0 && !files.contains_key(format::pages(id).as_str()) {
            return Err(refused(format!("the pages of the document {id} are missing")));
        }
        let DocumentLine { waits, bytes, pages, has_images, .. } = document;
        if documents.insert(id, PlannedDocument { waits, bytes, pages, has_images }).is_some() {
            return Err(refused(format!("the document {id} is there twice")));
        }
        if documents.len() as u64 > max {
            return Err(Error::limit_reached(format!(
                "This archive holds more than {max} documents, which is the limit of a workspace \
                 (SHEAF_MAX_DOCUMENTS). Nothing was imported."
            )));
        }
    }
    Ok(documents)
}

async fn reports(archive: &Archive, files: &BTreeMap<&str, &PackedFile>) -> Result<BTreeMap<ReportId, bool>> {
    let mut reports = BTreeMap::new();
    let mut lines = archive.lines(REPORTS);
    while let Some(line) = lines.try_next().await? {
        let ReportLine { id, is_ready, sha256 } = ReportLine::parse(&line)?;
        let file = files.get(format::report(id).as_str());
        if is_ready && (file.is_none() || file.map(|file| &file.sha256) != sha256.as_ref()) {
            return Err(refused(format!("the PDF of the report {id} is missing or another")));
        }
        if reports.insert(id, is_ready).is_some() {
            return Err(refused(format!("the report {id} is there twice")));
        }
    }
    Ok(reports)
}

async fn members(archive: &Archive) -> Result<Vec<MemberLine>> {
    let mut members = Vec::new();
    let mut lines = archive.lines(MEMBERS);
    while let Some(line) = lines.try_next().await? {
        if members.len() == MAX_MEMBERS {
            return Err(refused(format!("it has more than {MAX_MEMBERS} members")));
        }
        members.push(MemberLine::parse(&line)?);
    }
    Ok(members)
}
