//! Starts the app in the browser.

// Without `--cfg erase_components` the whole app is one type, and the future that takes it over is one more around it.
#![recursion_limit = "256"]

use app::{App, live};
use leptos::{mount::hydrate_from_async, prelude::*, tachys::dom::body};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::spawn_local;

/// Called by the page once the module is loaded: takes over what the server has rendered, as soon as the part of the page is
/// there, and leaves a mark for those who wait for it.
#[wasm_bindgen]
pub fn hydrate() {
    spawn_local(async {
        hydrate_from_async(body(), App).await.forget();
        live::begin();
        if let Some(root) = document().document_element() {
            root.set_attribute("data-hydrated", "true").ok();
        }
    });
}
