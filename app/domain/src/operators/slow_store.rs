//! The SQL of requests that took long or failed. What shows them asks for the secret of the operator's session: without a good one it
//! tells nothing.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{Operator, SLOW_MS, SlowFilter, SlowLine, SlowRequest};
use crate::{
    db::SystemTx,
    error::Result,
    id::{SlowId, TenantId},
    trace::TraceId,
};

pub(super) async fn keep(tx: &mut SystemTx, request: &SlowRequest, trace: TraceId) -> Result<()> {
    let SlowRequest { line, error, spans, .. } = request;
    sqlx::query!(
        "select keep_request($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        line.id.0,
        line.at,
        line.method,
        line.route,
        line.status,
        line.took_ms,
        trace.0,
        line.tenant.map(|TenantId(id)| id),
        serde_json::to_value(spans)?,
        line.failed,
        error.as_deref(),
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Up to 51, the newest first.
pub(super) async fn page(
    tx: &mut SystemTx,
    operator: &Operator,
    now: DateTime<Utc>,
    filter: SlowFilter,
    after: Option<SlowId>,
) -> Result<Vec<SlowLine>> {
    let only_failed = filter == SlowFilter::Failed;
    let least_ms = if filter == SlowFilter::Slow { SLOW_MS.cast_signed() } else { 0 };
    let lines = sqlx::query_as!(
        SlowLine,
        r#"select id as "id!: SlowId", at as "at!", method as "method!", route as "route!", status as "status!",
                  took_ms as "took_ms!", tenant_id as "tenant: TenantId", name, failed as "failed!"
           from operator_kept_requests($1, $2, $3, $4, $5, null)"#,
        operator.secret.as_slice(),
        now,
        after.map(|SlowId(id)| id),
        only_failed,
        least_ms,
    );
    Ok(lines.fetch_all(tx.conn()).await?)
}

/// Up to 51 of a trace, the newest first.
pub(super) async fn of_trace(
    tx: &mut SystemTx,
    operator: &Operator,
    now: DateTime<Utc>,
    trace: TraceId,
) -> Result<Vec<SlowLine>> {
    let lines = sqlx::query_as!(
        SlowLine,
        r#"select id as "id!: SlowId", at as "at!", method as "method!", route as "route!", status as "status!",
                  took_ms as "took_ms!", tenant_id as "tenant: TenantId", name, failed as "failed!"
           from operator_kept_requests($1, $2, null, false, 0, $3)"#,
        operator.secret.as_slice(),
        now,
        trace.0,
    );
    Ok(lines.fetch_all(tx.conn()).await?)
}

/// One of them, with what it waited for.
pub(super) async fn one(
    tx: &mut SystemTx,
    operator: &Operator,
    now: DateTime<Utc>,
    id: SlowId,
) -> Result<Option<SlowRequest>> {
    let row = sqlx::query!(
        r#"select id as "id!: SlowId", at as "at!", method as "method!", route as "route!", status as "status!",
                  took_ms as "took_ms!", tenant_id as "tenant: TenantId", name, failed as "failed!",
                  trace_id as "trace!: TraceId", error, spans as "spans!: Value"
           from operator_kept_request($1, $2, $3)"#,
        operator.secret.as_slice(),
        now,
        id.0,
    );
    let Some(row) = row.fetch_optional(tx.conn()).await? else { return Ok(None) };
    let line = SlowLine {
        id: row.id,
        at: row.at,
        method: row.method,
        route: row.route,
        status: row.status,
        took_ms: row.took_ms,
        tenant: row.tenant,
        name: row.name,
        failed: row.failed,
    };
    let (trace, spans) = (row.trace.to_string(), serde_json::from_value(row.spans)?);
    Ok(Some(SlowRequest { line, trace, error: row.error, spans }))
}

pub(super) async fn forget(tx: &mut SystemTx, now: DateTime<Utc>) -> Result<i64> {
    let forgotten = sqlx::query_scalar!(r#"select forget_slow_requests($1) as "forgotten!""#, now);
    Ok(forgotten.fetch_one(tx.conn()).await?)
}
