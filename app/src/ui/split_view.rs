//! A narrow part for finding one's way beside a wide one for reading.

use leptos::prelude::*;

use super::{Glyph, Icon};

/// Two parts side by side; in a narrow window the first is folded away behind its label.
#[component]
pub fn SplitView(
    /// What the narrow part is: "Pages and contents".
    #[prop(into)]
    label: String,
    aside: Children,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="split-view">
            <details class="split-aside">
                <summary>
                    <Icon glyph=Glyph::Outline />
                    {label}
                </summary>
                <div class="split-aside-body">{aside()}</div>
            </details>
            <div class="split-main">{children()}</div>
        </div>
    }
}
