//! How Sheaf is, for everybody: a page, JSON and a feed. They answer also where the database does not, with what this process
//! knew last.

use app::{routes, status::StatusShown};
use axum::{
    Json,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use domain::status::Status;
use leptos::prelude::provide_context;
use serde::Serialize;

use super::{AppState, forms, status_feed};

/// Anybody may keep it for half a minute: the parts are tried once a minute.
const CACHE: &str = "public, max-age=30";

pub async fn page(State(state): State<AppState>, headers: HeaderMap) -> Response {
    let (status, is_away) = state.status.get(&state.services).await;
    let shown = StatusShown { status, is_away };
    let uri = Uri::from_static(routes::STATUS);
    let mut response =
        forms::render_for(&state, &headers, &uri, StatusCode::OK, move || provide_context(shown.clone())).await;
    // The page is in the theme that a cookie asks for.
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("cookie"));
    kept(response)
}

/// The same for programs.
pub async fn json(State(state): State<AppState>) -> Response {
    #[derive(Serialize)]
    struct Told<'a> {
        /// Whether the database does not answer, and this is what was known before.
        is_away: bool,
        /// Whether `incidents` are all that there are. Otherwise they are those that were known before, which may be none.
        incidents_are_known: bool,
        summary: &'static str,
        #[serde(flatten)]
        status: &'a Status,
    }
    let (status, is_away) = state.status.get(&state.services).await;
    let summary = status.summary().1;
    kept(Json(Told { is_away, incidents_are_known: !is_away, summary, status: &status }).into_response())
}

/// What was said of incidents, as an Atom feed (RFC 4287).
pub async fn atom(State(state): State<AppState>) -> Response {
    let (status, is_away) = state.status.get(&state.services).await;
    let feed = status_feed::of(&state.services.settings.public_url, &status, is_away);
    let content_type = HeaderValue::from_static("application/atom+xml; charset=utf-8");
    kept(([(header::CONTENT_TYPE, content_type)], feed).into_response())
}

fn kept(mut response: Response) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(CACHE));
    response
}
