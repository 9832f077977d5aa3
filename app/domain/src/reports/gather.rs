//! What a report says: its documents with facts and excerpts, and figures over them.

use super::{
    MAX_DOCUMENTS, Report, Scope,
    content::{Excerpt, ReportContent, ReportedDocument, Segment},
    figures, store,
};
use crate::{
    db::TenantTx,
    documents::{self, Document},
    error::{Error, ErrorKind, Result},
    id::DocumentId,
    search::{self, Query},
    tenants,
};

/// Characters of a document's opening, where no search says what to show.
const OPENING_CHARACTERS: usize = 700;

/// What the report says, and whether it says something of a private document. The transaction is that of whoever asked for
/// it, who may see more than others and less than when they asked.
pub(super) async fn content(tx: &mut TenantTx, report: &Report) -> Result<(ReportContent, bool)> {
    let (documents, private) = match &report.scope {
        Scope::Documents(ids) => chosen(tx, ids).await?,
        Scope::Search(query) => found(tx, query).await?,
    };
    if documents.is_empty() {
        return Err(Error::conflict(match report.scope {
            Scope::Documents(_) => "None of the documents of this report are there any more.",
            Scope::Search(_) => "The search of this report finds nothing any more.",
        }));
    }
    let content = ReportContent {
        title: report.title.clone(),
        workspace: tenants::name(tx).await?,
        author: report.made_by.clone(),
        made_at: report.created_at,
        scope: scope_in_words(&report.scope, documents.len()),
        figures: figures::of(&documents),
        documents,
    };
    Ok((content, private))
}

async fn chosen(tx: &mut TenantTx, ids: &[DocumentId]) -> Result<(Vec<ReportedDocument>, bool)> {
    let documents = existing(tx, ids).await?;
    let private = documents.iter().any(|document| document.private);
    let mut reported = Vec::with_capacity(documents.len());
    for document in documents {
        let opening = store::opening(tx, document.id).await?;
        let excerpts = opening.map(|(page, text)| Excerpt { page, segments: shorten(&text) });
        reported.push(report_on(document, excerpts.into_iter().collect()));
    }
    Ok((reported, private))
}

async fn found(tx: &mut TenantTx, query: &str) -> Result<(Vec<ReportedDocument>, bool)> {
    let results = search::find(tx, &Query::parse(query)?).await?;
    let ids: Vec<_> = results.documents.iter().map(|found| found.id).collect();
    let documents = existing(tx, &ids).await?;
    let private = documents.iter().any(|document| document.private);
    let mut reported = Vec::with_capacity(documents.len());
    for document in documents {
        let hits = results.documents.iter().find(|found| found.id == document.id).map(|found| found.hits.as_slice());
        let excerpts = hits
            .unwrap_or_default()
            .iter()
            .map(|hit| Excerpt { page: hit.number.unsigned_abs(), segments: hit.snippet.clone() })
            .collect();
        reported.push(report_on(document, excerpts));
    }
    Ok((reported, private))
}

/// The documents that are still there, in the order asked for.
async fn existing(tx: &mut TenantTx, ids: &[DocumentId]) -> Result<Vec<Document>> {
    let mut documents = Vec::with_capacity(ids.len());
    for id in ids.iter().take(MAX_DOCUMENTS) {
        match documents::store::find(tx, *id).await {
            Ok(document) if document.trashed_at.is_none() => documents.push(document),
            Ok(_) => {}
            Err(error) if error.is(ErrorKind::NotFound) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(documents)
}

fn report_on(document: Document, excerpts: Vec<Excerpt>) -> ReportedDocument {
    ReportedDocument {
        title: document.display_title().to_owned(),
        format: document.format.label().to_owned(),
        language: document.language_name().map(str::to_owned),
        created_at: document.authored_at,
        added_at: document.created_at,
        pages: document.pages.unwrap_or(0).unsigned_abs(),
        words: document.words.unsigned_abs(),
        bytes: document.bytes.unsigned_abs(),
        file_name: document.name,
        author: document.author,
        sha256: document.sha256,
        excerpts,
    }
}

fn scope_in_words(scope: &Scope, documents: usize) -> String {
    match scope {
        Scope::Documents(_) if documents == 1 => "1 chosen document".into(),
        Scope::Documents(_) => format!("{documents} chosen documents"),
        Scope::Search(query) => format!("Search: {query}"),
    }
}

fn shorten(text: &str) -> Vec<Segment> {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let short: String = line.chars().take(OPENING_CHARACTERS).collect();
    let text = if short.len() < line.len() { format!("{short} …") } else { short };
    vec![Segment { text, hit: false }]
}
