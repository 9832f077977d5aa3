//! What a search found, document by document.

use leptos::prelude::*;

use super::{Glyph, Highlight, Icon};

/// A list of [`SearchResult`]s, best first.
#[component]
pub fn SearchResults(children: Children) -> impl IntoView {
    view! { <ol class="search-results">{children()}</ol> }
}

/// One document with its best places.
#[component]
pub fn SearchResult(
    glyph: Glyph,
    #[prop(into)] title: String,
    /// Where the title leads.
    #[prop(into)]
    href: String,
    /// The quieter line: file name, format, pages.
    #[prop(into)]
    meta: String,
    /// [`Snippet`]s.
    children: Children,
) -> impl IntoView {
    view! {
        <li class="search-result">
            <Icon glyph />
            <div class="search-result-body">
                <h2 class="search-result-title">
                    <a href=href>{title}</a>
                </h2>
                <p class="search-result-meta">{meta}</p>
                <ul class="snippets">{children()}</ul>
            </div>
        </li>
    }
}

/// One place of a document, which opens there.
#[component]
pub fn Snippet(
    /// "Page 3".
    #[prop(into)]
    label: String,
    #[prop(into)] href: String,
    /// Runs of text, each with whether it is a hit.
    segments: Vec<(String, bool)>,
) -> impl IntoView {
    view! {
        <li>
            <a class="snippet" href=href>
                <span class="snippet-label">{label}</span>
                <Highlight segments />
            </a>
        </li>
    }
}

/// How much was found; it is read out when it changes.
#[component]
pub fn SearchSummary(#[prop(into)] text: String) -> impl IntoView {
    view! {
        <p class="search-summary" role="status">
            {text}
        </p>
    }
}

/// What can be written into the field, folded away.
#[component]
pub fn SearchHints(
    #[prop(into)] label: String,
    /// What is written, and what it finds.
    hints: Vec<(&'static str, &'static str)>,
) -> impl IntoView {
    let rows: Vec<_> = hints
        .into_iter()
        .map(|(written, finds)| {
            view! {
                <dt>
                    <code>{written}</code>
                </dt>
                <dd>{finds}</dd>
            }
        })
        .collect();
    view! {
        <details class="search-hints">
            <summary>{label}</summary>
            <dl class="key-list">{rows}</dl>
        </details>
    }
}
