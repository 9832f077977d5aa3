//! Keys that do something by themselves, as "/" and "j" do. Whoever speaks to their computer, or comes upon a key by mistake, turns
//! them off (WCAG 2.2, success criterion 2.1.4).

use leptos::{ev, prelude::*, web_sys};

use super::Checkbox;

/// Where the browser keeps that they are off.
const KEPT_AS: &str = "sheaf-single-keys";
const OFF: &str = "off";

/// Whether nothing is to come of a key that was pressed, as it is a character and such are turned off. In the browser only.
pub fn is_key_off(event: &ev::KeyboardEvent) -> bool {
    event.key().chars().count() == 1 && !event.ctrl_key() && !are_on()
}

/// The choice whether such keys do something.
#[component]
pub fn SingleKeys() -> impl IntoView {
    let on = RwSignal::new(true);
    // The server cannot know it.
    Effect::new(move |_| on.set(are_on()));
    let choose = move |wanted| {
        on.set(wanted);
        let Some(storage) = storage() else { return };
        let kept = if wanted { storage.remove_item(KEPT_AS) } else { storage.set_item(KEPT_AS, OFF) };
        // It fails where the browser has no room for it, and shows what is kept then.
        if kept.is_err() {
            on.set(are_on());
        }
    };
    view! {
        <Checkbox
            name="single_keys"
            label="Keys of one character"
            hint="As \"/\" to search, or \"j\" and \"k\" from page to page. Arrows, Page Up and Down, Escape and Ctrl F stay."
            checked=on
            on_change=choose
        />
    }
}

fn are_on() -> bool {
    let kept = storage().and_then(|storage| storage.get_item(KEPT_AS).ok().flatten());
    kept.as_deref() != Some(OFF)
}

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}
