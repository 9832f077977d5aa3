//! Cards. A test card says by its number what comes of it, as Stripe's do.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Metadata;
use crate::table::Row;

/// What comes of a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Pays,
    /// It can be kept, and then does not pay.
    AttachesAndFails,
    /// It cannot even be kept.
    Declined,
    /// The same, for want of money.
    InsufficientFunds,
}

/// Number, brand, token, the payment method that Stripe has ready, and what comes of it.
pub const CARDS: [(&str, &str, &str, &str, Outcome); 5] = [
    ("4242424242424242", "visa", "tok_visa", "pm_card_visa", Outcome::Pays),
    ("5555555555554444", "mastercard", "tok_mastercard", "pm_card_mastercard", Outcome::Pays),
    ("4000000000000341", "visa", "tok_chargeCustomerFail", "pm_card_chargeCustomerFail", Outcome::AttachesAndFails),
    ("4000000000000002", "visa", "tok_chargeDeclined", "pm_card_chargeDeclined", Outcome::Declined),
    (
        "4000000000009995",
        "visa",
        "tok_chargeDeclinedInsufficientFunds",
        "pm_card_chargeDeclinedInsufficientFunds",
        Outcome::InsufficientFunds,
    ),
];

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PaymentMethod {
    pub id: String,
    pub customer: Option<String>,
    pub brand: String,
    pub last4: String,
    pub exp_month: i64,
    pub exp_year: i64,
    pub outcome: Outcome,
    pub name: Option<String>,
    pub email: Option<String>,
    pub metadata: Metadata,
    pub created: i64,
}

impl Row for PaymentMethod {
    const PREFIX: &'static str = "pm_";
    const NAME: &'static str = "PaymentMethod";

    fn id(&self) -> &str {
        &self.id
    }
}

impl PaymentMethod {
    /// Why it does not pay; none where it does.
    pub fn decline(&self) -> Option<&'static str> {
        match self.outcome {
            Outcome::Pays => None,
            Outcome::InsufficientFunds => Some("insufficient_funds"),
            Outcome::AttachesAndFails | Outcome::Declined => Some("generic_decline"),
        }
    }

    /// Why it cannot be kept.
    pub fn refusal(&self) -> Option<&'static str> {
        if self.outcome == Outcome::AttachesAndFails { None } else { self.decline() }
    }

    pub fn json(&self) -> Value {
        json!({
            "id": self.id,
            "object": "payment_method",
            "allow_redisplay": "always",
            "billing_details": {
                "address": { "city": null, "country": null, "line1": null, "line2": null, "postal_code": null, "state": null },
                "email": self.email,
                "name": self.name,
                "phone": null,
                "tax_id": null,
            },
            "card": {
                "brand": self.brand,
                "checks": { "address_line1_check": null, "address_postal_code_check": null, "cvc_check": "pass" },
                "country": "US",
                "display_brand": self.brand,
                "exp_month": self.exp_month,
                "exp_year": self.exp_year,
                "fingerprint": format!("{}{}", self.brand, self.last4),
                "funding": "credit",
                "generated_from": null,
                "last4": self.last4,
                "networks": { "available": [self.brand], "preferred": null },
                "three_d_secure_usage": { "supported": true },
                "wallet": null,
            },
            "created": self.created,
            "customer": self.customer,
            "livemode": false,
            "metadata": self.metadata,
            "type": "card",
        })
    }
}
