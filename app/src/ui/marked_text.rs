//! Text as it was read from a document, with what was searched for marked.

use leptos::prelude::*;

use super::page_canvas::CURRENT_HIT;

/// The text of a page: its lines are kept, hits are marked, and the one that one is at stands out.
#[component]
pub fn MarkedText(
    /// Runs of text, each with whether it is a hit.
    segments: Vec<(String, bool)>,
    /// The number of the hit that one is at, from 1; 0 for none.
    #[prop(optional, into)]
    current: ArcSignal<usize>,
) -> impl IntoView {
    let mut hits = 0;
    let runs: Vec<_> = segments
        .into_iter()
        .map(|(text, hit)| {
            if !hit {
                return text.into_any();
            }
            hits += 1;
            let number = hits;
            let current = current.clone();
            let is_current = move || current.get() == number;
            let id = {
                let is_current = is_current.clone();
                move || is_current().then_some(CURRENT_HIT)
            };
            view! {
                <mark class:current-mark=is_current id=id>
                    {text}
                </mark>
            }
            .into_any()
        })
        .collect();
    view! {
        <div class="text-block" dir="auto">
            {runs}
        </div>
    }
}

/// A sheet of paper for the text of a page that has no image.
#[component]
pub fn Paper(
    /// What stands on it: "Page 3".
    #[prop(into)]
    label: String,
    /// Shows the label over the text.
    #[prop(optional)]
    labelled: bool,
    children: Children,
) -> impl IntoView {
    let heading = labelled.then(|| view! { <h2 class="paper-label">{label.clone()}</h2> });
    view! {
        <article class="paper" aria-label=label>
            {heading}
            {children()}
        </article>
    }
}
