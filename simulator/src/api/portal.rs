//! The customer portal.

use serde_json::{Value, json};

use super::{Answer, customers, page};
use crate::{
    objects::{Metadata, PortalConfiguration, PortalSession},
    params::Params,
    state::State,
};

pub fn configure(state: &mut State, params: &Params) -> Answer {
    let mut metadata = Metadata::new();
    params.merge("metadata", &mut metadata);
    let is_first = state.configurations.oldest().next().is_none();
    let row = PortalConfiguration {
        id: state.configurations.next_id(),
        features: features(params),
        business_profile: typed(params.get("business_profile")),
        default_return_url: params.owned("default_return_url"),
        active: true,
        is_default: is_first,
        metadata,
        created: state.now,
        updated: state.now,
    };
    let json = row.json();
    state.configurations.put(row);
    state.emit("billing_portal.configuration.created", json.clone());
    Ok(json)
}

/// What was asked for, and the rest switched off.
fn features(params: &Params) -> Value {
    let mut features = json!({
        "customer_update": { "allowed_updates": [], "enabled": false },
        "invoice_history": { "enabled": false },
        "payment_method_update": { "enabled": false },
        "subscription_cancel": { "enabled": false, "mode": "at_period_end", "proration_behavior": "none" },
        "subscription_update": { "default_allowed_updates": [], "enabled": false, "proration_behavior": "none" },
    });
    if let Value::Object(asked) = typed(params.get("features")) {
        for (name, feature) in asked {
            features[name] = feature;
        }
    }
    features
}

/// Texts as what they mean.
fn typed(value: Option<&Value>) -> Value {
    match value {
        Some(Value::String(text)) if text == "true" => Value::Bool(true),
        Some(Value::String(text)) if text == "false" => Value::Bool(false),
        Some(Value::Array(list)) => list.iter().map(|item| typed(Some(item))).collect(),
        Some(Value::Object(object)) => {
            Value::Object(object.iter().map(|(key, value)| (key.clone(), typed(Some(value)))).collect())
        }
        Some(other) => other.clone(),
        None => Value::Null,
    }
}

pub fn configurations(state: &State, params: &Params) -> Answer {
    let (active, is_default) = (params.flag("active")?, params.flag("is_default")?);
    let rows = state.configurations.newest().filter(|row| {
        active.is_none_or(|active| row.active == active)
            && is_default.is_none_or(|is_default| row.is_default == is_default)
    });
    page("/v1/billing_portal/configurations", params, rows.map(PortalConfiguration::json))
}

pub fn configuration(state: &State, id: &str) -> Answer {
    Ok(state.configurations.find(id)?.json())
}

pub fn reconfigure(state: &mut State, id: &str, params: &Params) -> Answer {
    let now = state.now;
    let row = state.configurations.find_mut(id)?;
    if params.has("features") {
        row.features = features(params);
    }
    if params.has("business_profile") {
        row.business_profile = typed(params.get("business_profile"));
    }
    if params.has("default_return_url") {
        row.default_return_url = params.owned("default_return_url");
    }
    row.active = params.flag("active")?.unwrap_or(row.active);
    params.merge("metadata", &mut row.metadata);
    row.updated = now;
    Ok(row.json())
}

pub fn create(state: &mut State, params: &Params) -> Answer {
    let customer = customers::living(state, params.required("customer")?)?.id.clone();
    let asked = params.text("configuration");
    if let Some(id) = asked {
        state.configurations.find(id)?;
    }
    let usual = state.configurations.oldest().find(|row| row.is_default).map(|row| row.id.as_str());
    let configuration = asked.or(usual).map(str::to_owned);
    let row = PortalSession {
        id: state.portals.next_id(),
        customer,
        return_url: params.owned("return_url"),
        configuration,
        created: state.now,
    };
    let json = row.json(&state.base);
    state.portals.put(row);
    state.emit("billing_portal.session.created", json.clone());
    Ok(json)
}
