//! The audit log on its way out, as it is read: no more than a batch of it is in memory.

use std::collections::HashMap;

use axum::{
    body::Body,
    extract::{Query, State},
    http::{HeaderValue, Response, header},
};
use domain::{
    Result,
    actor::Member,
    audit::{self, AuditQuery, ExportFormat},
};

use super::{AppState, error::Failure, session::SignedInMember};

type Answer = Result<Response<Body>, Failure>;

/// With the names of its columns in the first line.
pub async fn csv(
    State(state): State<AppState>,
    SignedInMember(member): SignedInMember,
    Query(asked): Query<HashMap<String, String>>,
) -> Answer {
    file(&state, &member, &asked, ExportFormat::Csv).await
}

/// An object a line.
pub async fn json_lines(
    State(state): State<AppState>,
    SignedInMember(member): SignedInMember,
    Query(asked): Query<HashMap<String, String>>,
) -> Answer {
    file(&state, &member, &asked, ExportFormat::JsonLines).await
}

async fn file(state: &AppState, member: &Member, asked: &HashMap<String, String>, format: ExportFormat) -> Answer {
    let query = AuditQuery::read(|name| asked.get(name).map(String::as_str));
    let lines = audit::export(&state.services, member, query, format).await?;
    let mut response = Response::new(Body::from_stream(lines));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(format.media_type()));
    let name = match format {
        ExportFormat::Csv => "attachment; filename=\"audit-log.csv\"",
        ExportFormat::JsonLines => "attachment; filename=\"audit-log.jsonl\"",
    };
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static(name));
    Ok(response)
}
