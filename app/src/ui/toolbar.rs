//! Controls over a list.

use leptos::{html, prelude::*, wasm_bindgen::JsCast, web_sys::HtmlElement};

use super::{Button, ButtonVariant, counted};

/// A row of controls that wraps.
#[component]
pub fn Toolbar(
    /// What it controls.
    #[prop(into)]
    label: String,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="toolbar" role="group" aria-label=label>
            {children()}
        </div>
    }
}

/// What can be done with the chosen rows; shown while some are. It stands in the form around their boxes.
#[component]
pub fn SelectionBar(
    /// How many are chosen.
    #[prop(into)]
    count: Signal<u64>,
    /// One of them: "document".
    #[prop(into)]
    noun: String,
    /// Which those are, where the rows do not tell: "all on this page".
    #[prop(optional, into)]
    which: Signal<&'static str>,
    /// Lets go of them; it needs scripts.
    #[prop(optional, into)]
    on_clear: Option<Callback<()>>,
    children: Children,
) -> impl IntoView {
    let text = move || {
        let chosen = counted(count.get(), &noun, &format!("{noun}s"));
        match which.get() {
            "" => format!("{chosen} selected"),
            which => format!("{chosen} selected, {which}"),
        }
    };
    let bar = NodeRef::<html::Div>::new();
    Effect::new(move |before: Option<bool>| {
        let is_shown = count.get() > 0;
        if before == Some(true) && !is_shown {
            go_on_at_boxes(bar);
        }
        is_shown
    });
    view! {
        <div
            class="selection-bar"
            class:selection-bar-idle=move || count.get() == 0
            node_ref=bar
            role="group"
            aria-label="Selection"
        >
            <span class="selection-count" aria-live="polite">
                {text}
            </span>
            {on_clear
                .map(|clear| {
                    view! {
                        <Button
                            variant=ButtonVariant::Ghost
                            class:needs-scripts=true
                            on:click=move |_| clear.run(())
                        >
                            "Clear selection"
                        </Button>
                    }
                })}
            {children()}
        </div>
    }
}

/// A bar that is hidden would lose the focus to the top of the page: it goes on at the first box of the form.
fn go_on_at_boxes(bar: NodeRef<html::Div>) {
    let Some(bar) = bar.get_untracked() else { return };
    let focus = document().active_element();
    if !bar.contains(focus.as_deref()) {
        return;
    }
    let form = bar.closest("form").ok().flatten();
    let first = form.and_then(|form| form.query_selector(".select-cell input").ok().flatten());
    if let Some(first) = first.and_then(|first| first.dyn_into::<HtmlElement>().ok()) {
        // It fails only for an element that is not in the page any more.
        let _ = first.focus();
    }
}
