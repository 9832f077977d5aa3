//! Support in a workspace: an owner's consent, and the way out.

use std::collections::HashMap;

use app::routes;
use axum::{
    Form,
    extract::State,
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Redirect, Response},
};
use domain::{Error, Result, actor::Member, id::SupportVisitId, operators};

use super::{AppState, error::Failure, session::SignedInMember, theme::came_from};

/// The token of a visit. The prefix makes browsers insist on Secure, Path=/ and no Domain.
pub const VISIT: &str = "__Host-sv";

type Fields = Form<HashMap<String, String>>;

/// Lets the operator of a visit change things, and goes back to where the owner was.
pub async fn consent(
    State(state): State<AppState>,
    SignedInMember(member): SignedInMember,
    headers: HeaderMap,
    Form(fields): Fields,
) -> Result<Response, Failure> {
    operators::consent(&state.services, &member, visit_in(&fields)?).await?;
    Ok(changed(&state, &headers))
}

/// Takes the consent back.
pub async fn withdraw(
    State(state): State<AppState>,
    SignedInMember(member): SignedInMember,
    headers: HeaderMap,
    Form(fields): Fields,
) -> Result<Response, Failure> {
    operators::withdraw_consent(&state.services, &member, visit_in(&fields)?).await?;
    Ok(changed(&state, &headers))
}

/// Ends the visit of the operator who asks.
pub async fn leave(State(state): State<AppState>, SignedInMember(member): SignedInMember) -> Response {
    end(&state, &member).await
}

/// Ends a visit, and leads back to the workspace's page for operators.
pub async fn end(state: &AppState, member: &Member) -> Response {
    if let Err(error) = operators::leave(&state.services, member).await {
        return Failure::from(error).into_response();
    }
    forget(state);
    let mut response = Redirect::to(&routes::operator_tenant(member.tenant)).into_response();
    set_strict_cookie(response.headers_mut(), VISIT, "", 0);
    response
}

/// A cookie that no other site has the browser send, not even by a link.
pub fn set_strict_cookie(headers: &mut HeaderMap, name: &str, value: &str, seconds: i64) {
    let cookie = format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; Secure; SameSite=Strict");
    if let Ok(value) = HeaderValue::from_str(&cookie) {
        headers.append(header::SET_COOKIE, value);
    }
}

/// What this server remembers of who may do what. Other servers forget it within two seconds.
pub fn forget(state: &AppState) {
    state.standing.invalidate_all();
    state.visits.invalidate_all();
}

fn changed(state: &AppState, headers: &HeaderMap) -> Response {
    forget(state);
    Redirect::to(&came_from(headers)).into_response()
}

fn visit_in(fields: &HashMap<String, String>) -> Result<SupportVisitId> {
    fields.get("visit").and_then(|visit| visit.parse().ok()).ok_or_else(Error::not_found)
}
