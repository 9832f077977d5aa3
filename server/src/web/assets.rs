//! Files that are the same for everybody, and the page for what is not there.

use app::routes;
use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use tower::ServiceExt;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate};

use super::{AppState, pages, public::encoding};

/// Names in `pkg` carry a hash of their content: a browser may keep each for ever.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const FOR_A_DAY: HeaderValue = HeaderValue::from_static("public, max-age=86400");

/// Marks an answer that is a file of the site.
#[derive(Debug, Clone, Copy)]
pub struct Asset;

/// A file of the site, or the page "not found" with its status.
pub async fn file_or_not_found(State(state): State<AppState>, mut request: Request) -> Response {
    let (uri, path) = (request.uri().clone(), request.uri().path().to_owned());
    // The list of hashes is for the server.
    if path != "/hash.txt" && path != routes::HOME {
        // Of copies that are liked as much, the folder's own choice would not be the smallest.
        let encoding = encoding::negotiate(request.headers()).name().unwrap_or("identity");
        request.headers_mut().insert(header::ACCEPT_ENCODING, HeaderValue::from_static(encoding));
        let found = state.files.clone().oneshot(request).await;
        if let Ok(response) = found
            && response.status() != StatusCode::NOT_FOUND
            && response.status() != StatusCode::METHOD_NOT_ALLOWED
        {
            return kept(response.map(Body::new), &path);
        }
    }
    let wanted = Request::builder().uri(uri).body(Body::empty()).unwrap_or_default();
    let context = pages::context(&state);
    let with_status = move || {
        context();
        if let Some(response) = use_context::<ResponseOptions>() {
            response.set_status(StatusCode::NOT_FOUND);
        }
    };
    leptos_axum::render_app_async_with_context(with_status, pages::public_shell(&state))(wanted).await.into_response()
}

/// What is compressed on its way. Not what is compressed already: fonts, and the files of people, of which a part can be asked for
/// as long as their bytes stay as they are.
pub fn worth_compressing() -> impl Predicate + Send + Sync + 'static {
    DefaultPredicate::new()
        .and(NotForContentType::const_new("font/"))
        .and(NotForContentType::const_new("application/pdf"))
        .and(NotForContentType::const_new("application/zip"))
        .and(NotForContentType::const_new("application/octet-stream"))
        .and(NotForContentType::const_new("application/vnd."))
}

fn kept(mut response: Response, path: &str) -> Response {
    let value = if path.starts_with("/pkg/") { FOR_EVER } else { FOR_A_DAY };
    response.headers_mut().insert(header::CACHE_CONTROL, value);
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    response.extensions_mut().insert(Asset);
    response
}
