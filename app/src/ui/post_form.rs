//! A form without fields of its own to fill in: what is chosen in it is posted by its buttons.

use leptos::prelude::*;

/// A plain POST. Buttons elsewhere on the page may belong to it by its id.
#[component]
pub fn PostForm(
    /// Unique on the page.
    #[prop(into)]
    id: String,
    /// The path it is posted to; a button may say another.
    #[prop(into)]
    action: String,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <form class="post-form" id=id method="post" action=action>
            {children.map(|children| children())}
        </form>
    }
}
