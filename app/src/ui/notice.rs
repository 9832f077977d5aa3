//! A message that belongs to the page and stays.

use leptos::prelude::*;

use super::{Icon, Tone};

/// A message in the flow of the page.
#[component]
pub fn Notice(
    #[prop(optional)] tone: Tone,
    #[prop(optional, into)] title: Option<String>,
    children: Children,
) -> impl IntoView {
    let role = if tone == Tone::Danger { "alert" } else { "status" };
    view! {
        <div class=format!("notice {}", tone.class()) role=role>
            <Icon glyph=tone.glyph() />
            <div class="notice-body">
                {title.map(|title| view! { <p class="notice-title">{title}</p> })} <div>{children()}</div>
            </div>
        </div>
    }
}
