//! All SQL of the figures of one workspace.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;
use uuid::Uuid;

use super::{Figures, Month, movement::State};
use crate::{
    billing::{Currency, PlanId, SubscriptionStatus},
    db::TenantTx,
    error::Result,
};

/// A day, and the ids between which the jobs lie that were made on it.
pub(super) struct Day {
    pub day: NaiveDate,
    pub first: Uuid,
    /// The first of the next day.
    pub end: Uuid,
}

/// Adds what the subscription is now to its history, where it is another than it was: since a time, or since Stripe was asked. Should
/// a clock have gone back, the change is as late as the one before it, and takes its place.
pub(super) async fn keep_change(tx: &mut TenantTx, turned_at: Option<DateTime<Utc>>) -> Result<()> {
    let tenant = tx.id();
    sqlx::query!(
        "insert into subscription_change (tenant_id, at, plan, plan_version, currency, status)
         select s.tenant_id, greatest(coalesce($2, s.synced_at, now()), last.at), s.plan, s.plan_version, s.currency, s.status
         from subscription s
         left join lateral (
             select c.at, c.plan, c.plan_version, c.currency, c.status from subscription_change c
             where c.tenant_id = $1 order by c.at desc limit 1
         ) as last on true
         where s.tenant_id = $1
           and (s.plan, s.plan_version, s.currency, s.status)
               is distinct from (last.plan, last.plan_version, last.currency, last.status)
         on conflict (tenant_id, at) do update
             set plan = excluded.plan, plan_version = excluded.plan_version, currency = excluded.currency,
                 status = excluded.status",
        tenant.0,
        turned_at,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// A list of invoices as JSON, with the names of [`KeptInvoice`](super::KeptInvoice).
pub(super) async fn keep_invoices(tx: &mut TenantTx, invoices: &Value) -> Result<()> {
    let tenant = tx.id();
    sqlx::query!(
        "insert into invoice (tenant_id, id, number, status, currency, subtotal_cents, tax_cents, total_cents, created_at,
                              period_start, period_end, paid_at, has_failed)
         select distinct on (i.id) $1, i.id, i.number, i.status, i.currency, i.subtotal_cents, i.tax_cents, i.total_cents,
                i.created_at, i.period_start, i.period_end, i.paid_at, i.failed
         from jsonb_to_recordset($2) as i (
             id text, number text, status text, currency text, subtotal_cents bigint, tax_cents bigint, total_cents bigint,
             created_at timestamptz, period_start timestamptz, period_end timestamptz, paid_at timestamptz, failed boolean
         )
         order by i.id
         on conflict (tenant_id, id) do update
             set number = excluded.number, status = excluded.status, subtotal_cents = excluded.subtotal_cents,
                 tax_cents = excluded.tax_cents, total_cents = excluded.total_cents, period_start = excluded.period_start,
                 period_end = excluded.period_end, paid_at = excluded.paid_at,
                 has_failed = invoice.has_failed or excluded.has_failed",
        tenant.0,
        invoices,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// What the subscription was before a time; with `is_paid`, the last that was paid for.
pub(super) async fn state_before(tx: &mut TenantTx, at: DateTime<Utc>, is_paid: bool) -> Result<Option<State>> {
    let tenant = tx.id();
    let state = sqlx::query_as!(
        State,
        r#"select at, plan as "plan: PlanId", plan_version, currency as "currency: Currency",
                  status as "status: SubscriptionStatus"
           from subscription_change
           where tenant_id = $1 and at < $2
             and (not $3 or (status in ('active', 'past_due') and plan <> 'free'))
           order by at desc limit 1"#,
        tenant.0,
        at,
        is_paid,
    );
    Ok(state.fetch_optional(tx.conn()).await?)
}

/// When the trial ends, or did.
pub(super) async fn trial_ends_at(tx: &mut TenantTx) -> Result<Option<DateTime<Utc>>> {
    let tenant = tx.id();
    let ends = sqlx::query_scalar!("select trial_ends_at from subscription where tenant_id = $1", tenant.0);
    Ok(ends.fetch_optional(tx.conn()).await?)
}

/// The invoices of a month, and what was paid in it, by currency.
pub(super) async fn billed(tx: &mut TenantTx, month: Month) -> Result<Vec<(Currency, Figures)>> {
    let tenant = tx.id();
    let rows = sqlx::query!(
        r#"select currency as "currency!: Currency",
                  count(*) filter (where is_of_month) as "invoices!",
                  coalesce(sum(total_cents - tax_cents) filter (where is_of_month), 0)::bigint as "invoiced_cents!",
                  coalesce(sum(tax_cents) filter (where is_of_month), 0)::bigint as "tax_cents!",
                  coalesce(sum(total_cents) filter (where is_paid_in_month), 0)::bigint as "paid_cents!",
                  count(*) filter (where is_of_month and has_failed) as "failed!",
                  coalesce(sum(total_cents) filter (where is_of_month and has_failed), 0)::bigint as "failed_cents!",
                  coalesce(sum(total_cents) filter (where is_paid_in_month and has_failed), 0)::bigint as "recovered_cents!"
           from (
               select currency, status, total_cents, tax_cents, has_failed,
                      status in ('open', 'paid', 'uncollectible') and created_at >= $2 and created_at < $3 as is_of_month,
                      status = 'paid' and paid_at >= $2 and paid_at < $3 as is_paid_in_month
               from invoice where tenant_id = $1
           ) as i
           group by currency order by currency"#,
        tenant.0,
        month.start(),
        month.end(),
    )
    .fetch_all(tx.conn())
    .await?;
    let billed = rows.into_iter().map(|row| {
        let figures = Figures {
            invoices: row.invoices,
            invoiced_cents: row.invoiced_cents,
            tax_cents: row.tax_cents,
            paid_cents: row.paid_cents,
            failed: row.failed,
            failed_cents: row.failed_cents,
            recovered_cents: row.recovered_cents,
            ..Figures::default()
        };
        (row.currency, figures)
    });
    Ok(billed.collect())
}

/// The credits that were used in a month, by the ledger, and those of them beyond the included ones.
pub(super) async fn used_credits(tx: &mut TenantTx, month: Month) -> Result<(i64, i64)> {
    let tenant = tx.id();
    let row = sqlx::query!(
        r#"select coalesce(sum(case when credit = 'used' then credits when debit = 'used' then -credits else 0 end), 0)::bigint
                      as "used!",
                  coalesce(sum(case when debit = 'overage' then credits when credit = 'overage' then -credits else 0 end),
                           0)::bigint as "overage!"
           from ledger_entry where tenant_id = $1 and at >= $2 and at < $3"#,
        tenant.0,
        month.start(),
        month.end(),
    )
    .fetch_one(tx.conn())
    .await?;
    Ok((row.used, row.overage))
}

/// What the jobs of these days took, and what is stored. What was stored on a day stays as it was first kept.
pub(super) async fn keep_costs(tx: &mut TenantTx, days: &[Day]) -> Result<()> {
    let tenant = tx.id();
    let dates: Vec<NaiveDate> = days.iter().map(|day| day.day).collect();
    let firsts: Vec<Uuid> = days.iter().map(|day| day.first).collect();
    let ends: Vec<Uuid> = days.iter().map(|day| day.end).collect();
    sqlx::query!(
        "insert into cost_day (tenant_id, day, worker_seconds, stored_bytes)
         select $1, asked.day, work.seconds, greatest(m.stored_bytes, 0)
         from unnest($2::date[], $3::uuid[], $4::uuid[]) as asked (day, first_job, end_job)
         cross join lateral (
             select coalesce(ceil(sum(job.worked)), 0)::bigint as seconds from job
             where job.tenant_id = $1 and job.id >= asked.first_job and job.id < asked.end_job
         ) as work
         join tenant_meter m on m.tenant_id = $1
         on conflict (tenant_id, day) do update set worker_seconds = excluded.worker_seconds",
        tenant.0,
        &dates,
        &firsts,
        &ends,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Seconds of workers, and millions of bytes added up over the days of a month.
pub(super) async fn costs(tx: &mut TenantTx, month: Month) -> Result<(i64, i64)> {
    let tenant = tx.id();
    let row = sqlx::query!(
        r#"select coalesce(sum(worker_seconds), 0)::bigint as "worker_seconds!",
                  coalesce(floor(sum(stored_bytes) / 1000000), 0)::bigint as "megabyte_days!"
           from cost_day where tenant_id = $1 and day >= $2 and day < $3"#,
        tenant.0,
        month.first_day(),
        month.next().first_day(),
    )
    .fetch_one(tx.conn())
    .await?;
    Ok((row.worker_seconds, row.megabyte_days))
}

/// Puts these rows in the place of a month's, as a list in JSON with the names of the columns.
pub(super) async fn replace(tx: &mut TenantTx, month: Month, rows: &Value) -> Result<()> {
    let tenant = tx.id();
    sqlx::query!("delete from revenue_tenant where tenant_id = $1 and month = $2", tenant.0, month.first_day())
        .execute(tx.conn())
        .await?;
    sqlx::query!(
        "insert into revenue_tenant
         select r.* from jsonb_populate_recordset(null::revenue_tenant, $2) as r where r.tenant_id = $1",
        tenant.0,
        rows,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
