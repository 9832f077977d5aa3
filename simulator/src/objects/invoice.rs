//! Bills.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Discount, Metadata, list};
use crate::{amount::Decimal, table::Row};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InvoiceStatus {
    Draft,
    Open,
    Paid,
    Void,
    Uncollectible,
}

impl InvoiceStatus {
    pub fn word(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Open => "open",
            Self::Paid => "paid",
            Self::Void => "void",
            Self::Uncollectible => "uncollectible",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Line {
    pub id: String,
    /// The item of the subscription that it is for.
    pub item: Option<String>,
    pub invoice_item: Option<String>,
    pub price: Option<String>,
    pub product: Option<String>,
    pub unit_amount: Decimal,
    pub quantity: i64,
    pub amount: i64,
    pub description: String,
    pub start: i64,
    pub end: i64,
    pub proration: bool,
    pub discountable: bool,
    /// Whether its quantity is what a meter counted, which is counted again while the bill is a draft.
    pub metered: bool,
    /// What each discount takes off it: the discount's id and cents.
    pub discounts: Vec<(String, i64)>,
}

impl Line {
    /// After discounts.
    pub fn net(&self) -> i64 {
        self.amount - self.discounts.iter().map(|(_, cents)| cents).sum::<i64>()
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Invoice {
    pub id: String,
    pub customer: String,
    pub customer_email: Option<String>,
    pub customer_name: Option<String>,
    pub subscription: Option<String>,
    pub subscription_metadata: Metadata,
    pub number: Option<String>,
    pub status: InvoiceStatus,
    pub currency: String,
    /// `subscription_create`, `subscription_cycle`, `subscription_update` or `manual`.
    pub reason: String,
    pub lines: Vec<Line>,
    /// Those that counted when it was made.
    pub discounts: Vec<Discount>,
    pub period_start: i64,
    pub period_end: i64,
    pub created: i64,
    /// When a draft becomes a bill by itself.
    pub finalizes_at: Option<i64>,
    pub finalized_at: Option<i64>,
    pub paid_at: Option<i64>,
    pub voided_at: Option<i64>,
    pub uncollectible_at: Option<i64>,
    pub starting_balance: i64,
    pub ending_balance: Option<i64>,
    pub amount_due: i64,
    pub amount_paid: i64,
    pub attempt_count: i64,
    pub next_attempt: Option<i64>,
    pub automatic_tax: bool,
    pub metadata: Metadata,
}

impl Row for Invoice {
    const PREFIX: &'static str = "in_";
    const NAME: &'static str = "invoice";

    fn id(&self) -> &str {
        &self.id
    }
}

impl Invoice {
    /// The lines, before discounts.
    pub fn subtotal(&self) -> i64 {
        self.lines.iter().map(|line| line.amount).sum()
    }

    /// The lines, after discounts. Nothing is taxed here.
    pub fn total(&self) -> i64 {
        self.lines.iter().map(Line::net).sum()
    }

    pub fn amount_remaining(&self) -> i64 {
        if matches!(self.status, InvoiceStatus::Paid | InvoiceStatus::Void) {
            0
        } else {
            self.amount_due - self.amount_paid
        }
    }

    /// Each discount with all that it takes off.
    pub fn discount_amounts(&self) -> Vec<(&str, i64)> {
        let of = |id: &str| {
            let all = self.lines.iter().flat_map(|line| &line.discounts);
            all.filter(|(discount, _)| discount == id).map(|(_, cents)| cents).sum::<i64>()
        };
        self.discounts.iter().map(|discount| (discount.id.as_str(), of(&discount.id))).collect()
    }

    /// `base` is the address of the simulator, where the bill has its page.
    pub fn json(&self, base: &str) -> Value {
        let is_final = self.status != InvoiceStatus::Draft;
        let page = is_final.then(|| format!("{base}/i/{}", self.id));
        let lines = self.lines.iter().map(|line| self.line_json(line)).collect();
        let mut lines = list(&format!("/v1/invoices/{}/lines", self.id), lines);
        lines["total_count"] = json!(self.lines.len());
        let total = self.total();
        json!({
            "id": self.id,
            "object": "invoice",
            "account_country": "DE",
            "account_name": "Sheaf (test mode)",
            "account_tax_ids": null,
            "amount_due": self.amount_due,
            "amount_overpaid": 0,
            "amount_paid": self.amount_paid,
            "amount_remaining": self.amount_remaining(),
            "amount_shipping": 0,
            "application": null,
            "attempt_count": self.attempt_count,
            "attempted": self.attempt_count > 0,
            "auto_advance": matches!(self.status, InvoiceStatus::Draft | InvoiceStatus::Open),
            "automatic_tax": {
                "disabled_reason": null,
                "enabled": self.automatic_tax,
                "liability": null,
                "provider": null,
                "status": self.automatic_tax.then_some("complete"),
            },
            "automatically_finalizes_at": self.finalizes_at,
            "billing_reason": self.reason,
            "collection_method": "charge_automatically",
            "created": self.created,
            "currency": self.currency,
            "custom_fields": null,
            "customer": self.customer,
            "customer_account": null,
            "customer_address": null,
            "customer_email": self.customer_email,
            "customer_name": self.customer_name,
            "customer_phone": null,
            "customer_shipping": null,
            "customer_tax_exempt": "none",
            "customer_tax_ids": [],
            "default_payment_method": null,
            "default_source": null,
            "default_tax_rates": [],
            "description": null,
            "discounts": self.discounts.iter().map(|discount| discount.id.as_str()).collect::<Vec<_>>(),
            "due_date": null,
            "effective_at": self.finalized_at,
            "ending_balance": self.ending_balance,
            "footer": null,
            "from_invoice": null,
            "hosted_invoice_url": page,
            "invoice_pdf": page.as_ref().map(|page| format!("{page}/pdf")),
            "issuer": { "type": "self" },
            "last_finalization_error": null,
            "latest_revision": null,
            "lines": lines,
            "livemode": false,
            "metadata": self.metadata,
            "next_payment_attempt": self.next_attempt,
            "number": self.number,
            "on_behalf_of": null,
            "parent": self.parent_json(),
            "payment_settings": {
                "default_mandate": null,
                "payment_method_options": null,
                "payment_method_types": null,
            },
            "period_end": self.period_end,
            "period_start": self.period_start,
            "post_payment_credit_notes_amount": 0,
            "pre_payment_credit_notes_amount": 0,
            "receipt_number": null,
            "rendering": null,
            "shipping_cost": null,
            "shipping_details": null,
            "starting_balance": self.starting_balance,
            "statement_descriptor": null,
            "status": self.status.word(),
            "status_transitions": {
                "finalized_at": self.finalized_at,
                "marked_uncollectible_at": self.uncollectible_at,
                "paid_at": self.paid_at,
                "voided_at": self.voided_at,
            },
            "subtotal": self.subtotal(),
            "subtotal_excluding_tax": self.subtotal(),
            "test_clock": null,
            "total": total,
            "total_discount_amounts": self.discount_amounts().into_iter().map(discount_json).collect::<Vec<_>>(),
            "total_excluding_tax": total,
            "total_pretax_credit_amounts": [],
            "total_taxes": [],
            "webhooks_delivered_at": self.created,
        })
    }

    fn parent_json(&self) -> Option<Value> {
        let subscription = self.subscription.as_ref()?;
        Some(json!({
            "quote_details": null,
            "subscription_details": { "metadata": self.subscription_metadata, "subscription": subscription },
            "type": "subscription_details",
        }))
    }

    pub fn line_json(&self, line: &Line) -> Value {
        let discounts = line.discounts.iter().map(|(id, cents)| discount_json((id.as_str(), *cents)));
        json!({
            "id": line.id,
            "object": "line_item",
            "amount": line.amount,
            "currency": self.currency,
            "description": line.description,
            "discount_amounts": discounts.collect::<Vec<_>>(),
            "discountable": line.discountable,
            "discounts": line.discounts.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>(),
            "invoice": self.id,
            "livemode": false,
            "metadata": self.subscription_metadata,
            "parent": self.line_parent_json(line),
            "period": { "end": line.end, "start": line.start },
            "pretax_credit_amounts": [],
            "pricing": {
                "price_details": { "price": line.price, "product": line.product },
                "type": "price_details",
                "unit_amount_decimal": line.unit_amount.text(),
            },
            "proration": line.proration,
            "quantity": line.quantity,
            "subscription": self.subscription,
            "subtotal": line.amount,
            "taxes": [],
        })
    }

    fn line_parent_json(&self, line: &Line) -> Value {
        if let (Some(item), Some(subscription)) = (&line.item, &self.subscription) {
            return json!({
                "invoice_item_details": null,
                "subscription_item_details": {
                    "invoice_item": line.invoice_item,
                    "proration": line.proration,
                    "proration_details": { "credited_items": null },
                    "subscription": subscription,
                    "subscription_item": item,
                },
                "type": "subscription_item_details",
            });
        }
        json!({
            "invoice_item_details": {
                "invoice_item": line.invoice_item,
                "proration": line.proration,
                "proration_details": { "credited_items": null },
                "subscription": self.subscription,
            },
            "subscription_item_details": null,
            "type": "invoice_item_details",
        })
    }
}

fn discount_json((id, cents): (&str, i64)) -> Value {
    json!({ "amount": cents, "discount": id })
}
