//! What is sold.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Metadata;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Product {
    /// Whoever makes a product may choose it.
    pub id: String,
    pub name: String,
    pub description: Option<String>,
    pub active: bool,
    pub tax_code: Option<String>,
    pub unit_label: Option<String>,
    pub metadata: Metadata,
    pub created: i64,
    pub updated: i64,
}

impl Product {
    pub fn json(&self) -> Value {
        json!({
            "id": self.id,
            "object": "product",
            "active": self.active,
            "created": self.created,
            "default_price": null,
            "description": self.description,
            "images": [],
            "livemode": false,
            "marketing_features": [],
            "metadata": self.metadata,
            "name": self.name,
            "package_dimensions": null,
            "shippable": null,
            "statement_descriptor": null,
            "tax_code": self.tax_code,
            "type": "service",
            "unit_label": self.unit_label,
            "updated": self.updated,
            "url": null,
        })
    }
}
