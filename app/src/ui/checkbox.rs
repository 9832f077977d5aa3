//! One choice that is on or off.

use leptos::prelude::*;

use super::{
    form_state::{descriptions, input_id, ticked_before},
    use_form_state,
};

/// A checkbox with its label. Whether it was on before and what is wrong with it come from the form's state.
#[component]
pub fn Checkbox(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    /// Sent when it is on.
    #[prop(default = "on".into(), into)]
    value: String,
    /// Whether it is on, unless the form's state knows better.
    #[prop(optional, into)]
    checked: Signal<bool>,
    #[prop(optional, into)] hint: Option<String>,
    #[prop(optional, into)] on_change: Option<Callback<bool>>,
) -> impl IntoView {
    let id = input_id(&name);
    let state = use_form_state();
    // Of a form that was sent, a box that was off is not there at all.
    let typed =
        state.with_untracked(|state| (!state.values.is_empty()).then(|| state.value(&name) == Some(value.as_str())));
    let checked = match typed {
        Some(typed) => Signal::stored(typed),
        None => checked,
    };
    // Where somebody hears of it, it is theirs to say whether it is on.
    let checked = match ticked_before(&format!("[id='{id}']")).filter(|_| on_change.is_none()) {
        Some(ticked) => Signal::stored(ticked),
        None => checked,
    };
    let error_name = name.clone();
    let error = Memo::new(move |_| state.with(|state| state.error(&error_name).map(str::to_owned)));
    let hint_id = hint.as_ref().map(|_| format!("{id}-hint"));
    let error_id = format!("{id}-error");
    let described_by = {
        let (hint_id, error_id) = (hint_id.clone(), error_id.clone());
        move || descriptions(hint_id.clone(), error.read().is_some().then(|| error_id.clone()))
    };
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
                aria-invalid=move || error.read().is_some().then_some("true")
                aria-describedby=described_by
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
                {move || error.get().map(|error| view! { <p class="field-error" id=error_id.clone()>{error}</p> })}
            </div>
        </div>
    }
}
