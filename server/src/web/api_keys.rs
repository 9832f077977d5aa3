//! The form that makes a key for a program. Its answer is the page of the keys with the new one on it: no other page, no address and
//! no cookie ever holds it, so it is shown once.

use std::collections::HashMap;

use app::{error::AppError, returned::Returned, routes};
use axum::{
    Form, Json,
    body::Body,
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    Error,
    actor::Member,
    api_keys::{self, KeyForm, MadeKey},
};
use leptos::prelude::provide_context;

use super::{AppState, error::Failure, pages, returned, session::SignedInMember};

type Fields = HashMap<String, String>;

/// Makes one. Fields: `name`, `role`, `expires`. A browser is shown the page; anybody else gets 201 with the key as JSON.
pub async fn make(
    State(state): State<AppState>,
    SignedInMember(member): SignedInMember,
    asked: Parts,
    Form(fields): Form<Fields>,
) -> Response {
    let is_browser = returned::shows_the_answer(&asked.headers);
    let field = |name: &str| fields.get(name).map_or("", String::as_str);
    let form = KeyForm { name: field("name"), role: field("role"), expires: field("expires") };
    let made = api_keys::make(&state.services, &member, form).await;
    let mut response = match made {
        Ok(made) if is_browser => shown(&state, asked, made).await,
        Ok(made) => (StatusCode::CREATED, Json(made)).into_response(),
        Err(error) if is_browser => led_back(&state, &member, fields, error),
        Err(error) => Failure(error).into_response(),
    };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// The page as it is got, with the key in its context.
async fn shown(state: &AppState, asked: Parts, made: MadeKey) -> Response {
    let mut request = Request::from_parts(asked, Body::empty());
    *request.method_mut() = Method::GET;
    let context = pages::context(state);
    let with_key = move || {
        context();
        provide_context(made.clone());
    };
    let page = leptos_axum::render_app_async_with_context(with_key, pages::app_shell(state));
    page(request).await.into_response()
}

fn led_back(state: &AppState, member: &Member, fields: Fields, error: Error) -> Response {
    let values = fields.into_iter().collect();
    let sent = Returned { path: routes::SETTINGS_KEYS.to_owned(), values, error: Some(AppError::from(error)) };
    Redirect::to(&returned::address(state, member, routes::SETTINGS_KEYS, sent)).into_response()
}
