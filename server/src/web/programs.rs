//! Programs, which come by a key and without a browser.
//!
//! A key opens what stands in the tables here and nothing else: no page, no server function, and nothing of the people, the keys
//! and the bills of a workspace. Where a request brings one, it alone says who is asking, and no cookie is looked at. So a request
//! with a key may come from anywhere: another site cannot have a browser send it in somebody's name, as it would have to know
//! the key.

use std::{net::IpAddr, time::Duration};

use app::{RefusedRequest, routes, session::CurrentMember};
use axum::{
    extract::{MatchedPath, Request},
    http::{HeaderValue, Method, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::{Error, ErrorKind, actor::Member, api_keys};
use tokio::time::{Instant, timeout_at};
use tracing::{Span, field::display};

use super::{
    AppState, address,
    deadline::{Begun, REQUEST_TIMEOUT},
    error::Failure,
};

/// What a program may ask for.
const READ: [&str; 6] = [
    "/jobs/{id}",
    "/documents/{id}/original",
    "/documents/{id}/text.txt",
    "/documents/{id}/pages/{page}",
    "/documents/{id}/pages/{page}/thumbnail.png",
    "/reports/{id}/report.pdf",
];

/// What it may have done.
const CHANGED: [&str; 3] = [routes::UPLOADS, "/jobs/{id}/cancel", "/jobs/{id}/retry"];

/// What one key is good for in a minute, as a link to a file is. Uploads and questions about work are counted with the calls of the
/// workspace too.
const REQUESTS_PER_MINUTE: u64 = 600;

const MINUTE: Duration = Duration::from_secs(60);

/// Keys that are none, from one network address in [`FAILURES_WINDOW`]: as many as passwords that are tried from there.
const FAILURES: u64 = 100;

const FAILURES_WINDOW: Duration = Duration::from_secs(15 * 60);

/// The key that a request brings to where keys are taken. None for any other request, which is a browser's: what else stands in
/// `Authorization` may be for a proxy before us.
pub fn key_of(request: &Request) -> Option<&str> {
    let route = request.extensions().get::<MatchedPath>()?;
    let taken: &[&str] = match *request.method() {
        Method::GET | Method::HEAD => &READ,
        Method::POST => &CHANGED,
        _ => return None,
    };
    let sent = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, key) = sent.trim().split_once(' ')?;
    let is_key = scheme.eq_ignore_ascii_case("bearer") && key.starts_with(api_keys::BEGINNING);
    (is_key && taken.contains(&route.as_str())).then_some(key)
}

/// Goes on as the member that the key acts as. Whatever is wrong with it is 401, with the same body, and is counted.
pub async fn known(state: &AppState, key: &str, mut request: Request, next: Next) -> Response {
    // What comes behind this has what is left of it.
    let begun = Instant::now();
    request.extensions_mut().insert(Begun(begun));
    let from = address::of(state, request.headers(), request.extensions());
    let found = timeout_at(begun + REQUEST_TIMEOUT, api_keys::authenticate(&state.services, key, from)).await;
    let member = match found.unwrap_or_else(|_| Err(Error::unavailable("a key was not found in time"))) {
        Ok(member) => member,
        Err(error) => return for_a_program(refused(state, error, from).await),
    };
    Span::current().record("tenant.id", display(member.tenant));
    if let Some(refusal) = too_many(state, &member).await {
        return for_a_program(refusal);
    }
    request.extensions_mut().insert(CurrentMember { member: Some(member), profile: None });
    for_a_program(next.run(request).await)
}

/// Whatever it says that it accepts, a program is shown no page in the place of a refusal, and is led to no sign-in.
fn for_a_program(mut response: Response) -> Response {
    response.extensions_mut().remove::<RefusedRequest>();
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("private, no-cache"));
    response
}

async fn refused(state: &AppState, error: Error, from: Option<IpAddr>) -> Response {
    if !error.is(ErrorKind::Unauthenticated) {
        return Failure(error).into_response();
    }
    let from = from.map(|address| address.to_string()).unwrap_or_default();
    let counted = format!("api_key:address:{from}");
    if state.services.cache.count(&counted, FAILURES_WINDOW).await > FAILURES {
        let error =
            Error::rate_limited("Too many keys that are none came from here. Please wait a quarter of an hour.");
        return later(error, FAILURES_WINDOW);
    }
    let mut response = Failure(error).into_response();
    response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    response
}

async fn too_many(state: &AppState, member: &Member) -> Option<Response> {
    let counted = format!("api_key:{}", member.through.as_ref()?.id);
    if state.services.cache.count(&counted, MINUTE).await <= REQUESTS_PER_MINUTE {
        return None;
    }
    let error = Error::rate_limited("This key is used too often. Please try again in a minute.");
    Some(later(error, MINUTE))
}

fn later(error: Error, time: Duration) -> Response {
    let mut response = Failure(error).into_response();
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(time.as_secs()));
    response
}
