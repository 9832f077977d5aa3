//! A form whose fields go into the address.

use leptos::prelude::*;
use leptos_router::components::Form as RoutedForm;

/// A form that is sent with GET: without scripts the browser loads the page, with them the router changes the address.
#[component]
pub fn GetForm(
    /// The path that it leads to.
    #[prop(into)]
    action: Signal<String>,
    /// What it is for; for screen readers.
    #[prop(into)]
    label: String,
    /// It searches.
    #[prop(optional)]
    search: bool,
    children: Children,
) -> impl IntoView {
    view! {
        <RoutedForm
            method="get"
            action=move || action.get()
            noscroll=true
            attr:class="get-form"
            attr:role=search.then_some("search")
            attr:aria-label=label
        >
            {children()}
        </RoutedForm>
    }
}

/// The error of a field in a [`GetForm`], under its row.
#[component]
pub fn GetFormError(#[prop(into)] message: String) -> impl IntoView {
    view! {
        <p class="field-error get-form-error" role="alert">
            {message}
        </p>
    }
}
