//! The network address that a request comes from, for the limits.

use std::{convert::Infallible, net::SocketAddr};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::request::Parts,
};

use super::AppState;

/// The address as text. Behind a proxy that is trusted, the last one that the proxy has added; a list that the client sent
/// is never believed.
pub struct ClientAddress(pub String);

impl FromRequestParts<AppState> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Self::Rejection> {
        let forwarded = || {
            let list = parts.headers.get_all("x-forwarded-for").iter().next_back()?.to_str().ok()?;
            list.rsplit(',').next().map(|address| address.trim().to_owned())
        };
        let direct = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip().to_string());
        let address = if state.trust_proxy { forwarded().or(direct) } else { direct };
        Ok(Self(address.unwrap_or_default()))
    }
}
