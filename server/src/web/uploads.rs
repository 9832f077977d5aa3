//! The door of uploads: one file a request, streamed from the socket to the store.

use std::time::Duration;

use app::{error::AppError, returned::Returned, routes};
use axum::{
    Json,
    extract::{FromRequest, Multipart, Request, State, multipart::Field},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use bytes::Bytes;
use domain::{
    Error, ErrorKind, Result, Services,
    actor::Member,
    documents::{self, Upload, UploadOptions, Visibility},
    id::JobId,
};
use futures::Stream;
use serde::Serialize;

use super::{
    AppState,
    error::Failure,
    intake::Intake,
    pace::{self, Pace},
    returned,
    session::SignedInMember,
};

/// How long a client whose upload is refused may go on sending. One that is too slow may not.
const LINGER: Duration = Duration::from_secs(20);

/// Fields before the file are a word each.
const MAX_FIELD_BYTES: usize = 100;

/// What became of an upload, with the jobs as all answers of 202 name them.
#[derive(Serialize)]
struct Accepted {
    #[serde(flatten)]
    upload: Upload,
    jobs: Vec<JobId>,
}

/// 202 with the document and its job, whose address says how far it is; 200 when it is here already; or the error: as JSON for
/// scripts and programs, as a redirect for a plain form. A plain form may send several files.
pub async fn upload(
    State(state): State<AppState>,
    SignedInMember(member): SignedInMember,
    headers: HeaderMap,
    request: Request,
) -> Response {
    let accepts_json = headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|accept| accept.contains("application/json"));
    // A program has no page to be led to, whatever it accepts.
    let wants_json = accepts_json || member.through.is_some();
    let (intake, mut options) = (Intake::new(), UploadOptions::default());
    let request = request.map(|body| intake.of(body));
    let outcome = match Multipart::from_request(request, &()).await {
        Ok(multipart) => {
            let pace = Pace::of(intake, pace::WITHIN);
            take(&state.services, &member, (multipart, pace), &mut options).await
        }
        Err(rejection) => Err(Error::invalid("file", "This is not an upload.").with_context(rejection)),
    };
    // What was refused before it said who may see it is no choice.
    let is_told = outcome.is_ok() || options.private;
    let answer = match outcome {
        Ok(_) if !wants_json => Redirect::to(routes::DOCUMENTS).into_response(),
        Ok(upload @ Upload::Accepted { job: Some(job), .. }) => {
            let accepted = Accepted { upload, jobs: vec![job] };
            (StatusCode::ACCEPTED, [(header::LOCATION, routes::job(job))], Json(accepted)).into_response()
        }
        // Kept, and of a kind that nobody reads.
        Ok(upload @ Upload::Accepted { job: None, .. }) => {
            (StatusCode::ACCEPTED, Json(Accepted { upload, jobs: Vec::new() })).into_response()
        }
        Ok(upload) => (StatusCode::OK, Json(upload)).into_response(),
        Err(error) if !wants_json && returned::shows_the_answer(&headers) => {
            let word = if options.private { "private" } else { "workspace" };
            let values = vec![("visibility".to_owned(), word.to_owned())];
            let sent = Returned { path: routes::UPLOADS.to_owned(), values, error: Some(AppError::from(error)) };
            Redirect::to(&returned::address(&state, &member, routes::DOCUMENTS, sent)).into_response()
        }
        Err(error) => Failure::from(error).into_response(),
    };
    if wants_json || !is_told { answer } else { keep_choice(&member, options.private, answer) }
}

/// Who may see the files is asked again as it was answered. Scripts keep the choice themselves, when it is made.
fn keep_choice(member: &Member, private: bool, mut answer: Response) -> Response {
    let cookie = member.author().ok().map(|account| app::documents::private_cookie(member.tenant, account));
    let cookie = cookie.and_then(|name| HeaderValue::from_str(&app::documents::choice_cookie(&name, private)).ok());
    if let Some(cookie) = cookie {
        answer.headers_mut().append(header::SET_COOKIE, cookie);
    }
    answer
}

/// Takes the files of an upload. What it says of them first is left in `options`, also where a file is refused.
async fn take(
    services: &Services,
    member: &Member,
    (mut multipart, mut pace): (Multipart, Pace),
    options: &mut UploadOptions,
) -> Result<Upload> {
    let mut last = None;
    while let Some(field) = next_field(&mut multipart, &mut pace).await? {
        match field.name() {
            Some("keep") => options.keep_both = text_of(field, &mut pace).await? == "both",
            Some("visibility") => {
                options.private = Visibility::parse(&text_of(field, &mut pace).await?, [])?.is_private();
            }
            // So a browser sends a form in which no file was chosen.
            Some("file" | "files") if field.file_name() == Some("") => {}
            Some("file" | "files") => {
                let name = field.file_name().unwrap_or_default().to_owned();
                pace.intake.reads_file();
                let content = chunks(field, &mut pace);
                let kept = documents::upload_with(services, member, &name, *options, content).await;
                match kept {
                    Ok(upload) => last = Some(upload),
                    Err(error) if error.is(ErrorKind::TooSlow) => return Err(error),
                    Err(error) => {
                        pace.intake.forgets();
                        drain(multipart).await;
                        return Err(error);
                    }
                }
            }
            _ => return Err(Error::invalid("file", "This upload has a field that Sheaf does not know.")),
        }
    }
    last.ok_or_else(|| Error::invalid("file", "Choose a file first."))
}

/// Takes in and forgets what a client is still sending, for a while: one that is cut off in the middle reports a broken
/// connection instead of the answer.
async fn drain(mut multipart: Multipart) {
    let rest = async { while let Ok(Some(_)) = multipart.next_field().await {} };
    tokio::time::timeout(LINGER, rest).await.ok();
}

/// The file's bytes as they arrive; that they come too slowly is an error.
fn chunks(field: Field<'_>, pace: &mut Pace) -> impl Stream<Item = Result<Bytes>> {
    futures::stream::try_unfold((field, pace), async |(mut field, pace)| {
        let chunk = pace.next(field.chunk()).await?;
        Ok(chunk.map(|chunk| (chunk, (field, pace))))
    })
}

async fn next_field<'form>(form: &'form mut Multipart, pace: &mut Pace) -> Result<Option<Field<'form>>> {
    pace.intake.reads_head();
    pace.next(form.next_field()).await
}

async fn text_of(mut field: Field<'_>, pace: &mut Pace) -> Result<String> {
    let mut text = Vec::new();
    pace.intake.reads_head();
    while let Some(chunk) = pace.next(field.chunk()).await? {
        pace.intake.reads_head();
        text.extend_from_slice(&chunk);
        if text.len() > MAX_FIELD_BYTES {
            return Err(Error::invalid("file", "This upload has a field that is too long."));
        }
    }
    Ok(String::from_utf8_lossy(&text).into_owned())
}
