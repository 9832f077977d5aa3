//! The logo of a workspace: in by a plain form, out as a picture and nothing else.

use app::routes::{self, Changed};
use axum::{
    body::Body,
    extract::{Multipart, State, multipart::MultipartError},
    http::{HeaderValue, Response, StatusCode, header},
    response::{IntoResponse, Redirect},
};
use domain::{
    Result,
    actor::Action,
    tenants::{self, Logo, LogoFault, MAX_LOGO_BYTES},
};

use super::{AppState, error::Failure, session::SignedInMember};

/// What a form with a logo may send, in bytes: enough for a picture that is a little too large to be told so.
pub const MAX_FORM_BYTES: usize = 4 * MAX_LOGO_BYTES;

/// Takes a picture and leads back to the settings, which say how it went.
pub async fn set(
    State(state): State<AppState>,
    SignedInMember(member): SignedInMember,
    multipart: Multipart,
) -> Result<Redirect, Failure> {
    // Nothing is read of a picture from whoever may not set one.
    member.require(Action::ChangeSettings)?;
    let led_to = match picture(multipart).await.and_then(Logo::parse) {
        Ok(logo) => {
            tenants::set_logo(&state.services, &member, logo).await?;
            routes::workspace_after(Changed::Logo)
        }
        Err(fault) => routes::workspace_fault(fault),
    };
    Ok(Redirect::to(&led_to))
}

/// The picture. Its format is what its own bytes have said, so no browser has to guess.
pub async fn show(
    State(state): State<AppState>,
    SignedInMember(member): SignedInMember,
) -> Result<Response<Body>, Failure> {
    let (kind, bytes, content) = tenants::logo(&state.services, &member).await?;
    let mut response = Body::from_stream(content).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind.media_type()));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(bytes));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=3600"));
    Ok(response)
}

/// The bytes of the one file; none where no file was chosen.
async fn picture(mut multipart: Multipart) -> Result<Vec<u8>, LogoFault> {
    while let Some(field) = multipart.next_field().await.map_err(broken)? {
        if field.name() == Some("logo") {
            return Ok(field.bytes().await.map_err(broken)?.into());
        }
    }
    Ok(Vec::new())
}

fn broken(error: MultipartError) -> LogoFault {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE { LogoFault::TooLarge } else { LogoFault::BrokenOff }
}
