//! A session is in one workspace at a time, and so is a browser: when a tab goes over to another one, the others must not go on
//! showing, and sending, what belongs to the workspace that they were in.

use domain::id::TenantId;
use leptos::{ev, prelude::*};

/// Where the tabs of a browser tell each other which workspace is open.
const KEY: &str = "sheaf-workspace";

/// Loads this page anew as soon as another tab is in another workspace.
pub fn follow(tenant: TenantId) {
    // A browser that keeps nothing for us has no way to tell.
    let Ok(Some(storage)) = window().local_storage() else { return };
    let own = tenant.to_string();
    // Only a change is told to the other tabs.
    storage.set_item(KEY, &own).ok();
    let listener = window_event_listener(ev::storage, move |event| {
        if event.key().as_deref() == Some(KEY) && event.new_value().is_some_and(|other| other != own) {
            // It fails only where the page is going away already.
            location().reload().ok();
        }
    });
    on_cleanup(move || listener.remove());
}
