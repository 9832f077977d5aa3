//! How far something is.

use leptos::prelude::*;

/// A native progress bar.
#[component]
pub fn Progress(
    /// What is under way.
    #[prop(into)]
    label: Signal<String>,
    /// From 0 to 1, or none while it is not known.
    #[prop(into)]
    value: Signal<Option<f64>>,
    /// Shows the label and the percentage over the bar; without it they are for screen readers.
    #[prop(optional)]
    labelled: bool,
    #[prop(optional)] tone: super::Tone,
) -> impl IntoView {
    let percent = move || value.get().map(|value| (value.clamp(0.0, 1.0) * 100.0).floor());
    let head = labelled.then(|| {
        view! {
            <div class="progress-head" aria-hidden="true">
                <span>{move || label.get()}</span>
                <span class="tabular">{move || percent().map(|percent| format!("{percent}%"))}</span>
            </div>
        }
    });
    view! {
        <div class=format!("progress-box {}", tone.class())>
            {head} <progress class="progress" max="100" value=percent aria-label=move || label.get()></progress>
        </div>
    }
}
