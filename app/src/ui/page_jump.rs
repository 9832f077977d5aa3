//! The number of the page one is at, which can be typed over.

use leptos::{ev, prelude::*, web_sys};

/// A number field in a [`GetForm`](super::GetForm) that is sent as soon as it is changed.
#[component]
pub fn PageJump(
    /// The page one is at, from 1.
    #[prop(into)]
    page: Signal<u32>,
    /// All pages.
    #[prop(into)]
    pages: Signal<u32>,
) -> impl IntoView {
    view! {
        <label class="page-jump">
            <span class="sr-only">"Page"</span>
            <input
                class="input"
                type="number"
                name="page"
                inputmode="numeric"
                min="1"
                max=move || pages.get()
                value=move || page.get()
                prop:value=move || page.get().to_string()
                on:change=send
            />
            <span class="page-jump-of">"of " {move || super::grouped(pages.get().into())}</span>
        </label>
    }
}

fn send(event: ev::Event) {
    if let Some(form) = event_target::<web_sys::HtmlInputElement>(&event).form() {
        // It fails only for a number that is out of range, and then the browser says so.
        let _ = form.request_submit();
    }
}
