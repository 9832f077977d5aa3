//! The pages of signing up, signing in and getting back in. Each is a plain form that posts to its own address; the
//! server renders it again with a [`FormState`](crate::ui::FormState) when something is wrong.

pub mod api;

#[cfg(feature = "ssr")]
mod forgot_password;
#[cfg(feature = "ssr")]
pub(crate) mod form_page;
#[cfg(feature = "ssr")]
mod new_workspace;
#[cfg(feature = "ssr")]
mod picked;
#[cfg(feature = "ssr")]
mod reset_password;
#[cfg(feature = "ssr")]
mod sign_in;
#[cfg(feature = "ssr")]
mod sign_up;
#[cfg(feature = "ssr")]
mod verify_email;

#[cfg(feature = "ssr")]
pub(crate) use self::form_page::FormPage;
#[cfg(feature = "ssr")]
pub use self::{
    forgot_password::ForgotPassword, new_workspace::NewWorkspace, reset_password::ResetPassword, sign_in::SignIn,
    sign_up::SignUp, verify_email::VerifyEmail,
};

/// Where a mail is on its way: the server provides it as context after a POST that sent one, and the page says so in
/// place of its form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailSent {
    pub email: String,
}

/// A value that came with the address or, after a failed attempt, with the form.
#[cfg(feature = "ssr")]
pub(crate) fn carried(name: &str) -> String {
    use leptos::prelude::*;

    let typed = crate::ui::use_form_state().with_untracked(|state| state.value(name).map(str::to_owned));
    typed.or_else(|| leptos_router::hooks::use_query_map().with_untracked(|query| query.get(name))).unwrap_or_default()
}
