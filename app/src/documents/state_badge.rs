//! Where a document is on its way.

use domain::documents::{DocumentState, Format, ListedDocument, READ_FORMATS};
use leptos::prelude::*;

use crate::ui::{Badge, Cluster, Gap, Glyph, Progress, Tone, counted};

/// The state as a word, and how far the reading is.
#[component]
pub fn StateBadge(
    state: DocumentState,
    /// Known once the document was opened.
    pages: Option<i32>,
    pages_read: i32,
) -> impl IntoView {
    let (tone, glyph) = face(state);
    let pages = pages.filter(|pages| state == DocumentState::Reading && *pages > 0);
    let progress = pages.map(|pages| {
        let share = f64::from(pages_read) / f64::from(pages);
        let label = format!("{} of {} read", pages_read, counted(pages.unsigned_abs().into(), "page", "pages"));
        view! { <Progress label value=Some(share) /> }
    });
    let word = match pages {
        Some(pages) => format!("{} {pages_read} of {pages}", state.label()),
        None => state.label().to_owned(),
    };
    view! {
        <Cluster gap=Gap::Tiny>
            <Badge tone glyph>
                {word}
            </Badge>
            {progress}
        </Cluster>
    }
}

fn face(state: DocumentState) -> (Tone, Glyph) {
    match state {
        DocumentState::Waiting => (Tone::Neutral, Glyph::Clock),
        DocumentState::Reading => (Tone::Info, Glyph::Eye),
        DocumentState::Read => (Tone::Success, Glyph::Check),
        DocumentState::PartlyRead => (Tone::Warning, Glyph::Warning),
        DocumentState::Unreadable => (Tone::Danger, Glyph::Error),
        DocumentState::Cancelled => (Tone::Neutral, Glyph::Cancel),
        DocumentState::Stored => (Tone::Neutral, Glyph::Document),
        DocumentState::Held => (Tone::Warning, Glyph::Clock),
    }
}

/// The icon of a format.
pub(crate) fn format_glyph(format: Format) -> Glyph {
    match format {
        Format::Pdf => Glyph::FilePdf,
        Format::Text | Format::Markdown | Format::Docx => Glyph::FileText,
        Format::Csv => Glyph::FileTable,
        Format::Html => Glyph::FileWeb,
        Format::Other => Glyph::FileOther,
    }
}

/// What a row says of itself under its title: the file's name, and why it could not be read.
pub(super) fn note_of(document: &ListedDocument) -> String {
    let name = document.title.as_ref().map(|_| document.name.clone());
    let failure = match document.state {
        DocumentState::Stored => Some(format!("Sheaf reads {READ_FORMATS}")),
        _ => document.failure.map(|failure| failure.message().to_owned()),
    };
    let parts: Vec<_> = name.or_else(|| Some(document.format.label().to_owned())).into_iter().chain(failure).collect();
    parts.join(" · ")
}
