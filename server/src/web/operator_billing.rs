//! What Stripe has told, at the operators' door: plain pages and forms, as all of the door.

use std::collections::HashMap;

use app::{
    error::AppError,
    operators::{StripeEventShown, StripeEventsShown},
    routes,
    ui::FormState,
};
use axum::{
    Form,
    extract::Query,
    http::Uri,
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    Error, ErrorKind,
    operators::{self, StripeFilter},
};
use leptos::prelude::provide_context;

use super::{
    forms::{self, Sent},
    operators::{Door, not_found, status, status_of},
};

type Fields = HashMap<String, String>;

/// Filters are `state`, `kind` and `tenant`; `after` is where the page before this one has ended.
pub async fn events(door: Door, Query(query): Query<Fields>) -> Response {
    let field = |name: &str| query.get(name).map_or("", String::as_str);
    let filter = StripeFilter::parse(field("state"), field("kind"), field("tenant"), field("after"));
    let page = operators::stripe_events(&door.state.services, &door.operator, &filter).await;
    let found = status_of(&page);
    let operator = door.operator.name.clone();
    let shown = StripeEventsShown { operator, filter, page: page.map_err(AppError::from) };
    let uri = Uri::from_static(routes::OPERATOR_STRIPE);
    forms::render_for(&door.state, &door.headers, &uri, found, move || provide_context(shown.clone())).await
}

/// The one that `id` names.
pub async fn event(door: Door, Query(query): Query<Fields>) -> Response {
    door.stripe_event(query.get("id").map_or("", String::as_str), None).await
}

/// Has one looked into again. The field is `event`.
pub async fn replay(door: Door, Form(fields): Form<Fields>) -> Response {
    let sent = Sent::new(fields);
    let id = sent.get("event").to_owned();
    match operators::replay_stripe_event(&door.state.services, &door.operator, &id).await {
        Ok(()) => Redirect::to(&routes::operator_stripe_event(&id)).into_response(),
        Err(error) => door.stripe_event(&id, Some((sent, error))).await,
    }
}

impl Door {
    /// The page of one; after an act that failed, with what was wrong.
    async fn stripe_event(self, id: &str, failed: Option<(Sent, Error)>) -> Response {
        let event = operators::stripe_event(&self.state.services, &self.operator, id).await;
        if event.as_ref().is_err_and(|error| error.is(ErrorKind::NotFound)) {
            return not_found(&self.state, &self.headers).await;
        }
        let status = failed.as_ref().map_or_else(|| status_of(&event), |(_, error)| status(error));
        let form = failed.map(|(sent, error)| sent.state_with(&error)).unwrap_or_default();
        let shown = StripeEventShown { operator: self.operator.name.clone(), event: event.map_err(AppError::from) };
        let more = move || {
            provide_context(shown.clone());
            provide_context::<FormState>(form.clone());
        };
        let uri = Uri::from_static(routes::OPERATOR_STRIPE_EVENT);
        forms::render_for(&self.state, &self.headers, &uri, status, more).await
    }
}
