//! How parts of a page stand to each other. Pages use these in place of utility classes.

use leptos::prelude::*;

/// A distance between neighbours, from the spacing scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Gap {
    Tiny,
    Small,
    #[default]
    Medium,
    Large,
    Huge,
}

impl Gap {
    fn class(self) -> &'static str {
        match self {
            Self::Tiny => "gap-tiny",
            Self::Small => "gap-small",
            Self::Medium => "gap-medium",
            Self::Large => "gap-large",
            Self::Huge => "gap-huge",
        }
    }
}

/// Children one below the other.
#[component]
pub fn Stack(#[prop(optional)] gap: Gap, children: Children) -> impl IntoView {
    view! { <div class=format!("flow {}", gap.class())>{children()}</div> }
}

/// Children beside each other, wrapping where the row is full.
#[component]
pub fn Cluster<C: IntoView + Send + 'static>(#[prop(optional)] gap: Gap, children: TypedChildren<C>) -> impl IntoView {
    view! { <div class=format!("cluster {}", gap.class())>{children.into_inner()()}</div> }
}

/// Takes the room that is left in a [`Cluster`] or a [`Toolbar`](super::Toolbar) and so pushes what follows to the end.
#[component]
pub fn Spacer() -> impl IntoView {
    view! { <span class="spacer" aria-hidden="true"></span> }
}

/// Two children: a main part and an aside of 20 rem, one below the other where the page is narrow.
#[component]
pub fn Columns(children: Children) -> impl IntoView {
    view! { <div class="columns">{children()}</div> }
}

/// Equal tiles of at least 16 rem.
#[component]
pub fn TileGrid(children: Children) -> impl IntoView {
    view! { <div class="tile-grid">{children()}</div> }
}
