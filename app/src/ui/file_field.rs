//! One file to choose.

use leptos::prelude::*;

use super::form_state::input_id;

/// A native file input with its label, for a form that sends one file.
#[component]
pub fn FileField(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    /// The `accept` list of the picker. It helps the person and protects nothing.
    #[prop(optional, into)]
    accept: Option<String>,
) -> impl IntoView {
    let id = input_id(&name);
    view! {
        <div class="field">
            <label class="field-label" for=id.clone()>
                {label}
            </label>
            <input class="file-field" type="file" id=id name=name accept=accept />
        </div>
    }
}
