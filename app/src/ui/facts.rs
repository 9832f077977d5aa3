//! Names and their values.

use leptos::prelude::*;

/// A list of facts.
#[component]
pub fn Facts(children: Children) -> impl IntoView {
    view! { <dl class="facts">{children()}</dl> }
}

/// One fact in a [`Facts`] list.
#[component]
pub fn Fact(
    #[prop(into)] label: String,
    /// The value is a long run without spaces, such as a checksum.
    #[prop(optional)]
    code: bool,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="fact">
            <dt>{label}</dt>
            <dd class:fact-code=code>{children()}</dd>
        </div>
    }
}
