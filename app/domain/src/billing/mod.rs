//! What a workspace pays for: plans and their limits, page credits and the ledger that counts them, and the subscription that
//! Stripe keeps.

mod bill;
mod credits;
mod money;
mod plan;
mod standing;
mod subscription;
mod usage;

pub use bill::{
    BillingOverview, Card, ChangePreview, CheckoutForm, Invoice, InvoiceState, PaymentDetails, PreviewLine,
};
pub use credits::{CHARACTERS_A_CREDIT, Measured, cost_of_reading, least_cost};
pub use money::{Currency, Money, grouped};
pub use plan::{Limits, Plan, PlanId, TRIAL_DAYS, TRIAL_PLAN, UNMETERED};
pub use standing::{GRACE_DAYS, READ_ONLY_DAYS, Standing, SubscriptionStatus};
pub use subscription::{Entitlements, Subscription, month_at};
pub use usage::{EntryKind, LedgerLine, LedgerPage, MeterReading, QUOTE_FROM, Quote, Usage, UsageQuery, UsageSum};
