//! Meters, and what was reported to them.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::table::Row;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Meter {
    pub id: String,
    pub display_name: String,
    pub event_name: String,
    /// The key of the payload that holds the customer.
    pub customer_key: String,
    /// The key of the payload that holds the number.
    pub value_key: String,
    /// `sum` or `count`.
    pub formula: String,
    pub active: bool,
    pub created: i64,
}

impl Row for Meter {
    const PREFIX: &'static str = "mtr_";
    const NAME: &'static str = "billing meter";

    fn id(&self) -> &str {
        &self.id
    }
}

impl Meter {
    pub fn json(&self) -> Value {
        json!({
            "id": self.id,
            "object": "billing.meter",
            "created": self.created,
            "customer_mapping": { "event_payload_key": self.customer_key, "type": "by_id" },
            "default_aggregation": { "formula": self.formula },
            "display_name": self.display_name,
            "event_name": self.event_name,
            "event_time_window": null,
            "livemode": false,
            "status": if self.active { "active" } else { "inactive" },
            "status_transitions": { "deactivated_at": null },
            "updated": self.created,
            "value_settings": { "event_payload_key": self.value_key },
        })
    }
}

/// One meter event of one customer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Usage {
    pub event_name: String,
    pub identifier: String,
    pub value: i64,
    /// When it was used, which is what counts; not when it was reported.
    pub timestamp: i64,
}
