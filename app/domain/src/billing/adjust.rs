//! Operators put right what went wrong. The workspace sees it in its ledger and its audit log, and other operators in theirs.

use serde_json::json;
use uuid::Uuid;

use super::{
    Account, Entitlements, EntryKind,
    entitlements::entitlements_in,
    ledger_store::{self as store, Cause, NewEntry},
    resume::resume_held,
    roll_over::current,
};
use crate::{
    Services,
    audit::{self, Act},
    db::TenantTx,
    error::{Error, Result},
    id::TenantId,
    live,
    operators::{self, Operator, Reason},
};

/// The most in one act, which is a hundred months of a large plan: more is a slip of the hand.
const MAX_AT_ONCE: i64 = 3_000_000;

/// Gives a workspace page credits for this month, or, where they are below zero, takes some of those that are left.
pub async fn adjust(
    services: &Services,
    operator: &Operator,
    tenant: TenantId,
    credits: i64,
    reason: &Reason,
) -> Result<()> {
    if credits == 0 || credits.abs() > MAX_AT_ONCE {
        return Err(Error::invalid(
            "credits",
            "Give a number of page credits from −3,000,000 to 3,000,000, and not 0.",
        ));
    }
    let mut tx = services.db.tenant(&operator.at(tenant)).await?;
    let e = entitlements_in(services, &mut tx).await?;
    operators::note(services, &mut tx, operator, "billing.adjusted", Some(reason)).await?;
    let detail = json!({ "operator": operator.name, "credits": credits, "reason": reason.as_str() });
    audit::record_detail(&mut tx, &services.clock, Act::CreditsAdjusted, tenant.0, detail).await?;
    live::announce(&mut tx, "billing", tenant).await?;
    if credits > 0 {
        resume_held(&mut tx, &services.clock).await?;
    }
    adjust_in(services, &mut tx, &e, credits, reason).await?;
    tx.commit().await
}

async fn adjust_in(
    services: &Services,
    tx: &mut TenantTx,
    e: &Entitlements,
    credits: i64,
    reason: &Reason,
) -> Result<()> {
    let mut meter = current(tx, &services.clock, e).await?;
    if -credits > meter.available() {
        return Err(Error::invalid("credits", format!("Only {} credits are left to take.", meter.available())));
    }
    let (debit, credit) =
        if credits > 0 { (Account::Plan, Account::Available) } else { (Account::Available, Account::Plan) };
    let entry = NewEntry {
        kind: EntryKind::Adjustment,
        debit,
        credit,
        credits: credits.abs(),
        key: &format!("adjust:{}", services.clock.id::<Uuid>()),
        period_start: meter.period_start,
        cause: Cause::default(),
        e,
        note: Some(reason.as_str()),
    };
    store::insert_entry(tx, &services.clock, &entry).await?;
    meter.granted += credits;
    store::write(tx, &meter).await
}
