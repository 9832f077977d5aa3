//! The queues at the operators' door: plain pages and forms, as all of the door.

use std::collections::HashMap;

use app::{
    error::AppError,
    operators::{DeadLettersShown, LaneShown, LanesShown, QueuesShown},
    routes,
    ui::FormState,
};
use axum::{
    Form,
    extract::Query,
    http::{StatusCode, Uri},
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    Error, ErrorKind, Result,
    id::{JobId, TenantId},
    operators::{self, LaneLimits, Pausable, QueueFilter, Reason, Replayed},
};
use leptos::prelude::provide_context;

use super::{
    forms::{self, Sent},
    operators::{Door, not_found, status, status_of},
};
use crate::work;

type Fields = HashMap<String, String>;

/// What was sent, and what is wrong with it.
pub(super) type Failed = Option<(Sent, Error)>;

pub async fn queues(door: Door) -> Response {
    door.queues(None).await
}

/// Filters are `kind` and `tenant`; `order=use` begins with what has used most.
pub async fn lanes(door: Door, Query(query): Query<Fields>) -> Response {
    let by_use = query.get("order").is_some_and(|order| order == "use");
    door.lanes(filter_of(&query), by_use, None).await
}

pub async fn lane(door: Door, Query(query): Query<Fields>) -> Response {
    match filter_of(&query) {
        QueueFilter { kind: Some(kind), tenant: Some(tenant) } => door.lane(tenant, kind, None).await,
        _ => not_found(&door.state, &door.headers).await,
    }
}

/// The same filters; `replayed` and `skipped` are what was just done.
pub async fn dead_letters(door: Door, Query(query): Query<Fields>) -> Response {
    let count = |name: &str| query.get(name).and_then(|count| count.parse().ok());
    let replayed =
        count("replayed").map(|replayed| Replayed { replayed, skipped: count("skipped").unwrap_or_default() });
    door.dead_letters(filter_of(&query), replayed, None).await
}

/// Holds up a workspace, or a kind of work in all of them.
pub async fn pause(door: Door, Form(fields): Form<Fields>) -> Response {
    let filter = filter_of(&fields);
    let sent = Sent::new(fields);
    match door.pauses(&sent).await {
        Ok(what) => went_on(&after(&what)),
        Err(error) => door.where_pauses_are(filter, Some((sent, error))).await,
    }
}

pub async fn resume(door: Door, Form(fields): Form<Fields>) -> Response {
    let filter = filter_of(&fields);
    let sent = Sent::new(fields);
    let resumed = async {
        let what = Pausable::parse(sent.get("kind"), sent.get("tenant"))?;
        operators::resume(&door.state.services, &door.operator, &what).await?;
        Ok::<_, Error>(what)
    };
    match resumed.await {
        Ok(what) => went_on(&after(&what)),
        Err(error) => door.where_pauses_are(filter, Some((sent, error))).await,
    }
}

/// Gives a lane another share and other limits.
pub async fn set_lane(door: Door, Form(fields): Form<Fields>) -> Response {
    let QueueFilter { kind: Some(kind), tenant: Some(tenant) } = filter_of(&fields) else {
        return not_found(&door.state, &door.headers).await;
    };
    let sent = Sent::new(fields);
    let changed = async {
        let limits = LaneLimits::parse(sent.get("weight"), sent.get("max_running"), sent.get("max_waiting"))?;
        operators::set_lane(&door.state.services, &door.operator, tenant, &kind, limits).await
    };
    match changed.await {
        Ok(()) => went_on(&routes::operator_lane(tenant, &kind)),
        Err(error) => door.lane(tenant, kind, Some((sent, error))).await,
    }
}

/// Runs one dead letter again, or all that the filter of the page lets through.
pub async fn replay(door: Door, Form(fields): Form<Fields>) -> Response {
    let filter = filter_of(&fields);
    let sent = Sent::new(fields);
    match door.replays(&filter, &sent).await {
        Ok(Replayed { replayed, skipped }) => {
            let kind = filter.kind.as_deref().unwrap_or_default();
            went_on(&routes::operator_replayed(kind, filter.tenant, replayed, skipped))
        }
        Err(error) => door.dead_letters(filter, None, Some((sent, error))).await,
    }
}

impl Door {
    async fn pauses(&self, sent: &Sent) -> Result<Pausable> {
        let what = Pausable::parse(sent.get("kind"), sent.get("tenant"))?;
        let reason = Reason::parse("pause_reason", sent.get("pause_reason"))?;
        if sent.get("confirm").is_empty() {
            return Err(Error::invalid("confirm", "Confirm that this work is to be held up."));
        }
        operators::pause(&self.state.services, &self.operator, &what, &reason).await?;
        Ok(what)
    }

    async fn replays(&self, filter: &QueueFilter, sent: &Sent) -> Result<Replayed> {
        let services = &self.state.services;
        if let (Ok(tenant), Ok(job)) = (sent.get("of").parse::<TenantId>(), sent.get("job").parse::<JobId>()) {
            operators::replay(services, &self.operator, tenant, job).await?;
            return Ok(Replayed { replayed: 1, skipped: 0 });
        }
        if sent.get("confirm").is_empty() {
            return Err(Error::invalid("confirm", "Confirm that all of them are to run again."));
        }
        operators::replay_all(services, &self.operator, filter).await
    }

    /// The page with the form that holds this up.
    async fn where_pauses_are(self, filter: QueueFilter, failed: Failed) -> Response {
        match filter.tenant {
            Some(_) if failed.as_ref().is_some_and(|(_, error)| error.is(ErrorKind::NotFound)) => {
                not_found(&self.state, &self.headers).await
            }
            Some(_) => self.lanes(QueueFilter { kind: None, ..filter }, false, failed).await,
            None => self.queues(failed).await,
        }
    }

    async fn queues(self, failed: Failed) -> Response {
        let overview = operators::overview(&self.state.services, &self.operator).await;
        let found = status_of(&overview);
        let operator = self.operator.name.clone();
        let shown = QueuesShown {
            operator,
            known: work::registry().kinds().collect(),
            overview: overview.map_err(AppError::from),
        };
        self.rendered(routes::OPERATOR_QUEUES, found, shown, failed).await
    }

    async fn lanes(self, filter: QueueFilter, by_use: bool, failed: Failed) -> Response {
        let page = operators::lanes(&self.state.services, &self.operator, &filter, by_use).await;
        let found = status_of(&page);
        let operator = self.operator.name.clone();
        let shown = LanesShown { operator, filter, by_use, page: page.map_err(AppError::from) };
        self.rendered(routes::OPERATOR_LANES, found, shown, failed).await
    }

    async fn lane(self, tenant: TenantId, kind: String, failed: Failed) -> Response {
        let lane = operators::lane(&self.state.services, &self.operator, tenant, &kind).await;
        if lane.as_ref().is_err_and(|error| error.is(ErrorKind::NotFound)) {
            return not_found(&self.state, &self.headers).await;
        }
        let found = status_of(&lane);
        let shown = LaneShown { operator: self.operator.name.clone(), lane: lane.map_err(AppError::from) };
        self.rendered(routes::OPERATOR_LANE, found, shown, failed).await
    }

    async fn dead_letters(self, filter: QueueFilter, replayed: Option<Replayed>, failed: Failed) -> Response {
        let letters = operators::dead_letters(&self.state.services, &self.operator, &filter).await;
        let found = status_of(&letters);
        let operator = self.operator.name.clone();
        let shown = DeadLettersShown { operator, filter, replayed, letters: letters.map_err(AppError::from) };
        self.rendered(routes::OPERATOR_DEAD, found, shown, failed).await
    }

    /// A page with what was found for it; after an act that failed, with what was sent.
    pub(super) async fn rendered<T>(self, page: &'static str, found: StatusCode, shown: T, failed: Failed) -> Response
    where
        T: Clone + Send + Sync + 'static,
    {
        let status = failed.as_ref().map_or(found, |(_, error)| status(error));
        let form = failed.map(|(sent, error)| sent.state_with(&error)).unwrap_or_default();
        let more = move || {
            provide_context(shown.clone());
            provide_context::<FormState>(form.clone());
        };
        forms::render_for(&self.state, &self.headers, &Uri::from_static(page), status, more).await
    }
}

fn filter_of(fields: &Fields) -> QueueFilter {
    let field = |name: &str| fields.get(name).map_or("", String::as_str);
    QueueFilter::parse(field("kind"), field("tenant"))
}

/// The page that shows whether it is held up.
fn after(what: &Pausable) -> String {
    match what {
        Pausable::Kind(_) => routes::OPERATOR_QUEUES.to_owned(),
        Pausable::Tenant(tenant) => routes::operator_lanes("", Some(tenant), false),
    }
}

fn went_on(next: &str) -> Response {
    Redirect::to(next).into_response()
}
