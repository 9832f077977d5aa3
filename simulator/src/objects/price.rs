//! What something costs, how often, in which currencies.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::Metadata;
use crate::{
    amount::{Decimal, Interval},
    table::Row,
};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Price {
    pub id: String,
    pub product: String,
    pub active: bool,
    /// The one that it was made in.
    pub currency: String,
    pub unit_amount: Decimal,
    /// The others.
    pub currency_options: BTreeMap<String, Decimal>,
    pub interval: Interval,
    /// The meter whose sum is billed at the end of the period. Without one, a quantity is billed at its beginning.
    pub meter: Option<String>,
    pub lookup_key: Option<String>,
    pub nickname: Option<String>,
    pub tax_behavior: String,
    pub metadata: Metadata,
    pub created: i64,
}

impl Row for Price {
    const PREFIX: &'static str = "price_";
    const NAME: &'static str = "price";

    fn id(&self) -> &str {
        &self.id
    }
}

impl Price {
    /// A unit in a currency; none where it is not sold in it.
    pub fn in_currency(&self, currency: &str) -> Option<Decimal> {
        if currency == self.currency { Some(self.unit_amount) } else { self.currency_options.get(currency).copied() }
    }

    pub fn is_metered(&self) -> bool {
        self.meter.is_some()
    }

    pub fn json(&self) -> Value {
        json!({
            "id": self.id,
            "object": "price",
            "active": self.active,
            "billing_scheme": "per_unit",
            "created": self.created,
            "currency": self.currency,
            "custom_unit_amount": null,
            "livemode": false,
            "lookup_key": self.lookup_key,
            "metadata": self.metadata,
            "nickname": self.nickname,
            "product": self.product,
            "recurring": {
                "interval": self.interval.unit,
                "interval_count": self.interval.count,
                "meter": self.meter,
                "trial_period_days": null,
                "usage_type": if self.is_metered() { "metered" } else { "licensed" },
            },
            "tax_behavior": self.tax_behavior,
            "tiers_mode": null,
            "transform_quantity": null,
            "type": "recurring",
            "unit_amount": self.unit_amount.cents(),
            "unit_amount_decimal": self.unit_amount.text(),
        })
    }

    /// What `expand[]=currency_options` adds: the price's own currency too.
    pub fn currency_options_json(&self) -> Value {
        let own = std::iter::once((&self.currency, &self.unit_amount));
        let options = own.chain(&self.currency_options).map(|(currency, amount)| {
            let option = json!({
                "custom_unit_amount": null,
                "tax_behavior": self.tax_behavior,
                "unit_amount": amount.cents(),
                "unit_amount_decimal": amount.text(),
            });
            (currency.clone(), option)
        });
        Value::Object(options.collect::<Map<_, _>>())
    }
}
