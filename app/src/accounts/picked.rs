//! The plan that somebody has picked from the prices goes along with the forms by which they come in. Fields: `plan`,
//! `currency`.

use domain::{Services, billing::Picked};
use leptos::prelude::*;

use super::carried;
use crate::{routes, ui::HiddenField};

/// What came with the address or the form, where plans are sold.
pub(super) fn picked() -> Option<Picked> {
    let sells = use_context::<Services>().is_some_and(|services| services.stripe.is_some());
    Picked::parse(&carried("plan"), &carried("currency")).filter(|_| sells)
}

/// The way to the sign-in, to which it goes along.
pub(super) fn way_to_sign_in() -> String {
    picked().map_or_else(|| routes::SIGN_IN.to_owned(), routes::sign_in_with)
}

/// The way to the sign-up, to which it goes along.
pub(super) fn way_to_sign_up() -> String {
    picked().map_or_else(|| routes::SIGN_UP.to_owned(), routes::sign_up_with)
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
