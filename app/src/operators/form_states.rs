//! Several forms on one page, of which one was sent.

use leptos::prelude::*;

use crate::ui::{FormState, Notice, Tone};

/// The state of the form that has these fields: of two on a page, only one was sent.
pub(super) fn state_of(fields: &[&str]) -> Signal<FormState> {
    let sent = use_context::<FormState>().unwrap_or_default();
    let is_this = fields.iter().any(|field| sent.error(field).is_some());
    Signal::stored(if is_this { sent } else { FormState::default() })
}

/// What is wrong with what was sent, where no field is to blame.
#[component]
pub(super) fn Wrong() -> impl IntoView {
    let wrong = use_context::<FormState>().and_then(|sent| sent.message);
    wrong.map(|wrong| view! { <Notice tone=Tone::Danger>{wrong}</Notice> })
}
