//! The SQL of what operators see of Stripe. The functions of the database ask for the secret of the operator's session: without a
//! good one they tell and change nothing.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{Operator, StripeEvent, StripeEventLine, StripeEventState, StripeFilter};
use crate::{
    db::{SystemTx, TenantTx},
    error::Result,
    id::TenantId,
};

/// Up to 51 of what the filter lets through, the newest first.
pub(super) async fn events(
    tx: &mut SystemTx,
    operator: &Operator,
    now: DateTime<Utc>,
    filter: &StripeFilter,
) -> Result<Vec<StripeEventLine>> {
    let events = sqlx::query_as!(
        StripeEventLine,
        r#"select id as "id!", type as "kind!", api_version, customer, tenant_id as "tenant: TenantId", name,
                  created_at as "created_at!", received_at as "received_at!", state as "state!: StripeEventState",
                  handled_at, note
           from operator_stripe_events($1, $2, $3, $4, $5, $6, $7)"#,
        operator.secret.as_slice(),
        now,
        filter.state.map(StripeEventState::as_str),
        filter.kind.as_deref(),
        filter.tenant.map(|TenantId(id)| id),
        filter.after.as_ref().map(|(at, _)| *at),
        filter.after.as_ref().map(|(_, id)| id.as_str()),
    );
    Ok(events.fetch_all(tx.conn()).await?)
}

/// One of them, with what it said.
pub(super) async fn event(
    tx: &mut SystemTx,
    operator: &Operator,
    now: DateTime<Utc>,
    id: &str,
) -> Result<Option<StripeEvent>> {
    let row = sqlx::query!(
        r#"select id as "id!", type as "kind!", api_version, customer, tenant_id as "tenant: TenantId", name,
                  created_at as "created_at!", received_at as "received_at!", state as "state!: StripeEventState",
                  handled_at, note, body as "body!: Value"
           from operator_stripe_event($1, $2, $3)"#,
        operator.secret.as_slice(),
        now,
        id,
    );
    let Some(row) = row.fetch_optional(tx.conn()).await? else { return Ok(None) };
    let line = StripeEventLine {
        id: row.id,
        kind: row.kind,
        api_version: row.api_version,
        customer: row.customer,
        tenant: row.tenant,
        name: row.name,
        created_at: row.created_at,
        received_at: row.received_at,
        state: row.state,
        handled_at: row.handled_at,
        note: row.note,
    };
    Ok(Some(StripeEvent { line, body: serde_json::to_string_pretty(&row.body)? }))
}

/// Has one looked into again; false where it is not about the tenant of the transaction.
pub(super) async fn reopen(tx: &mut TenantTx, operator: &Operator, now: DateTime<Utc>, id: &str) -> Result<bool> {
    let reopened = sqlx::query_scalar!(
        r#"select operator_reopen_stripe_event($1, $2, $3) as "reopened!""#,
        operator.secret.as_slice(),
        now,
        id,
    );
    Ok(reopened.fetch_one(tx.conn()).await?)
}
