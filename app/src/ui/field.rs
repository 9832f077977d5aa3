//! A line or a block of text to fill in, with its label, hint and error.

use leptos::{ev, prelude::*};

use super::{
    form_state::{descriptions, input_id, keep_typed},
    use_form_state,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FieldKind {
    #[default]
    Text,
    Email,
    /// Never filled from what was typed before.
    Password,
    Number,
    Date,
}

impl FieldKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Email => "email",
            Self::Password => "password",
            Self::Number => "number",
            Self::Date => "date",
        }
    }
}

/// A labelled input. What was typed before and what is wrong with it come from the form's state.
#[component]
pub fn Field(
    /// Its name in the form, in [`FormState`](super::FormState) and in `Error::field`.
    #[prop(into)]
    name: String,
    #[prop(into)] label: String,
    #[prop(optional)] kind: FieldKind,
    /// Stands under the label: what is expected.
    #[prop(optional, into)]
    hint: Option<String>,
    /// What it starts with, unless the form's state knows better.
    #[prop(optional, into)]
    value: Option<String>,
    /// Follows and leads what is typed.
    #[prop(optional, into)]
    bind: Option<RwSignal<String>>,
    /// Takes precedence over the form's state.
    #[prop(optional, into)]
    error: Option<Signal<Option<String>>>,
    #[prop(optional, into)] autocomplete: Option<&'static str>,
    #[prop(optional, into)] placeholder: Option<String>,
    #[prop(optional)] required: bool,
    /// In characters.
    #[prop(optional, into)]
    max_length: Option<u32>,
    /// More than one line, shown this high.
    #[prop(optional, into)]
    rows: Option<u32>,
    /// The label is for screen readers only.
    #[prop(optional)]
    label_hidden: bool,
) -> impl IntoView {
    let id = input_id(&name);
    let state = use_form_state();
    let error_name = name.clone();
    let error = Memo::new(move |_| match error {
        Some(error) => error.get(),
        None => state.with(|state| state.error(&error_name).map(str::to_owned)),
    });
    let typed =
        (kind != FieldKind::Password).then(|| state.with_untracked(|state| state.value(&name).map(str::to_owned)));
    let value = bind.map(|bind| bind.get_untracked()).or(typed.flatten()).or(value).unwrap_or_default();
    let hint_id = hint.as_ref().map(|_| format!("{id}-hint"));
    let error_id = format!("{id}-error");
    let described_by = {
        let (hint_id, error_id) = (hint_id.clone(), error_id.clone());
        move || descriptions(hint_id.clone(), error.read().is_some().then(|| error_id.clone()))
    };
    let invalid = move || error.read().is_some().then_some("true");
    let text = RwSignal::new(value.clone());
    let text = bind.unwrap_or(text);
    keep_typed(&format!("[id='{id}']"), text);
    let on_input = move |event: ev::Event| text.set(event_target_value(&event));
    let input = match rows {
        Some(rows) => view! {
            <textarea
                class="textarea"
                id=id.clone()
                name=name
                rows=rows
                placeholder=placeholder
                required=required
                maxlength=max_length
                aria-invalid=invalid
                aria-describedby=described_by
                on:input=on_input
                prop:value=move || text.get()
            >
                {value}
            </textarea>
        }
        .into_any(),
        None => view! {
            <input
                class="input"
                id=id.clone()
                type=kind.as_str()
                name=name
                value=value
                autocomplete=autocomplete
                placeholder=placeholder
                required=required
                maxlength=max_length
                aria-invalid=invalid
                aria-describedby=described_by
                on:input=on_input
                prop:value=move || text.get()
            />
        }
        .into_any(),
    };
    view! {
        <div class="field">
            <label class="field-label" class:sr-only=label_hidden for=id>
                {label}
            </label>
            {hint.map(|hint| view! { <p class="field-hint" id=hint_id>{hint}</p> })}
            {input}
            {move || {
                error.get().map(|error| view! { <p class="field-error" id=error_id.clone()>{error}</p> })
            }}
        </div>
    }
}

/// A value that goes with the form unseen.
#[component]
pub fn HiddenField(#[prop(into)] name: String, #[prop(into)] value: Signal<String>) -> impl IntoView {
    view! { <input type="hidden" name=name value=move || value.get() /> }
}
