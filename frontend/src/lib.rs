//! Starts the app in the browser.

use app::App;
use leptos::prelude::*;
use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the page once the module is loaded: takes over what the server has rendered, and leaves a mark for those who
/// wait for it.
#[wasm_bindgen]
pub fn hydrate() {
    hydrate_body(App);
    if let Some(root) = document().document_element() {
        root.set_attribute("data-hydrated", "true").ok();
    }
}
