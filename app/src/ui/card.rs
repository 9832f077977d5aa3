//! Parts of a page with a title of their own.

use leptos::prelude::*;

/// A sheet that holds one thing.
#[component]
pub fn Card(
    #[prop(optional, into)] title: Option<String>,
    /// Without padding, for a table or a list that reaches the edges.
    #[prop(optional)]
    flush: bool,
    children: Children,
) -> impl IntoView {
    view! {
        <section class=if flush { "card card-flush" } else { "card" }>
            {title.map(|title| view! { <h2 class="card-title">{title}</h2> })} {children()}
        </section>
    }
}

/// A titled part of a page, without a sheet of its own.
#[component]
pub fn Section(
    #[prop(into)] title: String,
    #[prop(optional, into)] description: Option<String>,
    children: Children,
) -> impl IntoView {
    view! {
        <section class="section">
            <header class="section-header">
                <h2 class="section-title">{title}</h2>
                {description.map(|text| view! { <p class="section-description">{text}</p> })}
            </header>
            {children()}
        </section>
    }
}
