//! Files on their way to a person. An original is somebody's bytes: it is always saved and never shown by the browser, and
//! could do nothing if it were.

use std::collections::HashMap;

use app::routes;
use axum::{
    body::Body,
    extract::{Path, Query, State},
    http::{HeaderMap, HeaderValue, Method, Response, header},
    response::{IntoResponse, Redirect},
};
use bytes::Bytes;
use domain::{
    Error, Result, Services,
    actor::Member,
    documents::{self, Document, ImagesDigest, reading::ImageSize},
    exports, files,
    id::{DocumentId, ExportId, ReportId},
    reports,
};
use futures::stream::BoxStream;

use super::{AppState, conditional, error::Failure, ranges::Version, session::SignedInMember};

type Answer = Result<Response<Body>, Failure>;

/// What nobody on the way keeps, and nobody makes shorter: a part of it could not be asked for any more.
const OWN: HeaderValue = HeaderValue::from_static("private, no-cache, no-transform");

/// What its address says the content of: no browser asks for it twice in a day. It could be kept for good, but a browser keeps it beyond
/// the session of whoever looked at it.
const OWN_FOR_A_DAY: HeaderValue = HeaderValue::from_static("private, max-age=86400, immutable");

/// The file as it was uploaded, or the range of it that was asked for.
pub async fn original(
    State(state): State<AppState>,
    SignedInMember(member): SignedInMember,
    Path(id): Path<String>,
    method: Method,
    headers: HeaderMap,
) -> Answer {
    let document = documents::find(&state.services, &member, parse(&id)?).await?;
    send_original(&state.services, &member, &document, (&method, &headers), OWN).await
}

/// The file of a document that the member has just found, as it was uploaded, with what may be done with it on its way.
pub async fn send_original(
    services: &Services,
    member: &Member,
    document: &Document,
    (method, asked): (&Method, &HeaderMap),
    kept: HeaderValue,
) -> Answer {
    // The bytes of an original never change, and neither does the moment at which they came.
    let version = Version::new(&document.sha256, document.created_at, document.bytes.unsigned_abs());
    let wanted = version.wanted(method, asked);
    let body = if wanted.has_content() && method != Method::HEAD {
        Body::from_stream(documents::original(services, member, document.id, wanted.part()).await?.content)
    } else {
        Body::empty()
    };
    let mut response = version.answer(&wanted, body);
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, kept);
    if wanted.has_content() {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(document.format.media_type()));
        headers.insert(header::CONTENT_DISPOSITION, attachment(&document.name));
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
    Query(query): Query<HashMap<String, String>>,
    method: Method,
    headers: HeaderMap,
) -> Answer {
    let page = page.strip_suffix(".png").ok_or_else(Error::not_found)?;
    let image = (parse(&id)?, parse(page)?, ImageSize::Page);
    send_addressed(&state.services, &member, image, query.get("digest"), (&method, &headers)).await
}

/// The small image of a page.
pub async fn thumbnail(
    State(state): State<AppState>,
    SignedInMember(member): SignedInMember,
    Path((id, page)): Path<(String, String)>,
    Query(query): Query<HashMap<String, String>>,
    method: Method,
    headers: HeaderMap,
) -> Answer {
    let image = (parse(&id)?, parse(&page)?, ImageSize::Thumbnail);
    send_addressed(&state.services, &member, image, query.get("digest"), (&method, &headers)).await
}

/// The image of a page of a document that the member may read. What it is, the store says with the image itself, so it is asked twice
/// only where a part is wanted.
pub async fn send_image(
    services: &Services,
    member: &Member,
    image: (DocumentId, u32, ImageSize),
    (method, asked): (&Method, &HeaderMap),
    kept: HeaderValue,
) -> Answer {
    let whole = documents::page_image(services, member, image, None).await?;
    let version = version_of(&whole);
    let wanted = version.wanted(method, asked);
    let content = match wanted.part() {
        Some(part) => documents::page_image(services, member, image, Some(part)).await?.content,
        None => whole.content,
    };
    let mut response = version.answer(&wanted, Body::from_stream(content));
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, kept);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("image/png"));
    Ok(response)
}

/// The image at an address of ours: without a digest the one that there is now, and with one the image that it names. Where that is
/// there no more, or not yet, the address leads to the one that there is.
async fn send_addressed(
    services: &Services,
    member: &Member,
    image: (DocumentId, u32, ImageSize),
    digest: Option<&String>,
    asked: (&Method, &HeaderMap),
) -> Answer {
    let Some(digest) = digest else { return send_image(services, member, image, asked, OWN).await };
    let (id, page, _) = image;
    let before = documents::images_digest(services, member, id, page).await?;
    if before.as_ref().map(ImagesDigest::as_str) != Some(digest.as_str()) {
        return Ok(led_to(image, before.as_ref()));
    }
    let response = send_image(services, member, image, asked, OWN_FOR_A_DAY).await?;
    // The document may have been read anew since, and then nobody knows of which reading this is.
    let after = documents::images_digest(services, member, id, page).await?;
    Ok(if after == before { response } else { led_to(image, after.as_ref()) })
}

/// For this once: the address that it comes from may be the right one by and by.
fn led_to((id, page, size): (DocumentId, u32, ImageSize), digest: Option<&ImagesDigest>) -> Response<Body> {
    let address = match size {
        ImageSize::Page => routes::page_image(id, page, digest),
        ImageSize::Thumbnail => routes::page_thumbnail(id, page, digest),
    };
    let mut response = Redirect::temporary(&address).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    response
}

/// An image that takes the place of another is another object to the store.
fn version_of(object: &files::Object) -> Version {
    let told = format!("{} {} {}", object.version, object.modified.timestamp_micros(), object.bytes);
    Version::new(&conditional::digest(told.as_bytes()), object.modified, object.bytes)
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

/// An id or a number that is none names nothing.
fn parse<T: std::str::FromStr>(text: &str) -> Result<T> {
    text.parse().map_err(|_| Error::not_found())
}

fn stream(media_type: &'static str, content: BoxStream<'static, Result<Bytes>>) -> Response<Body> {
    let mut response = Response::new(Body::from_stream(content));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}

/// RFC 6266 and RFC 5987: the name in full for browsers of today, and in ASCII for all others.
fn attachment(name: &str) -> HeaderValue {
    let plain: String =
        name.chars().map(|c| if c.is_ascii_graphic() && !"\"\\%;".contains(c) { c } else { '_' }).collect();
    let encoded = routes::encode(name);
    let value = format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}");
    HeaderValue::from_str(&value).unwrap_or(HeaderValue::from_static("attachment"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_leave_its_header() {
        let value = attachment("a\"; filename=\"evil.exe\r\nSet-Cookie: x=1 – é.pdf");
        let text = value.to_str().unwrap();
        assert!(!text.contains('\r') && !text.contains('\n'));
        assert_eq!(text.matches('"').count(), 2, "{text}");
    }
}
