//! What was just done about the plan, or why it was not.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::api::{CancelPlan, ChangePlan, KeepPlan};
use crate::{
    routes::{Billed, PayFault},
    ui::{Notice, Tone},
};

/// What the address says, and what an act failed with that was posted without scripts. It stands above all that can be done: where
/// another tab has changed the plan, what was confirmed here is not there any more.
#[component]
pub(super) fn Outcome() -> impl IntoView {
    let query = use_query_map();
    let done = move || query.with(|query| query.get_str("done").and_then(Billed::parse));
    let fault = move || query.with(|query| query.get_str("fault").and_then(PayFault::parse));
    let (cancel, keep) = (ServerAction::<CancelPlan>::new(), ServerAction::<KeepPlan>::new());
    let change = ServerAction::<ChangePlan>::new();
    let refused = move || {
        let answers = [cancel.value().get(), keep.value().get(), change.value().get()];
        let error = answers.into_iter().flatten().find_map(Result::err)?;
        Some(error.message().to_owned())
    };
    let wrong = move || refused().or_else(|| Some(fault()?.message().to_owned()));
    move || match (wrong(), done()) {
        (Some(text), _) => view! { <Notice tone=Tone::Danger>{text}</Notice> }.into_any(),
        (None, Some(done)) => view! { <Notice tone=Tone::Success>{done.message()}</Notice> }.into_any(),
        (None, None) => ().into_any(),
    }
}

/// That no real money moves.
#[component]
pub(super) fn TestMode() -> impl IntoView {
    view! {
        <Notice tone=Tone::Info title="Test mode">
            "Plans can be bought and changed to see how that is. The card 4242 4242 4242 4242 pays, and no real money moves."
        </Notice>
    }
}
