//! Invoices as Stripe has them, and what a subscription is from now on: both are kept by whoever has just asked Stripe.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::store;
use crate::{
    billing::{Currency, InvoiceState},
    db::TenantTx,
    error::Result,
};

/// An invoice as it is kept. Amounts are cents; below zero where the customer is owed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KeptInvoice {
    /// Stripe's own.
    pub id: String,
    /// None while it is a draft.
    pub number: Option<String>,
    pub status: InvoiceState,
    pub currency: Currency,
    /// Before discounts and tax.
    pub subtotal_cents: i64,
    pub tax_cents: i64,
    /// After discounts and with tax.
    pub total_cents: i64,
    pub created_at: DateTime<Utc>,
    pub period_start: DateTime<Utc>,
    pub period_end: DateTime<Utc>,
    pub paid_at: Option<DateTime<Utc>>,
    /// Whether an attempt to have it paid has failed, as far as Stripe still tells. Once kept, it stays so.
    pub failed: bool,
}

/// Keeps these invoices of the transaction's tenant, and what its subscription is in this transaction, where that is another than it
/// was: since `turned_at`, and where nobody knows, since Stripe was asked. To keep the same again changes nothing.
pub async fn keep(tx: &mut TenantTx, turned_at: Option<DateTime<Utc>>, invoices: &[KeptInvoice]) -> Result<()> {
    store::keep_change(tx, turned_at).await?;
    if invoices.is_empty() {
        return Ok(());
    }
    store::keep_invoices(tx, &serde_json::to_value(invoices)?).await
}
