//! What a customer pays for, again and again.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Discount, Metadata, Price, list};
use crate::{amount::Interval, table::Row};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Incomplete,
    IncompleteExpired,
    Trialing,
    Active,
    PastDue,
    Canceled,
    Paused,
}

impl Status {
    pub fn word(self) -> &'static str {
        match self {
            Self::Incomplete => "incomplete",
            Self::IncompleteExpired => "incomplete_expired",
            Self::Trialing => "trialing",
            Self::Active => "active",
            Self::PastDue => "past_due",
            Self::Canceled => "canceled",
            Self::Paused => "paused",
        }
    }

    /// Whether it is over for good.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Canceled | Self::IncompleteExpired)
    }

    /// Whether months go on being billed.
    pub fn is_billed(self) -> bool {
        matches!(self, Self::Trialing | Self::Active | Self::PastDue)
    }
}

/// What was billed for an item in advance. A credit for unused time is a part of this, and not of the price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Debit {
    /// After discounts.
    pub amount: i64,
    pub from: i64,
    pub until: i64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Item {
    pub id: String,
    pub price: String,
    /// None where a meter counts.
    pub quantity: Option<i64>,
    pub metadata: Metadata,
    pub created: i64,
    /// Since when its meter counts in this period.
    pub since: i64,
    pub debit: Option<Debit>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Subscription {
    pub id: String,
    pub customer: String,
    pub status: Status,
    pub currency: String,
    pub created: i64,
    pub anchor: i64,
    pub period_start: i64,
    pub period_end: i64,
    pub interval: Interval,
    pub trial_start: Option<i64>,
    pub trial_end: Option<i64>,
    /// What happens at the end of a trial without a card: `create_invoice`, `cancel` or `pause`.
    pub without_card: String,
    pub cancel_at_period_end: bool,
    pub cancel_at: Option<i64>,
    pub canceled_at: Option<i64>,
    pub ended_at: Option<i64>,
    pub cancel_reason: Option<String>,
    pub cancel_comment: Option<String>,
    pub cancel_feedback: Option<String>,
    pub items: Vec<Item>,
    pub discounts: Vec<Discount>,
    pub default_payment_method: Option<String>,
    pub latest_invoice: Option<String>,
    pub schedule: Option<String>,
    pub description: Option<String>,
    pub automatic_tax: bool,
    pub test_clock: Option<String>,
    pub metadata: Metadata,
}

impl Row for Subscription {
    const PREFIX: &'static str = "sub_";
    const NAME: &'static str = "subscription";

    fn id(&self) -> &str {
        &self.id
    }
}

impl Subscription {
    /// When it ends, if that was asked for.
    pub fn ends_at(&self) -> Option<i64> {
        if self.cancel_at_period_end { Some(self.period_end) } else { self.cancel_at }
    }

    /// The discounts that count at a time.
    pub fn discounts_at(&self, at: i64) -> Vec<Discount> {
        self.discounts.iter().filter(|discount| discount.counts_at(at)).cloned().collect()
    }

    /// `price` finds the price of an item.
    pub fn json<'a>(&self, price: impl Fn(&str) -> Option<&'a Price>) -> Value {
        let items = self.items.iter().map(|item| self.item_json(item, price(&item.price))).collect();
        let mut items = list(&format!("/v1/subscription_items?subscription={}", self.id), items);
        items["total_count"] = json!(self.items.len());
        json!({
            "id": self.id,
            "object": "subscription",
            "application": null,
            "application_fee_percent": null,
            "automatic_tax": { "disabled_reason": null, "enabled": self.automatic_tax, "liability": null },
            "billing_cycle_anchor": self.anchor,
            "billing_cycle_anchor_config": null,
            "billing_mode": { "flexible": { "proration_discounts": "included" }, "type": "flexible", "updated_at": null },
            "billing_thresholds": null,
            "cancel_at": self.ends_at(),
            "cancel_at_period_end": self.cancel_at_period_end,
            "canceled_at": self.canceled_at,
            "cancellation_details": {
                "comment": self.cancel_comment,
                "feedback": self.cancel_feedback,
                "reason": self.cancel_reason,
            },
            "collection_method": "charge_automatically",
            "created": self.created,
            "currency": self.currency,
            "current_period_end": self.period_end,
            "current_period_start": self.period_start,
            "customer": self.customer,
            "customer_account": null,
            "days_until_due": null,
            "default_payment_method": self.default_payment_method,
            "default_source": null,
            "default_tax_rates": [],
            "description": self.description,
            "discounts": self.discount_ids(),
            "ended_at": self.ended_at,
            "invoice_settings": { "account_tax_ids": null, "issuer": { "type": "self" } },
            "items": items,
            "latest_invoice": self.latest_invoice,
            "livemode": false,
            "metadata": self.metadata,
            "next_pending_invoice_item_invoice": null,
            "on_behalf_of": null,
            "pause_collection": null,
            "payment_settings": {
                "payment_method_options": null,
                "payment_method_types": null,
                "save_default_payment_method": "off",
            },
            "pending_invoice_item_interval": null,
            "pending_setup_intent": null,
            "pending_update": null,
            "schedule": self.schedule,
            "start_date": self.created,
            "status": self.status.word(),
            "test_clock": self.test_clock,
            "transfer_data": null,
            "trial_end": self.trial_end,
            "trial_settings": { "end_behavior": { "missing_payment_method": self.without_card } },
            "trial_start": self.trial_start,
        })
    }

    pub fn item_json(&self, item: &Item, price: Option<&Price>) -> Value {
        let mut json = json!({
            "id": item.id,
            "object": "subscription_item",
            "billing_thresholds": null,
            "created": item.created,
            "current_period_end": self.period_end,
            "current_period_start": self.period_start,
            "discounts": [],
            "metadata": item.metadata,
            "price": price.map(Price::json),
            "subscription": self.id,
            "tax_rates": [],
        });
        // A metered item has none.
        if let Some(quantity) = item.quantity {
            json["quantity"] = json!(quantity);
        }
        json
    }

    fn discount_ids(&self) -> Vec<&str> {
        self.discounts.iter().map(|discount| discount.id.as_str()).collect()
    }
}
