//! Moving credits between the accounts of the ledger, once for each cause, in the transaction of the work.
//!
//! The word before the first colon of a key is the kind of work, as in `read:{document}:{job}`. What comes back has the key of
//! what it takes back, with the accounts the other way round, so that it comes back once.
//!
//! Each of these locks the meter of the workspace until the transaction ends: a verb calls them last, after it has recorded.

use chrono::{DateTime, Utc};

use super::{
    Account, Entitlements, EntryKind,
    hold::tell,
    ledger_store::{self as store, Cause, Charged, NewEntry},
    meter::Meter,
    roll_over::current,
};
use crate::{
    clock::Clock,
    db::TenantTx,
    error::Result,
    id::{AccountId, ApiKeyId, DocumentId, JobId},
};

/// Work that was done.
#[derive(Debug, Clone)]
pub(crate) struct Charge {
    pub document: DocumentId,
    pub job: Option<JobId>,
    /// Who asked for it.
    pub account: Option<AccountId>,
    /// The key through which they did; none where they did it themselves.
    pub api_key: Option<ApiKeyId>,
    pub credits: i64,
    pub key: String,
}

/// Uses credits for a document, of those that were set aside for it and, where it took more than was known before, of those that
/// nobody has set aside; never more than there are. What was set aside is free again. Once for each key. Answers how many it was.
pub(crate) async fn charge(tx: &mut TenantTx, clock: &Clock, e: &Entitlements, charge: &Charge) -> Result<i64> {
    let mut meter = current(tx, clock, e).await?;
    let own = store::drop_holds(tx, &[charge.document.0]).await?;
    meter.held -= own;
    let is_done = store::has_moved(tx, &charge.key).await?;
    let credits = if is_done { 0 } else { meter.charged(e, charge.credits, own) };
    let Charge { document, job, account, api_key, .. } = *charge;
    let cause = Cause { document: Some(document), job, account, api_key };
    for (debit, credits) in meter.take(e, credits) {
        let entry = NewEntry {
            kind: EntryKind::Use,
            debit,
            credit: Account::Used,
            credits,
            key: &charge.key,
            period_start: meter.period_start,
            cause,
            e,
            note: None,
        };
        store::insert_entry(tx, clock, &entry).await?;
    }
    store::write(tx, &meter).await?;
    tell(tx, clock, e, &meter).await?;
    Ok(credits)
}

/// What a document was charged under one key.
pub(crate) struct ChargedBefore {
    pub key: String,
    /// Whether it came back.
    pub is_back: bool,
    /// When it was charged.
    pub at: DateTime<Utc>,
}

/// The keys under which a document was charged.
pub(crate) async fn charges_of(tx: &mut TenantTx, document: DocumentId) -> Result<Vec<ChargedBefore>> {
    store::charges_of(tx, document).await
}

/// Gives back what a document was charged under this key, once, and answers how many credits that were. Of a month that is over
/// they come into this one as if granted, as what was left of that has expired and what was billed is paid.
pub(crate) async fn credit_back(
    tx: &mut TenantTx,
    clock: &Clock,
    e: &Entitlements,
    document: DocumentId,
    key: &str,
    note: &str,
) -> Result<i64> {
    let mut meter = current(tx, clock, e).await?;
    let charged = store::charged(tx, key).await?;
    let mut back = 0;
    for line in charged.into_iter().filter(|line| line.cause.document == Some(document)) {
        if let Some((debit, credit)) = way_back(&mut meter, &line) {
            let entry = NewEntry {
                kind: EntryKind::CreditBack,
                debit,
                credit,
                credits: line.credits,
                key,
                period_start: meter.period_start,
                cause: line.cause,
                e,
                note: Some(note),
            };
            store::insert_entry(tx, clock, &entry).await?;
            back += line.credits;
        }
    }
    store::write(tx, &meter).await?;
    Ok(back)
}

/// From where to where it comes back, with the meter changed so; none for what nobody granted in a month that is over.
fn way_back(meter: &mut Meter, line: &Charged) -> Option<(Account, Account)> {
    if line.period_start == meter.period_start {
        meter.give_back(line.from, line.credits);
        return Some((Account::Used, line.from));
    }
    if line.from == Account::Plan {
        return None;
    }
    meter.granted += line.credits;
    Some((Account::Plan, Account::Available))
}

/// What of the meter is not as the ledger, the credits that are set aside and the documents say; nothing where all is. It is
/// asked in a transaction that sees every document, as a worker's that acts for nobody.
pub(crate) async fn check(tx: &mut TenantTx) -> Result<Vec<String>> {
    let meter = store::lock(tx).await?;
    let sums = store::sums(tx, meter.period_start).await?;
    let compared = [
        ("credits granted", meter.granted, sums.granted),
        ("included credits used", meter.included, sums.included),
        ("credits used beyond the included ones", meter.overage, sums.overage),
        ("credits used", meter.used, sums.used),
        ("credits available", meter.available(), sums.available),
        ("credits set aside", meter.held, sums.held),
        ("bytes stored", meter.stored_bytes, sums.stored_bytes),
    ];
    let differ = compared.into_iter().filter(|(_, meter, counted)| meter != counted);
    Ok(differ.map(|(what, meter, counted)| format!("{what}: the meter says {meter}, counted are {counted}")).collect())
}
