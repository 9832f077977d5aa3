//! The pages on which a customer looks after card, bills and cancellation.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Metadata;
use crate::table::Row;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PortalConfiguration {
    pub id: String,
    /// What may be done in it, as it was asked for.
    pub features: Value,
    pub business_profile: Value,
    pub default_return_url: Option<String>,
    pub active: bool,
    pub is_default: bool,
    pub metadata: Metadata,
    pub created: i64,
    pub updated: i64,
}

impl Row for PortalConfiguration {
    const PREFIX: &'static str = "bpc_";
    const NAME: &'static str = "configuration";

    fn id(&self) -> &str {
        &self.id
    }
}

impl PortalConfiguration {
    pub fn json(&self) -> Value {
        json!({
            "id": self.id,
            "object": "billing_portal.configuration",
            "active": self.active,
            "application": null,
            "business_profile": self.business_profile,
            "created": self.created,
            "default_return_url": self.default_return_url,
            "features": self.features,
            "is_default": self.is_default,
            "livemode": false,
            "login_page": { "enabled": false, "url": null },
            "metadata": self.metadata,
            "name": null,
            "updated": self.updated,
        })
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PortalSession {
    pub id: String,
    pub customer: String,
    pub configuration: Option<String>,
    pub return_url: Option<String>,
    pub created: i64,
}

impl Row for PortalSession {
    const PREFIX: &'static str = "bps_";
    const NAME: &'static str = "session";

    fn id(&self) -> &str {
        &self.id
    }
}

impl PortalSession {
    pub fn json(&self, base: &str) -> Value {
        json!({
            "id": self.id,
            "object": "billing_portal.session",
            "configuration": self.configuration,
            "created": self.created,
            "customer": self.customer,
            "flow": null,
            "livemode": false,
            "locale": null,
            "on_behalf_of": null,
            "return_url": self.return_url,
            "url": format!("{base}/p/session/{}", self.id),
        })
    }
}
