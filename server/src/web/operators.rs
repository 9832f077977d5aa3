//! The operators' door: plain forms, and pages whose content is found here. For whoever is no operator there is nothing but
//! the sign-in page.

use std::collections::HashMap;

use app::{
    error::AppError,
    operators::{TenantShown, TenantsShown},
    routes,
    session::CurrentMember,
    ui::FormState,
};
use axum::{
    Form,
    extract::{FromRequestParts, OriginalUri, Path, Query, State},
    http::{HeaderMap, StatusCode, Uri, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    Error, ErrorKind, Result,
    id::TenantId,
    operators::{self, Operator, Reason, SESSION_TTL, SignIn, VISIT_TTL},
};
use leptos::prelude::provide_context;

use super::{
    AppState, address,
    address::ClientAddress,
    error::Failure,
    forms::{self, Sent},
    session,
    support::{VISIT, forget, set_strict_cookie},
};

/// The token of an operator's session.
const SESSION: &str = "__Host-op";

type Fields = Form<HashMap<String, String>>;

/// A request of an operator who is signed in. For whoever has no cookie of one, there is no such page; whoever had one
/// signs in again.
pub struct Door {
    pub(super) state: AppState,
    pub(super) operator: Operator,
    pub(super) headers: HeaderMap,
}

impl FromRequestParts<AppState> for Door {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        let Some(token) = session::cookie(&parts.headers, SESSION) else {
            // As any address at which nothing is: also for members.
            let current = parts.extensions.get::<CurrentMember>().cloned().unwrap_or_default();
            return Err(not_found_for(state, &parts.headers, current).await);
        };
        let from = address::of(state, &parts.headers, &parts.extensions);
        match operators::authenticate(&state.services, token, from).await {
            Ok(operator) => Ok(Self { state: state.clone(), operator, headers: parts.headers.clone() }),
            Err(error) if error.is(ErrorKind::Unauthenticated) => Err(signed_out()),
            Err(error) => Err(Failure::from(error).into_response()),
        }
    }
}

pub async fn sign_in_page(State(state): State<AppState>, headers: HeaderMap) -> Response {
    forms::render_for(&state, &headers, &Uri::from_static(routes::OPERATOR_SIGN_IN), StatusCode::OK, || ()).await
}

pub async fn sign_in(
    State(state): State<AppState>,
    ClientAddress(address): ClientAddress,
    OriginalUri(uri): OriginalUri,
    Form(mut fields): Fields,
) -> Response {
    // It is never shown again, right or wrong.
    let code = fields.remove("code").unwrap_or_default();
    let sent = Sent::new(fields);
    let form =
        SignIn { email: sent.get("email"), password: sent.get("password"), code: &code, from: address.parse().ok() };
    match operators::sign_in(&state.services, form).await {
        Ok(token) => {
            let mut response = Redirect::to(routes::OPERATOR).into_response();
            set_strict_cookie(response.headers_mut(), SESSION, &token, SESSION_TTL.num_seconds());
            response
        }
        Err(error) => forms::again(&state, &uri, sent, error).await,
    }
}

/// Ends the session, and the visits that were begun in it.
pub async fn sign_out(door: Door) -> Response {
    if let Err(error) = operators::sign_out(&door.state.services, &door.operator).await {
        return Failure::from(error).into_response();
    }
    forget(&door.state);
    signed_out()
}

/// All workspaces: `q` is in their names, and `before` is where the page before this one has ended.
pub async fn tenants(door: Door, Query(query): Query<HashMap<String, String>>) -> Response {
    let search = query.get("q").cloned().unwrap_or_default();
    let before = query.get("before").and_then(|before| before.parse().ok());
    let page = operators::tenants(&door.state.services, &door.operator, &search, before).await;
    let status = status_of(&page);
    let shown = TenantsShown {
        operator: door.operator.name.clone(),
        search,
        is_later: before.is_some(),
        page: page.map_err(AppError::from),
    };
    let uri = Uri::from_static(routes::OPERATOR);
    forms::render_for(&door.state, &door.headers, &uri, status, move || provide_context(shown.clone())).await
}

pub async fn tenant(door: Door, Path(id): Path<String>) -> Response {
    match id.parse() {
        Ok(tenant) => door.tenant(tenant, None).await,
        Err(_) => not_found(&door.state, &door.headers).await,
    }
}

pub async fn suspend(door: Door, Path(id): Path<String>, Form(fields): Fields) -> Response {
    let sent = Sent::new(fields);
    let suspended = door.suspends(&id, &sent).await;
    door.answered(&id, sent, suspended, |_| {}).await
}

pub async fn restore(door: Door, Path(id): Path<String>, Form(fields): Fields) -> Response {
    let restored = async { operators::restore(&door.state.services, &door.operator, parse(&id)?).await };
    let restored = restored.await.map(|()| routes::operator_tenant(&id));
    door.answered(&id, Sent::new(fields), restored, |_| {}).await
}

/// Begins a visit: from here on the browser is in the workspace, as support.
pub async fn enter(door: Door, Path(id): Path<String>, Form(fields): Fields) -> Response {
    let sent = Sent::new(fields);
    let entered = async {
        let reason = Reason::parse("visit_reason", sent.get("visit_reason"))?;
        operators::enter(&door.state.services, &door.operator, parse(&id)?, &reason).await
    };
    let (token, entered) = match entered.await {
        Ok(token) => (token, Ok(routes::DOCUMENTS.to_owned())),
        Err(error) => (String::new(), Err(error)),
    };
    let set = |headers: &mut HeaderMap| set_strict_cookie(headers, VISIT, &token, VISIT_TTL.num_seconds());
    door.answered(&id, sent, entered, set).await
}

impl Door {
    async fn suspends(&self, id: &str, sent: &Sent) -> Result<String> {
        let tenant = parse(id)?;
        let reason = Reason::parse("suspend_reason", sent.get("suspend_reason"))?;
        if sent.get("confirm").is_empty() {
            return Err(Error::invalid("confirm", "Confirm that everybody is to be shut out."));
        }
        operators::suspend(&self.state.services, &self.operator, tenant, &reason).await?;
        Ok(routes::operator_tenant(id))
    }

    /// Goes on to where an act leads, with what it adds to the headers; or shows the workspace again, with what was sent and
    /// what is wrong with it.
    async fn answered(self, id: &str, sent: Sent, done: Result<String>, add: impl FnOnce(&mut HeaderMap)) -> Response {
        match (done, id.parse()) {
            (Ok(next), _) => {
                forget(&self.state);
                let mut response = Redirect::to(&next).into_response();
                add(response.headers_mut());
                response
            }
            (Err(error), Ok(tenant)) => self.tenant(tenant, Some((sent, error))).await,
            (Err(_), Err(_)) => not_found(&self.state, &self.headers).await,
        }
    }

    /// The page of a workspace; after an act that failed, with what was sent.
    async fn tenant(self, tenant: TenantId, failed: Option<(Sent, Error)>) -> Response {
        let found = operators::tenant(&self.state.services, &self.operator, tenant).await;
        if found.as_ref().is_err_and(|error| error.is(ErrorKind::NotFound)) {
            return not_found(&self.state, &self.headers).await;
        }
        let status = failed.as_ref().map_or_else(|| status_of(&found), |(_, error)| status(error));
        let form = failed.map(|(sent, error)| sent.state_with(&error)).unwrap_or_default();
        let shown = TenantShown { operator: self.operator.name.clone(), tenant: found.map_err(AppError::from) };
        let uri = routes::operator_tenant(tenant).parse().unwrap_or_default();
        let more = move || {
            provide_context(shown.clone());
            provide_context::<FormState>(form.clone());
        };
        forms::render_for(&self.state, &self.headers, &uri, status, more).await
    }
}

/// The page for what is not there. It is that of any address under the door, without what a handler adds to it.
pub(super) async fn not_found(state: &AppState, headers: &HeaderMap) -> Response {
    not_found_for(state, headers, CurrentMember::default()).await
}

async fn not_found_for(state: &AppState, headers: &HeaderMap, current: CurrentMember) -> Response {
    let request = forms::request_for(headers, &Uri::from_static(routes::OPERATOR), current);
    forms::rendered(state, request, StatusCode::NOT_FOUND, || ()).await
}

fn signed_out() -> Response {
    let mut response = Redirect::to(routes::OPERATOR_SIGN_IN).into_response();
    set_strict_cookie(response.headers_mut(), SESSION, "", 0);
    set_strict_cookie(response.headers_mut(), VISIT, "", 0);
    response
}

fn parse(id: &str) -> Result<TenantId> {
    id.parse().map_err(|_| Error::not_found())
}

pub(super) fn status_of<T>(found: &Result<T>) -> StatusCode {
    found.as_ref().err().map_or(StatusCode::OK, status)
}

pub(super) fn status(error: &Error) -> StatusCode {
    StatusCode::from_u16(error.kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
