//! The field one searches with.

use leptos::{html, prelude::*};

use super::{Glyph, Icon, Kbd, form_state::keep_typed};

/// A search input. Put it into a `<form method="get" role="search">` of the page, so that it works without scripts.
#[component]
pub fn SearchField(
    #[prop(default = "q".into(), into)] name: String,
    /// What it searches; for screen readers.
    #[prop(into)]
    label: String,
    #[prop(optional, into)] placeholder: Option<String>,
    /// What it starts with.
    #[prop(optional, into)]
    value: Option<String>,
    /// Follows and leads what is typed.
    #[prop(optional, into)]
    bind: Option<RwSignal<String>>,
    /// The key that the page takes one here with; shown only, the page listens.
    #[prop(optional, into)]
    shortcut: Option<&'static str>,
    /// To focus it.
    #[prop(optional)]
    node_ref: NodeRef<html::Input>,
) -> impl IntoView {
    let text = bind.unwrap_or_else(|| RwSignal::new(value.clone().unwrap_or_default()));
    keep_typed(&format!("input[type=search][name='{name}']"), text);
    view! {
        <div class="search-field">
            <Icon glyph=Glyph::Search />
            <input
                class="input"
                type="search"
                name=name
                value=text.get_untracked()
                placeholder=placeholder
                aria-label=label
                autocomplete="off"
                spellcheck="false"
                enterkeyhint="search"
                node_ref=node_ref
                on:input=move |event| text.set(event_target_value(&event))
                prop:value=move || text.get()
            />
            {shortcut.map(|key| view! { <Kbd>{key}</Kbd> })}
        </div>
    }
}
