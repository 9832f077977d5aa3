//! The forms about which workspace one is in: joining by an invitation, going over to another, making one.

use std::collections::HashMap;

use app::{routes, session::CurrentMember};
use axum::{
    Extension, Form,
    extract::{OriginalUri, State},
    http::HeaderMap,
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    Error, Result,
    accounts::{self, SignedIn},
    actor::Member,
    id::TenantId,
    members::{self, NewMember},
};

use super::{
    AppState,
    address::ClientAddress,
    auth_forms::{user_agent, welcome},
    forms::{self, Sent},
};

type Fields = Form<HashMap<String, String>>;

/// Uses an invitation: for whoever is signed in, or with a new account for its address.
pub async fn accept_invite(
    State(state): State<AppState>,
    Extension(current): Extension<CurrentMember>,
    ClientAddress(address): ClientAddress,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    Form(fields): Fields,
) -> Response {
    let sent = Sent::new(fields);
    let joined = match &current.member {
        Some(member) => join(&state, member, sent.get("token")).await,
        None => {
            let form = NewMember {
                token: sent.get("token"),
                name: sent.get("name"),
                password: sent.get("password"),
                from: address.parse().ok(),
                user_agent: user_agent(&headers),
            };
            members::accept_as_new(&state.services, form).await
        }
    };
    match joined {
        Ok(signed_in) => welcome(&signed_in, routes::DOCUMENTS),
        Err(error) => forms::again_for(&state, &uri, current, sent, error).await,
    }
}

/// Goes over to another workspace of the person. One that is not theirs is not found.
pub async fn switch(
    State(state): State<AppState>,
    Extension(current): Extension<CurrentMember>,
    OriginalUri(uri): OriginalUri,
    Form(fields): Fields,
) -> Response {
    let sent = Sent::new(fields);
    let Some(member) = &current.member else { return Redirect::to(routes::SIGN_IN).into_response() };
    let switched = match sent.get("tenant").parse::<TenantId>() {
        Ok(tenant) => accounts::switch(&state.services, member, tenant).await,
        Err(_) => Err(Error::not_found()),
    };
    match switched {
        Ok(signed_in) => welcome(&signed_in, routes::DOCUMENTS),
        Err(error) => forms::again(&state, &uri, sent, error).await,
    }
}

/// Makes another workspace and goes over to it.
pub async fn make(
    State(state): State<AppState>,
    Extension(current): Extension<CurrentMember>,
    OriginalUri(uri): OriginalUri,
    Form(fields): Fields,
) -> Response {
    let sent = Sent::new(fields);
    let Some(member) = &current.member else {
        return Redirect::to(&routes::sign_in_to(routes::WORKSPACES)).into_response();
    };
    match accounts::make_workspace(&state.services, member, sent.get("name")).await {
        Ok(signed_in) => welcome(&signed_in, routes::DOCUMENTS),
        Err(error) => forms::again(&state, &uri, sent, error).await,
    }
}

async fn join(state: &AppState, member: &Member, token: &str) -> Result<SignedIn> {
    let tenant = members::accept(&state.services, member, token).await?;
    accounts::switch(&state.services, member, tenant).await
}
