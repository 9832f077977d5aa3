//! Where webhooks go.

use serde_json::json;

use super::{Answer, page};
use crate::{
    failure::Failure,
    objects::{Endpoint, Metadata},
    params::Params,
    state::State,
};

/// Its secret is answered this once.
pub fn create(state: &mut State, params: &Params) -> Answer {
    let id = state.endpoints.next_id();
    let mut metadata = Metadata::new();
    params.merge("metadata", &mut metadata);
    let row = Endpoint {
        secret: format!("whsec_{id}"),
        id,
        url: params.required("url")?.to_owned(),
        enabled_events: params.texts("enabled_events"),
        api_version: params.owned("api_version"),
        metadata,
        created: state.now,
    };
    if row.enabled_events.is_empty() {
        return Err(Failure::missing_param("enabled_events"));
    }
    let mut json = row.json();
    json["secret"] = json!(row.secret);
    state.endpoints.put(row);
    Ok(json)
}

pub fn list(state: &State, params: &Params) -> Answer {
    page("/v1/webhook_endpoints", params, state.endpoints.newest().map(Endpoint::json))
}

pub fn get(state: &State, id: &str) -> Answer {
    Ok(state.endpoints.find(id)?.json())
}

pub fn delete(state: &mut State, id: &str) -> Answer {
    state.endpoints.remove(id).ok_or_else(|| Failure::missing("webhook endpoint", id))?;
    Ok(json!({ "id": id, "object": "webhook_endpoint", "deleted": true }))
}
