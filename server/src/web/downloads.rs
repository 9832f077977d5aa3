//! Files on their way to a person. An original is somebody's bytes: it is always saved and never shown by the browser, and
//! could do nothing if it were.

use std::ops::Range;

use axum::{
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, Response, StatusCode, header},
};
use bytes::Bytes;
use domain::{
    Error, Result,
    documents::{self, reading::ImageSize},
    exports,
    id::{DocumentId, ExportId, ReportId},
    reports,
};
use futures::stream::BoxStream;

use super::{AppState, error::Failure, session::SignedInMember};

type Answer = Result<Response<Body>, Failure>;

/// The file as it was uploaded, or the range of it that was asked for.
pub async fn original(
    State(state): State<AppState>,
    SignedInMember(member): SignedInMember,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Answer {
    let id = parse::<DocumentId>(&id)?;
    let document = documents::find(&state.services, &member, id).await?;
    let whole = document.bytes.unsigned_abs();
    let range = match requested_range(&headers, whole) {
        Ok(range) => range,
        Err(()) => return Ok(not_satisfiable(whole)),
    };
    let file = documents::original(&state.services, &member, id, range.clone()).await?;
    let mut response = stream(file.format.media_type(), file.content);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_DISPOSITION, attachment(&file.name));
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    let length = range.as_ref().map_or(whole, |range| range.end - range.start);
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    if let Some(range) = range {
        let content_range = format!("bytes {}-{}/{whole}", range.start, range.end - 1);
        headers.insert(header::CONTENT_RANGE, text_value(&content_range));
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    Ok(response)
}

/// The text of all pages.
pub async fn text(
    State(state): State<AppState>,
    SignedInMember(member): SignedInMember,
    Path(id): Path<String>,
) -> Answer {
    let (name, text) = documents::text_of(&state.services, &member, parse(&id)?).await?;
    let mut response = Response::new(Body::from(text));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(header::CONTENT_DISPOSITION, attachment(&format!("{name}.txt")));
    Ok(response)
}

/// The image of a page; the last part of the path is `7.png`.
pub async fn page_image(
    State(state): State<AppState>,
    SignedInMember(member): SignedInMember,
    Path((id, page)): Path<(String, String)>,
) -> Answer {
    let page = page.strip_suffix(".png").ok_or_else(Error::not_found)?;
    image(&state, &member, &id, page, ImageSize::Page).await
}

/// The small image of a page.
pub async fn thumbnail(
    State(state): State<AppState>,
    SignedInMember(member): SignedInMember,
    Path((id, page)): Path<(String, String)>,
) -> Answer {
    image(&state, &member, &id, &page, ImageSize::Thumbnail).await
}

/// The PDF of a report.
pub async fn report(
    State(state): State<AppState>,
    SignedInMember(member): SignedInMember,
    Path(id): Path<String>,
) -> Answer {
    let file = reports::download(&state.services, &member, parse::<ReportId>(&id)?).await?;
    let mut response = stream("application/pdf", file.content);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(file.bytes));
    headers.insert(header::CONTENT_DISPOSITION, attachment(&format!("{}.pdf", file.title)));
    Ok(response)
}

/// An archive of the workspace.
pub async fn export(
    State(state): State<AppState>,
    SignedInMember(member): SignedInMember,
    Path(id): Path<String>,
) -> Answer {
    let file = exports::download(&state.services, &member, parse::<ExportId>(&id)?).await?;
    let mut response = stream("application/zip", file.content);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(file.bytes));
    headers.insert(header::CONTENT_DISPOSITION, attachment(&file.name));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

async fn image(state: &AppState, member: &domain::actor::Member, id: &str, page: &str, size: ImageSize) -> Answer {
    let page = page.parse().map_err(|_| Error::not_found())?;
    let (bytes, content) = documents::page_image(&state.services, member, parse(id)?, page, size).await?;
    let mut response = stream("image/png", content);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(bytes));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=3600"));
    Ok(response)
}

/// An id that is none names nothing.
fn parse<T: std::str::FromStr>(id: &str) -> Result<T> {
    id.parse().map_err(|_| Error::not_found())
}

fn stream(media_type: &'static str, content: BoxStream<'static, Result<Bytes>>) -> Response<Body> {
    let mut response = Response::new(Body::from_stream(content));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}

fn not_satisfiable(whole: u64) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::RANGE_NOT_SATISFIABLE;
    response.headers_mut().insert(header::CONTENT_RANGE, text_value(&format!("bytes */{whole}")));
    response
}

/// RFC 6266 and RFC 5987: the name in full for browsers of today, and in ASCII for all others.
fn attachment(name: &str) -> HeaderValue {
    let plain: String =
        name.chars().map(|c| if c.is_ascii_graphic() && !"\"\\%;".contains(c) { c } else { '_' }).collect();
    let encoded = app::routes::encode(name);
    text_value(&format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}"))
}

fn text_value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static("attachment"))
}

/// One range of bytes (RFC 9110, section 14.1.2). Several at once are answered with the whole, which is allowed.
fn requested_range(headers: &HeaderMap, whole: u64) -> Result<Option<Range<u64>>, ()> {
    let Some(text) = headers.get(header::RANGE).and_then(|value| value.to_str().ok()) else { return Ok(None) };
    let Some(spec) = text.strip_prefix("bytes=").filter(|spec| !spec.contains(',')) else { return Ok(None) };
    let Some((first, last)) = spec.split_once('-') else { return Ok(None) };
    let range = match (first.parse::<u64>(), last.parse::<u64>()) {
        (Ok(first), Ok(last)) if first <= last => first..(last + 1).min(whole),
        (Ok(first), Err(_)) if last.is_empty() => first..whole,
        (Err(_), Ok(length)) if first.is_empty() => whole.saturating_sub(length)..whole,
        _ => return Ok(None),
    };
    if range.is_empty() { Err(()) } else { Ok(Some(range)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(text: &str) -> Result<Option<Range<u64>>, ()> {
        requested_range(&HeaderMap::from_iter([(header::RANGE, text_value(text))]), 100)
    }

    #[test]
    fn ranges_as_the_rfc_has_them() {
        assert_eq!(range("bytes=0-9"), Ok(Some(0..10)));
        assert_eq!(range("bytes=90-"), Ok(Some(90..100)));
        assert_eq!(range("bytes=-10"), Ok(Some(90..100)));
        assert_eq!(range("bytes=50-1000"), Ok(Some(50..100)));
        assert_eq!(range("bytes=100-"), Err(()));
        for whole in ["bytes=9-0", "bytes=a-b", "items=0-9", "bytes=0-1,5-6"] {
            assert_eq!(range(whole), Ok(None), "{whole}");
        }
    }

    #[test]
    fn a_name_cannot_leave_its_header() {
        let value = attachment("a\"; filename=\"evil.exe\r\nSet-Cookie: x=1 – é.pdf");
        let text = value.to_str().unwrap();
        assert!(!text.contains('\r') && !text.contains('\n'));
        assert_eq!(text.matches('"').count(), 2, "{text}");
    }
}
