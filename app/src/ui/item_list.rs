//! A list of things with an icon, a title and something at the end of the row.

use leptos::prelude::*;

use super::{Glyph, Icon};

/// A list of [`Item`]s.
#[component]
pub fn ItemList(
    /// What is listed.
    #[prop(into)]
    label: String,
    children: Children,
) -> impl IntoView {
    view! {
        <ul class="item-list" aria-label=label>
            {children()}
        </ul>
    }
}

/// One row of an [`ItemList`].
#[component]
pub fn Item(
    glyph: Glyph,
    #[prop(into)] title: Signal<String>,
    /// Makes the title a link.
    #[prop(optional, into)]
    href: Option<String>,
    /// The quieter second line.
    #[prop(optional, into)]
    meta: Option<Signal<String>>,
    /// Stands at the end of the row: a state, progress, buttons.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let title = move || title.get();
    view! {
        <li class="item">
            <Icon glyph />
            <div class="item-body">
                {match href {
                    Some(href) => {
                        view! {
                            <a class="item-title" href=href>
                                {title}
                            </a>
                        }
                            .into_any()
                    }
                    None => view! { <span class="item-title">{title}</span> }.into_any(),
                }} {meta.map(|meta| view! { <span class="item-meta">{move || meta.get()}</span> })}
            </div>
            {children.map(|children| view! { <div class="item-end">{children()}</div> })}
        </li>
    }
}
