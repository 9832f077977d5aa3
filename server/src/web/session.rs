//! Who is asking: from the cookies to a member, and back to cookies when tokens were renewed.

use std::{sync::Arc, time::Duration};

use app::{
    routes,
    session::{ACCESS_COOKIE as ACCESS, CurrentMember},
};
use axum::{
    extract::{MatchedPath, Request, State},
    http::{Extensions, HeaderMap, HeaderValue, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    Error, ErrorKind, Result,
    accounts::{self, ACCESS_TTL, AccessClaims, REFRESH_TTL, SignedIn},
    actor::Member,
    metrics, operators,
};
use tokio::time::{Instant, timeout, timeout_at};
use tracing::{Span, field::display};

use super::{
    AppState, address,
    deadline::{Begun, REQUEST_TIMEOUT},
    error::Failure,
    navigation, programs,
    state::Standing,
    support,
};

/// What is announced where somebody's place in a workspace changes, or that workspace does; with the comings and goings of support,
/// and whether it is suspended.
const CONCERNS_MEMBERS: [&str; 4] = ["member", "tenant", "billing", "everything"];

/// How long it may take to find out whether a session still stands. Later the database is taken for away, and the token speaks
/// for itself.
const LOOK_UP: Duration = Duration::from_secs(5);

/// The prefix makes browsers insist on Secure, Path=/ and no Domain: no sibling host can set or read it.
const REFRESH: &str = "__Host-rt";

/// Finds the member of a request and puts it into its extensions: by the key that it brings to where keys are taken, else by its
/// cookies. An access token that ran out is renewed on the way, if the refresh token is good; not by an upload, whose answer is late.
pub async fn identify(State(state): State<AppState>, request: Request, next: Next) -> Response {
    match programs::key_of(&request).map(str::to_owned) {
        Some(key) => programs::known(&state, &key, request, next).await,
        None => known(&state, request, |request| next.run(request)).await,
    }
}

/// The same around any answer. Who it was stays with the answer, for the page that is made of it where it is a refusal.
pub async fn known<F: Future<Output = Response>>(
    state: &AppState,
    mut request: Request,
    answer: impl FnOnce(Request) -> F,
) -> Response {
    // What comes behind this has what is left of it.
    let begun = Instant::now();
    request.extensions_mut().insert(Begun(begun));
    let rotates = !is_answered_late(request.extensions());
    let found = timeout_at(begun + REQUEST_TIMEOUT, find(state, request.headers(), rotates)).await;
    let Ok((mut current, renewed)) = found else {
        return Failure(Error::unavailable("the session was not found in time")).into_response();
    };
    if let Some(member) = &mut current.member {
        member.from = address::of(state, request.headers(), request.extensions());
        Span::current().record("tenant.id", display(member.tenant));
    }
    request.extensions_mut().insert(current.clone());
    let mut response = answer(request).await;
    response.extensions_mut().insert(current);
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("private, no-cache"));
    set_missing(response.headers_mut(), renewed);
    response
}

/// Sends visitors of a page to the sign-in page, from which they come back.
pub async fn require_page(request: Request, next: Next) -> Response {
    if signed_in(&request).is_some() {
        return next.run(request).await;
    }
    Redirect::to(&navigation::sign_in(request.method(), request.uri())).into_response()
}

/// The member that `identify` found, as an argument of a handler; "unauthenticated" for a visitor, and "forbidden" while
/// the workspace is suspended.
pub struct SignedInMember(pub Member);

/// The member, also one whom a suspended workspace shuts out: for the ways out of it. None for a visitor.
pub struct PresentMember(pub Option<Member>);

impl<S: Sync> axum::extract::FromRequestParts<S> for SignedInMember {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let current = parts.extensions.get::<CurrentMember>().cloned().unwrap_or_default();
        Ok(Self(current.acting()?))
    }
}

impl<S: Sync> axum::extract::FromRequestParts<S> for PresentMember {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self(parts.extensions.get::<CurrentMember>().and_then(|current| current.member.clone())))
    }
}

/// Sets the cookies of somebody who has just signed in or whose tokens were renewed.
pub fn set_cookies(headers: &mut HeaderMap, signed_in: &SignedIn) {
    append(headers, ACCESS, &signed_in.access, ACCESS_TTL.num_seconds());
    if let Some(refresh) = &signed_in.refresh {
        append(headers, REFRESH, refresh, REFRESH_TTL.num_seconds());
    }
}

/// Removes both cookies.
pub fn clear_cookies(headers: &mut HeaderMap) {
    append(headers, ACCESS, "", 0);
    append(headers, REFRESH, "", 0);
}

/// The value of a cookie.
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let pairs = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut cookies = pairs.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    cookies.find(|(found, _)| *found == name).map(|(_, value)| value)
}

enum Renewed {
    No,
    Yes(SignedIn),
    Ended,
}

/// Sets the cookies of renewed tokens. A cookie that the handler has set is the newer one and stays; whoever goes over to
/// another workspace gets an access token by the handler, and keeps the refresh token that was renewed on the way.
fn set_missing(headers: &mut HeaderMap, renewed: Renewed) {
    let (access, refresh) = (sets(headers, ACCESS), sets(headers, REFRESH));
    match renewed {
        Renewed::No => {}
        Renewed::Yes(signed_in) => {
            if !access {
                append(headers, ACCESS, &signed_in.access, ACCESS_TTL.num_seconds());
            }
            if let Some(token) = signed_in.refresh.as_deref().filter(|_| !refresh) {
                append(headers, REFRESH, token, REFRESH_TTL.num_seconds());
            }
        }
        Renewed::Ended if access || refresh => {}
        Renewed::Ended => clear_cookies(headers),
    }
}

fn sets(headers: &HeaderMap, name: &str) -> bool {
    let cookies = headers.get_all(header::SET_COOKIE);
    cookies
        .iter()
        .any(|cookie| cookie.as_bytes().strip_prefix(name.as_bytes()).is_some_and(|rest| rest.starts_with(b"=")))
}

/// Whether minutes may pass until the answer brings its cookies, which would be too old by then: a file is taken in first.
fn is_answered_late(extensions: &Extensions) -> bool {
    extensions.get::<MatchedPath>().is_some_and(|route| route.as_str() == routes::UPLOADS)
}

async fn find(state: &AppState, headers: &HeaderMap, rotates: bool) -> (CurrentMember, Renewed) {
    if let Some(token) = cookie(headers, support::VISIT)
        && let Some(current) = visiting(state, token).await
    {
        return (current, Renewed::No);
    }
    if let Some(access) = cookie(headers, ACCESS)
        && let Some(current) = standing(state, access).await
    {
        return (current, Renewed::No);
    }
    let visitor = CurrentMember::default();
    let Some(refresh) = cookie(headers, REFRESH) else { return (visitor, Renewed::No) };
    let renewed = match rotates {
        true => accounts::refresh(&state.services, refresh).await,
        false => accounts::recognize(&state.services, refresh).await,
    };
    match renewed {
        Ok(signed_in) => {
            let current = standing(state, &signed_in.access).await.unwrap_or(visitor);
            (current, if rotates { Renewed::Yes(signed_in) } else { Renewed::No })
        }
        Err(error) if error.is(ErrorKind::Unauthenticated) => (visitor, Renewed::Ended),
        Err(error) => {
            tracing::error!(error = %error, "could not renew a session");
            (visitor, Renewed::No)
        }
    }
}

/// The member of a good access token, if its session still stands. The database away does not sign anybody out: the token
/// is good for its five minutes.
///
/// It is no value of `Cache::cached`: it is found by what its bearer must keep secret, which has no place in Redis, and where the
/// database is away the token speaks for itself.
///
/// Invalidated by: what is announced of the workspace, its bills and its members; and by two seconds, which is all that ends a session.
async fn standing(state: &AppState, access: &str) -> Option<CurrentMember> {
    let now = state.services.clock.now();
    let epoch_of = |claims: &AccessClaims| state.services.db.epochs().of(claims.member().tenant, &CONCERNS_MEMBERS);
    let remembered = state.standing.get(access).await;
    let remembered =
        remembered.filter(|known| known.as_ref().is_none_or(|known| known.epoch == epoch_of(&known.claims)));
    metrics::looked_up("sessions", remembered.is_some());
    let known = match remembered {
        Some(known) => known?,
        None => {
            let claims = state.services.keys.check(access, now)?;
            let epoch = epoch_of(&claims);
            let found = match timeout(LOOK_UP, accounts::authenticate(&state.services, &claims)).await {
                Ok(Ok(profile)) => Some(Arc::new(Standing { claims, epoch, profile: Arc::new(profile) })),
                Ok(Err(error)) if error.is(ErrorKind::Unauthenticated) => None,
                Ok(Err(_)) | Err(_) => return Some(CurrentMember { member: Some(claims.member()), profile: None }),
            };
            state.standing.insert(access.to_owned(), found.clone()).await;
            found?
        }
    };
    let is_good = known.claims.is_good(now);
    // The role is that of now: the one in the token may be five minutes old, and it says nothing of bills.
    let (role, standing) = (known.profile.role, known.profile.billing.standing);
    let member = Member { role, standing, ..known.claims.member() };
    is_good.then(|| CurrentMember { member: Some(member), profile: Some(known.profile.clone()) })
}

/// An operator who is in by this token. It is over when its time is, to the second, and within two when it is ended.
///
/// Invalidated by: what is announced of the workspace, as consent and the end of a visit are; and by two seconds.
async fn visiting(state: &AppState, token: &str) -> Option<CurrentMember> {
    let epoch = state.services.db.epochs().of(operators::visited(token)?, &CONCERNS_MEMBERS);
    let remembered = state.visits.get(token).await.filter(|(then, _)| *then == epoch);
    metrics::looked_up("visits", remembered.is_some());
    let known = match remembered {
        Some((_, known)) => known,
        None => {
            let found = operators::visiting(&state.services, token).await;
            let found = found.inspect_err(|error| {
                if !error.is(ErrorKind::Unauthenticated) {
                    tracing::error!(error = %error, "could not look up a visit of support");
                }
            });
            let found = Arc::new(found.ok()?);
            state.visits.insert(token.to_owned(), (epoch, found.clone())).await;
            found
        }
    };
    let is_over = known.until <= state.services.clock.now();
    let (member, profile) = (known.member.clone(), Arc::new(known.profile.clone()));
    (!is_over).then_some(CurrentMember { member: Some(member), profile: Some(profile) })
}

fn signed_in(request: &Request) -> Option<&Member> {
    request.extensions().get::<CurrentMember>().and_then(|current| current.member.as_ref())
}

/// Sets a cookie that no script reads and no other site sends along.
pub fn append(headers: &mut HeaderMap, name: &str, value: &str, seconds: i64) {
    let cookie = format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; Secure; SameSite=Lax");
    if let Ok(value) = HeaderValue::from_str(&cookie) {
        headers.append(header::SET_COOKIE, value);
    }
}
