//! The forms of signing up, signing in and getting back in: each parses, calls one verb, and answers with a redirect or with
//! the same page again.

use std::collections::HashMap;

use app::{
    accounts::MailSent,
    routes::{self, Done},
};
use axum::{
    Form,
    extract::{OriginalUri, State},
    http::{HeaderMap, StatusCode, Uri, header},
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    accounts::{self, SignIn, SignUp, SignedIn},
    billing::Picked,
};
use leptos::prelude::provide_context;

use super::{
    AppState,
    address::ClientAddress,
    forms::{self, Sent},
    session::{self, PresentMember},
    support,
};

type Fields = Form<HashMap<String, String>>;

pub async fn sign_up(
    State(state): State<AppState>,
    ClientAddress(address): ClientAddress,
    OriginalUri(uri): OriginalUri,
    Form(fields): Fields,
) -> Response {
    let sent = Sent::new(fields);
    let parsed = SignUp::parse(sent.get("name"), sent.get("workspace"), sent.get("email"), sent.get("password"));
    let signed_up = match parsed {
        Ok(form) => accounts::sign_up(&state.services, SignUp { picked: picked(&sent), ..form }, &address).await,
        Err(error) => Err(error),
    };
    match signed_up {
        Ok(()) => mail_sent(&state, &uri, sent.get("email")).await,
        Err(error) => forms::again(&state, &uri, sent, error).await,
    }
}

pub async fn sign_in(
    State(state): State<AppState>,
    ClientAddress(address): ClientAddress,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    Form(fields): Fields,
) -> Response {
    let sent = Sent::new(fields);
    let form = SignIn {
        email: sent.get("email"),
        password: sent.get("password"),
        address: &address,
        user_agent: user_agent(&headers),
        picked: picked(&sent),
    };
    match accounts::sign_in(&state.services, form).await {
        Ok(signed_in) => welcome(&signed_in, &next_page(&state, &sent)),
        Err(error) => forms::again(&state, &uri, sent, error).await,
    }
}

pub async fn verify(
    State(state): State<AppState>,
    ClientAddress(address): ClientAddress,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    Form(fields): Fields,
) -> Response {
    let sent = Sent::new(fields);
    match accounts::verify_email(&state.services, sent.get("token"), user_agent(&headers), &address).await {
        Ok(signed_in) => welcome(&signed_in, &first_page(&state, &sent)),
        Err(error) => forms::again(&state, &uri, sent, error).await,
    }
}

pub async fn forgot_password(
    State(state): State<AppState>,
    ClientAddress(address): ClientAddress,
    OriginalUri(uri): OriginalUri,
    Form(fields): Fields,
) -> Response {
    let sent = Sent::new(fields);
    match accounts::forgot_password(&state.services, sent.get("email"), &address).await {
        Ok(()) => mail_sent(&state, &uri, sent.get("email")).await,
        Err(error) => forms::again(&state, &uri, sent, error).await,
    }
}

pub async fn reset_password(
    State(state): State<AppState>,
    OriginalUri(uri): OriginalUri,
    Form(fields): Fields,
) -> Response {
    let sent = Sent::new(fields);
    match accounts::reset_password(&state.services, sent.get("token"), sent.get("password")).await {
        Ok(()) => {
            let mut response = Redirect::to(&routes::sign_in_after(Done::PasswordChanged)).into_response();
            session::clear_cookies(response.headers_mut());
            response
        }
        Err(error) => forms::again(&state, &uri, sent, error).await,
    }
}

/// Ends the session. Without one there is nothing to end, and the person is signed out all the same. Support leaves.
pub async fn sign_out(State(state): State<AppState>, PresentMember(member): PresentMember) -> Response {
    if let Some(member) = member {
        if member.support.is_some() {
            return support::end(&state, &member).await;
        }
        if let Err(error) = accounts::sign_out(&state.services, &member).await {
            return super::error::Failure::from(error).into_response();
        }
        state.standing.invalidate_all();
    }
    let mut response = Redirect::to(&routes::sign_in_after(Done::SignedOut)).into_response();
    session::clear_cookies(response.headers_mut());
    response
}

async fn mail_sent(state: &AppState, uri: &Uri, email: &str) -> Response {
    let sent = MailSent { email: email.trim().to_owned() };
    forms::render(state, uri, StatusCode::OK, move || provide_context(sent.clone())).await
}

/// Where somebody goes on who has signed in: where they wanted to go, or else as in a new workspace.
fn next_page(state: &AppState, sent: &Sent) -> String {
    match sent.get("next") {
        "" => first_page(state, sent),
        next => local_path(next).to_owned(),
    }
}

/// Where somebody begins whose workspace is new: at the plan that they picked, where plans are sold.
fn first_page(state: &AppState, sent: &Sent) -> String {
    let picked = picked(sent).filter(|_| state.services.stripe.is_some());
    picked.map_or_else(|| routes::DOCUMENTS.to_owned(), routes::picked_plan)
}

fn picked(sent: &Sent) -> Option<Picked> {
    Picked::parse(sent.get("plan"), sent.get("currency"))
}

/// Sets the cookies of somebody who is signed in now, and leads on.
pub fn welcome(signed_in: &SignedIn, next: &str) -> Response {
    let mut response = Redirect::to(next).into_response();
    session::set_cookies(response.headers_mut(), signed_in);
    response
}

/// A path of ours to go on to, as browsers write it; anything that could lead elsewhere, or that no header takes, is the documents'
/// page.
fn local_path(next: &str) -> &str {
    let is_local = next.starts_with('/') && !next.starts_with("//") && !next.contains('\\');
    if is_local && next.bytes().all(|byte| byte.is_ascii_graphic()) { next } else { routes::DOCUMENTS }
}

/// What the browser says it is.
pub fn user_agent(headers: &HeaderMap) -> &str {
    headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::local_path;

    #[test]
    fn nobody_is_sent_elsewhere_after_signing_in() {
        assert_eq!(local_path("/documents/1?page=2"), "/documents/1?page=2");
        for next in ["", "https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil.example", "documents"] {
            assert_eq!(local_path(next), "/documents", "{next:?}");
        }
    }

    #[test]
    fn nobody_is_sent_to_what_is_no_address() {
        for next in ["/search?q=übersicht", "/a b", "/a\u{7f}", "/a\0"] {
            assert_eq!(local_path(next), "/documents", "{next:?}");
        }
    }
}
