//! A sheet at the corner of the window that stays while pages change.

use leptos::prelude::*;

use super::{ButtonSize, Glyph, IconButton};

/// A titled sheet over the page, at its lower end. It folds to its title, and gives the page beneath back.
#[component]
pub fn FloatingPanel(
    #[prop(into)] title: Signal<String>,
    /// Stands beside the title: buttons.
    #[prop(optional, into)]
    actions: ViewFn,
    children: Children,
) -> impl IntoView {
    let folded = RwSignal::new(false);
    view! {
        <section class="floating-panel" aria-label=move || title.get()>
            <header class="floating-panel-head">
                <h2 class="floating-panel-title" aria-live="polite">
                    {move || title.get()}
                </h2>
                {actions.run()}
                <IconButton
                    glyph=Glyph::ChevronDown
                    size=ButtonSize::Small
                    label="Details"
                    attr:aria-expanded=move || (!folded.get()).to_string()
                    on:click=move |_| folded.update(|folded| *folded = !*folded)
                />
            </header>
            <div class="floating-panel-body" hidden=move || folded.get()>{children()}</div>
        </section>
    }
}
