//! A sheet at the corner of the window that stays while pages change.

use leptos::prelude::*;

/// A titled sheet over the page, at its lower end.
#[component]
pub fn FloatingPanel(
    #[prop(into)] title: Signal<String>,
    /// Stands beside the title: buttons.
    #[prop(optional, into)]
    actions: ViewFn,
    children: Children,
) -> impl IntoView {
    view! {
        <section class="floating-panel" aria-label=move || title.get()>
            <header class="floating-panel-head">
                <h2 class="floating-panel-title" aria-live="polite">
                    {move || title.get()}
                </h2>
                {actions.run()}
            </header>
            <div class="floating-panel-body">{children()}</div>
        </section>
    }
}
