//! The SQL of slow requests. What shows them asks for the secret of the operator's session: without a good one it tells nothing.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{Operator, SlowLine, SlowRequest};
use crate::{
    db::SystemTx,
    error::Result,
    id::{SlowId, TenantId},
    trace::TraceId,
};

pub(super) async fn keep(tx: &mut SystemTx, request: &SlowRequest, trace: TraceId) -> Result<()> {
    let SlowRequest { line, spans, .. } = request;
    sqlx::query!(
        "select keep_slow_request($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        line.id.0,
        line.at,
        line.method,
        line.route,
        line.status,
        line.took_ms,
        trace.0,
        line.tenant.map(|TenantId(id)| id),
        serde_json::to_value(spans)?,
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
    after: Option<SlowId>,
) -> Result<Vec<SlowLine>> {
    let lines = sqlx::query_as!(
        SlowLine,
        r#"select id as "id!: SlowId", at as "at!", method as "method!", route as "route!", status as "status!",
                  took_ms as "took_ms!", tenant_id as "tenant: TenantId", name
           from operator_slow_requests($1, $2, $3)"#,
        operator.secret.as_slice(),
        now,
        after.map(|SlowId(id)| id),
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
                  took_ms as "took_ms!", tenant_id as "tenant: TenantId", name, trace_id as "trace!: TraceId",
                  spans as "spans!: Value"
           from operator_slow_request($1, $2, $3)"#,
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
    };
    Ok(Some(SlowRequest { line, trace: row.trace.to_string(), spans: serde_json::from_value(row.spans)? }))
}

pub(super) async fn forget(tx: &mut SystemTx, now: DateTime<Utc>) -> Result<i64> {
    let forgotten = sqlx::query_scalar!(r#"select forget_slow_requests($1) as "forgotten!""#, now);
    Ok(forgotten.fetch_one(tx.conn()).await?)
}
