//! Answers that a client has already. A page of the app has no tag: it carries a nonce, so no two are the same. How much is not sent
//! because of tags is counted around all routes (`observe.rs`).

use axum::{
    body::{Body, HttpBody, to_bytes},
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::Response,
};
use sha2::{Digest, Sha256};

/// What is longer is answered as it is: it would have to be in memory to be compared.
const MAX_BYTES: u64 = 256 * 1024;

/// Marks a 304 with the bytes of the answer that was not sent.
#[derive(Debug, Clone, Copy)]
pub struct Spared(pub u64);

/// Gives the JSON or the feed that a GET answers a tag, and answers 304 to whoever has it already. The tag is a weak one, as the
/// answer may be compressed on its way.
pub async fn text(request: Request, next: Next) -> Response {
    let is_get = request.method() == Method::GET;
    let asked = request.headers().clone();
    let response = next.run(request).await;
    if !is_get || response.status() != StatusCode::OK || !is_short_text(&response) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(content) = to_bytes(body, MAX_BYTES as usize).await else {
        parts.status = StatusCode::INTERNAL_SERVER_ERROR;
        return Response::from_parts(parts, Body::empty());
    };
    let etag = HeaderValue::from_str(&format!("W/\"{}\"", digest(&content))).expect("hexadecimal digits are a value");
    let has_it = matches(&asked, &etag);
    parts.headers.insert(header::ETAG, etag);
    if !has_it {
        return Response::from_parts(parts, content.into());
    }
    parts.extensions.insert(Spared(content.len() as u64));
    parts.status = StatusCode::NOT_MODIFIED;
    parts.headers.remove(header::CONTENT_TYPE);
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::empty())
}

/// Whether the client says that it has what this tag names (RFC 9110, section 13.1.2).
pub fn matches(asked: &HeaderMap, etag: &HeaderValue) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let Ok(ours) = etag.to_str().map(opaque) else { return false };
    let lists = asked.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    lists.flat_map(|list| list.split(',')).any(|tag| tag.trim() == "*" || opaque(tag) == ours)
}

/// Whether `If-Match` lists the tag as a strong one (RFC 9110, section 8.8.3.2).
pub fn matches_strongly(asked: &HeaderMap, etag: &HeaderValue) -> bool {
    let lists = asked.get_all(header::IF_MATCH);
    let mut tags = lists.iter().filter_map(|value| value.to_str().ok()).flat_map(|list| list.split(',')).map(str::trim);
    tags.any(|tag| tag == "*" || tag.as_bytes() == etag.as_bytes())
}

/// What tells content apart from any other: 128 bits of its SHA-256, in hexadecimal.
pub fn digest(content: &[u8]) -> String {
    Sha256::digest(content).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

fn is_short_text(response: &Response) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("application/json") || kind.starts_with("application/atom+xml"))
        && response.body().size_hint().upper().is_some_and(|bytes| bytes <= MAX_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_found_in_a_list_and_strong_or_weak() {
        let etag = HeaderValue::from_static("\"abc-br\"");
        let has =
            |text| matches(&HeaderMap::from_iter([(header::IF_NONE_MATCH, HeaderValue::from_static(text))]), &etag);
        assert!(has("\"abc-br\"") && has("\"x\", W/\"abc-br\"") && has("*"));
        assert!(!has("\"abc\"") && !has("abc-br") && !has("") && !has("\"abc-gzip\", \"\""));
        assert!(!matches(&HeaderMap::new(), &etag));
    }
}
