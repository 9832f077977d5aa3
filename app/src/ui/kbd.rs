//! A key to press.

use leptos::prelude::*;

/// One key.
#[component]
pub fn Kbd(children: Children) -> impl IntoView {
    view! { <kbd class="key">{children()}</kbd> }
}
