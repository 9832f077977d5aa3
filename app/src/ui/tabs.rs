//! Views of one thing, each with an address of its own.

use leptos::prelude::*;

/// A row of [`Tab`]s.
#[component]
pub fn Tabs(
    /// What the tabs are views of.
    #[prop(into)]
    label: String,
    children: Children,
) -> impl IntoView {
    view! {
        <nav class="tab-bar" aria-label=label>
            <ul>{children()}</ul>
        </nav>
    }
}

/// A link to one view.
#[component]
pub fn Tab(
    #[prop(into)] href: Signal<String>,
    #[prop(into)] current: Signal<bool>,
    children: Children,
) -> impl IntoView {
    view! {
        <li>
            <a class="tab-link" href=move || href.get() aria-current=move || current.get().then_some("page")>
                {children()}
            </a>
        </li>
    }
}
