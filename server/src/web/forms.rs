//! Plain forms: what was sent, and the same page again with what is wrong in it.

use std::collections::HashMap;

use app::{session::CurrentMember, ui::FormState};
use axum::{
    body::Body,
    http::{HeaderMap, Request, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use domain::Error;
use leptos::prelude::{provide_context, use_context};
use leptos_axum::ResponseOptions;

use super::{AppState, pages};

/// The fields of a form as they were sent.
pub struct Sent(HashMap<String, String>);

impl Sent {
    pub fn new(fields: HashMap<String, String>) -> Self {
        Self(fields)
    }

    /// A field, or nothing where it was not sent.
    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    /// What the form shows again where nothing is wrong: all of it but secrets.
    pub fn state(self) -> FormState {
        FormState::with_values(self.0)
    }

    /// What the form shows again: all of it but secrets, and the error beside its field.
    pub fn state_with(self, error: &Error) -> FormState {
        self.state().with_error(error)
    }
}

/// The page of `uri` again, with the values that were sent and the error beside its field. It is made as for a visitor.
pub async fn again(state: &AppState, uri: &Uri, sent: Sent, error: Error) -> Response {
    again_for(state, uri, CurrentMember::default(), sent, error).await
}

/// The same for a page that says who is asking.
pub async fn again_for(state: &AppState, uri: &Uri, current: CurrentMember, sent: Sent, error: Error) -> Response {
    app::error::log(&error);
    let status = StatusCode::from_u16(error.kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let form = sent.state_with(&error);
    let request = request_for(&HeaderMap::new(), uri, current);
    rendered(state, request, status, move || provide_context(form.clone())).await
}

/// The page of `uri` with something more in its context.
pub async fn render(
    state: &AppState,
    uri: &Uri,
    status: StatusCode,
    more: impl Fn() + Clone + Send + Sync + 'static,
) -> Response {
    render_for(state, &HeaderMap::new(), uri, status, more).await
}

/// The same, in the theme that the headers of the request ask for.
pub async fn render_for(
    state: &AppState,
    headers: &HeaderMap,
    uri: &Uri,
    status: StatusCode,
    more: impl Fn() + Clone + Send + Sync + 'static,
) -> Response {
    rendered(state, request_for(headers, uri, CurrentMember::default()), status, more).await
}

/// A request for the page of `uri`: in the theme that these headers ask for, and by this member. Not the frame alone depends on
/// who is asking, but also where the policy of the page lets its forms lead.
pub fn request_for(headers: &HeaderMap, uri: &Uri, current: CurrentMember) -> Request<Body> {
    let mut request = Request::builder().uri(uri.clone()).extension(current).body(Body::empty()).unwrap_or_default();
    for cookies in headers.get_all(header::COOKIE) {
        request.headers_mut().append(header::COOKIE, cookies.clone());
    }
    request
}

/// The page that this request asks for, with this status and with something more in its context.
pub async fn rendered(
    state: &AppState,
    request: Request<Body>,
    status: StatusCode,
    more: impl Fn() + Clone + Send + Sync + 'static,
) -> Response {
    let context = pages::context(state);
    let with_more = move || {
        context();
        more();
        if let Some(response) = use_context::<ResponseOptions>() {
            response.set_status(status);
        }
    };
    leptos_axum::render_app_async_with_context(with_more, pages::public_shell(state))(request).await.into_response()
}
