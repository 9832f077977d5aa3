//! Who pays.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Metadata;
use crate::table::Row;

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Customer {
    pub id: String,
    pub email: Option<String>,
    pub name: Option<String>,
    pub phone: Option<String>,
    pub description: Option<String>,
    /// `line1`, `line2`, `city`, `state`, `postal_code`, `country`.
    pub address: BTreeMap<String, String>,
    /// Below zero it is taken off the next bills; above zero it is added to them.
    pub balance: i64,
    /// Of the first bill. It stays.
    pub currency: Option<String>,
    pub default_payment_method: Option<String>,
    /// The number of the next bill.
    pub next_invoice: u64,
    pub tax_exempt: Option<String>,
    pub test_clock: Option<String>,
    pub metadata: Metadata,
    pub created: i64,
    pub deleted: bool,
}

impl Row for Customer {
    const PREFIX: &'static str = "cus_";
    const NAME: &'static str = "customer";

    fn id(&self) -> &str {
        &self.id
    }
}

impl Customer {
    /// `is_delinquent`: whether the newest bill is not paid.
    pub fn json(&self, is_delinquent: bool) -> Value {
        if self.deleted {
            return json!({ "id": self.id, "object": "customer", "deleted": true });
        }
        json!({
            "id": self.id,
            "object": "customer",
            "address": self.address_json(),
            "balance": self.balance,
            "created": self.created,
            "currency": self.currency,
            "customer_account": null,
            "default_source": null,
            "delinquent": is_delinquent,
            "description": self.description,
            "email": self.email,
            "invoice_prefix": self.invoice_prefix(),
            "invoice_settings": {
                "custom_fields": null,
                "default_payment_method": self.default_payment_method,
                "footer": null,
                "rendering_options": null,
            },
            "livemode": false,
            "metadata": self.metadata,
            "name": self.name,
            "next_invoice_sequence": self.next_invoice,
            "phone": self.phone,
            "preferred_locales": [],
            "shipping": null,
            "tax_exempt": self.tax_exempt.as_deref().unwrap_or("none"),
            "test_clock": self.test_clock,
        })
    }

    pub fn address_json(&self) -> Value {
        if self.address.is_empty() {
            return Value::Null;
        }
        let part = |key: &str| self.address.get(key);
        json!({
            "city": part("city"),
            "country": part("country"),
            "line1": part("line1"),
            "line2": part("line2"),
            "postal_code": part("postal_code"),
            "state": part("state"),
        })
    }

    /// What the numbers of its bills begin with.
    pub fn invoice_prefix(&self) -> String {
        self.id.to_uppercase().replace('_', "")
    }
}

/// A VAT number or the like.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TaxId {
    pub id: String,
    pub customer: String,
    /// As in `eu_vat`.
    pub kind: String,
    pub value: String,
    pub created: i64,
}

impl Row for TaxId {
    const PREFIX: &'static str = "txi_";
    const NAME: &'static str = "tax id";

    fn id(&self) -> &str {
        &self.id
    }
}

impl TaxId {
    pub fn json(&self) -> Value {
        json!({
            "id": self.id,
            "object": "tax_id",
            "country": if self.kind == "eu_vat" { self.value.get(..2) } else { None },
            "created": self.created,
            "customer": self.customer,
            "livemode": false,
            "owner": { "customer": self.customer, "type": "customer" },
            "type": self.kind,
            "value": self.value,
            "verification": { "status": "pending", "verified_address": null, "verified_name": null },
        })
    }
}
