//! The features of the product at the operators' door: plain pages and forms, as all of the door.

use std::collections::HashMap;

use app::{
    error::AppError,
    operators::{SwitchShown, SwitchesShown},
    routes,
};
use axum::{
    Form,
    extract::Query,
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    Error, Result,
    features::{Feature, Place, SwitchState},
    id::TenantId,
    operators::{self, Reason},
};

use super::{
    forms::Sent,
    operator_queues::Failed,
    operators::{Door, not_found, status_of},
};

type Fields = HashMap<String, String>;

pub async fn switches(door: Door) -> Response {
    let plan = operators::switches(&door.state.services, &door.operator).await;
    let found = status_of(&plan);
    let shown = SwitchesShown { operator: door.operator.name.clone(), plan: plan.map_err(AppError::from) };
    door.rendered(routes::OPERATOR_SWITCHES, found, shown, None).await
}

/// The feature is `key`; workspaces with `q` in their names are offered.
pub async fn switch(door: Door, Query(query): Query<Fields>) -> Response {
    let field = |name: &str| query.get(name).map_or("", String::as_str);
    match Feature::parse(field("key")) {
        Some(feature) => door.switch(feature, field("q"), None).await,
        None => not_found(&door.state, &door.headers).await,
    }
}

/// Switches a feature; or with a `tenant`, for that workspace alone.
pub async fn set(door: Door, Form(fields): Form<Fields>) -> Response {
    let sent = Sent::new(fields);
    let Some(feature) = Feature::parse(sent.get("key")) else { return not_found(&door.state, &door.headers).await };
    let set =
        if sent.get("tenant").is_empty() { door.sets(feature, &sent).await } else { door.places(feature, &sent).await };
    match set {
        Ok(()) => Redirect::to(&routes::operator_switch(feature.as_str(), sent.get("q"))).into_response(),
        Err(error) => {
            let search = sent.get("q").to_owned();
            door.switch(feature, &search, Some((sent, error))).await
        }
    }
}

impl Door {
    async fn sets(&self, feature: Feature, sent: &Sent) -> Result<()> {
        let state = SwitchState::parse(sent.get("state"), sent.get("percent"))?;
        let reason = Reason::parse("switch_reason", sent.get("switch_reason"))?;
        if sent.get("confirm").is_empty() {
            return Err(Error::invalid("confirm", "Confirm that all servers are to obey now."));
        }
        operators::set_switch(&self.state.services, &self.operator, feature, state, &reason).await
    }

    async fn places(&self, feature: Feature, sent: &Sent) -> Result<()> {
        let tenant: TenantId = sent.get("tenant").parse().map_err(|_| Error::not_found())?;
        let place = Place::parse(sent.get("place")).ok_or_else(Error::not_found)?;
        operators::place_in_switch(&self.state.services, &self.operator, feature, tenant, place).await
    }

    async fn switch(self, feature: Feature, search: &str, failed: Failed) -> Response {
        let (services, operator) = (&self.state.services, &self.operator);
        let found = async {
            let plan = operators::switches(services, operator).await?;
            let line =
                plan.lines.into_iter().find(|line| line.feature == Some(feature)).ok_or_else(Error::not_found)?;
            let tenants = match search.trim() {
                "" => Vec::new(),
                search => operators::tenants(services, operator, search, None).await?.tenants,
            };
            Ok::<_, Error>((line, tenants))
        };
        let found = found.await;
        let status = status_of(&found);
        let (line, tenants) = match found {
            Ok((line, tenants)) => (Ok(line), tenants),
            Err(error) => (Err(AppError::from(error)), Vec::new()),
        };
        let (operator, search) = (self.operator.name.clone(), search.to_owned());
        let shown = SwitchShown { operator, search, found: tenants, line };
        self.rendered(routes::OPERATOR_SWITCH, status, shown, failed).await
    }
}
