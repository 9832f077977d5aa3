//! The keys of the reader.

use domain::documents::Document;
use leptos::{ev, html, prelude::*, wasm_bindgen::JsCast, web_sys};
use leptos_router::{NavigateOptions, hooks::use_navigate};

use super::{
    find_bar::here,
    hits,
    pages::last_page,
    place::{Place, Zoom},
    reading::{PageResource, Reading},
};
use crate::ui::{is_key_off, is_overlay_open};

/// What the keys act on.
#[derive(Clone, Copy)]
pub struct Reader {
    pub reading: Reading,
    pub page: PageResource,
    pub document: RwSignal<Document>,
    /// The search field.
    pub find: NodeRef<html::Input>,
    /// Whether the keys are shown.
    pub help: RwSignal<bool>,
}

/// What a key asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Command {
    NextPage,
    PreviousPage,
    Larger,
    Smaller,
    Fit,
    Find,
    NextHit,
    PreviousHit,
    EndSearch,
    Help,
}

/// A change of the address that is no step in the browser's history, and that leaves the window where it is.
pub fn in_place() -> NavigateOptions {
    NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() }
}

/// Listens as long as the page is there. In the browser only.
pub fn listen(reader: Reader) {
    let navigate = use_navigate();
    Effect::new(move |_| {
        let navigate = navigate.clone();
        let handle = window_event_listener(ev::keydown, move |event| {
            // A page that is wider than its stage is scrolled with the arrows.
            let is_zoomed = reader.reading.place.with_untracked(|place| place.zoom != Zoom::Fit);
            if is_zoomed && event.key().starts_with("Arrow") {
                return;
            }
            if let Some(command) = reader.asked_again(&event).or_else(|| heard(&event)) {
                event.prevent_default();
                if let Some(place) = reader.obey(command) {
                    let id = reader.document.with_untracked(|document| document.id);
                    navigate(&place.href(id), in_place());
                }
            }
        });
        on_cleanup(move || handle.remove());
    });
}

impl Reader {
    /// Does what was asked for; what remains is the place to go to.
    fn obey(self, command: Command) -> Option<Place> {
        let place = self.reading.place.get_untracked();
        let last = self.document.with_untracked(last_page);
        match command {
            Command::NextPage => (place.page < last).then(|| place.at(place.page + 1)),
            Command::PreviousPage => (place.page > 1).then(|| place.at((place.page - 1).min(last))),
            Command::Larger => Some(place.with_zoom(place.zoom.larger())),
            Command::Smaller => Some(place.with_zoom(place.zoom.smaller())),
            Command::Fit => Some(place.with_zoom(Zoom::Fit)),
            Command::NextHit => self.hit(&place, hits::next),
            Command::PreviousHit => self.hit(&place, hits::previous),
            Command::EndSearch => {
                (!place.query.is_empty()).then(|| Place { query: String::new(), ..place.at(place.page) })
            }
            Command::Find => {
                self.focus_find();
                None
            }
            Command::Help => {
                self.help.set(true);
                None
            }
        }
    }

    fn hit(self, place: &Place, step: fn(&Place, &[u32], usize) -> Option<Place>) -> Option<Place> {
        let has_image = self.document.with_untracked(|document| document.has_images);
        // Before the page is there that one has come to, it is not known whether it has another.
        let here =
            self.page.with_untracked(|page| page.as_ref().map_or(Some(0), |page| here(page, place, has_image)))?;
        let found = self.reading.found.get_untracked().and_then(Result::ok).unwrap_or_default();
        (!place.query.is_empty()).then(|| step(place, &found.pages, here)).flatten()
    }

    /// Enter in the search field asks for the next hit where it holds what is searched already, and Shift for the one before.
    fn asked_again(self, event: &ev::KeyboardEvent) -> Option<Command> {
        if event.key() != "Enter" || event.is_composing() {
            return None;
        }
        let find = self.find.get_untracked()?;
        let is_there = event.target().is_some_and(|target| target == *AsRef::<web_sys::EventTarget>::as_ref(&find));
        let query = self.reading.place.with_untracked(|place| place.query.clone());
        let is_same = is_there && !query.is_empty() && find.value() == query;
        is_same.then_some(if event.shift_key() { Command::PreviousHit } else { Command::NextHit })
    }

    fn focus_find(self) {
        if let Some(find) = self.find.get_untracked() {
            // It fails only for an element that is not in the page any more.
            let _ = find.focus();
            find.select();
        }
    }
}

/// What a key that was pressed asks for; none where it is meant for what has the focus, or for the browser.
fn heard(event: &ev::KeyboardEvent) -> Option<Command> {
    let is_the_browsers = event.default_prevented() || event.alt_key() || event.meta_key() || event.is_composing();
    if is_the_browsers || is_overlay_open() || is_key_off(event) {
        return None;
    }
    // With these, text is marked further.
    if event.shift_key() && ["Arrow", "Page"].into_iter().any(|keys| event.key().starts_with(keys)) {
        return None;
    }
    let focus = document().active_element();
    let is_in = |what: &str| focus.as_ref().is_some_and(|focus| focus.closest(what).ok().flatten().is_some());
    if is_in("input, textarea, select, [contenteditable]") {
        // The field lets go of the focus, and the keys are the reader's again.
        let field = focus.and_then(|focus| focus.dyn_into::<web_sys::HtmlElement>().ok());
        if let Some(field) = field.filter(|_| event.key() == "Escape") {
            // It fails only for an element that is not in the page any more.
            let _ = field.blur();
        }
        return (event.ctrl_key() && event.key() == "f").then_some(Command::Find);
    }
    command(&event.key(), event.ctrl_key())
}

fn command(key: &str, ctrl: bool) -> Option<Command> {
    match (key, ctrl) {
        ("f", true) | ("/", false) => Some(Command::Find),
        (_, true) => None,
        ("ArrowRight" | "PageDown" | "j", _) => Some(Command::NextPage),
        ("ArrowLeft" | "PageUp" | "k", _) => Some(Command::PreviousPage),
        ("+" | "=", _) => Some(Command::Larger),
        ("-", _) => Some(Command::Smaller),
        ("0", _) => Some(Command::Fit),
        ("n", _) => Some(Command::NextHit),
        ("N", _) => Some(Command::PreviousHit),
        ("Escape", _) => Some(Command::EndSearch),
        ("?", _) => Some(Command::Help),
        _ => None,
    }
}

/// Scrolls the hit that one is at to the middle of the window, once it is in the page.
#[cfg(feature = "hydrate")]
pub fn show_current_hit() {
    use web_sys::{ScrollIntoViewOptions, ScrollLogicalPosition};
    request_animation_frame(|| {
        if let Some(hit) = document().get_element_by_id(crate::ui::CURRENT_HIT) {
            let options = ScrollIntoViewOptions::new();
            options.set_block(ScrollLogicalPosition::Center);
            options.set_inline(ScrollLogicalPosition::Nearest);
            hit.scroll_into_view_with_scroll_into_view_options(&options);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_browser_keeps_its_own_keys() {
        assert_eq!(command("j", false), Some(Command::NextPage));
        assert_eq!(command("f", true), Some(Command::Find));
        assert_eq!(command("f", false), None);
        for key in ["j", "+", "-", "0", "n", "ArrowLeft"] {
            assert_eq!(command(key, true), None, "Ctrl {key} is the browser's");
        }
    }
}
