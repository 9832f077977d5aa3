//! A plain HTML form: it posts to the server and needs no scripts.

use leptos::prelude::*;

use super::ErrorSummary;

/// A form that is posted, with the summary of its errors on top. The server checks and answers with one look, so the
/// browser's own bubbles are off.
#[component]
pub fn Form(
    /// The path that it is posted to.
    #[prop(into)]
    action: String,
    children: Children,
) -> impl IntoView {
    view! {
        <form class="form" method="post" action=action novalidate=true>
            <ErrorSummary />
            {children()}
        </form>
    }
}

/// The buttons at the end of a form.
#[component]
pub fn FormActions(children: Children) -> impl IntoView {
    view! { <div class="form-actions">{children()}</div> }
}
