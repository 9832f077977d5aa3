//! A link in running text.

use leptos::prelude::*;

/// A link that looks like one.
#[component]
pub fn TextLink(
    #[prop(into)] href: Signal<String>,
    /// The link leaves the app.
    #[prop(optional)]
    external: bool,
    /// Without an underline until it is pointed at, for titles in tables.
    #[prop(optional)]
    quiet: bool,
    children: Children,
) -> impl IntoView {
    let class = if quiet { "quiet-link" } else { "text-link" };
    view! {
        <a class=class href=move || href.get() rel=external.then_some("external")>
            {children()}
        </a>
    }
}
