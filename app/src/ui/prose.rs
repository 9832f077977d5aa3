//! Text to read.

use leptos::prelude::*;

/// Running text: paragraphs, lists, headings, links, at a comfortable measure.
#[component]
pub fn Prose(children: Children) -> impl IntoView {
    view! { <div class="prose">{children()}</div> }
}

/// Text as it was read from a document: its lines are kept and nothing in it is markup.
#[component]
pub fn TextBlock(
    #[prop(into)] text: Signal<String>,
    /// The language of the text (BCP 47), for hyphenation and screen readers.
    #[prop(optional, into)]
    lang: Option<String>,
) -> impl IntoView {
    view! {
        <div class="text-block" lang=lang dir="auto">
            {move || text.get()}
        </div>
    }
}
