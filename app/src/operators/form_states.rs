//! Several forms on one page, of which one was sent.

use leptos::prelude::*;

use crate::ui::{FormState, Notice, Tone};

/// The state of the form that has these fields: of two on a page, only one was sent. The first is in no other form. Where no
/// field is to blame, what was typed is still there, and [`Wrong`] says what is wrong.
pub(super) fn state_of(fields: &[&str]) -> Signal<FormState> {
    let sent = use_context::<FormState>().unwrap_or_default();
    let is_sent = fields.first().is_some_and(|field| sent.value(field).is_some());
    let is_this = is_sent || fields.iter().any(|field| sent.error(field).is_some());
    Signal::stored(if is_this { FormState { message: None, ..sent } } else { FormState::default() })
}

/// What is wrong with what was sent, where no field is to blame.
#[component]
pub(super) fn Wrong() -> impl IntoView {
    let wrong = use_context::<FormState>().and_then(|sent| sent.message);
    wrong.map(|wrong| view! { <Notice tone=Tone::Danger>{wrong}</Notice> })
}
