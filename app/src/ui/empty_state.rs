//! What stands where nothing is yet.

use leptos::prelude::*;

use super::{Glyph, Icon, IconSize};

/// Says why it is empty and what to do about it.
#[component]
pub fn EmptyState(
    glyph: Glyph,
    #[prop(into)] title: String,
    #[prop(optional, into)] text: Option<String>,
    /// The next step, if there is one.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="state">
            <Icon glyph size=IconSize::Large />
            <h2 class="state-title">{title}</h2>
            {text.map(|text| view! { <p class="state-text">{text}</p> })}
            {children.map(|children| view! { <div class="state-actions">{children()}</div> })}
        </div>
    }
}
