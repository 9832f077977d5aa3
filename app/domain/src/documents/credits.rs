//! What reading costs a workspace: set aside before it, and charged in the transaction that ends it.
//!
//! What is wrong with us costs nothing, and what could not be read does not either. A document that is read again, because a
//! part of it could not be read, is paid for once: what it was charged before comes back. One that was read whole, and is read
//! again because somebody wants it, is paid for again.

use chrono::{DateTime, Utc};

use super::{
    Format,
    reading::Failure,
    share::announce,
    store::{self, ToRead},
};
use crate::{
    Services,
    billing::{self, Charge, ChargedBefore, Measured},
    db::TenantTx,
    error::{ErrorKind, Result},
    id::{DocumentId, JobId},
    queue::JobContext,
};

/// The kind of work, in the keys of the ledger.
const READING: &str = "read:";

/// Sets aside what reading will cost at least. False where that does not fit: then the document waits for credits. It locks the
/// meter, so nothing else follows in the transaction.
pub(super) async fn reserve(context: &JobContext, tx: &mut TenantTx, id: DocumentId, credits: i64) -> Result<bool> {
    let services = &context.services;
    let e = billing::entitlements_in(services, tx).await?;
    match billing::hold(tx, &services.clock, &e, id, credits).await {
        Ok(()) => Ok(true),
        // It is paid for: the worker that read it died before it could say that it was done.
        Err(error) if error.is(ErrorKind::PaymentRequired) && is_charged(tx, id, context.job).await? => Ok(true),
        Err(error) if error.is(ErrorKind::PaymentRequired) => {
            store::hold_back(tx, id).await?;
            announce(tx, id).await?;
            billing::release(tx, id).await?;
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

/// Charges what was read by a job that ends so, once, and sets nothing aside any more. It locks the meter, so nothing else
/// follows in the transaction. What was cancelled does not come here: it is released.
pub(super) async fn settle(
    context: &JobContext,
    tx: &mut TenantTx,
    id: DocumentId,
    failure: Option<Failure>,
) -> Result<()> {
    let is_free = failure == Some(Failure::Crashed);
    let read = if is_free { None } else { store::what_was_read(tx, id, context.job).await? };
    let Some(read) = read else { return billing::release(tx, id).await };
    store::note_characters(tx, id, read.measured.characters).await?;
    let credits = billing::cost_of_reading(read.format, read.measured);
    if credits == 0 {
        return billing::release(tx, id).await;
    }
    let services = &context.services;
    let e = billing::entitlements_in(services, tx).await?;
    let key = key_of(id, context.job);
    give_back_before(services, tx, &e, id, &key, read.charged_until).await?;
    let (job, account, api_key) = (Some(context.job), Some(read.account), read.api_key);
    let charge = Charge { document: id, job, account, api_key, credits, key };
    billing::charge(tx, &services.clock, &e, &charge).await?;
    Ok(())
}

/// The least that it costs to have a document read, with what is known of it. Pages after the first `max_pages` are not read.
pub(super) fn cost(format: Format, bytes: i64, pages: Option<i32>, max_pages: u32) -> i64 {
    billing::known_cost(format, bytes, pages.map(|pages| i64::from(pages).min(i64::from(max_pages))))
}

/// What it will cost at least to read a document again, with what is known of it from the last time.
pub(crate) fn cost_again(services: &Services, document: &ToRead) -> i64 {
    let known = cost(document.format, document.bytes, document.pages, services.settings.max_pages);
    let measured = Measured { pages: 0, characters: document.characters };
    known.max(billing::cost_of_reading(document.format, measured))
}

/// Gives back what the document was charged when it was read before, but not until this time, and not if this very job was
/// charged already.
async fn give_back_before(
    services: &Services,
    tx: &mut TenantTx,
    e: &billing::Entitlements,
    id: DocumentId,
    key: &str,
    until: Option<DateTime<Utc>>,
) -> Result<()> {
    let charges = billing::charges_of(tx, id).await?;
    if charges.iter().any(|charged| charged.key == key) {
        return Ok(());
    }
    let comes_back = |charged: &&ChargedBefore| {
        !charged.is_back && charged.key.starts_with(READING) && until.is_none_or(|until| charged.at > until)
    };
    for earlier in charges.iter().filter(comes_back) {
        billing::credit_back(tx, &services.clock, e, id, &earlier.key, "It was read again.").await?;
    }
    Ok(())
}

async fn is_charged(tx: &mut TenantTx, id: DocumentId, job: JobId) -> Result<bool> {
    let key = key_of(id, job);
    Ok(billing::charges_of(tx, id).await?.iter().any(|charged| charged.key == key))
}

fn key_of(id: DocumentId, job: JobId) -> String {
    format!("{READING}{id}:{job}")
}
