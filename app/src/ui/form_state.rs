//! What a form brings back after a failed attempt, so that nothing typed is lost and every error stands by its field.
//!
//! The server provides a [`FormState`] as context when it renders a page again after a POST; a hydrated page provides a
//! `Signal<FormState>`. [`Field`](super::Field) and its siblings read it through [`use_form_state`].

use domain::Error;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// The state of one form: what was typed and what is wrong with it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormState {
    /// Field name and typed value. Secrets are never among them.
    pub values: Vec<(String, String)>,
    pub errors: Vec<FieldError>,
    /// What is wrong with the whole, where no single field is to blame.
    pub message: Option<String>,
}

/// One sentence about one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    pub field: String,
    pub message: String,
}

/// What the name of a field says, if nobody is to see again what was typed into it.
const SECRETS: [&str; 6] = ["password", "secret", "token", "code", "card", "cvc"];

/// Whether nobody is to see again what was typed into a field of this name.
pub fn is_secret(name: &str) -> bool {
    SECRETS.iter().any(|word| name.contains(word))
}

impl FormState {
    /// Keeps what was typed, secrets excepted.
    pub fn with_values(values: impl IntoIterator<Item = (String, String)>) -> Self {
        // The token of a link goes along unseen: without it, the form could not be sent again.
        let values = values.into_iter().filter(|(name, _)| name == "token" || !is_secret(name)).collect();
        Self { values, ..Self::default() }
    }

    /// Adds a failure: to its field if it names one, else to the whole form.
    pub fn with_error(mut self, error: &Error) -> Self {
        match &error.field {
            // A link's token is wrong as a whole: there is no field that the person could mend.
            Some(field) if field != "token" => {
                self.errors.push(FieldError { field: field.clone(), message: error.message.clone() });
            }
            _ => self.message = Some(error.message.clone()),
        }
        self
    }

    /// What was typed into the field of this name.
    pub fn value(&self, field: &str) -> Option<&str> {
        self.values.iter().find(|(name, _)| name == field).map(|(_, value)| value.as_str())
    }

    /// What is wrong with the field of this name.
    pub fn error(&self, field: &str) -> Option<&str> {
        self.errors.iter().find(|error| error.field == field).map(|error| error.message.as_str())
    }

    pub fn is_wrong(&self) -> bool {
        self.message.is_some() || !self.errors.is_empty()
    }
}

/// The state of the form around the caller: the page's signal, or what the server provided, or an untouched form.
pub fn use_form_state() -> Signal<FormState> {
    use_context::<Signal<FormState>>().unwrap_or_else(|| Signal::stored(use_context::<FormState>().unwrap_or_default()))
}

/// The element id of the input of a field; the error summary links to it.
pub(super) fn input_id(field: &str) -> String {
    format!("field-{field}")
}

/// What stands in a field of a page that scripts are about to take over: it may be typed or chosen since the page came, or be filled
/// in by the browser. None for a filter, which shows what the list shows, and once a page was taken over.
#[cfg(feature = "hydrate")]
pub(super) fn typed_before(selector: &str) -> Option<String> {
    before(selector, "value")?.as_string()
}

/// Nobody types on a server.
#[cfg(not(feature = "hydrate"))]
pub(super) fn typed_before(_selector: &str) -> Option<String> {
    None
}

/// Lets the text of a field that follows a signal be what was typed before scripts took the page over. It is read at once, before
/// the field follows the signal, and set after that.
pub(super) fn keep_typed(selector: &str, text: RwSignal<String>) {
    if let Some(typed) = typed_before(selector).filter(|typed| text.with_untracked(|text| text != typed)) {
        Effect::new(move |_| text.set(typed.clone()));
    }
}

/// Whether a box of a page that scripts are about to take over is ticked, as [`typed_before`].
#[cfg(feature = "hydrate")]
pub(super) fn ticked_before(selector: &str) -> Option<bool> {
    before(selector, "checked")?.as_bool()
}

#[cfg(not(feature = "hydrate"))]
pub(super) fn ticked_before(_selector: &str) -> Option<bool> {
    None
}

#[cfg(feature = "hydrate")]
fn before(selector: &str, property: &str) -> Option<wasm_bindgen::JsValue> {
    let page = document();
    if page.document_element()?.has_attribute("data-hydrated") {
        return None;
    }
    // Both fail only for a selector that is none.
    let field = page.query_selector(selector).ok().flatten()?;
    let is_filter = field.closest(".filter-form").ok().flatten().is_some();
    let value = js_sys::Reflect::get(&field, &property.into()).ok();
    value.filter(|_| !is_filter)
}

/// What `aria-describedby` of an input names: the ids of its hint and of what is wrong with it, where there are such.
pub(super) fn descriptions(hint: Option<String>, error: Option<String>) -> Option<String> {
    let ids: Vec<_> = hint.into_iter().chain(error).collect();
    (!ids.is_empty()).then(|| ids.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_is_kept_and_secrets_are_not() {
        let names = ["title", "old_password", "code", "card_number", "client_secret", "token", "coupon"];
        let state = FormState::with_values(names.map(|name| (name.to_owned(), "typed".to_owned())));
        let kept: Vec<_> = names.into_iter().filter(|name| state.value(name).is_some()).collect();
        assert_eq!(kept, ["title", "token", "coupon"]);
        assert!(is_secret("token"), "it goes into no address");
    }

    #[test]
    fn a_hint_is_told_also_where_something_is_wrong() {
        let id = |id: &str| Some(id.to_owned());
        assert_eq!(descriptions(id("hint"), id("error")).as_deref(), Some("hint error"));
        assert_eq!(descriptions(None, id("error")).as_deref(), Some("error"));
        assert_eq!(descriptions(None, None), None);
    }
}
