//! Where files are put.

use leptos::prelude::*;

use super::{Glyph, Icon, IconSize};

/// A wide target that is a label of a file input: pressing it opens the picker, dropping on it fills the input. Listen
/// with `on:change`, the event of the input bubbles up.
#[component]
pub fn DropZone(
    /// Id of the file input.
    #[prop(into)]
    id: String,
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    #[prop(optional, into)] hint: Option<String>,
    /// The `accept` list of the picker. It helps the person and protects nothing.
    #[prop(optional, into)]
    accept: Option<String>,
    /// Something is being dragged over the page.
    #[prop(optional, into)]
    active: Signal<bool>,
) -> impl IntoView {
    let input = id.clone();
    view! {
        <label class="drop-zone" class:drop-zone-active=move || active.get() for=input>
            <Icon glyph=Glyph::Upload size=IconSize::Large />
            <span class="drop-zone-label">{label}</span>
            {hint.map(|hint| view! { <span class="drop-zone-hint">{hint}</span> })}
            <input class="drop-zone-input" type="file" id=id name=name accept=accept multiple=true required=true />
        </label>
    }
}

/// Covers the window while files are dragged over it. It catches no events, so the page's own handlers see the drop.
#[component]
pub fn DropOverlay(#[prop(into)] active: Signal<bool>, #[prop(into)] label: Signal<String>) -> impl IntoView {
    view! {
        <div class="drop-overlay" class:drop-overlay-active=move || active.get() aria-hidden="true">
            <div class="drop-overlay-sheet">
                <Icon glyph=Glyph::Upload size=IconSize::Large />
                <span>{move || label.get()}</span>
            </div>
        </div>
    }
}
