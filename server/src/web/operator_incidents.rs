//! Incidents at the operators' door: plain pages and forms, as all of the door.

use std::collections::HashMap;

use app::{
    error::AppError,
    operators::{IncidentShown, IncidentsShown},
    routes,
};
use axum::{
    Form,
    extract::Query,
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    Error, ErrorKind, Result, operators,
    status::{Component, NewIncident, Words},
};
use uuid::Uuid;

use super::{
    forms::Sent,
    operator_queues::Failed,
    operators::{Door, not_found, status_of},
};

type Fields = HashMap<String, String>;

pub async fn incidents(door: Door) -> Response {
    door.incidents(None).await
}

/// The incident is `id`.
pub async fn incident(door: Door, Query(query): Query<Fields>) -> Response {
    door.incident(query.get("id").map_or("", String::as_str), None).await
}

/// Opens one, which is public at once.
pub async fn open(door: Door, Form(fields): Form<Fields>) -> Response {
    let sent = Sent::new(fields);
    let opened = async {
        let components = Component::ALL.into_iter();
        let chosen = components.filter(|part| !sent.get(&format!("component_{}", part.as_str())).is_empty()).collect();
        let words = Words::parse(sent.get("state"), sent.get("text"));
        let new = NewIncident::parse(sent.get("title"), sent.get("severity"), chosen, words)?;
        confirmed(&sent)?;
        operators::open_incident(&door.state.services, &door.operator, &new).await
    };
    match opened.await {
        Ok(incident) => Redirect::to(&routes::operator_incident(incident)).into_response(),
        Err(error) => door.incidents(Some((sent, error))).await,
    }
}

/// Says more of one.
pub async fn tell(door: Door, Form(fields): Form<Fields>) -> Response {
    let sent = Sent::new(fields);
    let told = async {
        let incident: Uuid = sent.get("incident").parse().map_err(|_| Error::not_found())?;
        let words = Words::parse(sent.get("state"), sent.get("text"))?;
        confirmed(&sent)?;
        operators::tell_incident(&door.state.services, &door.operator, incident, &words).await?;
        Ok::<_, Error>(incident)
    };
    match told.await {
        Ok(incident) => Redirect::to(&routes::operator_incident(incident)).into_response(),
        Err(error) => {
            let incident = sent.get("incident").to_owned();
            door.incident(&incident, Some((sent, error))).await
        }
    }
}

fn confirmed(sent: &Sent) -> Result<()> {
    if sent.get("confirm").is_empty() {
        return Err(Error::invalid("confirm", "Confirm that everybody is to read this."));
    }
    Ok(())
}

impl Door {
    async fn incidents(self, failed: Failed) -> Response {
        let incidents = operators::incidents(&self.state.services, &self.operator).await;
        let found = status_of(&incidents);
        let shown =
            IncidentsShown { operator: self.operator.name.clone(), incidents: incidents.map_err(AppError::from) };
        self.rendered(routes::OPERATOR_INCIDENTS, found, shown, failed).await
    }

    async fn incident(self, id: &str, failed: Failed) -> Response {
        let Ok(id) = id.parse::<Uuid>() else { return not_found(&self.state, &self.headers).await };
        let incident = operators::incident(&self.state.services, &self.operator, id).await;
        if incident.as_ref().is_err_and(|error| error.is(ErrorKind::NotFound)) {
            return not_found(&self.state, &self.headers).await;
        }
        let found = status_of(&incident);
        let shown = IncidentShown { operator: self.operator.name.clone(), incident: incident.map_err(AppError::from) };
        self.rendered(routes::OPERATOR_INCIDENT, found, shown, failed).await
    }
}
