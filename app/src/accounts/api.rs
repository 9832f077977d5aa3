//! The server functions of one's account. All are for members; each concerns only the one who asks.

use domain::accounts::SessionInfo;
use leptos::{prelude::*, server_fn::codec::Json};

use crate::error::AppError;
#[cfg(feature = "ssr")]
use crate::{
    routes::{self, Done},
    session,
};

/// Sets a new password and ends the person's other sessions.
#[server(name = ChangePassword, prefix = "/api", endpoint = "accounts/change_password")]
pub async fn change_password(old_password: String, new_password: String) -> Result<(), AppError> {
    let (services, member) = session::member()?;
    session::answered(domain::accounts::change_password(&services, &member, &old_password, &new_password).await)?;
    leptos_axum::redirect(&routes::settings_after(Done::PasswordChanged));
    Ok(())
}

/// The person's sessions that stand, the latest seen first.
#[server(name = ListSessions, prefix = "/api", endpoint = "accounts/sessions", input = Json)]
pub async fn list_sessions() -> Result<Vec<SessionInfo>, AppError> {
    let (services, member) = session::member()?;
    session::answered(domain::accounts::list_sessions(&services, &member).await)
}

/// Ends every session of the person, this one included, and leads to the sign-in page.
#[server(name = SignOutEverywhere, prefix = "/api", endpoint = "accounts/sign_out_everywhere")]
pub async fn sign_out_everywhere() -> Result<(), AppError> {
    let (services, member) = session::member()?;
    session::answered(domain::accounts::sign_out_everywhere(&services, &member).await)?;
    leptos_axum::redirect(&routes::sign_in_after(Done::SignedOut));
    Ok(())
}
