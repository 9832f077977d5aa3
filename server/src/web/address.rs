//! The network address that a request comes from, for the limits and the audit log.

use std::{
    convert::Infallible,
    net::{IpAddr, SocketAddr},
};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{Extensions, HeaderMap, request::Parts},
};

use super::AppState;

/// The address as text; empty where it is not known.
pub struct ClientAddress(pub String);

impl FromRequestParts<AppState> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Self::Rejection> {
        let address = of(state, &parts.headers, &parts.extensions);
        Ok(Self(address.map(|address| address.to_string()).unwrap_or_default()))
    }
}

/// The network address of a request. Behind a proxy that is trusted, the last one that the proxy has added; a list that the
/// client sent is never believed.
pub fn of(state: &AppState, headers: &HeaderMap, extensions: &Extensions) -> Option<IpAddr> {
    let forwarded = || {
        let list = headers.get_all("x-forwarded-for").iter().next_back()?.to_str().ok()?;
        list.rsplit(',').next()?.trim().parse().ok()
    };
    let direct = extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    if state.trust_proxy { forwarded().or(direct) } else { direct }
}
