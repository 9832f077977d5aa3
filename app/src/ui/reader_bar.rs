//! The controls of the reader, and the stage they act on.

use leptos::{html, prelude::*};

use super::Kbd;

/// A row of controls that stays in view.
#[component]
pub fn ReaderBar(
    /// What it controls.
    #[prop(into)]
    label: String,
    /// [`BarGroup`]s.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="reader-bar" role="group" aria-label=label>
            {children()}
        </div>
    }
}

/// Controls that belong together.
#[component]
pub fn BarGroup(
    /// It takes the room that is left: the search.
    #[prop(optional)]
    wide: bool,
    /// It is of use only with a keyboard: not shown in a narrow window, nor where it is touched.
    #[prop(optional)]
    keyboard: bool,
    /// How large the page is: not shown in a narrow window that is touched, where two fingers say it.
    #[prop(optional)]
    zoom: bool,
    children: Children,
) -> impl IntoView {
    view! {
        <div
            class="reader-bar-group"
            class:reader-bar-find=wide
            class:reader-bar-keys=keyboard
            class:reader-bar-zoom=zoom
        >
            {children()}
        </div>
    }
}

/// A few quiet words between the controls; they are read out when they change.
#[component]
pub fn BarNote(#[prop(into)] text: Signal<String>) -> impl IntoView {
    view! {
        <span class="reader-bar-note" role="status">
            {move || text.get()}
        </span>
    }
}

/// Where the page is shown. It scrolls sideways by itself when the page is wider.
#[component]
pub fn ReaderStage(
    /// What is shown: "Page 3".
    #[prop(into)]
    label: Signal<String>,
    /// To scroll to it.
    node_ref: NodeRef<html::Section>,
    children: Children,
) -> impl IntoView {
    view! {
        <section class="reader-stage" aria-label=move || label.get() tabindex="0" node_ref=node_ref>
            {children()}
        </section>
    }
}

/// Keys and what they do.
#[component]
pub fn KeyList(
    /// The keys of each act, and the act.
    keys: Vec<(&'static [&'static str], &'static str)>,
) -> impl IntoView {
    let rows: Vec<_> = keys
        .into_iter()
        .map(|(keys, act)| {
            let keys: Vec<_> = keys.iter().map(|key| view! { <Kbd>{*key}</Kbd> }).collect();
            view! {
                <dt>{keys}</dt>
                <dd>{act}</dd>
            }
        })
        .collect();
    view! { <dl class="key-list">{rows}</dl> }
}
