//! A form whose fields go into the address.

use leptos::{ev, prelude::*, wasm_bindgen::JsCast, web_sys};
use leptos_router::{NavigateOptions, hooks::use_navigate};

/// A form that is sent with GET: without scripts the browser loads the page, with them the router changes the address.
///
/// The router's own form puts the name of its button into the address, also where it has none.
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
    /// Where it leads takes the place of this address in the browser's history.
    #[prop(optional)]
    replace: bool,
    children: Children,
) -> impl IntoView {
    let navigate = use_navigate();
    let send = move |event: ev::SubmitEvent| {
        if let Some(query) = query_of(&event) {
            event.prevent_default();
            let options = NavigateOptions { replace, scroll: false, ..NavigateOptions::default() };
            navigate(&format!("{}?{query}", action.get_untracked()), options);
        }
    };
    view! {
        <form
            class="get-form"
            method="get"
            action=move || action.get()
            role=search.then_some("search")
            aria-label=label
            on:submit=send
        >
            {children()}
        </form>
    }
}

/// The fields of the form, as the browser would put them into the address; none leaves it to the browser.
fn query_of(event: &ev::SubmitEvent) -> Option<String> {
    let form = event.target()?.dyn_into::<web_sys::HtmlFormElement>().ok()?;
    let fields = web_sys::FormData::new_with_form(&form).ok()?;
    let query = web_sys::UrlSearchParams::new_with_str_sequence_sequence(&fields).ok()?;
    Some(query.to_string().into())
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
