//! One of a few.

use leptos::prelude::*;

use super::{
    form_state::{descriptions, input_id, typed_before},
    use_form_state,
};

/// A native select with its label. What was chosen before and what is wrong with it come from the form's state.
#[component]
pub fn Select(
    #[prop(into)] name: String,
    /// Unique on the page; without it, there is one field of this name.
    #[prop(optional, into)]
    id: Option<String>,
    #[prop(into)] label: String,
    /// Stands under the label: what the choices mean.
    #[prop(optional, into)]
    hint: Option<String>,
    /// Value and text of each choice.
    #[prop(into)]
    options: Vec<(String, String)>,
    /// The chosen value, unless the form's state knows better.
    #[prop(optional, into)]
    value: Signal<String>,
    #[prop(optional, into)] on_change: Option<Callback<String>>,
    /// The label is for screen readers only, as in a toolbar.
    #[prop(optional)]
    label_hidden: bool,
) -> impl IntoView {
    let id = id.unwrap_or_else(|| input_id(&name));
    let state = use_form_state();
    let typed = state.with_untracked(|state| state.value(&name).map(str::to_owned));
    let value = match typed.filter(|typed| options.iter().any(|(key, _)| key == typed)) {
        Some(typed) => Signal::stored(typed),
        None => value,
    };
    // Where somebody hears of a choice, it is theirs to say what is chosen.
    let value = match typed_before(&format!("[id='{id}']")).filter(|_| on_change.is_none()) {
        Some(chosen) => Signal::stored(chosen),
        None => value,
    };
    let error_name = name.clone();
    let error = Memo::new(move |_| state.with(|state| state.error(&error_name).map(str::to_owned)));
    let error_id = format!("{id}-error");
    let hint_id = hint.as_ref().map(|_| format!("{id}-hint"));
    let described_by = {
        let (error_id, hint_id) = (error_id.clone(), hint_id.clone());
        move || descriptions(hint_id.clone(), error.read().is_some().then(|| error_id.clone()))
    };
    view! {
        <div class="field" class:field-inline=label_hidden>
            <label class="field-label" class:sr-only=label_hidden for=id.clone()>
                {label}
            </label>
            {hint.map(|hint| view! { <p class="field-hint" id=hint_id>{hint}</p> })}
            <select
                class="select"
                id=id
                name=name
                aria-invalid=move || error.read().is_some().then_some("true")
                aria-describedby=described_by
                on:change=move |event| {
                    if let Some(on_change) = on_change {
                        on_change.run(event_target_value(&event));
                    }
                }
            >
                {options
                    .into_iter()
                    .map(|(key, text)| {
                        let chosen = {
                            let key = key.clone();
                            move || value.with(|value| *value == key)
                        };
                        view! {
                            <option value=key selected=chosen.clone() prop:selected=chosen>
                                {text}
                            </option>
                        }
                    })
                    .collect_view()}
            </select>
            {move || error.get().map(|error| view! { <p class="field-error" id=error_id.clone()>{error}</p> })}
        </div>
    }
}
