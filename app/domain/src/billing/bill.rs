//! What a workspace pays, as people see it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Currency, MeterReading, Money, PlanId, Subscription};

/// The page of a workspace's plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BillingOverview {
    pub subscription: Subscription,
    pub meter: MeterReading,
    /// Whether no real money moves.
    pub is_test_mode: bool,
    /// Whether the asker may buy and cancel; admins look.
    pub may_pay: bool,
    /// Whether anything can be bought here at all.
    pub is_sold: bool,
}

/// How a workspace pays, as Stripe has it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct PaymentDetails {
    pub card: Option<Card>,
    /// Whom bills are sent to.
    pub email: Option<String>,
    pub name: Option<String>,
    /// The lines of the billing address.
    pub address: Vec<String>,
    /// The VAT number or the like.
    pub tax_id: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// As in `visa`.
    pub brand: String,
    pub last_digits: String,
    pub expires_month: u8,
    pub expires_year: u16,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Invoice {
    /// Stripe's own.
    pub id: String,
    /// None while it is a draft.
    pub number: Option<String>,
    pub state: InvoiceState,
    /// With tax.
    pub total: Money,
    pub created_at: DateTime<Utc>,
    /// Where its PDF is, and its page, on which it can be paid.
    pub pdf: Option<String>,
    pub page: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InvoiceState {
    Draft,
    Open,
    Paid,
    Void,
    Uncollectible,
}

impl InvoiceState {
    /// From Stripe's word; what is not known is open.
    pub fn from_stripe(word: &str) -> Self {
        match word {
            "draft" => Self::Draft,
            "paid" => Self::Paid,
            "void" => Self::Void,
            "uncollectible" => Self::Uncollectible,
            _ => Self::Open,
        }
    }

    /// What the screen says.
    pub fn label(self) -> &'static str {
        match self {
            Self::Draft => "Not sent yet",
            Self::Open => "To be paid",
            Self::Paid => "Paid",
            Self::Void => "Void",
            Self::Uncollectible => "Written off",
        }
    }
}

/// What is asked of a checkout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckoutForm {
    pub plan: PlanId,
    pub currency: Currency,
    /// A code that people type; none where there is none.
    pub coupon: Option<String>,
}

/// What another plan would cost, as Stripe counts it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChangePreview {
    pub plan: PlanId,
    /// A dearer plan begins at once; a cheaper one with the next month, then.
    pub begins_at: Option<DateTime<Utc>>,
    /// What is paid at once; below zero it is kept for the next bill.
    pub due_now: Money,
    pub lines: Vec<PreviewLine>,
    /// Each month from then on, before tax.
    pub month: Money,
    /// The second for which it was counted: to be sent back with the yes, so that what is billed is what was shown.
    pub at: i64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PreviewLine {
    pub text: String,
    pub amount: Money,
}
