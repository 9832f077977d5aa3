//! What stands where something is on its way.

use leptos::prelude::*;

/// What is being waited for, so that nothing jumps when it comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LoadingShape {
    /// Rows of a table or a list.
    #[default]
    Rows,
    /// Lines of text.
    Text,
    /// One sheet of paper.
    Page,
}

/// A place holder that says to screen readers what is loading.
#[component]
pub fn Loading(
    #[prop(default = "Loading".into(), into)] label: String,
    #[prop(optional)] shape: LoadingShape,
) -> impl IntoView {
    let bones = match shape {
        LoadingShape::Rows => "skeleton-row",
        LoadingShape::Text => "skeleton-line",
        LoadingShape::Page => "skeleton-page",
    };
    let count = match shape {
        LoadingShape::Rows => 6,
        LoadingShape::Text => 4,
        LoadingShape::Page => 1,
    };
    view! {
        <div class="loading-state" role="status" aria-busy="true">
            <span class="sr-only">{label}</span>
            {(0..count).map(|_| view! { <div class=format!("skeleton {bones}")></div> }).collect_view()}
        </div>
    }
}

/// One line that is not there yet.
#[component]
pub fn Skeleton() -> impl IntoView {
    view! { <span class="skeleton skeleton-line" aria-hidden="true"></span> }
}
