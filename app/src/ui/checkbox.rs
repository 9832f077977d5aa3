//! One choice that is on or off.

use leptos::prelude::*;

use super::form_state::input_id;

/// A checkbox with its label.
#[component]
pub fn Checkbox(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    /// Sent when it is on.
    #[prop(default = "on".into(), into)]
    value: String,
    #[prop(optional, into)] checked: Signal<bool>,
    #[prop(optional, into)] hint: Option<String>,
    #[prop(optional, into)] on_change: Option<Callback<bool>>,
) -> impl IntoView {
    let id = input_id(&name);
    let hint_id = hint.as_ref().map(|_| format!("{id}-hint"));
    view! {
        <div class="check-field">
            <input
                class="checkbox checkbox-sm"
                type="checkbox"
                id=id.clone()
                name=name
                value=value
                checked=checked.get_untracked()
                prop:checked=move || checked.get()
                aria-describedby=hint_id.clone()
                on:change=move |event| {
                    if let Some(on_change) = on_change {
                        on_change.run(event_target_checked(&event));
                    }
                }
            />
            <div>
                <label class="check-label" for=id>
                    {label}
                </label>
                {hint.map(|hint| view! { <p class="field-hint" id=hint_id>{hint}</p> })}
            </div>
        </div>
    }
}
