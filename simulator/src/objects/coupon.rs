//! Coupons, the codes that people type for them, and the discounts that come of both.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Metadata;
use crate::{
    amount::{months_after, percent},
    table::Row,
};

/// For how long a coupon counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Duration {
    /// For the first bill that it makes smaller.
    Once,
    /// For so many months from the day on which it was given.
    Repeating(i64),
    Forever,
}

impl Duration {
    fn word(self) -> &'static str {
        match self {
            Self::Once => "once",
            Self::Repeating(_) => "repeating",
            Self::Forever => "forever",
        }
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Coupon {
    pub id: String,
    pub name: Option<String>,
    /// In hundredths of a per cent.
    pub percent_off: Option<i64>,
    pub amount_off: Option<i64>,
    pub currency: Option<String>,
    pub duration: Duration,
    pub max_redemptions: Option<i64>,
    pub times_redeemed: i64,
    pub redeem_by: Option<i64>,
    pub metadata: Metadata,
    pub created: i64,
}

impl Coupon {
    pub fn is_valid(&self, now: i64) -> bool {
        self.max_redemptions.is_none_or(|most| self.times_redeemed < most)
            && self.redeem_by.is_none_or(|last| now <= last)
    }

    pub fn json(&self, now: i64) -> Value {
        let months = if let Duration::Repeating(months) = self.duration { Some(months) } else { None };
        json!({
            "id": self.id,
            "object": "coupon",
            "amount_off": self.amount_off,
            "created": self.created,
            "currency": self.currency,
            "duration": self.duration.word(),
            "duration_in_months": months,
            "livemode": false,
            "max_redemptions": self.max_redemptions,
            "metadata": self.metadata,
            "name": self.name,
            "percent_off": self.percent_off.map(per_cent),
            "redeem_by": self.redeem_by,
            "times_redeemed": self.times_redeemed,
            "valid": self.is_valid(now),
        })
    }
}

/// As a number with decimals, in which Stripe writes it. Nothing is ever counted with it.
fn per_cent(hundredths: i64) -> f64 {
    f64::from(i32::try_from(hundredths).unwrap_or(10_000)) / 100.0
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PromotionCode {
    pub id: String,
    pub code: String,
    pub coupon: String,
    pub active: bool,
    pub customer: Option<String>,
    pub max_redemptions: Option<i64>,
    pub times_redeemed: i64,
    pub expires_at: Option<i64>,
    pub metadata: Metadata,
    pub created: i64,
}

impl Row for PromotionCode {
    const PREFIX: &'static str = "promo_";
    const NAME: &'static str = "promotion code";

    fn id(&self) -> &str {
        &self.id
    }
}

impl PromotionCode {
    pub fn is_valid(&self, now: i64) -> bool {
        let is_left = self.max_redemptions.is_none_or(|most| self.times_redeemed < most);
        self.active && is_left && self.expires_at.is_none_or(|last| now <= last)
    }

    pub fn json(&self, now: i64) -> Value {
        json!({
            "id": self.id,
            "object": "promotion_code",
            "active": self.is_valid(now),
            "code": self.code,
            "created": self.created,
            "customer": self.customer,
            "expires_at": self.expires_at,
            "livemode": false,
            "max_redemptions": self.max_redemptions,
            "metadata": self.metadata,
            "promotion": { "coupon": self.coupon, "type": "coupon" },
            "restrictions": { "first_time_transaction": false, "minimum_amount": null, "minimum_amount_currency": null },
            "times_redeemed": self.times_redeemed,
        })
    }
}

/// A coupon, given to a subscription. It keeps what the coupon said then.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Discount {
    pub id: String,
    pub coupon: Coupon,
    pub promotion_code: Option<String>,
    pub customer: String,
    pub subscription: Option<String>,
    pub start: i64,
}

impl Discount {
    pub fn end(&self) -> Option<i64> {
        match self.coupon.duration {
            Duration::Repeating(months) => Some(months_after(self.start, months)),
            Duration::Once | Duration::Forever => None,
        }
    }

    pub fn counts_at(&self, now: i64) -> bool {
        self.end().is_none_or(|end| now < end)
    }

    /// What it takes off an amount if it is one in per cent; nothing otherwise.
    pub fn percent_of(&self, amount: i64) -> i64 {
        self.coupon.percent_off.map_or(0, |hundredths| percent(amount, hundredths))
    }

    pub fn json(&self) -> Value {
        json!({
            "id": self.id,
            "object": "discount",
            "checkout_session": null,
            "customer": self.customer,
            "end": self.end(),
            "invoice": null,
            "invoice_item": null,
            "promotion_code": self.promotion_code,
            "source": { "coupon": self.coupon.id, "type": "coupon" },
            "start": self.start,
            "subscription": self.subscription,
            "subscription_item": null,
        })
    }
}
