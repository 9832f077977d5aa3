//! Who is asking: the server puts the services and, for a signed-in browser, the member into every request's context.

use std::sync::Arc;

use domain::{Error, ErrorKind, Services, accounts::Profile, actor::Member};
use http::{Method, StatusCode, header::ACCEPT, request::Parts};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;

use crate::error::AppError;

/// Who sends this request.
#[derive(Clone, Default)]
pub struct CurrentMember {
    /// None for a visitor.
    pub member: Option<Member>,
    /// The member as they were at most two seconds ago; none where that is not known.
    pub profile: Option<Arc<Profile>>,
}

/// The services and the member of this request; fails with "unauthenticated" for a visitor.
pub fn member() -> Result<(Services, Member), AppError> {
    let member = use_context::<CurrentMember>().and_then(|current| current.member);
    let member = member.ok_or_else(Error::unauthenticated).inspect_err(set_status)?;
    Ok((services()?, member))
}

/// The services of this server.
pub fn services() -> Result<Services, AppError> {
    use_context().ok_or_else(|| Error::internal("a request without services").into())
}

/// Gives the answer the status of a failure, and passes the failure on. A page that shows it is then no "200".
pub fn answered<T>(result: domain::Result<T>) -> Result<T, AppError> {
    result.inspect_err(set_status).map_err(AppError::from)
}

/// A plain form is answered with a redirect, which carries the error; and a wrong field is shown in the page that was asked
/// for, which is there.
fn set_status(error: &Error) {
    let (Some(response), Some(request)) = (use_context::<ResponseOptions>(), use_context::<Parts>()) else { return };
    let accepts = request.headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_call = request.method == Method::POST;
    let is_plain_form = is_call && accepts.contains("text/html");
    if !is_plain_form && (is_call || error.kind != ErrorKind::Invalid) {
        response.set_status(StatusCode::from_u16(error.kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR));
    }
}
