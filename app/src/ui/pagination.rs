//! The way through a long list: keyset pages know their neighbours and no numbers.

use leptos::prelude::*;

use super::{Glyph, Icon};

/// Links to the neighbouring pages of a list. Nothing is shown when there is neither.
#[component]
pub fn Pagination(
    /// What is listed.
    #[prop(into)]
    label: String,
    /// The page before this one.
    newer: Option<String>,
    /// The page after this one.
    older: Option<String>,
    #[prop(default = "Newer".into(), into)] newer_label: String,
    #[prop(default = "Older".into(), into)] older_label: String,
    /// What is shown: "50 documents".
    #[prop(optional, into)]
    summary: Option<String>,
) -> impl IntoView {
    let needed = newer.is_some() || older.is_some();
    view! {
        <div class="pagination">
            <p class="pagination-summary">{summary}</p>
            {needed
                .then(|| {
                    view! {
                        <nav class="pagination-links" aria-label=format!("{label}: more pages")>
                            {step(newer, newer_label, Glyph::ChevronLeft, "prev")}
                            {step(older, older_label, Glyph::ChevronRight, "next")}
                        </nav>
                    }
                })}
        </div>
    }
}

fn step(href: Option<String>, label: String, glyph: Glyph, rel: &'static str) -> impl IntoView {
    let face = if rel == "prev" {
        view! { <Icon glyph /> <span>{label}</span> }.into_any()
    } else {
        view! { <span>{label}</span> <Icon glyph /> }.into_any()
    };
    match href {
        Some(href) => view! {
            <a class="btn btn-sm" href=href rel=rel>
                {face}
            </a>
        }
        .into_any(),
        None => view! {
            <span class="btn btn-sm btn-disabled" aria-hidden="true">
                {face}
            </span>
        }
        .into_any(),
    }
}
