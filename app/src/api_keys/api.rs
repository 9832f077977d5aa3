//! The server functions of keys.

use domain::{api_keys::ApiKeyInfo, id::ApiKeyId};
use leptos::{prelude::*, server_fn::codec::Json};
use serde::{Deserialize, Serialize};

use crate::error::AppError;
#[cfg(feature = "ssr")]
use crate::{routes, session};

/// The keys of a workspace, and where programs bring them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyList {
    pub keys: Vec<ApiKeyInfo>,
    /// The address of this Sheaf, without a slash at the end.
    pub address: String,
}

/// The keys that were not revoked.
#[server(name = ListKeys, prefix = "/api", endpoint = "api_keys/list", input = Json)]
pub async fn list_keys() -> Result<KeyList, AppError> {
    let (services, member) = session::member()?;
    let keys = session::answered(domain::api_keys::list(&services, &member).await)?;
    Ok(KeyList { keys, address: services.settings.public_url.clone() })
}

/// Ends a key.
#[server(name = RevokeKey, prefix = "/api", endpoint = "api_keys/revoke")]
pub async fn revoke_key(key: ApiKeyId) -> Result<(), AppError> {
    let (services, member) = session::member()?;
    session::answered(domain::api_keys::revoke(&services, &member, key).await)?;
    leptos_axum::redirect(routes::SETTINGS_KEYS);
    Ok(())
}
