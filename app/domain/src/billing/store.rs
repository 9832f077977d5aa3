//! The SQL of subscriptions: our copy of what Stripe has, and what follows from it outside of the ledger.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Currency, Limits, PlanId, Standing, Subscription, SubscriptionStatus, trial::TrialTold, warn::Gauge};
use crate::{
    db::{SystemTx, TenantTx},
    error::Result,
    id::TenantId,
};

/// Stripe's names of a workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CustomerIds {
    pub customer: String,
    /// The subscription, while there is one.
    pub subscription: Option<String>,
}

/// The copy, which nobody else changes until the transaction ends.
pub(super) struct Locked {
    pub subscription: Subscription,
    /// The question whose answer it holds.
    pub applied: i64,
    /// What people were last told of a missing payment.
    pub dunned: Standing,
    /// The plan whose share the lanes have; none before it was looked at.
    pub lanes_of: Option<PlanId>,
    pub trial: TrialTold,
}

struct LockedRow {
    plan: PlanId,
    plan_version: i32,
    currency: Currency,
    status: SubscriptionStatus,
    trial_ends_at: DateTime<Utc>,
    period_start: DateTime<Utc>,
    period_end: DateTime<Utc>,
    cancels_at: Option<DateTime<Utc>>,
    next_plan: Option<PlanId>,
    unpaid_since: Option<DateTime<Utc>>,
    cap: i64,
    is_customer: bool,
    applied: i64,
    dunned: Standing,
    lanes_of: Option<PlanId>,
    told_trial_ends: Option<DateTime<Utc>>,
    told_first_payment: Option<DateTime<Utc>>,
    told_trial_over: Option<DateTime<Utc>>,
}

impl From<LockedRow> for Locked {
    fn from(row: LockedRow) -> Self {
        let subscription = Subscription {
            plan: row.plan,
            plan_version: row.plan_version,
            currency: row.currency,
            status: row.status,
            trial_ends_at: row.trial_ends_at,
            period_start: row.period_start,
            period_end: row.period_end,
            cancels_at: row.cancels_at,
            next_plan: row.next_plan,
            unpaid_since: row.unpaid_since,
            cap: row.cap,
            is_customer: row.is_customer,
        };
        let trial =
            TrialTold { ends: row.told_trial_ends, first_payment: row.told_first_payment, over: row.told_trial_over };
        Self { subscription, applied: row.applied, dunned: row.dunned, lanes_of: row.lanes_of, trial }
    }
}

/// Our copy of what Stripe has of the workspace.
pub(crate) async fn subscription(tx: &mut TenantTx) -> Result<Subscription> {
    let tenant = tx.id();
    let subscription = sqlx::query_as!(
        Subscription,
        r#"select plan as "plan: PlanId", plan_version, currency as "currency: Currency",
                  status as "status: SubscriptionStatus", trial_ends_at, period_start, period_end, cancels_at,
                  next_plan as "next_plan: PlanId", unpaid_since, cap, stripe_customer is not null as "is_customer!"
           from subscription where tenant_id = $1"#,
        tenant.0,
    );
    Ok(subscription.fetch_one(tx.conn()).await?)
}

/// The copy, locked.
pub(super) async fn lock(tx: &mut TenantTx) -> Result<Locked> {
    let tenant = tx.id();
    let row = sqlx::query_as!(
        LockedRow,
        r#"select plan as "plan: PlanId", plan_version, currency as "currency: Currency",
                  status as "status: SubscriptionStatus", trial_ends_at, period_start, period_end, cancels_at,
                  next_plan as "next_plan: PlanId", unpaid_since, cap, stripe_customer is not null as "is_customer!",
                  applied, dunned as "dunned: Standing", lanes_of as "lanes_of: PlanId", told_trial_ends,
                  told_first_payment, told_trial_over
           from subscription where tenant_id = $1 for no key update"#,
        tenant.0,
    );
    Ok(row.fetch_one(tx.conn()).await?.into())
}

/// Counts a question to Stripe, before it is asked, and in a transaction that has ended by then: a later question has a larger
/// number, and was answered with nothing older.
pub(crate) async fn next_revision(tx: &mut TenantTx) -> Result<i64> {
    let tenant = tx.id();
    let revision = sqlx::query_scalar!(
        "update subscription set revision = revision + 1 where tenant_id = $1 returning revision",
        tenant.0,
    );
    Ok(revision.fetch_one(tx.conn()).await?)
}

/// Keeps what Stripe answered to a question, and when. For whoever has paid, the trial is over with that, and nobody is told that
/// it led to nothing.
pub(super) async fn keep(
    tx: &mut TenantTx,
    copy: &Subscription,
    ids: &CustomerIds,
    revision: i64,
    now: DateTime<Utc>,
) -> Result<()> {
    let tenant = tx.id();
    let has_paid = copy.status.is_subscribed() && copy.status != SubscriptionStatus::Trialing;
    sqlx::query!(
        "update subscription set
             plan = $2, plan_version = $3, currency = $4, status = $5, period_start = $6, period_end = $7, cancels_at = $8,
             next_plan = $9, unpaid_since = $10, stripe_customer = $11, stripe_subscription = $12, applied = $13,
             synced_at = $14,
             told_trial_over = case
                 when $15 and (told_trial_over is null or told_trial_over < greatest(trial_ends_at, told_first_payment))
                 then greatest($14, trial_ends_at, told_first_payment)
                 else told_trial_over
             end
         where tenant_id = $1",
        tenant.0,
        copy.plan.as_str(),
        copy.plan_version,
        copy.currency.as_str(),
        copy.status.as_str(),
        copy.period_start,
        copy.period_end,
        copy.cancels_at,
        copy.next_plan.map(PlanId::as_str),
        copy.unpaid_since,
        ids.customer,
        ids.subscription.as_deref(),
        revision,
        now,
        has_paid,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// What Stripe calls the workspace; none where Stripe does not know it.
pub(crate) async fn customer(tx: &mut TenantTx) -> Result<Option<CustomerIds>> {
    let tenant = tx.id();
    let ids = sqlx::query_as!(
        CustomerIds,
        r#"select stripe_customer as "customer!", stripe_subscription as subscription
           from subscription where tenant_id = $1 and stripe_customer is not null"#,
        tenant.0,
    );
    Ok(ids.fetch_optional(tx.conn()).await?)
}

/// Keeps that Stripe knows the workspace by this name.
pub(crate) async fn set_customer(tx: &mut TenantTx, customer: &str) -> Result<()> {
    let tenant = tx.id();
    sqlx::query!("update subscription set stripe_customer = $2 where tenant_id = $1", tenant.0, customer)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Gives the lanes that are there, and those that will be, the share of a plan. What an operator gave a lane ends with that.
pub(super) async fn set_lanes(tx: &mut TenantTx, plan: PlanId, limits: &Limits) -> Result<()> {
    let tenant = tx.id();
    sqlx::query!(
        "update subscription set lanes_of = $2, lane_weight = $3, lane_running = $4 where tenant_id = $1",
        tenant.0,
        plan.as_str(),
        limits.weight,
        limits.running_jobs,
    )
    .execute(tx.conn())
    .await?;
    // In the order in which the workers lock them.
    sqlx::query!(
        "with lane as (
             select kind from job_lane where tenant_id = $1 order by kind for no key update
         )
         update job_lane set weight = $2, max_running = $3 from lane
         where job_lane.tenant_id = $1 and job_lane.kind = lane.kind",
        tenant.0,
        limits.weight,
        limits.running_jobs,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Keeps what people were last told of a missing payment.
pub(super) async fn set_dunned(tx: &mut TenantTx, standing: Standing) -> Result<()> {
    let tenant = tx.id();
    sqlx::query!("update subscription set dunned = $2 where tenant_id = $1", tenant.0, standing.as_str())
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Keeps what people were told of a trial.
pub(super) async fn set_trial_told(tx: &mut TenantTx, told: &TrialTold) -> Result<()> {
    let tenant = tx.id();
    sqlx::query!(
        "update subscription set told_trial_ends = $2, told_first_payment = $3, told_trial_over = $4
         where tenant_id = $1",
        tenant.0,
        told.ends,
        told.first_payment,
        told.over,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Up to 500 tenants after this one that time alone may have changed.
pub(super) async fn to_tend(tx: &mut SystemTx, now: DateTime<Utc>, last: Option<TenantId>) -> Result<Vec<TenantId>> {
    // The nil id comes before every other, and is no tenant's.
    let last = last.map_or(Uuid::nil(), |tenant| tenant.0);
    let tenants = sqlx::query_scalar!(r#"select id as "id!: TenantId" from tenants_to_tend($1, $2) as id"#, now, last);
    Ok(tenants.fetch_all(tx.conn()).await?)
}

/// What the meter says now, which nobody else changes until the transaction ends.
pub(super) async fn lock_gauge(tx: &mut TenantTx) -> Result<Gauge> {
    let tenant = tx.id();
    let gauge = sqlx::query_as!(
        Gauge,
        "select period_start, period_end, granted, used, stored_bytes, warned_credits, warned_storage
         from tenant_meter where tenant_id = $1 for no key update",
        tenant.0,
    );
    Ok(gauge.fetch_one(tx.conn()).await?)
}

/// Keeps of what per cent people were told.
pub(super) async fn set_warned(tx: &mut TenantTx, credits: i32, storage: i32) -> Result<()> {
    let tenant = tx.id();
    sqlx::query!(
        "update tenant_meter set warned_credits = $2, warned_storage = $3 where tenant_id = $1",
        tenant.0,
        credits,
        storage,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
