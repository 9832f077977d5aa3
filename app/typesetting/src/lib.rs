//! Typesetting: the content of a report becomes a PDF.
//!
//! The template is part of this crate and the content reaches it as data, so no text of a person is ever read as markup
//! and nothing outside can be opened: no file, no package, no network. There is no clock and no chance either: the same
//! content and fonts give the same bytes.
//!
//! `view` turns the content into finished words (`text`, `say`, `charts`, `language`), `world` is all that the template
//! can see, `pdf` writes the file, `child` is the process that the worker starts for one report.

mod charts;
mod child;
mod fonts;
mod language;
mod pdf;
mod say;
mod text;
mod view;
mod world;

#[cfg(test)]
mod tests;

use domain::reports::content::ReportContent;
use typst::diag::{SourceDiagnostic, Warned};
use typst_layout::PagedDocument;

pub use child::{run_child, run_child_with};
pub use fonts::{Fonts, FontsError};

/// The most documents that one report lists. A page each of contents, facts and sources is about what one process
/// typesets within the memory a job is given.
pub const MAX_DOCUMENTS: usize = 2_000;

/// The most characters of excerpts in one report, about 1,500 pages of them.
pub const MAX_EXCERPT_CHARACTERS: usize = 4_000_000;

/// A finished report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Typeset {
    /// The file.
    pub pdf: Vec<u8>,
    /// How many pages it has, cover included.
    pub pages: u32,
    /// Whether it conforms to PDF/A-2a and PDF/UA-1. When a character has no glyph in any font it cannot: the file is
    /// tagged PDF 1.7 then, with an empty box for each such character.
    pub archival: bool,
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum TypesetError {
    #[error("a report takes at most {MAX_DOCUMENTS} documents, this one has {0}")]
    TooManyDocuments(usize),
    #[error("a report takes at most {MAX_EXCERPT_CHARACTERS} characters of excerpts, this one has {0}")]
    TooMuchText(usize),
    /// The template is wrong: a fault of this crate, whatever the content.
    #[error("the template does not compile: {0}")]
    Template(String),
    #[error("the PDF cannot be written: {0}")]
    Export(String),
}

/// Typesets a report with the embedded fonts alone (Latin, Greek and Cyrillic scripts, and some Arabic).
pub fn typeset(content: &ReportContent) -> Result<Typeset, TypesetError> {
    typeset_with(content, Fonts::embedded())
}

/// Typesets a report with the given fonts.
pub fn typeset_with(content: &ReportContent, fonts: &Fonts) -> Result<Typeset, TypesetError> {
    let result = lay_out(content, fonts).and_then(|(document, _)| {
        let (pdf, archival) = pdf::export(&document, content)?;
        let pages = u32::try_from(document.pages().len()).unwrap_or(u32::MAX);
        Ok(Typeset { pdf, pages, archival })
    });
    // The typesetter remembers every step of every run; two reports share next to nothing but the memory.
    typst::comemo::evict(0);
    result
}

/// The laid-out pages, and what the compiler warned of on the way.
fn lay_out(content: &ReportContent, fonts: &Fonts) -> Result<(PagedDocument, Vec<String>), TypesetError> {
    check_limits(content)?;
    let world = world::ReportWorld::new(&view::Report::new(content), content.made_at, fonts);
    let Warned { output, warnings } = typst::compile::<PagedDocument>(&world);
    match output {
        Ok(document) => Ok((document, messages(&warnings))),
        Err(errors) => Err(TypesetError::Template(messages(&errors).join("; "))),
    }
}

fn check_limits(content: &ReportContent) -> Result<(), TypesetError> {
    if content.documents.len() > MAX_DOCUMENTS {
        return Err(TypesetError::TooManyDocuments(content.documents.len()));
    }
    let excerpts = content.documents.iter().flat_map(|document| &document.excerpts);
    let characters = excerpts.flat_map(|excerpt| &excerpt.segments).map(|run| run.text.chars().count()).sum();
    if characters > MAX_EXCERPT_CHARACTERS {
        return Err(TypesetError::TooMuchText(characters));
    }
    Ok(())
}

/// What the compiler said, without the places in the template, which tell a person nothing.
fn messages(diagnostics: &[SourceDiagnostic]) -> Vec<String> {
    diagnostics.iter().map(|diagnostic| diagnostic.message.to_string()).collect()
}
