//! What is refused to a browser that goes to an address by itself: a page that says so, and the way to sign in, in the place of the
//! JSON that programs get.

use app::{RefusedRequest, routes, session::CurrentMember};
use axum::{
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, Uri, header},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use domain::ErrorKind;
use leptos::prelude::provide_context;

use super::{AppState, forms, returned};

/// No page stands here, so the fallback of the public site is rendered, which says why.
const NO_PAGE: &str = "/refused";

/// Makes a page of a failure, for whoever would be shown its JSON. Status, cookies and all other headers stay.
pub async fn shown(State(state): State<AppState>, request: Request, next: Next) -> Response {
    if !navigates(request.headers()) {
        return next.run(request).await;
    }
    let (method, uri, headers) = (request.method().clone(), request.uri().clone(), request.headers().clone());
    let mut response = next.run(request).await;
    let refused = response.extensions_mut().remove::<RefusedRequest>().or_else(|| only_sent_to(&response));
    let Some(refused) = refused else { return response };
    let current = response.extensions_mut().remove::<CurrentMember>().unwrap_or_default();
    let mut page = match refused.kind {
        ErrorKind::Unauthenticated => Redirect::to(&sign_in(&method, &uri)).into_response(),
        _ => page_of(&state, &headers, response.status(), current, refused).await,
    };
    let (parts, _) = response.into_parts();
    for (name, value) in &parts.headers {
        let is_of_body = [header::CONTENT_TYPE, header::CONTENT_LENGTH].contains(name);
        if !is_of_body && (name == header::SET_COOKIE || !page.headers().contains_key(name)) {
            page.headers_mut().append(name.clone(), value.clone());
        }
    }
    page
}

/// The way to sign in and back again. What was posted cannot be posted again by that.
pub fn sign_in(method: &Method, uri: &Uri) -> String {
    let wanted = match *method {
        Method::GET => uri.path_and_query().map_or(routes::DOCUMENTS, |path| path.as_str()),
        _ => routes::DOCUMENTS,
    };
    routes::sign_in_to(wanted)
}

/// Where forms are sent to and no page is, as after a look at the address of one that was refused: nothing is there to see.
fn only_sent_to(response: &Response) -> Option<RefusedRequest> {
    let is_refused = response.status() == StatusCode::METHOD_NOT_ALLOWED;
    is_refused.then(|| RefusedRequest { kind: ErrorKind::NotFound, message: String::new(), reference: None })
}

async fn page_of(
    state: &AppState,
    headers: &HeaderMap,
    status: StatusCode,
    current: CurrentMember,
    refused: RefusedRequest,
) -> Response {
    let request = forms::request_for(headers, &Uri::from_static(NO_PAGE), current);
    forms::rendered(state, request, status, move || provide_context(refused.clone())).await
}

/// Whether a browser shows in its window what is answered. What it saves as a file or asks for in a script has another destination;
/// browsers that say nothing of that ask for HTML first (Fetch Metadata Request Headers, section 2).
fn navigates(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match (text("sec-fetch-mode"), text("sec-fetch-dest")) {
        (Some(mode), destination) => mode == "navigate" && destination != Some("empty"),
        (None, _) => returned::shows_the_answer(headers),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};

    use super::*;

    fn of(headers: &[(&'static str, &'static str)]) -> bool {
        let headers =
            headers.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        navigates(&headers.collect())
    }

    #[test]
    fn programs_and_scripts_go_nowhere() {
        assert!(of(&[("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")]));
        assert!(of(&[("accept", "text/html,application/xhtml+xml")]));
        assert!(!of(&[]));
        assert!(!of(&[("accept", "*/*")]));
        assert!(!of(&[("sec-fetch-mode", "cors"), ("accept", "text/html")]));
        assert!(!of(&[("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "empty")]));
    }
}
