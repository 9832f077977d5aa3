//! The window as a target for files, and the picker.

use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::{DragEvent, FileList, HtmlElement, HtmlInputElement};

use super::{State, Uploads};

/// Watches drags and drops for as long as the app is open, and asks before the window is left while files are on their
/// way.
pub(super) fn watch(uploads: Uploads) {
    // The handles would end the watching; the app's root never does.
    let _ = window_event_listener(ev::dragover, move |event| {
        if uploads.allowed.get_value() && carries_files(&event) {
            event.prevent_default();
            uploads.over.set(true);
        }
    });
    let _ = window_event_listener(ev::dragleave, move |event| {
        // Only the window's edge leads nowhere.
        if event.related_target().is_none() {
            uploads.over.set(false);
        }
    });
    let _ = window_event_listener(ev::drop, move |event| {
        uploads.over.set(false);
        if uploads.allowed.get_value() && carries_files(&event) {
            event.prevent_default();
            if let Some(files) = event.data_transfer().and_then(|data| data.files()) {
                uploads.add(&files);
            }
        }
    });
    let _ = window_event_listener(ev::beforeunload, move |event| {
        let active = uploads.transfers.with_untracked(|transfers| {
            transfers.iter().any(|transfer| transfer.state.with_untracked(State::is_active))
        });
        if active {
            event.prevent_default();
        }
    });
}

/// Opens the picker of [`UploadPanel`](super::UploadPanel).
pub(super) fn pick() {
    let picker =
        document().get_element_by_id("upload-picker").and_then(|element| element.dyn_into::<HtmlElement>().ok());
    if let Some(picker) = picker {
        picker.click();
    }
}

/// Adds the files of the input that changed, and empties it.
pub(super) fn take(uploads: Uploads, event: &ev::Event) {
    let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
    if let Some(input) = input {
        let files: Option<FileList> = input.files();
        if let Some(files) = files {
            uploads.add(&files);
        }
        input.set_value("");
    }
}

/// A browser that keeps none forgets the choice with the page.
pub(super) fn set_cookie(cookie: &str) {
    let _ = js_sys::Reflect::set(&document(), &"cookie".into(), &cookie.into());
}

fn carries_files(event: &DragEvent) -> bool {
    event
        .data_transfer()
        .is_some_and(|data| data.types().iter().any(|kind| kind.as_string().as_deref() == Some("Files")))
}
