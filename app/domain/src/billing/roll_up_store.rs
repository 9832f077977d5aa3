//! The SQL of what Stripe is told of use. Hours are those of UTC.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{
    db::{SystemTx, TenantTx},
    error::Result,
    id::TenantId,
};

/// What was used beyond the included credits in an hour, or in the part of one in which a month begins; below zero where more
/// came back.
pub(super) struct MeterEvent {
    /// When that began. It lies in the month that pays.
    pub hour: DateTime<Utc>,
    pub credits: i64,
    /// When Stripe is told that it was used: in the last second of the hour, or of the last whole minute of its month, as Stripe
    /// counts minutes. So what was used within the hour in which another price began is billed at that one, and what was told
    /// before is not.
    pub used_at: DateTime<Utc>,
    /// By which Stripe knows it.
    pub identifier: String,
    /// When Stripe was first told, where it may have been.
    pub tried_at: Option<DateTime<Utc>>,
}

/// An hour of a month: what the ledger has of it, and what was written down for Stripe.
pub(super) struct CountedHour {
    pub hour: DateTime<Utc>,
    pub used: i64,
    pub told: i64,
}

/// A month of which something is known.
pub(super) struct Month {
    /// None where nothing was by then.
    pub began: Option<DateTime<Utc>>,
    /// When a later one has begun.
    pub followed: Option<DateTime<Utc>>,
}

/// Up to 500 workspaces after this one that Stripe knows, by their ids.
pub(super) async fn customers(tx: &mut SystemTx, last: Option<TenantId>) -> Result<Vec<TenantId>> {
    // The nil id comes before every other, and is no tenant's.
    let last = last.map_or(Uuid::nil(), |tenant| tenant.0);
    let page = sqlx::query_scalar!(r#"select id as "id!: TenantId" from customers_after($1) as id"#, last);
    Ok(page.fetch_all(tx.conn()).await?)
}

/// Keeps everybody from moving credits of the tenant, until the transaction ends. Answers when its month has begun.
pub(super) async fn lock(tx: &mut TenantTx) -> Result<DateTime<Utc>> {
    let tenant = tx.id();
    let began = sqlx::query_scalar!("select period_start from tenant_meter where tenant_id = $1 for update", tenant.0);
    Ok(began.fetch_one(tx.conn()).await?)
}

/// Writes down the hours of the months since `since` that are over by `now` and are not written yet; an hour is over too when
/// its month is, which is so before `month`. Where the ledger has changed behind what is written, the difference is written a
/// second later. Answers how many rows that makes. The meter must be locked.
pub(super) async fn insert(
    tx: &mut TenantTx,
    since: DateTime<Utc>,
    now: DateTime<Utc>,
    month: DateTime<Utc>,
) -> Result<u64> {
    let tenant = tx.id();
    let inserted = sqlx::query!(
        "with told as (
             select period_start, max(hour) as last, sum(credits) as credits
             from meter_event where tenant_id = $1 and period_start >= $2 group by period_start
         ), used as (
             select period_start, greatest(date_trunc('hour', at, 'UTC'), period_start) as hour,
                    sum(case when debit = 'overage' then credits else -credits end) as credits
             from ledger_entry
             where tenant_id = $1 and period_start >= $2 and (debit = 'overage' or credit = 'overage')
             group by 1, 2
         ), due as (
             select used.period_start, used.hour, used.credits
             from used left join told on told.period_start = used.period_start
             where (told.last is null or used.hour > told.last)
               and (date_trunc('hour', used.hour, 'UTC') + interval '1 hour' <= $3 or used.period_start < $4)
             union all
             select told.period_start, told.last + interval '1 second', coalesce(sum(used.credits), 0) - told.credits
             from told left join used on used.period_start = told.period_start and used.hour <= told.last
             group by told.period_start, told.last, told.credits
         )
         insert into meter_event (tenant_id, hour, period_start, credits, identifier)
         select $1, hour, period_start, credits::bigint, $1::text || ':' || floor(extract(epoch from hour))::bigint
         from due where credits <> 0
         on conflict do nothing",
        tenant.0,
        since,
        now,
        month,
    );
    Ok(inserted.execute(tx.conn()).await?.rows_affected())
}

/// Up to 100 that Stripe was not told, of those that began after `after`, the oldest first.
pub(super) async fn unsent(tx: &mut TenantTx, after: DateTime<Utc>) -> Result<Vec<MeterEvent>> {
    let tenant = tx.id();
    let events = sqlx::query_as!(
        MeterEvent,
        r#"select e.hour, e.credits, e.identifier, e.tried_at,
                  greatest(e.hour, least(date_trunc('hour', e.hour, 'UTC') + interval '1 hour',
                                         case when m.period_start > e.hour then date_trunc('minute', m.period_start) end)
                                   - interval '1 second') as "used_at!"
           from meter_event e join tenant_meter m on m.tenant_id = $1
           where e.tenant_id = $1 and e.hour > $2 and e.sent_at is null order by e.hour limit 100"#,
        tenant.0,
        after,
    );
    Ok(events.fetch_all(tx.conn()).await?)
}

/// Notes that Stripe is being told, where it was not noted before.
pub(super) async fn note_tried(tx: &mut TenantTx, hours: &[DateTime<Utc>], now: DateTime<Utc>) -> Result<()> {
    let tenant = tx.id();
    sqlx::query!(
        "update meter_event set tried_at = $3 where tenant_id = $1 and hour = any ($2) and tried_at is null",
        tenant.0,
        hours,
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Notes that Stripe was told.
pub(super) async fn note_sent(tx: &mut TenantTx, hour: DateTime<Utc>, now: DateTime<Utc>) -> Result<()> {
    let tenant = tx.id();
    sqlx::query!(
        "update meter_event set sent_at = $3 where tenant_id = $1 and hour = $2 and sent_at is null",
        tenant.0,
        hour,
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// What Stripe was told of the time from one to another.
pub(super) async fn sent_between(tx: &mut TenantTx, from: DateTime<Utc>, until: DateTime<Utc>) -> Result<i64> {
    let tenant = tx.id();
    let sent = sqlx::query_scalar!(
        r#"select coalesce(sum(credits), 0)::bigint as "sent!" from meter_event
           where tenant_id = $1 and hour >= $2 and hour < $3 and sent_at is not null"#,
        tenant.0,
        from,
        until,
    );
    Ok(sent.fetch_one(tx.conn()).await?)
}

/// Each hour of a month in which anything was used beyond the included credits, or told, and which is over by `now`, or all where
/// the month is over.
pub(super) async fn hours(
    tx: &mut TenantTx,
    month: DateTime<Utc>,
    now: DateTime<Utc>,
    is_over: bool,
) -> Result<Vec<CountedHour>> {
    let tenant = tx.id();
    let hours = sqlx::query_as!(
        CountedHour,
        r#"select hour as "hour!", sum(used)::bigint as "used!", sum(told)::bigint as "told!"
           from (
               select greatest(date_trunc('hour', at, 'UTC'), period_start) as hour,
                      case when debit = 'overage' then credits else -credits end as used, 0 as told
               from ledger_entry
               where tenant_id = $1 and period_start = $2 and (debit = 'overage' or credit = 'overage')
               union all
               select greatest(date_trunc('hour', hour, 'UTC'), period_start), 0, credits
               from meter_event where tenant_id = $1 and period_start = $2
           ) as counted
           where $4 or date_trunc('hour', hour, 'UTC') + interval '1 hour' <= $3
           group by hour order by hour"#,
        tenant.0,
        month,
        now,
        is_over,
    );
    Ok(hours.fetch_all(tx.conn()).await?)
}

/// Those of a month that Stripe was not told, though they were written down before `before`.
pub(super) async fn late(tx: &mut TenantTx, month: DateTime<Utc>, before: DateTime<Utc>) -> Result<Vec<MeterEvent>> {
    let tenant = tx.id();
    let events = sqlx::query_as!(
        MeterEvent,
        r#"select e.hour, e.credits, e.identifier, e.tried_at,
                  greatest(e.hour, least(date_trunc('hour', e.hour, 'UTC') + interval '1 hour',
                                         case when m.period_start > e.hour then date_trunc('minute', m.period_start) end)
                                   - interval '1 second') as "used_at!"
           from meter_event e join tenant_meter m on m.tenant_id = $1
           where e.tenant_id = $1 and e.period_start = $2 and e.hour < $3 and e.sent_at is null order by e.hour"#,
        tenant.0,
        month,
        before,
    );
    Ok(events.fetch_all(tx.conn()).await?)
}

/// When the month began that holds this moment, and when a later one has: of those that are known by what was used beyond the
/// included credits, by what was told of them, or as the running one.
pub(super) async fn month_of(tx: &mut TenantTx, moment: DateTime<Utc>) -> Result<Month> {
    let tenant = tx.id();
    let month = sqlx::query_as!(
        Month,
        r#"select greatest(
               (select max(period_start) from ledger_entry
                where tenant_id = $1 and period_start <= $2 and (debit = 'overage' or credit = 'overage')),
               (select max(period_start) from meter_event where tenant_id = $1 and period_start <= $2),
               (select max(period_start) from tenant_meter where tenant_id = $1 and period_start <= $2)
           ) as began,
           least(
               (select min(period_start) from ledger_entry
                where tenant_id = $1 and period_start > $2 and (debit = 'overage' or credit = 'overage')),
               (select min(period_start) from meter_event where tenant_id = $1 and period_start > $2),
               (select min(period_start) from tenant_meter where tenant_id = $1 and period_start > $2)
           ) as followed"#,
        tenant.0,
        moment,
    );
    Ok(month.fetch_one(tx.conn()).await?)
}
