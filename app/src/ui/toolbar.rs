//! Controls over a list.

use leptos::prelude::*;

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
    /// All rows of the page are chosen, and there are more on other pages.
    #[prop(optional, into)]
    all: Signal<bool>,
    /// Lets go of them; it needs scripts.
    #[prop(optional, into)]
    on_clear: Option<Callback<()>>,
    children: Children,
) -> impl IntoView {
    let text = move || {
        let chosen = counted(count.get(), &noun, &format!("{noun}s"));
        let all = if all.get() { ", all on this page" } else { "" };
        format!("{chosen} selected{all}")
    };
    view! {
        <div
            class="selection-bar"
            class:selection-bar-idle=move || count.get() == 0
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
