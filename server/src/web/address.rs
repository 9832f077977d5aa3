//! The network address that a request comes from, for the limits and the audit log.

use std::{
    convert::Infallible,
    net::{IpAddr, SocketAddr},
};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{Extensions, HeaderMap, HeaderName, request::Parts},
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

/// The network address of a request. Behind a proxy that is trusted, the last one in its header; a list that the client sent is never
/// believed.
pub fn of(state: &AppState, headers: &HeaderMap, extensions: &Extensions) -> Option<IpAddr> {
    let forwarded = state.proxy_header.as_ref().and_then(|header| last_in(headers, header));
    forwarded.or_else(|| extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip()))
}

/// The last address of a list, or of several lists; none where it is none.
fn last_in(headers: &HeaderMap, header: &HeaderName) -> Option<IpAddr> {
    let list = headers.get_all(header).iter().next_back()?.to_str().ok()?;
    list.rsplit(',').next()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn the_last_address_counts_and_of_its_own_header_alone() {
        let (list, own) = (HeaderName::from_static("x-forwarded-for"), HeaderName::from_static("fly-client-ip"));
        let mut headers = HeaderMap::new();
        assert_eq!(last_in(&headers, &list), None);
        headers.append(&list, HeaderValue::from_static("10.0.0.1"));
        headers.append(&list, HeaderValue::from_static("10.0.0.2, 203.0.113.7 , 66.241.124.1"));
        headers.append(&own, HeaderValue::from_static("203.0.113.7"));
        assert_eq!(last_in(&headers, &list), "66.241.124.1".parse().ok(), "that of a proxy, where it adds its own");
        assert_eq!(last_in(&headers, &own), "203.0.113.7".parse().ok());
        headers.append(&own, HeaderValue::from_static("somebody"));
        assert_eq!(last_in(&headers, &own), None);
    }
}
