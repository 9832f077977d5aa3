//! The way back from what was just done: a message over the page with a button.

use std::sync::Arc;

use leptos::prelude::*;

use super::{Glyph, Icon};

/// Where the latest way back is offered; a newer one takes its place.
#[derive(Debug, Clone, Copy)]
pub struct Undo {
    offered: RwSignal<Option<Offer>>,
    next: StoredValue<u64>,
}

#[derive(Clone)]
struct Offer {
    id: u64,
    text: String,
    back: Arc<dyn Fn() + Send + Sync>,
}

impl Undo {
    /// Longer than other messages stay: the hand has to find the button.
    pub const STAY: std::time::Duration = std::time::Duration::from_secs(10);

    /// Says what was done and offers the way back.
    pub fn offer(self, text: impl Into<String>, back: impl Fn() + Send + Sync + 'static) {
        let id = self.next.get_value();
        self.next.set_value(id + 1);
        self.offered.set(Some(Offer { id, text: text.into(), back: Arc::new(back) }));
        #[cfg(feature = "hydrate")]
        set_timeout(move || self.withdraw(id), Self::STAY);
    }

    fn withdraw(self, id: u64) {
        if self.offered.with_untracked(|offered| offered.as_ref().is_some_and(|offer| offer.id == id)) {
            self.offered.set(None);
        }
    }
}

/// Gives the pages below a place to offer the way back. Call it once, at the root of the app.
pub fn provide_undo() -> Undo {
    let undo = Undo { offered: RwSignal::new(None), next: StoredValue::new(0) };
    provide_context(undo);
    undo
}

/// The place where this page offers the way back.
pub fn use_undo() -> Undo {
    use_context().unwrap_or_else(provide_undo)
}

/// Shows the offer; the app's frame has one.
#[component]
pub fn UndoToast() -> impl IntoView {
    let undo = use_undo();
    let message = move || {
        undo.offered.get().map(|offer| {
            let back = offer.back;
            let id = offer.id;
            let take_back = move |_| {
                undo.withdraw(id);
                back();
            };
            view! {
                <div class="toast-message tone-neutral">
                    <p>{offer.text}</p>
                    <button class="btn btn-sm" type="button" on:click=take_back>
                        "Undo"
                    </button>
                    <button
                        class="btn btn-ghost btn-square btn-sm"
                        type="button"
                        aria-label="Close"
                        on:click=move |_| undo.withdraw(id)
                    >
                        <Icon glyph=Glyph::Close />
                    </button>
                </div>
            }
        })
    };
    view! {
        <div class="undo-toast" role="status" aria-live="polite">
            {message}
        </div>
    }
}
