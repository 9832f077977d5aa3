//! What only people without scripts need.

use leptos::prelude::*;

/// Is there until scripts have arrived, and for good where none do.
#[component]
pub fn WithoutScripts(children: Children) -> impl IntoView {
    view! { <div class="without-scripts">{children()}</div> }
}
