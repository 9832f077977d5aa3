//! What stands where something failed.

use leptos::prelude::*;

use super::{Button, Glyph, Icon, IconSize};

/// Says what failed and offers the way on.
#[component]
pub fn ErrorState(
    #[prop(default = "This could not be loaded".into(), into)] title: String,
    /// A full sentence; `Error::message` is one.
    #[prop(into)]
    text: String,
    /// By which operators find what was logged of it.
    #[prop(default = None)]
    reference: Option<String>,
    /// Shows "Try again" as a link.
    #[prop(optional, into)]
    retry_href: Option<String>,
    /// Other ways on.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="state state-error" role="alert">
            <Icon glyph=Glyph::Error size=IconSize::Large />
            <h2 class="state-title">{title}</h2>
            <p class="state-text">{text}</p>
            {reference.map(|id| view! { <p class="state-reference">"Reference: " <code>{id}</code></p> })}
            <div class="state-actions">
                {retry_href
                    .map(|href| {
                        view! {
                            <Button href external=true glyph=Glyph::Retry>
                                "Try again"
                            </Button>
                        }
                    })} {children.map(|children| children())}
            </div>
        </div>
    }
}
