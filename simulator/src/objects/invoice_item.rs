//! A line that waits for a bill.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Metadata;
use crate::{amount::Decimal, table::Row};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct InvoiceItem {
    pub id: String,
    pub customer: String,
    pub subscription: Option<String>,
    /// The item of the subscription that it comes from.
    pub item: Option<String>,
    pub price: Option<String>,
    pub product: Option<String>,
    pub unit_amount: Decimal,
    pub quantity: i64,
    pub amount: i64,
    pub currency: String,
    pub description: String,
    pub start: i64,
    pub end: i64,
    pub proration: bool,
    pub discountable: bool,
    pub metadata: Metadata,
    pub created: i64,
    /// The bill that it came onto.
    pub invoice: Option<String>,
}

impl Row for InvoiceItem {
    const PREFIX: &'static str = "ii_";
    const NAME: &'static str = "invoice item";

    fn id(&self) -> &str {
        &self.id
    }
}

impl InvoiceItem {
    pub fn json(&self) -> Value {
        json!({
            "id": self.id,
            "object": "invoiceitem",
            "amount": self.amount,
            "currency": self.currency,
            "customer": self.customer,
            "customer_account": null,
            "date": self.created,
            "description": self.description,
            "discountable": self.discountable,
            "discounts": [],
            "invoice": self.invoice,
            "livemode": false,
            "metadata": self.metadata,
            "net_amount": self.amount,
            "parent": self.subscription.as_ref().map(|subscription| json!({
                "subscription_details": { "subscription": subscription, "subscription_item": self.item },
                "type": "subscription_details",
            })),
            "period": { "end": self.end, "start": self.start },
            "pricing": {
                "price_details": { "price": self.price, "product": self.product },
                "type": "price_details",
                "unit_amount_decimal": self.unit_amount.text(),
            },
            "proration": self.proration,
            "quantity": self.quantity,
            "tax_rates": [],
            "test_clock": null,
        })
    }
}
