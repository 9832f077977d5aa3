//! The server functions of what a workspace pays: admins look, and owners buy, change and cancel.

use domain::{
    billing::{BillingOverview, ChangePreview, Invoice, LedgerPage, PaymentDetails, PlanId, Quote, Usage, UsageQuery},
    id::DocumentId,
};
use leptos::{prelude::*, server_fn::codec::Json};

use crate::error::AppError;
#[cfg(feature = "ssr")]
use crate::{
    routes::{self, Billed},
    session,
};

/// The plan, and the month so far.
#[server(name = FindBilling, prefix = "/api", endpoint = "billing/overview", input = Json)]
pub async fn find_billing() -> Result<BillingOverview, AppError> {
    let (services, member) = session::member()?;
    session::answered(Box::pin(domain::billing::overview(&services, &member)).await)
}

/// The card and the billing address, as the payment service has them.
#[server(name = FindPayment, prefix = "/api", endpoint = "billing/payment", input = Json)]
pub async fn find_payment() -> Result<PaymentDetails, AppError> {
    let (services, member) = session::member()?;
    session::answered(Box::pin(domain::billing::payment_details(&services, &member)).await)
}

/// The latest bills, the newest first.
#[server(name = ListInvoices, prefix = "/api", endpoint = "billing/invoices", input = Json)]
pub async fn list_invoices() -> Result<Vec<Invoice>, AppError> {
    let (services, member) = session::member()?;
    session::answered(Box::pin(domain::billing::invoices(&services, &member)).await)
}

/// What another plan would cost.
#[server(name = PreviewChange, prefix = "/api", endpoint = "billing/preview", input = Json)]
pub async fn preview_change(plan: PlanId) -> Result<ChangePreview, AppError> {
    let (services, member) = session::member()?;
    session::answered(Box::pin(domain::billing::preview_change(&services, &member, plan)).await)
}

/// Goes over to another plan, at the price that was shown for the second `at`, and leads to the page of the plan.
#[server(name = ChangePlan, prefix = "/api", endpoint = "billing/change")]
pub async fn change_plan(plan: PlanId, at: i64) -> Result<(), AppError> {
    let (services, member) = session::member()?;
    session::answered(Box::pin(domain::billing::change_plan(&services, &member, plan, at)).await)?;
    leptos_axum::redirect(&routes::billing_after(Billed::Changed));
    Ok(())
}

/// Ends the plan with what is paid, and leads back to its page.
#[server(name = CancelPlan, prefix = "/api", endpoint = "billing/cancel")]
pub async fn cancel_plan() -> Result<(), AppError> {
    let (services, member) = session::member()?;
    session::answered(Box::pin(domain::billing::cancel(&services, &member)).await)?;
    leptos_axum::redirect(&routes::billing_after(Billed::Cancelled));
    Ok(())
}

/// Has the plan go on that was to end, or to become a smaller one, and leads back to its page.
#[server(name = KeepPlan, prefix = "/api", endpoint = "billing/undo_cancel")]
pub async fn keep_plan() -> Result<(), AppError> {
    let (services, member) = session::member()?;
    session::answered(Box::pin(domain::billing::undo_cancel(&services, &member)).await)?;
    leptos_axum::redirect(&routes::billing_after(Billed::Kept));
    Ok(())
}

/// What was used in a month.
#[server(name = FindUsage, prefix = "/api", endpoint = "billing/usage", input = Json)]
pub async fn find_usage(query: UsageQuery) -> Result<Usage, AppError> {
    let (services, member) = session::member()?;
    session::answered(domain::billing::usage(&services, &member, &query).await)
}

/// Some lines of the ledger, the newest first; those after a place that an earlier answer named.
#[server(name = ReadLedger, prefix = "/api", endpoint = "billing/ledger", input = Json)]
pub async fn read_ledger(after: Option<String>) -> Result<LedgerPage, AppError> {
    let (services, member) = session::member()?;
    session::answered(domain::billing::ledger(&services, &member, after.as_deref()).await)
}

/// Sets how many page credits a month may cost more than the plan, and leads back to its page.
#[server(name = SetCap, prefix = "/api", endpoint = "billing/set_cap")]
pub async fn set_cap(#[server(default)] cap: String) -> Result<(), AppError> {
    let (services, member) = session::member()?;
    let cap = session::answered(domain::billing::parse_cap(&cap))?;
    session::answered(domain::billing::set_cap(&services, &member, cap).await)?;
    leptos_axum::redirect(&routes::billing_after(Billed::Cap));
    Ok(())
}

/// What it will cost to read all documents again.
#[server(name = QuoteReadingAll, prefix = "/api", endpoint = "billing/quote_all", input = Json)]
pub async fn quote_reading_all() -> Result<Quote, AppError> {
    let (services, member) = session::member()?;
    session::answered(domain::billing::quote_all(&services, &member).await)
}

/// What it will cost to read these documents again; of none, what remains.
#[server(name = QuoteReading, prefix = "/api", endpoint = "billing/quote", input = Json)]
pub async fn quote_reading(#[server(default)] documents: Vec<DocumentId>) -> Result<Quote, AppError> {
    let (services, member) = session::member()?;
    session::answered(domain::billing::quote(&services, &member, &documents).await)
}
