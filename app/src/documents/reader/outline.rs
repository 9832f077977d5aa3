//! The contents of the document, where it has some.

use domain::documents::Document;
use leptos::prelude::*;

use super::reading::Reading;
use crate::ui::{OutlineLine, OutlineList};

/// The outline; nothing where the document has none.
#[component]
pub fn Outline(document: RwSignal<Document>) -> impl IntoView {
    let outline = Memo::new(move |_| document.with(|document| document.outline.clone()));
    let has_outline = Memo::new(move |_| !outline.read().is_empty());
    let place = expect_context::<Reading>().place;
    let id = document.with_untracked(|document| document.id);
    let lines = Signal::derive(move || {
        let place = place.get();
        let line = |entry: &domain::documents::reading::OutlineEntry| OutlineLine {
            title: entry.title.clone(),
            level: entry.level,
            href: entry.page.map(|page| place.at(page).href(id)),
            page: entry.page,
        };
        outline.with(|outline| outline.iter().map(line).collect::<Vec<_>>())
    });
    view! {
        <Show when=move || has_outline.get()>
            <OutlineList lines />
        </Show>
    }
}
