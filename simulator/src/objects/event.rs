//! What happened, and who is told.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Metadata;
use crate::table::Row;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Event {
    pub id: String,
    /// As in `invoice.paid`.
    pub kind: String,
    /// The object as it was then.
    pub object: Value,
    /// What of it was otherwise before.
    pub previous: Option<Value>,
    pub api_version: String,
    pub created: i64,
}

impl Row for Event {
    const PREFIX: &'static str = "evt_";
    const NAME: &'static str = "event";

    fn id(&self) -> &str {
        &self.id
    }
}

impl Event {
    pub fn json(&self) -> Value {
        let mut data = json!({ "object": self.object });
        if let Some(previous) = &self.previous {
            data["previous_attributes"] = previous.clone();
        }
        json!({
            "id": self.id,
            "object": "event",
            "api_version": self.api_version,
            "created": self.created,
            "data": data,
            "livemode": false,
            "pending_webhooks": 1,
            "request": { "id": null, "idempotency_key": null },
            "type": self.kind,
        })
    }
}

/// Where webhooks go.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Endpoint {
    pub id: String,
    pub url: String,
    pub secret: String,
    /// The kinds of events that it wants; `*` for all.
    pub enabled_events: Vec<String>,
    pub api_version: Option<String>,
    pub metadata: Metadata,
    pub created: i64,
}

impl Row for Endpoint {
    const PREFIX: &'static str = "we_";
    const NAME: &'static str = "webhook endpoint";

    fn id(&self) -> &str {
        &self.id
    }
}

impl Endpoint {
    pub fn wants(&self, kind: &str) -> bool {
        self.enabled_events.iter().any(|wanted| wanted == "*" || wanted == kind)
    }

    /// Without its secret, which Stripe says once.
    pub fn json(&self) -> Value {
        json!({
            "id": self.id,
            "object": "webhook_endpoint",
            "api_version": self.api_version,
            "application": null,
            "created": self.created,
            "description": null,
            "enabled_events": self.enabled_events,
            "livemode": false,
            "metadata": self.metadata,
            "status": "enabled",
            "url": self.url,
        })
    }
}
