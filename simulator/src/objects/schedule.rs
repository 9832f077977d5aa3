//! Changes of a subscription that are to come.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Metadata;
use crate::table::Row;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScheduleStatus {
    Active,
    Released,
    Canceled,
}

impl ScheduleStatus {
    fn word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Released => "released",
            Self::Canceled => "canceled",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhaseItem {
    pub price: String,
    pub quantity: Option<i64>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Phase {
    pub start: i64,
    pub end: i64,
    pub items: Vec<PhaseItem>,
    pub proration_behavior: String,
    pub metadata: Metadata,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Schedule {
    pub id: String,
    pub customer: String,
    pub subscription: Option<String>,
    pub released_subscription: Option<String>,
    pub status: ScheduleStatus,
    pub phases: Vec<Phase>,
    /// `release` or `cancel`.
    pub end_behavior: String,
    pub currency: String,
    pub metadata: Metadata,
    pub created: i64,
    pub released_at: Option<i64>,
    pub canceled_at: Option<i64>,
}

impl Row for Schedule {
    const PREFIX: &'static str = "sub_sched_";
    const NAME: &'static str = "subscription schedule";

    fn id(&self) -> &str {
        &self.id
    }
}

impl Schedule {
    pub fn phase_at(&self, at: i64) -> Option<&Phase> {
        self.phases.iter().find(|phase| phase.start <= at && at < phase.end)
    }

    pub fn json(&self, now: i64) -> Value {
        let current = (self.status == ScheduleStatus::Active).then(|| self.phase_at(now)).flatten();
        json!({
            "id": self.id,
            "object": "subscription_schedule",
            "application": null,
            "billing_mode": { "flexible": { "proration_discounts": "included" }, "type": "flexible" },
            "canceled_at": self.canceled_at,
            "completed_at": null,
            "created": self.created,
            "current_phase": current.map(|phase| json!({ "end_date": phase.end, "start_date": phase.start })),
            "customer": self.customer,
            "customer_account": null,
            "default_settings": {
                "application_fee_percent": null,
                "automatic_tax": { "disabled_reason": null, "enabled": false, "liability": null },
                "billing_cycle_anchor": "automatic",
                "collection_method": "charge_automatically",
                "default_payment_method": null,
                "description": null,
                "invoice_settings": null,
                "on_behalf_of": null,
                "transfer_data": null,
            },
            "end_behavior": self.end_behavior,
            "livemode": false,
            "metadata": self.metadata,
            "phases": self.phases.iter().map(|phase| self.phase_json(phase)).collect::<Vec<_>>(),
            "released_at": self.released_at,
            "released_subscription": self.released_subscription,
            "status": self.status.word(),
            "subscription": self.subscription,
            "test_clock": null,
        })
    }

    fn phase_json(&self, phase: &Phase) -> Value {
        let items = phase.items.iter().map(|item| {
            let mut json = json!({
                "billing_thresholds": null,
                "discounts": [],
                "metadata": {},
                "price": item.price,
                "tax_rates": [],
            });
            if let Some(quantity) = item.quantity {
                json["quantity"] = json!(quantity);
            }
            json
        });
        json!({
            "add_invoice_items": [],
            "application_fee_percent": null,
            "billing_cycle_anchor": null,
            "collection_method": null,
            "currency": self.currency,
            "default_payment_method": null,
            "default_tax_rates": [],
            "description": null,
            "discounts": [],
            "end_date": phase.end,
            "invoice_settings": null,
            "items": items.collect::<Vec<_>>(),
            "metadata": phase.metadata,
            "on_behalf_of": null,
            "proration_behavior": phase.proration_behavior,
            "start_date": phase.start,
            "transfer_data": null,
            "trial_end": null,
        })
    }
}
