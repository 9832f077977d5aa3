//! Short messages over the page about what was just done.

use leptos::prelude::*;

use super::{Glyph, Icon, Tone};

/// Where toasts are put. Errors stay until they are closed, the others go after [`Toasts::STAY`].
#[derive(Debug, Clone, Copy)]
pub struct Toasts {
    shown: RwSignal<Vec<Toast>>,
    next: StoredValue<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Toast {
    id: u64,
    tone: Tone,
    text: String,
}

impl Toasts {
    /// Long enough to read a sentence twice.
    pub const STAY: std::time::Duration = std::time::Duration::from_secs(6);

    pub fn success(self, text: impl Into<String>) {
        self.push(Tone::Success, text.into());
    }

    pub fn info(self, text: impl Into<String>) {
        self.push(Tone::Info, text.into());
    }

    pub fn error(self, text: impl Into<String>) {
        self.push(Tone::Danger, text.into());
    }

    fn push(self, tone: Tone, text: String) {
        let id = self.next.get_value();
        self.next.set_value(id + 1);
        self.shown.update(|shown| shown.push(Toast { id, tone, text }));
        #[cfg(feature = "hydrate")]
        if tone != Tone::Danger {
            set_timeout(move || self.close(id), Self::STAY);
        }
    }

    fn close(self, id: u64) {
        // The page may be gone when the time is over.
        self.shown.try_update(|shown| shown.retain(|toast| toast.id != id));
    }
}

/// Gives the page below a place for toasts. Call it once, at the root of the app.
pub fn provide_toasts() -> Toasts {
    let toasts = Toasts { shown: RwSignal::new(Vec::new()), next: StoredValue::new(0) };
    provide_context(toasts);
    toasts
}

/// The place for toasts of this page.
pub fn use_toasts() -> Toasts {
    use_context().unwrap_or_else(provide_toasts)
}

/// Shows the toasts; [`AppLayout`](super::AppLayout) has one.
#[component]
pub fn Toaster() -> impl IntoView {
    let toasts = use_toasts();
    view! {
        <div class="toaster" role="status" aria-live="polite">
            <For each=move || toasts.shown.get() key=|toast| toast.id let:toast>
                <ToastView toast on_close=move |id| toasts.close(id) />
            </For>
        </div>
    }
}

#[component]
fn ToastView(toast: Toast, #[prop(into)] on_close: Callback<u64>) -> impl IntoView {
    view! {
        <div class=format!("toast-message {}", toast.tone.class())>
            <Icon glyph=toast.tone.glyph() />
            <p>{toast.text}</p>
            <button
                class="btn btn-ghost btn-square btn-sm"
                type="button"
                aria-label="Close"
                on:click=move |_| on_close.run(toast.id)
            >
                <Icon glyph=Glyph::Close />
            </button>
        </div>
    }
}
