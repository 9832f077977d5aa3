//! The invoices of a workspace, as Stripe has them.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{Stripe, form::Form, json::Read};
use crate::{
    Services,
    actor::{Action, Member},
    billing::{self, Currency, Invoice, InvoiceState, Money},
    error::Result,
    revenue::KeptInvoice,
};

/// Two years of months.
const NEWEST: i64 = 24;

/// The newest 24, the newest first; none where the workspace never paid.
pub async fn invoices(services: &Services, member: &Member) -> Result<Vec<Invoice>> {
    member.require(Action::ReadBilling)?;
    let Some(stripe) = &services.stripe else { return Ok(Vec::new()) };
    let mut tx = services.db.tenant(member).await?;
    let ids = billing::customer(&mut tx).await?;
    tx.commit().await?;
    let Some(ids) = ids else { return Ok(Vec::new()) };
    Ok(list(stripe, &ids.customer).await?.iter().filter_map(shown).collect())
}

/// The newest invoices of a customer; none where it is gone.
pub(super) async fn list(stripe: &Stripe, customer: &str) -> Result<Vec<Value>> {
    let form = Form::new().with("customer", customer).with("limit", NEWEST);
    match stripe.get("/v1/invoices", &form).await {
        Ok(answer) => Ok(answer.list("/data").to_vec()),
        Err(failure) if failure.is_missing() => Ok(Vec::new()),
        Err(failure) => Err(failure.into()),
    }
}

/// When the oldest invoice of a subscription became due whose payment failed and is still missing. What is owed of an earlier
/// subscription does not close a later one.
pub(super) fn unpaid_since(invoices: &[Value], subscription: &str) -> Option<DateTime<Utc>> {
    let is_of_it = |invoice: &Value| {
        let of = invoice.text("/parent/subscription_details/subscription").or_else(|| invoice.text("/subscription"));
        of.is_none_or(|of| of == subscription)
    };
    let is_missing =
        |invoice: &&Value| invoice.text("/status") == Some("open") && has_failed(invoice) && is_of_it(invoice);
    let due = |invoice: &Value| {
        let due = invoice.time("/due_date").or_else(|| invoice.time("/status_transitions/finalized_at"));
        due.or_else(|| invoice.time("/created"))
    };
    invoices.iter().filter(is_missing).filter_map(due).min()
}

/// As the operator's figures keep it; none where it is in no currency of ours.
pub(super) fn kept(invoice: &Value) -> Option<KeptInvoice> {
    Some(KeptInvoice {
        id: invoice.text("/id")?.to_owned(),
        number: invoice.text("/number").map(str::to_owned),
        status: InvoiceState::from_stripe(invoice.text("/status")?),
        currency: Currency::parse(invoice.text("/currency")?)?,
        subtotal_cents: invoice.whole("/subtotal")?,
        tax_cents: invoice.list("/total_taxes").iter().filter_map(|tax| tax.whole("/amount")).sum(),
        total_cents: invoice.whole("/total")?,
        created_at: invoice.time("/created")?,
        period_start: invoice.time("/period_start")?,
        period_end: invoice.time("/period_end")?,
        paid_at: invoice.time("/status_transitions/paid_at"),
        failed: has_failed(invoice),
    })
}

/// Whether an attempt to have it paid has failed: of what is paid, the last one has not.
fn has_failed(invoice: &Value) -> bool {
    let good = i64::from(invoice.text("/status") == Some("paid"));
    invoice.whole("/attempt_count").unwrap_or_default() > good
}

fn shown(invoice: &Value) -> Option<Invoice> {
    Some(Invoice {
        id: invoice.text("/id")?.to_owned(),
        number: invoice.text("/number").map(str::to_owned),
        state: InvoiceState::from_stripe(invoice.text("/status")?),
        total: Money::new(invoice.whole("/total")?, Currency::parse(invoice.text("/currency")?)?),
        created_at: invoice.time("/created")?,
        pdf: invoice.text("/invoice_pdf").map(str::to_owned),
        page: invoice.text("/hosted_invoice_url").map(str::to_owned),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn invoice(status: &str, attempts: i64, finalized_at: i64) -> Value {
        json!({
            "id": "in_1", "number": null, "status": status, "currency": "eur", "attempt_count": attempts,
            "subtotal": 4_900, "total": 5_831, "total_taxes": [{ "amount": 931 }], "created": 10, "due_date": null,
            "period_start": 10, "period_end": 20,
            "status_transitions": { "finalized_at": finalized_at, "paid_at": null },
            "invoice_pdf": "https://pay.stripe.example/in_1.pdf", "hosted_invoice_url": null,
        })
    }

    #[test]
    fn a_payment_is_missing_since_the_oldest_invoice_that_failed() {
        let at = |invoices: &[Value]| unpaid_since(invoices, "sub_2").map(|time| time.timestamp());
        assert_eq!(at(&[invoice("paid", 2, 5), invoice("open", 0, 6), invoice("void", 1, 7)]), None);
        assert_eq!(at(&[invoice("open", 1, 9), invoice("open", 3, 8)]), Some(8));
        let mut earlier = invoice("open", 4, 1);
        earlier["parent"] = json!({ "subscription_details": { "subscription": "sub_1" } });
        assert_eq!(at(&[invoice("open", 1, 9), earlier]), Some(9), "what is owed of an earlier subscription");
    }

    #[test]
    fn an_invoice_is_read_to_the_cent() {
        let seen = shown(&invoice("open", 1, 9)).unwrap();
        assert_eq!((seen.total, seen.state), (Money::new(5_831, Currency::Eur), InvoiceState::Open));
        let kept = kept(&invoice("open", 1, 9)).unwrap();
        assert_eq!((kept.subtotal_cents, kept.tax_cents, kept.total_cents, kept.failed), (4_900, 931, 5_831, true));
    }

    #[test]
    fn a_payment_that_failed_first_is_known_also_after_it_came() {
        let failed = |status, attempts| kept(&invoice(status, attempts, 9)).unwrap().failed;
        assert_eq!(
            [failed("open", 0), failed("open", 1), failed("paid", 1), failed("paid", 2)],
            [false, true, false, true]
        );
    }
}
