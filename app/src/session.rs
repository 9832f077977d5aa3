//! Who is asking: the server puts the services and, for a signed-in browser, the member into every request's context.

use std::sync::Arc;

use domain::{Error, ErrorKind, Services, accounts::Profile, actor::Member, operators::SUSPENDED};
use http::{
    HeaderValue, Method, StatusCode,
    header::{ACCEPT, SET_COOKIE},
    request::Parts,
};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;

use crate::error::{AppError, SWITCHED_OFF_HEADERS};

/// The cookie of the access token. The prefix makes browsers insist on Secure, Path=/ and no Domain: no sibling host can set
/// or read it.
pub const ACCESS_COOKIE: &str = "__Host-at";

/// Who sends this request.
#[derive(Clone, Default)]
pub struct CurrentMember {
    /// None for a visitor.
    pub member: Option<Member>,
    /// The member as they were at most two seconds ago; none where that is not known.
    pub profile: Option<Arc<Profile>>,
}

impl CurrentMember {
    /// The member, if they may act here: fails with "unauthenticated" for a visitor, and with "forbidden" for whoever a
    /// suspended workspace shuts out.
    pub fn acting(&self) -> Result<Member, Error> {
        let member = self.member.clone().ok_or_else(Error::unauthenticated)?;
        if self.profile.as_ref().is_some_and(|profile| profile.is_shut_out()) {
            return Err(Error::forbidden(SUSPENDED));
        }
        Ok(member)
    }
}

/// The services and the member of this request; fails with "unauthenticated" for a visitor, and with "forbidden" while the
/// workspace is suspended.
pub fn member() -> Result<(Services, Member), AppError> {
    let current = use_context::<CurrentMember>().unwrap_or_default();
    let member = current.acting().inspect_err(set_status)?;
    Ok((services()?, member))
}

/// The services of this server.
pub fn services() -> Result<Services, AppError> {
    use_context().ok_or_else(|| Error::internal("a request without services").into())
}

/// Takes the access token away from the browser, when what it says has changed: the refresh token gets it one that is true,
/// with its next request.
pub fn forget_access() {
    let cookie = format!("{ACCESS_COOKIE}=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax");
    if let (Some(response), Ok(value)) = (use_context::<ResponseOptions>(), HeaderValue::from_str(&cookie)) {
        response.append_header(SET_COOKIE, value);
    }
}

/// Gives the answer the status of a failure, and passes the failure on. A page that shows it is then no "200".
pub fn answered<T>(result: domain::Result<T>) -> Result<T, AppError> {
    result.inspect_err(set_status).map_err(AppError::from)
}

/// Says that what was asked for is done later: 202 to a script. A plain form is led on to a page.
pub fn accepted() {
    let (Some(response), Some(request)) = (use_context::<ResponseOptions>(), use_context::<Parts>()) else { return };
    if !is_plain_form(&request) {
        response.set_status(StatusCode::ACCEPTED);
    }
}

/// Leads a plain form on to a page. A script stays where it is.
pub fn lead_on(page: &str) {
    if use_context::<Parts>().is_some_and(|request| is_plain_form(&request)) {
        leptos_axum::redirect(page);
    }
}

/// A plain form is answered with a redirect, which carries the error; and a wrong field is shown in the page that was asked
/// for, which is there.
fn set_status(error: &Error) {
    let (Some(response), Some(request)) = (use_context::<ResponseOptions>(), use_context::<Parts>()) else { return };
    let is_call = request.method == Method::POST;
    if !is_plain_form(&request) && (is_call || error.kind != ErrorKind::Invalid) {
        response.set_status(StatusCode::from_u16(error.kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR));
        if error.is(ErrorKind::SwitchedOff) {
            SWITCHED_OFF_HEADERS.into_iter().for_each(|(name, value)| response.insert_header(name, value));
        }
    }
}

/// Whether a browser sends a form of the page by itself, without scripts, and shows what is answered.
fn is_plain_form(request: &Parts) -> bool {
    let accepts = request.headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    request.method == Method::POST && accepts.contains("text/html")
}
