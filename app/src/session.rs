//! Who is asking: the server puts the services and, for a signed-in browser, the member into every request's context.

use std::{iter, sync::Arc};

use domain::{Error, ErrorKind, Services, accounts::Profile, actor::Member, id::JobId, operators::SUSPENDED};
use http::{
    HeaderValue, Method, StatusCode,
    header::{ACCEPT, LOCATION, SET_COOKIE},
    request::Parts,
};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;

use crate::{
    error::{AppError, headers_of},
    routes,
};

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
    let current = of_request::<CurrentMember>().unwrap_or_default();
    let member = current.acting().inspect_err(set_status)?;
    Ok((services()?, member))
}

/// The services of this server.
pub fn services() -> Result<Services, AppError> {
    of_request().ok_or_else(|| Error::internal("a request without services").into())
}

/// Something of this request's context. Whatever runs beside a page, as a resource of it does, looks for it by this alone.
///
/// Leptos (0.8) looks under the lock of the owner that asks, and holds each owner above for as long as it looks at it. Where the
/// page ends meanwhile, that is the last hold on the page: it is let go of under the lock, the end of the page wants the same
/// lock, and the thread stands still for ever. So everything above is held until the search is over. The next reactive_graph, 0.3,
/// looks without a lock below.
pub fn of_request<T: Clone + 'static>() -> Option<T> {
    let above: Vec<Owner> = iter::successors(Owner::current(), Owner::parent).collect();
    let found = use_context();
    drop(above);
    found
}

/// Takes the access token away from the browser, when what it says has changed: the refresh token gets it one that is true,
/// with its next request.
pub fn forget_access() {
    let cookie = format!("{ACCESS_COOKIE}=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax");
    if let (Some(response), Ok(value)) = (of_request::<ResponseOptions>(), HeaderValue::from_str(&cookie)) {
        response.append_header(SET_COOKIE, value);
    }
}

/// Gives the answer the status of a failure, and passes the failure on. A page that shows it is then no "200".
pub fn answered<T>(result: domain::Result<T>) -> Result<T, AppError> {
    result.inspect_err(set_status).map_err(AppError::from)
}

/// Says that what was asked for is done later: 202 to a script, with the address of the job, where it is one alone. A plain form
/// is led on to a page.
pub fn accepted(job: Option<JobId>) {
    let (Some(response), Some(request)) = (of_request::<ResponseOptions>(), of_request::<Parts>()) else { return };
    if is_plain_form(&request) {
        return;
    }
    response.set_status(StatusCode::ACCEPTED);
    if let Some(address) = job.and_then(|job| HeaderValue::try_from(routes::job(job)).ok()) {
        response.insert_header(LOCATION, address);
    }
}

/// Leads a plain form on to a page. A script stays where it is.
pub fn lead_on(page: &str) {
    if of_request::<Parts>().is_some_and(|request| is_plain_form(&request)) {
        leptos_axum::redirect(page);
    }
}

/// A plain form is answered with a redirect, which carries the error; and a wrong field is shown in the page that was asked
/// for, which is there.
fn set_status(error: &Error) {
    let (Some(response), Some(request)) = (of_request::<ResponseOptions>(), of_request::<Parts>()) else { return };
    let is_call = request.method == Method::POST;
    if !is_plain_form(&request) && (is_call || error.kind != ErrorKind::Invalid) {
        response.set_status(StatusCode::from_u16(error.kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR));
        headers_of(error.kind).into_iter().for_each(|(name, value)| response.insert_header(name, value));
    }
}

/// Whether a browser sends a form of the page by itself, without scripts, and shows what is answered.
fn is_plain_form(request: &Parts) -> bool {
    let accepts = request.headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    request.method == Method::POST && accepts.contains("text/html")
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{Mutex, mpsc},
        thread,
        time::Duration,
    };

    use super::*;

    /// What ends its page while somebody takes it out of the page's context.
    struct EndsItsPage(Arc<Mutex<Option<Owner>>>);

    impl Clone for EndsItsPage {
        fn clone(&self) -> Self {
            drop(self.0.lock().unwrap().take());
            Self(Arc::clone(&self.0))
        }
    }

    #[test]
    fn a_page_that_ends_while_its_context_is_searched_does_not_stop_the_thread() {
        let (tell, told) = mpsc::channel();
        thread::spawn(move || {
            let page = Owner::new_root(None);
            let resource = page.child();
            let held = Arc::default();
            page.with(|| provide_context(EndsItsPage(Arc::clone(&held))));
            *held.lock().unwrap() = Some(page);
            let found = resource.with(of_request::<EndsItsPage>).is_some();
            tell.send((found, resource.parent().is_none())).unwrap();
        });
        let (found, is_over) = told.recv_timeout(Duration::from_secs(10)).expect("the thread goes on");
        assert!(found && is_over);
    }
}
