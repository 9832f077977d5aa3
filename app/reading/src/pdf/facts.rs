//! What a PDF says of itself.

use domain::documents::reading::{Facts, OutlineEntry};

use super::pdfium::Document;
use crate::limits::{OUTLINE_ENTRIES, OUTLINE_LEVELS};
use crate::{clean, dates, title};

/// Title, author, dates, number of pages and outline.
pub fn read(document: &Document) -> Facts {
    let line = |tag| document.meta(tag).and_then(|text| clean::line(&text));
    let date = |tag| document.meta(tag).and_then(|text| dates::pdf(&text));
    Facts {
        title: document.meta("Title").and_then(|text| title::given(&text)),
        author: line("Author"),
        created_at: date("CreationDate"),
        modified_at: date("ModDate"),
        pages: document.page_count(),
        outline: outline(document),
    }
}

fn outline(document: &Document) -> Vec<OutlineEntry> {
    let pages = document.page_count();
    document
        .bookmarks(OUTLINE_ENTRIES, OUTLINE_LEVELS)
        .into_iter()
        .filter_map(|(bookmark, level)| {
            let title = clean::line(&document.bookmark_title(bookmark)?)?;
            let page = document.bookmark_page(bookmark).filter(|page| *page <= pages);
            Some(OutlineEntry { title, level, page })
        })
        .collect()
}
