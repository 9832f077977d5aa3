//! What a page shows when what it is about could not be had, and what a person is told when an act failed.

use domain::{ErrorKind, roles::Action};
use leptos::prelude::*;
use leptos_router::hooks::use_location;

use crate::{
    error::AppError,
    frame::may,
    live::keep_looking,
    routes,
    ui::{Button, ErrorState, ForbiddenPage, NotFoundPage, Toasts},
};

/// In place of a page or of its main part.
#[component]
pub fn Failure(error: AppError) -> impl IntoView {
    let location = use_location();
    let here = format!("{}{}", location.pathname.get_untracked(), location.query.read_untracked().to_query_string());
    match error.kind() {
        ErrorKind::NotFound => view! { <NotFoundPage /> }.into_any(),
        ErrorKind::Forbidden => view! { <ForbiddenPage text=error.message().to_owned() /> }.into_any(),
        ErrorKind::PaymentRequired => {
            let can_help = may(Action::ReadBilling);
            view! {
                <ErrorState title="This is not possible now" text=error.message().to_owned()>
                    {can_help.then(|| view! { <Button href=routes::BILLING>"Billing"</Button> })}
                </ErrorState>
            }
            .into_any()
        }
        ErrorKind::Unauthenticated => {
            Effect::new(|_| sign_in_again());
            view! {
                <ErrorState title="You are signed out" text="Sign in to go on where you were.">
                    <Button href=routes::sign_in_to(&here) external=true>
                        "Sign in"
                    </Button>
                </ErrorState>
            }
            .into_any()
        }
        ErrorKind::SwitchedOff => {
            let text = error.message().to_owned();
            view! { <ErrorState title="This is switched off for now" text retry_href=here /> }.into_any()
        }
        kind => {
            if kind == ErrorKind::Unavailable {
                keep_looking();
            }
            let (text, reference) = (error.message().to_owned(), error.reference().map(str::to_owned));
            view! { <ErrorState text reference retry_href=here /> }.into_any()
        }
    }
}

/// Tells of an act that failed. Whoever is signed out goes to the sign-in page. In the browser only.
pub fn tell(toasts: Toasts, error: &AppError) {
    if error.kind() == ErrorKind::Unauthenticated {
        sign_in_again();
    } else {
        toasts.error(error.message());
    }
}

/// Leaves for the sign-in page, which leads back here. In the browser only.
fn sign_in_again() {
    let location = window().location();
    let here = format!("{}{}", location.pathname().unwrap_or_default(), location.search().unwrap_or_default());
    // It fails only for an address that is none.
    let _ = location.set_href(&routes::sign_in_to(&here));
}
