//! Files that are the same for everybody, and the page for what is not there.

use app::{routes, session::CurrentMember};
use axum::{
    body::Body,
    extract::{Request, State},
    http::{Extensions, HeaderMap, HeaderValue, StatusCode, Version, header},
    response::Response,
};
use tower::ServiceExt;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate};

use super::{
    AppState,
    conditional::{self, Spared},
    forms,
    public::encoding,
    ranges::AsStored,
    session,
};

/// Names in `pkg` carry a hash of their content: a browser may keep each for ever.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const FOR_A_DAY: HeaderValue = HeaderValue::from_static("public, max-age=86400");

/// No file of the site has a longer path, in bytes. Asked for a name that no file system can have, the folder would fail.
const LONGEST_PATH: usize = 200;

/// Marks an answer that is a file of the site.
#[derive(Debug, Clone, Copy)]
pub struct Asset;

/// A file of the site, or the page "not found" with its status.
pub async fn file_or_not_found(State(state): State<AppState>, mut request: Request) -> Response {
    let (uri, path) = (request.uri().clone(), request.uri().path().to_owned());
    let asked = request.headers().clone();
    // The list of hashes is for the server.
    if path != "/hash.txt" && path != routes::HOME && path.len() <= LONGEST_PATH {
        // Of copies that are liked as much, the folder's own choice would not be the smallest.
        let encoding = encoding::negotiate(request.headers()).name().unwrap_or("identity");
        let own = request.headers_mut();
        own.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(encoding));
        // The folder knows dates and no tags: where a tag is asked about, that decides (RFC 9110, section 13.2.2), and whoever would go on
        // with what they have is sent the whole.
        if own.contains_key(header::IF_NONE_MATCH) {
            own.remove(header::IF_MODIFIED_SINCE);
        }
        if own.remove(header::IF_RANGE).is_some() {
            own.remove(header::RANGE);
        }
        let found = state.files.clone().oneshot(request).await;
        if let Ok(response) = found
            && response.status() != StatusCode::NOT_FOUND
            && response.status() != StatusCode::METHOD_NOT_ALLOWED
        {
            return kept(response.map(Body::new), &path, &asked);
        }
    }
    // For members with the way to what is theirs, for visitors with the way in.
    let wanted = forms::request_for(&asked, &uri, CurrentMember::default());
    session::known(&state, wanted, |request| forms::rendered(&state, request, StatusCode::NOT_FOUND, || ())).await
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
        .and(|_: StatusCode, _: Version, _: &HeaderMap, marks: &Extensions| marks.get::<AsStored>().is_none())
}

/// Says how long it may be kept, and under which tag; a 304 to whoever has it under that. A failure to read it is kept by nobody.
fn kept(mut response: Response, path: &str, asked: &HeaderMap) -> Response {
    if response.status().is_client_error() || response.status().is_server_error() {
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response.extensions_mut().insert(Asset);
        return response;
    }
    let (etag, status) = (etag(response.headers(), path), response.status());
    let has_it = status == StatusCode::OK && conditional::matches(asked, &etag);
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, if path.starts_with("/pkg/") { FOR_EVER } else { FOR_A_DAY });
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    // What the folder itself says of a date is of a copy that it does not name.
    if status != StatusCode::NOT_MODIFIED {
        headers.insert(header::ETAG, etag);
    }
    if has_it {
        let bytes = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
        for name in [header::CONTENT_LENGTH, header::CONTENT_TYPE, header::CONTENT_ENCODING, header::ACCEPT_RANGES] {
            headers.remove(name);
        }
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        *response.body_mut() = Body::empty();
        response.extensions_mut().insert(Spared(bytes.unwrap_or_default()));
    }
    response.extensions_mut().insert(Asset);
    response
}

/// A strong tag, another one in each encoding. A name in `pkg` says what is in it, on all servers and in all encodings alike; of other
/// files, when they were made does.
fn etag(headers: &HeaderMap, path: &str) -> HeaderValue {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok()).unwrap_or_default();
    let is_named = path.starts_with("/pkg/");
    let of = if is_named { path.to_owned() } else { format!("{path} {}", text(header::LAST_MODIFIED)) };
    let encoding = text(header::CONTENT_ENCODING);
    let joint = if encoding.is_empty() { "" } else { "-" };
    let etag = format!("\"{}{joint}{encoding}\"", conditional::digest(of.as_bytes()));
    HeaderValue::from_str(&etag).unwrap_or(HeaderValue::from_static("\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_not_be_read_is_kept_by_nobody() {
        for status in [StatusCode::INTERNAL_SERVER_ERROR, StatusCode::RANGE_NOT_SATISFIABLE] {
            let mut failed = Response::new(Body::empty());
            *failed.status_mut() = status;
            let answer = kept(failed, "/pkg/sheaf.0123456789abcdef.wasm", &HeaderMap::new());
            assert_eq!(answer.status(), status);
            assert_eq!(answer.headers()[header::CACHE_CONTROL], "no-store");
            assert!(!answer.headers().contains_key(header::ETAG));
        }
    }
}
