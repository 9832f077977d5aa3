//! Small pages to choose from.

use leptos::{html, prelude::*};

/// A strip of [`Thumbnail`]s.
#[component]
pub fn ThumbnailStrip(
    /// Whose pages they are.
    #[prop(into)]
    label: String,
    /// To scroll it.
    #[prop(optional)]
    node_ref: NodeRef<html::Ol>,
    children: Children,
) -> impl IntoView {
    view! {
        <nav aria-label=label>
            <ol class="thumbnail-strip" node_ref=node_ref>
                {children()}
            </ol>
        </nav>
    }
}

/// A link to one page.
#[component]
pub fn Thumbnail(
    /// The address of the small image.
    #[prop(into)]
    image: Signal<String>,
    /// From 1.
    number: u32,
    #[prop(into)] href: Signal<String>,
    #[prop(into)] current: Signal<bool>,
    /// Something that is searched for stands on this page.
    #[prop(into)]
    hit: Signal<bool>,
) -> impl IntoView {
    view! {
        <li>
            <a
                class="thumbnail"
                href=move || href.get()
                aria-current=move || current.get().then_some("page")
                data-noscroll="true"
            >
                <img src=move || image.get() alt="" width="120" height="156" loading="lazy" decoding="async" />
                <span class="thumbnail-number">
                    <span class="sr-only">"Page "</span>
                    {number}
                    {move || hit.get().then(|| view! { <span class="thumbnail-hit" role="img" aria-label="has hits"></span> })}
                </span>
            </a>
        </li>
    }
}

/// Stands where pages are left out.
#[component]
pub fn ThumbnailGap() -> impl IntoView {
    view! {
        <li class="thumbnail-gap" aria-hidden="true">
            "…"
        </li>
    }
}
