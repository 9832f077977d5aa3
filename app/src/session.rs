//! Who is asking: the server puts the services and, for a signed-in browser, the member into every request's context.

use domain::{Error, ErrorKind, Services, actor::Member};
use leptos::prelude::*;

use crate::error::AppError;

/// The member of this request, if somebody is signed in.
#[derive(Clone)]
pub struct CurrentMember(pub Option<Member>);

/// The services and the member of this request; fails with "unauthenticated" for a visitor.
pub fn member() -> Result<(Services, Member), AppError> {
    let CurrentMember(member) = use_context().unwrap_or(CurrentMember(None));
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

fn set_status(error: &Error) {
    if let Some(response) = use_context::<leptos_axum::ResponseOptions>() {
        let status = http::StatusCode::from_u16(error.kind.status()).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
        // A wrong field is shown in the page that was asked for, which is there.
        if error.kind != ErrorKind::Invalid {
            response.set_status(status);
        }
    }
}
