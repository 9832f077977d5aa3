//! The name of the house.

use leptos::prelude::*;

/// The sign and the name.
#[component]
pub fn Wordmark() -> impl IntoView {
    view! {
        <span class="wordmark">
            <svg class="wordmark-sign" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
                <path d="M12 3v18M5 4c.6 5 5 6.5 5 9.5S7 18 6 20.5M19 4c-.6 5-5 6.5-5 9.5s3 4.5 4 7M8.5 13.5h7"></path>
            </svg>
            "Sheaf"
        </span>
    }
}
