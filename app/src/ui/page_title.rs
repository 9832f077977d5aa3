//! What the tab shows of a page whose title can change.

use leptos::prelude::*;
use leptos_meta::Title;

/// A title that follows a signal.
#[component]
pub fn PageTitle(#[prop(into)] text: Signal<String>) -> impl IntoView {
    // The server writes the head when the page is done, and by then the page's signals may be gone: it is read here.
    #[cfg(feature = "ssr")]
    let text = text.get_untracked();
    #[cfg(not(feature = "ssr"))]
    let text = move || text.get();
    view! { <Title text /> }
}
