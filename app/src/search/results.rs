//! What was found, document by document, each place a link into the reader.

use domain::{
    id::DocumentId,
    search::{FoundDocument, FoundPage, Query, SearchResults},
};
use leptos::prelude::*;

use crate::{
    documents::format_glyph,
    routes,
    ui::{
        EmptyState, Gap, Glyph, SearchResult, SearchResults as ResultList, SearchSummary, Snippet, Stack, counted,
        grouped,
    },
};

/// The results of a query that was understood, or what to try where there are none.
#[component]
pub fn Results(query: String, results: SearchResults) -> impl IntoView {
    if results.documents.is_empty() {
        return view! { <NothingFound query /> }.into_any();
    }
    let summary = summary(&results) + &left_out(&query);
    let documents = results.documents.into_iter().map(|found| document(found, &query)).collect_view();
    view! {
        <Stack gap=Gap::Large>
            <SearchSummary text=summary />
            <ResultList>{documents}</ResultList>
        </Stack>
    }
    .into_any()
}

/// Filters or signs alone find nothing: the words are missing then, and not the documents.
#[component]
fn NothingFound(query: String) -> impl IntoView {
    let asked = Query::parse(&query).unwrap_or_default();
    let (title, text) = match (asked.node.is_some(), asked.is_empty()) {
        (true, _) => (
            "Nothing found",
            "Try fewer or other words, a beginning such as contract*, or OR between them. Documents that are still being \
             read are found as soon as their pages are.",
        ),
        (false, false) => ("What should the pages say?", "Add a word to look for: filters alone find nothing."),
        (false, true) => {
            ("What should the pages say?", "Signs alone cannot be searched. Add a word or a number to look for.")
        }
    };
    view! { <EmptyState glyph=Glyph::Search title text /> }
}

fn document(found: FoundDocument, query: &str) -> impl IntoView + use<> {
    let first = found.hits.first().map_or(1, |hit| hit.number.unsigned_abs());
    let meta = meta(&found);
    let id = found.id;
    let snippets: Vec<_> = found.hits.into_iter().map(|hit| snippet(hit, id, query)).collect();
    view! {
        <SearchResult
            glyph=format_glyph(found.format)
            title=found.title
            href=routes::document_hit(id, first, query)
            meta
        >
            {snippets}
        </SearchResult>
    }
}

fn snippet(hit: FoundPage, id: DocumentId, query: &str) -> impl IntoView + use<> {
    let number = hit.number.unsigned_abs();
    let segments = hit.snippet.into_iter().map(|segment| (segment.text, segment.hit)).collect();
    view! {
        <Snippet label=format!("Page {}", grouped(number.into())) href=routes::document_hit(id, number, query) segments />
    }
}

/// "lease.pdf, PDF, 14 pages"; the file's name only where it is not the title already.
fn meta(found: &FoundDocument) -> String {
    let mut facts = Vec::new();
    if found.name != found.title {
        facts.push(found.name.clone());
    }
    facts.push(found.format.label().to_owned());
    if let Some(pages) = found.pages {
        facts.push(counted(pages.unsigned_abs().into(), "page", "pages"));
    }
    facts.join(", ")
}

/// "132 pages found, the best in 12 documents". Not every document of so many pages is shown.
fn summary(results: &SearchResults) -> String {
    let pages = counted(results.pages.unsigned_abs(), "page", "pages");
    let documents = counted(results.documents.len() as u64, "document", "documents");
    match (results.capped, results.pages) {
        (true, _) => format!("More than {pages} found, the best in {documents}"),
        (false, 1) => "1 page found".into(),
        (false, _) => format!("{pages} found, the best in {documents}"),
    }
}

/// What of a query is searched by nobody, to be told behind the summary; empty where all of it is.
fn left_out(query: &str) -> String {
    let is_sign =
        |word: &&str| !word.contains(char::is_alphanumeric) && !word.chars().all(|sign| "()|&-!*\"“”„".contains(sign));
    let signs: Vec<_> = query.split_whitespace().filter(is_sign).collect();
    if signs.is_empty() { String::new() } else { format!(", without {}: signs are not searched", signs.join(" ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_that_are_not_searched_are_named() {
        assert_eq!(left_out("lease 🎉 (rent OR \"hill\") -a b* %"), ", without 🎉 %: signs are not searched");
        assert_eq!(left_out("lease & rent | ( a )"), "");
    }

    #[test]
    fn how_much_was_found_is_told() {
        let mut results = SearchResults { documents: Vec::new(), pages: 1, capped: false };
        assert_eq!(summary(&results), "1 page found");
        results.pages = 132;
        assert_eq!(summary(&results), "132 pages found, the best in 0 documents");
        results = SearchResults { pages: 2_000, capped: true, ..results };
        assert_eq!(summary(&results), "More than 2,000 pages found, the best in 0 documents");
    }
}
