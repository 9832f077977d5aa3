//! Text in which what was searched for is marked.

use leptos::prelude::*;

/// Runs of text, each with whether it is a hit.
#[component]
pub fn Highlight(segments: Vec<(String, bool)>) -> impl IntoView {
    let runs: Vec<_> = segments
        .into_iter()
        .map(|(text, hit)| if hit { view! { <mark>{text}</mark> }.into_any() } else { text.into_any() })
        .collect();
    view! { <span class="highlight">{runs}</span> }
}
