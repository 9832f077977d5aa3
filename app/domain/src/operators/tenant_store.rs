//! The SQL of what operators do in a tenant.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::SupportNotice;
use crate::{
    billing::SubscriptionStatus,
    db::TenantTx,
    error::Result,
    id::{AccountId, OperatorId, OperatorSessionId, SupportVisitId},
};

pub(super) struct NewVisit<'a> {
    pub id: SupportVisitId,
    pub operator: OperatorId,
    pub session: OperatorSessionId,
    pub operator_name: &'a str,
    pub reason: &'a str,
    pub secret_hash: Vec<u8>,
    pub now: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

pub(super) struct OpenVisit {
    pub id: SupportVisitId,
    pub operator_name: String,
    pub reason: String,
    pub expires_at: DateTime<Utc>,
    pub consented_by: Option<AccountId>,
    pub tenant_name: String,
    pub logo: Option<Uuid>,
    pub time_zone: String,
    pub trash_days: i32,
    pub delete_after: Option<DateTime<Utc>>,
    pub suspended: bool,
    pub status: SubscriptionStatus,
    pub trial_ends_at: DateTime<Utc>,
    pub unpaid_since: Option<DateTime<Utc>>,
}

/// False where it is suspended already.
pub(super) async fn suspend(tx: &mut TenantTx, reason: &str, now: DateTime<Utc>) -> Result<bool> {
    let tenant = tx.id();
    let updated = sqlx::query!(
        "update tenant set suspended_at = $3, suspended_reason = $2 where tenant_id = $1 and suspended_at is null",
        tenant.0,
        reason,
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(updated.rows_affected() == 1)
}

/// False where it is not suspended.
pub(super) async fn restore(tx: &mut TenantTx) -> Result<bool> {
    let tenant = tx.id();
    let updated = sqlx::query!(
        "update tenant set suspended_at = null, suspended_reason = null
         where tenant_id = $1 and suspended_at is not null",
        tenant.0,
    )
    .execute(tx.conn())
    .await?;
    Ok(updated.rows_affected() == 1)
}

pub(super) async fn insert_visit(tx: &mut TenantTx, visit: &NewVisit<'_>) -> Result<()> {
    let tenant = tx.id();
    sqlx::query!(
        "insert into support_visit (tenant_id, id, operator_id, operator_session_id, operator_name, reason, secret_hash,
                                    started_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        tenant.0,
        visit.id.0,
        visit.operator.0,
        visit.session.0,
        visit.operator_name,
        visit.reason,
        visit.secret_hash,
        visit.now,
        visit.expires_at,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The visit whose secret this is, while it, its session and its operator stand.
pub(super) async fn find_visit(tx: &mut TenantTx, secret_hash: &[u8], now: DateTime<Utc>) -> Result<Option<OpenVisit>> {
    let tenant = tx.id();
    let visit = sqlx::query_as!(
        OpenVisit,
        r#"select v.id as "id: SupportVisitId", v.operator_name, v.reason, v.expires_at,
                  v.consented_by as "consented_by: AccountId", t.name as tenant_name,
                  t.logo_id as logo, t.time_zone, t.trash_days, t.delete_after,
                  t.suspended_at is not null as "suspended!", u.status as "status: SubscriptionStatus", u.trial_ends_at,
                  u.unpaid_since
           from support_visit v
           join tenant t on t.tenant_id = v.tenant_id
           join subscription u on u.tenant_id = v.tenant_id
           join operator_session s on s.id = v.operator_session_id
           join operator o on o.id = v.operator_id
           where v.tenant_id = $1 and v.secret_hash = $2 and v.ended_at is null and v.expires_at > $3
             and s.revoked_at is null and s.expires_at > $3 and o.disabled_at is null"#,
        tenant.0,
        secret_hash,
        now,
    );
    Ok(visit.fetch_optional(tx.conn()).await?)
}

/// The visits that are under way, the newest first; at most five are told.
pub(super) async fn open_visits(tx: &mut TenantTx, now: DateTime<Utc>) -> Result<Vec<SupportNotice>> {
    let tenant = tx.id();
    let visits = sqlx::query_as!(
        SupportNotice,
        r#"select v.id as "visit: SupportVisitId", v.operator_name as name, v.reason, v.expires_at as until,
                  v.consented_by is not null as "consented!", false as "mine!"
           from support_visit v
           join operator_session s on s.id = v.operator_session_id
           join operator o on o.id = v.operator_id
           where v.tenant_id = $1 and v.ended_at is null and v.expires_at > $2
             and s.revoked_at is null and s.expires_at > $2 and o.disabled_at is null
           order by v.started_at desc limit 5"#,
        tenant.0,
        now,
    );
    Ok(visits.fetch_all(tx.conn()).await?)
}

/// Answers the operator's name; none where it has ended already.
pub(super) async fn end_visit(tx: &mut TenantTx, visit: SupportVisitId, now: DateTime<Utc>) -> Result<Option<String>> {
    let tenant = tx.id();
    let name = sqlx::query_scalar!(
        "update support_visit set ended_at = $3 where tenant_id = $1 and id = $2 and ended_at is null
         returning operator_name",
        tenant.0,
        visit.0,
        now,
    );
    Ok(name.fetch_optional(tx.conn()).await?)
}

/// Ends the visits of an operator that are under way here, and tells which those were.
pub(super) async fn end_visits_of(
    tx: &mut TenantTx,
    operator: OperatorId,
    now: DateTime<Utc>,
) -> Result<Vec<SupportVisitId>> {
    let tenant = tx.id();
    let ended = sqlx::query_scalar!(
        r#"update support_visit set ended_at = $3
           where tenant_id = $1 and operator_id = $2 and ended_at is null and expires_at > $3
           returning id as "id: SupportVisitId""#,
        tenant.0,
        operator.0,
        now,
    );
    Ok(ended.fetch_all(tx.conn()).await?)
}

/// Keeps the consent of an owner, or takes it back. Answers the operator's name; none where the visit is over.
pub(super) async fn set_consent(
    tx: &mut TenantTx,
    visit: SupportVisitId,
    consented_by: Option<AccountId>,
    now: DateTime<Utc>,
) -> Result<Option<String>> {
    let tenant = tx.id();
    let name = sqlx::query_scalar!(
        "update support_visit set consented_by = $3, consented_at = case when $3::uuid is null then null else $4 end
         where tenant_id = $1 and id = $2 and ended_at is null and expires_at > $4
         returning operator_name",
        tenant.0,
        visit.0,
        consented_by.map(|AccountId(id)| id),
        now,
    );
    Ok(name.fetch_optional(tx.conn()).await?)
}
