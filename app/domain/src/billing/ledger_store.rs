//! The SQL of the meter and the ledger.
//!
//! Whoever changes the meter of a workspace has its row locked until the transaction ends, so a verb does it last of all, after
//! it has recorded: who records waits for whoever records, and two that wait for each other would both fail.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Account, Entitlements, EntryKind, ledger::ChargedBefore, meter::Meter};
use crate::{
    clock::Clock,
    db::TenantTx,
    error::Result,
    id::{AccountId, ApiKeyId, DocumentId, JobId},
};

/// A line on its way into the ledger.
pub(super) struct NewEntry<'a> {
    pub kind: EntryKind,
    /// Which account gives, and which takes.
    pub debit: Account,
    pub credit: Account,
    pub credits: i64,
    /// Once for each cause and pair of accounts.
    pub key: &'a str,
    pub period_start: DateTime<Utc>,
    pub cause: Cause,
    pub e: &'a Entitlements,
    pub note: Option<&'a str>,
}

/// What a line is about.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Cause {
    pub document: Option<DocumentId>,
    pub job: Option<JobId>,
    pub account: Option<AccountId>,
    pub api_key: Option<ApiKeyId>,
}

/// What was charged once.
pub(super) struct Charged {
    pub from: Account,
    pub credits: i64,
    pub period_start: DateTime<Utc>,
    pub cause: Cause,
}

/// The sums that the meter has to be equal to.
pub(super) struct Sums {
    pub granted: i64,
    pub included: i64,
    pub overage: i64,
    pub used: i64,
    /// What is available of all months together: each but the last has left nothing.
    pub available: i64,
    pub held: i64,
    pub stored_bytes: i64,
}

/// Counts an upload, and sets credits aside for it, if both fit into this month and it is not over: then it answers what the
/// meter says now. Of any number that come at once, each waits for the one before and looks again.
pub(super) async fn take_in(
    tx: &mut TenantTx,
    now: DateTime<Utc>,
    e: &Entitlements,
    document: DocumentId,
    credits: i64,
    bytes: i64,
) -> Result<Option<Meter>> {
    let tenant = tx.id();
    let meter = sqlx::query_as!(
        Meter,
        r#"with meter as (
               update tenant_meter set held = held + $3::int8, stored_bytes = stored_bytes + $4::int8
               where tenant_id = $1
                 and period_end > $5
                 and ($3::int8 = 0 or granted - included + greatest($6::int8 - overage, 0) - held >= $3::int8)
                 and stored_bytes <= $7::int8 - $4::int8
               returning period_start, period_end, granted, included, overage, used, held, stored_bytes, warned_credits,
                         warned_storage
           ), hold as (
               insert into credit_hold (tenant_id, document_id, credits, held_at)
               select $1, $2, $3::int8, $5 from meter where $3::int8 > 0
           )
           select period_start as "period_start!", period_end as "period_end!", granted as "granted!",
                  included as "included!", overage as "overage!", used as "used!", held as "held!",
                  stored_bytes as "stored_bytes!", warned_credits as "warned_credits!", warned_storage as "warned_storage!"
           from meter"#,
        tenant.0,
        document.0,
        credits,
        bytes,
        now,
        e.cap,
        e.limits.storage_bytes,
    );
    Ok(meter.fetch_optional(tx.conn()).await?)
}

/// The meter, which nobody else changes until the transaction ends.
pub(super) async fn lock(tx: &mut TenantTx) -> Result<Meter> {
    let tenant = tx.id();
    let meter = sqlx::query_as!(
        Meter,
        "select period_start, period_end, granted, included, overage, used, held, stored_bytes, warned_credits, warned_storage
         from tenant_meter where tenant_id = $1 for update",
        tenant.0,
    );
    Ok(meter.fetch_one(tx.conn()).await?)
}

/// The meter as it is now, while others may change it; none where the workspace is gone.
pub(super) async fn look(tx: &mut TenantTx) -> Result<Option<Meter>> {
    let tenant = tx.id();
    let meter = sqlx::query_as!(
        Meter,
        "select period_start, period_end, granted, included, overage, used, held, stored_bytes, warned_credits, warned_storage
         from tenant_meter where tenant_id = $1",
        tenant.0,
    );
    Ok(meter.fetch_optional(tx.conn()).await?)
}

/// Writes a meter that was locked in this transaction.
pub(super) async fn write(tx: &mut TenantTx, meter: &Meter) -> Result<()> {
    let tenant = tx.id();
    sqlx::query!(
        "update tenant_meter
         set period_start = $2, period_end = $3, granted = $4, included = $5, overage = $6, used = $7, held = $8,
             stored_bytes = $9, warned_credits = $10, warned_storage = $11
         where tenant_id = $1",
        tenant.0,
        meter.period_start,
        meter.period_end,
        meter.granted,
        meter.included,
        meter.overage,
        meter.used,
        meter.held,
        meter.stored_bytes,
        meter.warned_credits,
        meter.warned_storage,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn insert_entry(tx: &mut TenantTx, clock: &Clock, entry: &NewEntry<'_>) -> Result<()> {
    let tenant = tx.id();
    sqlx::query!(
        "insert into ledger_entry (tenant_id, id, kind, debit, credit, credits, key, period_start, job_id, document_id,
                                   account_id, plan, price_version, note, at, api_key_id)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
        tenant.0,
        clock.id::<Uuid>(),
        entry.kind.as_str(),
        entry.debit.as_str(),
        entry.credit.as_str(),
        entry.credits,
        entry.key,
        entry.period_start,
        entry.cause.job.map(|JobId(id)| id),
        entry.cause.document.map(|DocumentId(id)| id),
        entry.cause.account.map(|AccountId(id)| id),
        entry.e.plan.as_str(),
        entry.e.plan_version,
        entry.note,
        clock.now(),
        entry.cause.api_key.map(|ApiKeyId(id)| id),
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Whether something has moved credits under this key.
pub(super) async fn has_moved(tx: &mut TenantTx, key: &str) -> Result<bool> {
    let tenant = tx.id();
    let moved = sqlx::query_scalar!(
        r#"select exists (select from ledger_entry where tenant_id = $1 and key = $2) as "moved!""#,
        tenant.0,
        key,
    );
    Ok(moved.fetch_one(tx.conn()).await?)
}

/// What was charged under this key; nothing where it came back already.
pub(super) async fn charged(tx: &mut TenantTx, key: &str) -> Result<Vec<Charged>> {
    let tenant = tx.id();
    let lines = sqlx::query!(
        r#"select kind as "kind: EntryKind", debit as "from: Account", credits, period_start, job_id as "job: JobId",
                  document_id as "document: DocumentId", account_id as "account: AccountId",
                  api_key_id as "api_key: ApiKeyId"
           from ledger_entry where tenant_id = $1 and key = $2"#,
        tenant.0,
        key,
    )
    .fetch_all(tx.conn())
    .await?;
    if lines.iter().any(|line| line.kind != EntryKind::Use) {
        return Ok(Vec::new());
    }
    let charged = lines.into_iter().map(|line| Charged {
        from: line.from,
        credits: line.credits,
        period_start: line.period_start,
        cause: Cause { document: line.document, job: line.job, account: line.account, api_key: line.api_key },
    });
    Ok(charged.collect())
}

/// The keys under which a document was charged.
pub(super) async fn charges_of(tx: &mut TenantTx, document: DocumentId) -> Result<Vec<ChargedBefore>> {
    let tenant = tx.id();
    let charges = sqlx::query_as!(
        ChargedBefore,
        r#"select key, bool_or(kind = 'credit_back') as "is_back!", min(at) as "at!"
           from ledger_entry
           where tenant_id = $1 and document_id = $2 and kind in ('use', 'credit_back')
           group by key"#,
        tenant.0,
        document.0,
    );
    Ok(charges.fetch_all(tx.conn()).await?)
}

/// Credits that a month or a plan has brought in this month so far, without what operators added.
pub(super) async fn granted_in(tx: &mut TenantTx, period_start: DateTime<Utc>) -> Result<i64> {
    let tenant = tx.id();
    let granted = sqlx::query_scalar!(
        r#"select coalesce(sum(credits), 0)::int8 as "granted!"
           from ledger_entry where tenant_id = $1 and period_start = $2 and kind = 'grant'"#,
        tenant.0,
        period_start,
    );
    Ok(granted.fetch_one(tx.conn()).await?)
}

/// Credits that are set aside for a document.
pub(super) async fn hold_of(tx: &mut TenantTx, document: DocumentId) -> Result<Option<i64>> {
    let tenant = tx.id();
    let hold = sqlx::query_scalar!(
        "select credits from credit_hold where tenant_id = $1 and document_id = $2",
        tenant.0,
        document.0,
    );
    Ok(hold.fetch_optional(tx.conn()).await?)
}

/// Sets so many credits aside for each of these documents, whatever there was before.
pub(super) async fn set_holds(
    tx: &mut TenantTx,
    now: DateTime<Utc>,
    documents: &[Uuid],
    credits: &[i64],
) -> Result<()> {
    let tenant = tx.id();
    sqlx::query!(
        "insert into credit_hold (tenant_id, document_id, credits, held_at)
         select $1, hold.document, hold.credits, $4 from unnest($2::uuid[], $3::int8[]) as hold (document, credits)
         on conflict (tenant_id, document_id) do update set credits = excluded.credits, held_at = excluded.held_at",
        tenant.0,
        documents,
        credits,
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Sets nothing aside any more for these documents, and answers how much it was.
pub(super) async fn drop_holds(tx: &mut TenantTx, documents: &[Uuid]) -> Result<i64> {
    let tenant = tx.id();
    let dropped = sqlx::query_scalar!(
        r#"with dropped as (
               delete from credit_hold where tenant_id = $1 and document_id = any ($2) returning credits
           )
           select coalesce(sum(credits), 0)::int8 as "credits!" from dropped"#,
        tenant.0,
        documents,
    );
    Ok(dropped.fetch_one(tx.conn()).await?)
}

/// What the meter has to say, counted anew from all that there is. The meter is to be locked.
pub(super) async fn sums(tx: &mut TenantTx, period_start: DateTime<Utc>) -> Result<Sums> {
    let tenant = tx.id();
    let sums = sqlx::query_as!(
        Sums,
        r#"select coalesce(sum(case 'available' when credit then credits when debit then -credits end)
                               filter (where is_now and 'plan' in (debit, credit)), 0)::int8 as "granted!",
                  coalesce(sum(case 'used' when credit then credits when debit then -credits end)
                               filter (where is_now and 'available' in (debit, credit)), 0)::int8 as "included!",
                  coalesce(sum(case 'used' when credit then credits when debit then -credits end)
                               filter (where is_now and 'overage' in (debit, credit)), 0)::int8 as "overage!",
                  coalesce(sum(case 'used' when credit then credits when debit then -credits end)
                               filter (where is_now), 0)::int8 as "used!",
                  coalesce(sum(case 'available' when credit then credits when debit then -credits end), 0)::int8
                      as "available!",
                  (select coalesce(sum(credits), 0)::int8 from credit_hold where tenant_id = $1) as "held!",
                  (select coalesce(sum(bytes), 0)::int8 from document where tenant_id = $1) as "stored_bytes!"
           from (select debit, credit, credits, period_start = $2 as is_now from ledger_entry where tenant_id = $1) as line"#,
        tenant.0,
        period_start,
    );
    Ok(sums.fetch_one(tx.conn()).await?)
}

/// What the workspace may use beyond the included credits from now on.
pub(super) async fn set_cap(tx: &mut TenantTx, cap: i64) -> Result<()> {
    let tenant = tx.id();
    sqlx::query!("update subscription set cap = $2 where tenant_id = $1", tenant.0, cap).execute(tx.conn()).await?;
    Ok(())
}
