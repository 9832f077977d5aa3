//! The server functions of a workspace's settings, for members who may change them, and of its deletion, for owners.

use domain::{
    operators::SupportNotice,
    tenants::{TenantHealth, TenantSettings},
};
use leptos::{prelude::*, server_fn::codec::Json};
use serde::{Deserialize, Serialize};

use crate::error::AppError;
#[cfg(feature = "ssr")]
use crate::{
    routes::{self, Changed},
    session,
};

/// What the form begins with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingsToChange {
    pub settings: TenantSettings,
    /// The names of all time zones.
    pub time_zones: Vec<String>,
}

/// The workspace's settings as they are.
#[server(name = FindSettings, prefix = "/api", endpoint = "tenants/settings", input = Json)]
pub async fn find_settings() -> Result<SettingsToChange, AppError> {
    let (services, member) = session::member()?;
    let settings = session::answered(domain::tenants::settings(&services, &member).await)?;
    Ok(SettingsToChange { settings, time_zones: domain::tenants::Zone::names().map(str::to_owned).collect() })
}

/// The visits of support that are under way. Fails with "forbidden" while the workspace is suspended.
#[server(name = FindVisits, prefix = "/api", endpoint = "tenants/visits", input = Json)]
pub async fn find_visits() -> Result<Vec<SupportNotice>, AppError> {
    session::member()?;
    let profile = session::of_request::<session::CurrentMember>().and_then(|current| current.profile);
    let profile = profile.ok_or_else(|| domain::Error::unavailable("who is asking is not known now"));
    Ok(session::answered(profile)?.support.clone())
}

/// How the workspace does.
#[server(name = FindHealth, prefix = "/api", endpoint = "tenants/health", input = Json)]
pub async fn find_health() -> Result<TenantHealth, AppError> {
    let (services, member) = session::member()?;
    session::answered(domain::tenants::health(&services, &member).await)
}

/// Changes the settings, and leads back to them.
#[server(name = ChangeSettings, prefix = "/api", endpoint = "tenants/change_settings")]
pub async fn change_settings(
    #[server(default)] name: String,
    #[server(default)] slug: String,
    #[server(default)] time_zone: String,
    #[server(default)] language: String,
    #[server(default)] document_language: String,
    #[server(default)] trash_days: String,
) -> Result<(), AppError> {
    let (services, member) = session::member()?;
    let form = domain::tenants::SettingsForm { name, slug, time_zone, language, document_language, trash_days };
    let new = session::answered(domain::tenants::NewSettings::parse(&form))?;
    session::answered(domain::tenants::change_settings(&services, &member, &new).await)?;
    leptos_axum::redirect(&routes::workspace_after(Changed::Settings));
    Ok(())
}

/// Shows no logo any more, and leads back to the settings.
#[server(name = RemoveLogo, prefix = "/api", endpoint = "tenants/remove_logo")]
pub async fn remove_logo() -> Result<(), AppError> {
    let (services, member) = session::member()?;
    session::answered(domain::tenants::remove_logo(&services, &member).await)?;
    leptos_axum::redirect(&routes::workspace_after(Changed::Logo));
    Ok(())
}

/// Has the workspace deleted after the grace; its name is typed to confirm it.
#[server(name = AskDeletion, prefix = "/api", endpoint = "tenants/ask_deletion")]
pub async fn ask_deletion(#[server(default)] confirmation: String) -> Result<(), AppError> {
    let (services, member) = session::member()?;
    session::answered(domain::tenants::ask_deletion(&services, &member, &confirmation).await)?;
    leptos_axum::redirect(&routes::workspace_after(Changed::DeletionAsked));
    Ok(())
}

/// Keeps a workspace that was to be deleted.
#[server(name = UndoDeletion, prefix = "/api", endpoint = "tenants/undo_deletion")]
pub async fn undo_deletion() -> Result<(), AppError> {
    let (services, member) = session::member()?;
    session::answered(domain::tenants::undo_deletion(&services, &member).await)?;
    leptos_axum::redirect(&routes::workspace_after(Changed::DeletionUndone));
    Ok(())
}
