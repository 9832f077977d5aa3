//! Slow requests at the operators' door: plain pages, as all of the door.

use std::collections::HashMap;

use app::{
    error::AppError,
    operators::{SlowRequestShown, SlowShown},
    routes,
};
use axum::{
    extract::{Path, Query},
    http::Uri,
    response::Response,
};
use domain::{ErrorKind, operators};
use leptos::prelude::provide_context;

use super::{
    forms,
    operators::{Door, not_found, status_of},
};

/// `after` is where the page before this one has ended.
pub async fn list(door: Door, Query(query): Query<HashMap<String, String>>) -> Response {
    let after = query.get("after").and_then(|after| after.parse().ok());
    let page = operators::slow_requests(&door.state.services, &door.operator, after).await;
    let status = status_of(&page);
    let operator = door.operator.name.clone();
    let shown = SlowShown { operator, is_later: after.is_some(), page: page.map_err(AppError::from) };
    let uri = Uri::from_static(routes::OPERATOR_SLOW);
    forms::render_for(&door.state, &door.headers, &uri, status, move || provide_context(shown.clone())).await
}

pub async fn one(door: Door, Path(id): Path<String>) -> Response {
    let Ok(id) = id.parse() else { return not_found(&door.state, &door.headers).await };
    let request = operators::slow_request(&door.state.services, &door.operator, id).await;
    if request.as_ref().is_err_and(|error| error.is(ErrorKind::NotFound)) {
        return not_found(&door.state, &door.headers).await;
    }
    let status = status_of(&request);
    let shown = SlowRequestShown { operator: door.operator.name.clone(), request: request.map_err(AppError::from) };
    let uri = routes::operator_slow_request(id).parse().unwrap_or_default();
    forms::render_for(&door.state, &door.headers, &uri, status, move || provide_context(shown.clone())).await
}
