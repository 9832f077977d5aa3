//! The page on which somebody becomes a subscriber.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Metadata;
use crate::table::Row;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionStatus {
    Open,
    Complete,
    Expired,
}

impl SessionStatus {
    pub fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Complete => "complete",
            Self::Expired => "expired",
        }
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CheckoutSession {
    pub id: String,
    pub status: SessionStatus,
    pub customer: Option<String>,
    pub customer_email: Option<String>,
    pub client_reference_id: Option<String>,
    pub currency: String,
    /// Prices and quantities.
    pub items: Vec<(String, Option<i64>)>,
    pub success_url: String,
    pub cancel_url: Option<String>,
    pub allow_promotion_codes: bool,
    pub collects_tax_id: bool,
    /// Whether a card is asked for although nothing is due yet.
    pub always_asks_for_card: bool,
    pub coupon: Option<String>,
    pub promotion_code: Option<String>,
    pub trial_end: Option<i64>,
    pub without_card: String,
    pub subscription_metadata: Metadata,
    pub metadata: Metadata,
    pub automatic_tax: bool,
    pub created: i64,
    pub expires_at: i64,
    pub subscription: Option<String>,
    pub invoice: Option<String>,
    pub subtotal: i64,
    pub total: i64,
    pub is_paid: bool,
}

impl Row for CheckoutSession {
    const PREFIX: &'static str = "cs_test_";
    const NAME: &'static str = "checkout.session";

    fn id(&self) -> &str {
        &self.id
    }
}

impl CheckoutSession {
    /// `base` is the address of the simulator, where the page is.
    pub fn json(&self, base: &str) -> Value {
        let is_open = self.status == SessionStatus::Open;
        let is_complete = self.status == SessionStatus::Complete;
        let payment = match (is_complete, self.total) {
            (true, 0) => "no_payment_required",
            (true, _) if self.is_paid => "paid",
            _ => "unpaid",
        };
        json!({
            "id": self.id,
            "object": "checkout.session",
            "allow_promotion_codes": self.allow_promotion_codes,
            "amount_subtotal": self.subtotal,
            "amount_total": self.total,
            "automatic_tax": {
                "enabled": self.automatic_tax,
                "liability": null,
                "provider": null,
                "status": self.automatic_tax.then_some("complete"),
            },
            "billing_address_collection": null,
            "cancel_url": self.cancel_url,
            "client_reference_id": self.client_reference_id,
            "client_secret": null,
            "created": self.created,
            "currency": self.currency,
            "custom_fields": [],
            "customer": self.customer,
            "customer_account": null,
            "customer_creation": if self.customer.is_some() { None } else { Some("always") },
            "customer_details": self.customer_email.as_ref().map(|email| json!({
                "address": null, "email": email, "name": null, "phone": null, "tax_exempt": "none", "tax_ids": [],
            })),
            "customer_email": self.customer_email,
            "discounts": self.discounts_json(),
            "expires_at": self.expires_at,
            "invoice": self.invoice,
            "invoice_creation": null,
            "livemode": false,
            "locale": null,
            "metadata": self.metadata,
            "mode": "subscription",
            "payment_intent": null,
            "payment_link": null,
            "payment_method_collection": if self.always_asks_for_card { "always" } else { "if_required" },
            "payment_method_types": ["card"],
            "payment_status": payment,
            "phone_number_collection": { "enabled": false },
            "recovered_from": null,
            "setup_intent": null,
            "shipping_cost": null,
            "status": self.status.word(),
            "submit_type": null,
            "subscription": self.subscription,
            "success_url": self.success_url,
            "tax_id_collection": { "enabled": self.collects_tax_id, "required": "never" },
            "total_details": {
                "amount_discount": self.subtotal - self.total,
                "amount_shipping": 0,
                "amount_tax": 0,
            },
            "ui_mode": "hosted",
            "url": is_open.then(|| format!("{base}/c/pay/{}", self.id)),
        })
    }

    fn discounts_json(&self) -> Vec<Value> {
        let discount = json!({ "coupon": self.coupon, "promotion_code": self.promotion_code });
        if self.coupon.is_some() || self.promotion_code.is_some() { vec![discount] } else { Vec::new() }
    }
}
