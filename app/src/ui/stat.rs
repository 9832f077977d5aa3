//! Figures that are read at a glance.

use leptos::prelude::*;

/// A row of [`Stat`]s.
#[component]
pub fn StatGroup(children: Children) -> impl IntoView {
    view! { <dl class="stat-group">{children()}</dl> }
}

/// One figure.
#[component]
pub fn Stat(
    #[prop(into)] label: String,
    #[prop(into)] value: Signal<String>,
    /// A quieter word about it.
    #[prop(optional, into)]
    note: Option<String>,
) -> impl IntoView {
    view! {
        <div class="stat">
            <dt class="stat-label">{label}</dt>
            <dd class="stat-value">{move || value.get()}</dd>
            {note.map(|note| view! { <dd class="stat-note">{note}</dd> })}
        </div>
    }
}
