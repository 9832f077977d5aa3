//! Controls over a list.

use leptos::prelude::*;

use super::counted;

/// A row of controls that wraps.
#[component]
pub fn Toolbar(
    /// What it controls.
    #[prop(into)]
    label: String,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="toolbar" role="group" aria-label=label>
            {children()}
        </div>
    }
}

/// What can be done with the chosen rows; shown while some are, and always without scripts.
#[component]
pub fn SelectionBar(
    /// How many are chosen.
    #[prop(into)]
    count: Signal<u64>,
    /// One of them: "document".
    #[prop(into)]
    noun: String,
    children: Children,
) -> impl IntoView {
    let text = move || counted(count.get(), &noun, &format!("{noun}s"));
    view! {
        <div
            class="selection-bar"
            class:selection-bar-idle=move || count.get() == 0
            role="group"
            aria-label="Selection"
        >
            <span class="selection-count" aria-live="polite">
                {text}
                " selected"
            </span>
            {children()}
        </div>
    }
}
