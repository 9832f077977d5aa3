//! The pages that are the same for everybody, kept as they were rendered and pressed. What a request brings along reaches none of
//! them but its host, the page, and the few values of its query that the page knows (`page.rs`): each is rendered for nobody
//! (`render.rs`), so no one can put into it what another would see, and whoever is signed in is asked nothing and told nothing.
//!
//! Leptos has static pages of its own. They are not used, as their key is the path alone, many who come at once all render, and a
//! reader may find half a file.

pub mod encoding;
mod entry;
mod kept;
mod page;
mod render;

use app::routes;
use axum::{
    Extension, Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};

use super::{
    AppState,
    conditional::{self, Spared},
    error::Failure,
    theme,
};
use encoding::Encoding;
use entry::Entry;
use kept::Found;
use page::Page;

pub use kept::Kept;
pub use page::{is_kept, paths};

/// For browsers: ask each time, which is answered in a millisecond and mostly with 304. For shared caches: for one second, and for
/// ten more while one asks. So a purge is seen soon also where a cache is not told of it; `sheaf purge` tells those that are named.
const FOR_ALL: HeaderValue = HeaderValue::from_static("public, max-age=0, s-maxage=1, stale-while-revalidate=10");

/// For whoever asks by another name than the one in the settings: no cache on the way keeps it. Here all such names have one entry a
/// page, which no name is in, so that however many are made up, nothing is rendered or pressed for them.
const FOR_NOBODY: HeaderValue = HeaderValue::from_static("private, no-store");

/// These pages have no scripts, so their policy needs no nonce, and is the same for all.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; form-action 'self'; base-uri 'none'; \
     frame-ancestors 'none'; manifest-src 'self'",
);

const SURROGATE_KEY: HeaderName = HeaderName::from_static("surrogate-key");

/// RFC 9211.
const CACHE_STATUS: HeaderName = HeaderName::from_static("cache-status");

/// A route for each page, and for the style sheet by which they show the theme that somebody has chosen.
pub fn routes() -> Router<AppState> {
    page::PAGES
        .iter()
        .fold(Router::new(), |router, page| {
            router.route(page.path, get(move |state: State<AppState>, request: Request| show(page, state, request)))
        })
        .route(routes::THEME_STYLE, get(theme::style))
}

async fn show(page: &'static Page, State(state): State<AppState>, request: Request) -> Response {
    let key = page::key(page, &state.public, &request);
    let is_foreign = key.is_foreign();
    let for_nobody = render::page(state.clone(), page, key.clone());
    match state.public.get(key, for_nobody).await {
        Ok((entry, found)) => answer(request.headers(), &entry, found, is_foreign),
        Err(error) => Failure(error).into_response(),
    }
}

/// What is kept, in the encoding that is liked best; or that it has not changed.
fn answer(asked: &HeaderMap, entry: &Entry, found: Found, is_foreign: bool) -> Response {
    let encoding = encoding::negotiate(asked);
    let etag = entry.etag(encoding);
    // A cache puts the headers of a 304 in the place of those that it has, so they are the same.
    let headers = [
        (header::CACHE_CONTROL, if is_foreign { FOR_NOBODY } else { FOR_ALL }),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::VARY, HeaderValue::from_static("accept-encoding")),
        (SURROGATE_KEY, entry.tags.clone()),
        (CACHE_STATUS, HeaderValue::from_static(found.as_str(is_foreign))),
        (header::ETAG, etag.clone()),
    ];
    let body = entry.body(encoding);
    if conditional::matches(asked, &etag) {
        return (StatusCode::NOT_MODIFIED, headers, Extension(Spared(body.len() as u64))).into_response();
    }
    let mut response = (headers, Body::from(body)).into_response();
    let own = response.headers_mut();
    own.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    if let Some(name) = Encoding::name(encoding) {
        own.insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
    }
    response
}
