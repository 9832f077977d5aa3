//! Defence against requests that another site makes in a person's name: on every unsafe method, whatever the route, the
//! browser must say that the request comes from our own pages. What a program sends with a key is nobody's browser's.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::Error;
use url::Url;

use super::{AppState, error::Failure, programs};

/// Lets safe methods pass, and unsafe ones from our own origin. Fetch metadata decides where the browser sends it, the
/// Origin header where it does not; a request with neither is refused. One that brings a key to where keys are taken passes from
/// anywhere: its cookies are not looked at (`programs.rs`).
pub async fn same_origin_only(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let is_a_programs = programs::key_of(&request).is_some();
    if safe || is_a_programs || is_same_origin(request.headers(), &state.services.settings.public_url) {
        return next.run(request).await;
    }
    Failure::from(Error::forbidden("This request did not come from Sheaf's own pages.")).into_response()
}

fn is_same_origin(headers: &HeaderMap, public_url: &str) -> bool {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return site == "same-origin";
    }
    let Some(origin) = text(header::ORIGIN.as_str()).and_then(|origin| Url::parse(origin).ok()) else { return false };
    let ours = Url::parse(public_url).is_ok_and(|url| url.origin() == origin.origin());
    ours || text(header::HOST.as_str()).is_some_and(|host| authority(&origin) == host)
}

fn authority(url: &Url) -> String {
    match (url.host_str(), url.port()) {
        (Some(host), Some(port)) => format!("{host}:{port}"),
        (host, _) => host.unwrap_or_default().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderName, HeaderValue};

    use super::is_same_origin;

    fn allowed(headers: &[(&'static str, &'static str)]) -> bool {
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        is_same_origin(&headers, "https://sheaf.example")
    }

    #[test]
    fn only_our_own_pages_may_change_anything() {
        assert!(allowed(&[("sec-fetch-site", "same-origin")]));
        assert!(allowed(&[("origin", "https://sheaf.example"), ("host", "10.0.0.7:3000")]));
        assert!(allowed(&[("origin", "http://127.0.0.1:4000"), ("host", "127.0.0.1:4000")]));
        assert!(!allowed(&[]), "no headers");
        assert!(!allowed(&[("origin", "null"), ("host", "sheaf.example")]));
        assert!(!allowed(&[("sec-fetch-site", "cross-site"), ("origin", "https://sheaf.example")]));
        assert!(!allowed(&[("sec-fetch-site", "same-site"), ("origin", "https://evil.sheaf.example")]));
        assert!(!allowed(&[("sec-fetch-site", "none")]));
        assert!(!allowed(&[("origin", "https://sheaf.example.evil.example"), ("host", "sheaf.example")]));
    }
}
