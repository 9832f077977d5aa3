//! Slow and failed requests at the operators' door: plain pages, as all of the door.

use std::collections::HashMap;

use app::{
    error::AppError,
    operators::{SlowRequestShown, SlowShown},
    routes,
    ui::FormState,
};
use axum::{
    extract::{Path, Query},
    http::{StatusCode, Uri},
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    ErrorKind,
    id::SlowId,
    operators::{self, SlowFilter, SlowPage},
};
use leptos::prelude::provide_context;

use super::{
    forms::{self, Sent},
    operators::{Door, not_found, status, status_of},
};

type Fields = HashMap<String, String>;

/// `show` is which of them, `after` where the page before this one has ended, and `reference` what to look up instead of both.
pub async fn list(door: Door, Query(query): Query<Fields>) -> Response {
    let field = |name: &str| query.get(name).map_or("", String::as_str);
    if !field("reference").trim().is_empty() {
        return door.looks_up(Sent::new(query)).await;
    }
    let (filter, after) = (SlowFilter::parse(field("show")), field("after").parse().ok());
    door.slow_requests(filter, after, StatusCode::OK, FormState::default()).await
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

impl Door {
    /// Goes on to the one with the reference that was sent. Where none was kept or several were, the list says so; where it is no
    /// reference, the form.
    async fn looks_up(self, sent: Sent) -> Response {
        let reference = sent.get("reference");
        let page = match operators::slow_requests_of(&self.state.services, &self.operator, reference).await {
            Ok(found) if found.len() == 1 => {
                return Redirect::to(&routes::operator_slow_request(found[0].id)).into_response();
            }
            Ok(requests) => Ok(SlowPage { requests, older: None }),
            Err(error) if error.is(ErrorKind::Invalid) => {
                let (status, form) = (status(&error), sent.state_with(&error));
                return self.slow_requests(SlowFilter::All, None, status, form).await;
            }
            Err(error) => Err(error),
        };
        let (status, form) = (status_of(&page), sent.state());
        let shown = SlowShown {
            operator: self.operator.name.clone(),
            filter: SlowFilter::All,
            looked_up: true,
            is_later: false,
            page: page.map_err(AppError::from),
        };
        self.shows(shown, status, form).await
    }

    /// A page of them. Its status is the one that is told, where they are found.
    async fn slow_requests(
        self,
        filter: SlowFilter,
        after: Option<SlowId>,
        status: StatusCode,
        form: FormState,
    ) -> Response {
        let page = operators::slow_requests(&self.state.services, &self.operator, filter, after).await;
        let status = if page.is_ok() { status } else { status_of(&page) };
        let shown = SlowShown {
            operator: self.operator.name.clone(),
            filter,
            looked_up: false,
            is_later: after.is_some(),
            page: page.map_err(AppError::from),
        };
        self.shows(shown, status, form).await
    }

    async fn shows(self, shown: SlowShown, status: StatusCode, form: FormState) -> Response {
        let more = move || {
            provide_context(shown.clone());
            provide_context::<FormState>(form.clone());
        };
        let uri = Uri::from_static(routes::OPERATOR_SLOW);
        forms::render_for(&self.state, &self.headers, &uri, status, more).await
    }
}
