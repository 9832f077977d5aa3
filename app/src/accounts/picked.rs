//! The plan that somebody has picked from the prices goes along with the forms that make their workspace. Fields: `plan`,
//! `currency`.

use domain::{Services, billing::Picked};
use leptos::prelude::*;

use super::carried;
use crate::ui::HiddenField;

/// What came with the address or the form, where plans are sold.
pub(super) fn picked() -> Option<Picked> {
    let sells = use_context::<Services>().is_some_and(|services| services.stripe.is_some());
    Picked::parse(&carried("plan"), &carried("currency")).filter(|_| sells)
}

/// Its fields; nothing where none was picked.
#[component]
pub(super) fn PickedFields() -> impl IntoView {
    picked().map(|picked| {
        view! {
            <HiddenField name="plan" value=picked.plan().as_str().to_owned() />
            <HiddenField name="currency" value=picked.currency().as_str().to_owned() />
        }
    })
}
