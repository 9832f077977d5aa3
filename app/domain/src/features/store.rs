//! The SQL of switches. What operators do asks for the secret of their session: without a good one it tells and changes nothing.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Feature, Place, Switch, SwitchChange, SwitchState};
use crate::{
    db::SystemTx,
    error::{Error, Result},
    id::TenantId,
};

/// All of them.
pub(crate) async fn switches(tx: &mut SystemTx) -> Result<Vec<Switch>> {
    let rows = sqlx::query!(
        r#"select key, state, percent, allowed as "allowed: Vec<TenantId>", denied as "denied: Vec<TenantId>", changed_at
           from feature_switch order by key limit 500"#,
    );
    let switches = rows.fetch_all(tx.conn()).await?.into_iter().map(|row| Switch {
        state: SwitchState::stored(&row.state, row.percent),
        key: row.key,
        allowed: row.allowed,
        denied: row.denied,
        changed_at: row.changed_at,
    });
    Ok(switches.collect())
}

/// False without a good secret.
pub(crate) async fn set(
    tx: &mut SystemTx,
    secret: &[u8],
    now: DateTime<Utc>,
    feature: Feature,
    state: SwitchState,
) -> Result<bool> {
    let set = sqlx::query_scalar!(
        r#"select operator_set_switch($1, $2, $3, $4, $5) as "set!""#,
        secret,
        now,
        feature.as_str(),
        state.as_str(),
        i16::from(state.percent()),
    );
    Ok(set.fetch_one(tx.conn()).await?)
}

/// False without a good secret.
pub(crate) async fn place(
    tx: &mut SystemTx,
    secret: &[u8],
    now: DateTime<Utc>,
    feature: Feature,
    tenant: TenantId,
    place: Place,
) -> Result<bool> {
    let placed = sqlx::query_scalar!(
        r#"select operator_place_in_switch($1, $2, $3, $4, $5, $6) as "placed!""#,
        secret,
        now,
        feature.as_str(),
        feature.usual().as_str(),
        tenant.0,
        place.as_str(),
    );
    placed.fetch_one(tx.conn()).await.map_err(|error| {
        match error.as_database_error().and_then(|database| database.constraint()) {
            Some("feature_switch_allowed" | "feature_switch_denied") => {
                Error::conflict("200 workspaces are named already. Take one out first, or use a percentage.")
            }
            _ => error.into(),
        }
    })
}

pub(crate) async fn changes(tx: &mut SystemTx, secret: &[u8], now: DateTime<Utc>) -> Result<Vec<SwitchChange>> {
    let changes = sqlx::query_as!(
        SwitchChange,
        r#"select changed_by as "changed_by!", coalesce(change, '') as "change!", changed_at as "changed_at!"
           from operator_switch_changes($1, $2)"#,
        secret,
        now,
    );
    Ok(changes.fetch_all(tx.conn()).await?)
}

/// The names of those of these workspaces that there are.
pub(crate) async fn names(
    tx: &mut SystemTx,
    secret: &[u8],
    now: DateTime<Utc>,
    tenants: &[Uuid],
) -> Result<Vec<(TenantId, String)>> {
    let rows = sqlx::query!(
        r#"select tenant_id as "tenant!: TenantId", name as "name!" from operator_tenant_names($1, $2, $3)"#,
        secret,
        now,
        tenants,
    );
    Ok(rows.fetch_all(tx.conn()).await?.into_iter().map(|row| (row.tenant, row.name)).collect())
}
