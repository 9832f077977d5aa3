//! A form that asks: its fields become the query of an address.

use leptos::prelude::*;

/// A plain GET form, whose few fields stand beside each other.
#[component]
pub fn QueryForm(
    /// The path that answers.
    #[prop(into)]
    action: String,
    children: Children,
) -> impl IntoView {
    view! {
        <form class="query-form" method="get" action=action>
            {children()}
        </form>
    }
}
