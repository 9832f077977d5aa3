//! Files by a link that is good for a few minutes, for programs that have no cookie of ours: whoever has it gets what the person who
//! made it may read now. Nobody is asked who they are, and whatever is wrong is not found.
//!
//! The bytes come through this server, also where the store could sign an address of its own: such an address outlives the right to
//! the document, the bucket would have to be reached from everywhere, and none of our headers would be on the answer.

use std::time::Duration;

use axum::{
    extract::{Path, Request, State},
    http::{HeaderValue, header, request::Parts},
    response::{IntoResponse, Response},
};
use domain::{
    Error,
    documents::{self, Followed, LinkedFile, reading::ImageSize},
};
use tracing::{Span, field::display};

use super::{AppState, address, conditional, downloads, error::Failure, limits};

/// What one link is asked for in a minute: a reader of large files asks for them in many parts.
const REQUESTS_PER_MINUTE: u64 = 600;

const MINUTE: Duration = Duration::from_secs(60);

/// Who comes by a link to anything else is told nothing of it.
const NO_REFERRER: HeaderValue = HeaderValue::from_static("no-referrer");

/// The file at the end of a link, or the range of it that is asked for. A token that is none costs a decryption and no question to the
/// database, which is why it is counted nowhere; one that is good is counted, and with the calls of its workspace.
pub async fn file(
    State(state): State<AppState>,
    Path((token, name)): Path<(String, String)>,
    request: Request,
) -> Response {
    let (asked, _) = request.into_parts();
    let mut response = found(&state, &token, &name, &asked).await.unwrap_or_else(IntoResponse::into_response);
    let headers = response.headers_mut();
    headers.insert(header::REFERRER_POLICY, NO_REFERRER);
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("private, no-store"));
    response
}

async fn found(state: &AppState, token: &str, name: &str, asked: &Parts) -> Result<Response, Failure> {
    let from = address::of(state, &asked.headers, &asked.extensions);
    let followed = documents::follow(&state.services, token, name, from).await?;
    Span::current().record("tenant.id", display(followed.member.tenant));
    if let Some(refused) = too_many(state, token, &followed).await {
        return Ok(refused);
    }
    let Followed { member, document, file, until } = followed;
    let asked = (&asked.method, &asked.headers);
    // Whoever has it may keep it for as long as they could ask for it.
    let seconds = (until - state.services.clock.now()).num_seconds().max(0);
    let kept = format!("private, max-age={seconds}, no-transform");
    let kept = HeaderValue::from_str(&kept).map_err(Error::internal)?;
    match file {
        LinkedFile::Original => downloads::send_original(&state.services, &member, &document, asked, kept).await,
        LinkedFile::Page(number) => {
            let image = (document.id, number, ImageSize::Page);
            downloads::send_image(&state.services, &member, image, asked, kept).await
        }
    }
}

async fn too_many(state: &AppState, token: &str, followed: &Followed) -> Option<Response> {
    let key = format!("link:{}", conditional::digest(token.as_bytes()));
    if state.services.cache.count(&key, MINUTE).await > REQUESTS_PER_MINUTE {
        let error = Error::rate_limited("This link is asked for too often. Please try again in a minute.");
        let mut response = Failure(error).into_response();
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(MINUTE.as_secs()));
        return Some(response);
    }
    limits::refused(&state.services, followed.member.tenant).await
}
