//! The picture that a workspace has chosen for itself.

use leptos::prelude::*;

/// A logo of whatever shape, fitted into a place of ours.
#[component]
pub fn LogoImage(
    #[prop(into)] source: String,
    /// Empty where the name stands beside it.
    #[prop(into)]
    label: String,
) -> impl IntoView {
    view! { <img class="logo-image" src=source alt=label /> }
}
