//! Filters over a list: a GET form, so that what is shown has an address.

use leptos::{ev, prelude::*, wasm_bindgen::JsCast, web_sys};
use leptos_router::components::Form;

use super::{Button, ButtonKind, WithoutScripts};

/// A form that leads to `action` with its fields as the query. With scripts it submits itself at every change and loads no
/// page; without, it has a button.
#[component]
pub fn FilterForm(
    /// The path of the list.
    #[prop(into)]
    action: String,
    /// What it filters.
    #[prop(into)]
    label: String,
    children: Children,
) -> impl IntoView {
    view! {
        <Form
            method="GET"
            action=action
            noscroll=true
            attr:class="filter-form"
            attr:role="search"
            attr:aria-label=label
            on:change=submit
        >
            {children()}
            <WithoutScripts>
                <Button kind=ButtonKind::Submit>"Apply"</Button>
            </WithoutScripts>
        </Form>
    }
}

fn submit(event: ev::Event) {
    let form = event
        .target()
        .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
        .and_then(|field| field.closest("form").ok().flatten())
        .and_then(|form| form.dyn_into::<web_sys::HtmlFormElement>().ok());
    if let Some(form) = form {
        // It fails only for a form that is not in the page any more.
        let _ = form.request_submit();
    }
}
