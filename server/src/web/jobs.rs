//! The status of work, for programs: whatever answers 202 names a job, which is asked for here.

use app::routes;
use axum::{
    Json,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{
    Error, Result,
    activity::{self, Activity, Begun},
    id::JobId,
};
use serde::Serialize;

use super::{AppState, error::Failure, session::SignedInMember};

/// How far it is, why it waits, what it cost, and its result with how long that is kept. "Not found" also where it is not one's own
/// to see.
pub async fn show(
    State(state): State<AppState>,
    SignedInMember(member): SignedInMember,
    Path(id): Path<String>,
) -> Result<Json<Activity>, Failure> {
    Ok(Json(activity::find(&state.services, &member, parse(&id)?).await?))
}

/// What 202 says: which job it is, as all such answers do, and its status.
#[derive(Serialize)]
struct Accepted {
    #[serde(flatten)]
    begun: Begun,
    #[serde(flatten)]
    status: Activity,
}

/// Cancels it: 202 with its status, as what runs takes up to two seconds to stop.
pub async fn cancel(
    State(state): State<AppState>,
    SignedInMember(member): SignedInMember,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let id = parse(&id)?;
    activity::cancel(&state.services, &member, id).await?;
    Ok(accepted(id, activity::find(&state.services, &member, id).await?))
}

/// Has it done again: 202 with its status.
pub async fn retry(
    State(state): State<AppState>,
    SignedInMember(member): SignedInMember,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let id = parse(&id)?;
    activity::retry(&state.services, &member, id).await?;
    Ok(accepted(id, activity::find(&state.services, &member, id).await?))
}

fn accepted(id: JobId, status: Activity) -> Response {
    let accepted = Accepted { begun: Begun::one(id), status };
    (StatusCode::ACCEPTED, [(header::LOCATION, routes::job(id))], Json(accepted)).into_response()
}

fn parse(id: &str) -> Result<JobId> {
    id.parse().map_err(|_| Error::not_found())
}
