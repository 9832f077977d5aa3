//! The SQL of the figures. The functions of the database ask for the secret of the operator's session, or only write.

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use super::{BUCKETS, Connections, HealthLine, Part, Period, SlowStatement, Stored, Sums};
use crate::{db::SystemTx, error::Result, id::TenantId};

/// Adds the sums of a process to one of its minutes.
pub(super) async fn keep(tx: &mut SystemTx, process: Uuid, at: DateTime<Utc>, figures: &Value) -> Result<()> {
    sqlx::query!("select keep_health($1, $2, $3)", process, at, figures).execute(tx.conn()).await?;
    Ok(())
}

/// Makes minutes before the one moment to hours, and forgets hours before the other. Answers how many rows that were.
pub(super) async fn thin(tx: &mut SystemTx, minutes: DateTime<Utc>, hours: DateTime<Utc>) -> Result<i64> {
    let thinned = sqlx::query_scalar!(r#"select thin_health($1, $2) as "thinned!""#, minutes, hours);
    Ok(thinned.fetch_one(tx.conn()).await?)
}

/// All lines of a period, by its steps.
pub(super) async fn lines(
    tx: &mut SystemTx,
    secret: &[u8],
    now: DateTime<Utc>,
    period: Period,
) -> Result<Vec<HealthLine>> {
    let since = period.slots(now).first().copied().unwrap_or(now);
    let step = i32::try_from(period.step().num_seconds()).unwrap_or(i32::MAX);
    let rows = sqlx::query!(
        r#"select slot as "slot!", part as "part!", name as "name!", number as "number!", failed as "failed!",
                  seconds as "seconds!", buckets as "buckets!: Vec<i64>"
           from operator_health($1, $2, $3, $4)"#,
        secret,
        now,
        since,
        step,
    );
    let lines = rows.fetch_all(tx.conn()).await?.into_iter().filter_map(|row| {
        let buckets = <[i64; BUCKETS]>::try_from(row.buckets).ok()?;
        let sums = Sums { number: row.number, failed: row.failed, seconds: row.seconds, buckets };
        Some(HealthLine { slot: row.slot, part: Part::parse(&row.part)?, name: row.name, sums })
    });
    Ok(lines.collect())
}

pub(super) async fn stored(tx: &mut SystemTx, secret: &[u8], now: DateTime<Utc>) -> Result<Stored> {
    let rows = sqlx::query!(
        r#"select tenant_id as "tenant!: TenantId", name as "name!", bytes as "bytes!", all_bytes as "all!",
                  workspaces as "workspaces!"
           from operator_storage($1, $2)"#,
        secret,
        now,
    );
    let rows = rows.fetch_all(tx.conn()).await?;
    let (all, workspaces) = rows.first().map_or((0, 0), |row| (row.all, row.workspaces));
    Ok(Stored { all, workspaces, most: rows.into_iter().map(|row| (row.tenant, row.name, row.bytes)).collect() })
}

pub(super) async fn connections(tx: &mut SystemTx, secret: &[u8], now: DateTime<Utc>) -> Result<Connections> {
    let rows = sqlx::query!(
        r#"select role as "role!", connections as "connections!", most as "most!", bytes as "bytes!"
           from operator_connections($1, $2)"#,
        secret,
        now,
    );
    let rows = rows.fetch_all(tx.conn()).await?;
    let (most, bytes) = rows.first().map_or((0, 0), |row| (row.most, row.bytes));
    Ok(Connections { by_role: rows.into_iter().map(|row| (row.role, row.connections)).collect(), most, bytes })
}

/// None where the database does not keep them.
pub(super) async fn slowest(tx: &mut SystemTx) -> Result<Option<Vec<SlowStatement>>> {
    let rows = sqlx::query!(r#"select statement, calls, total, mean from slowest_statements()"#);
    let rows = rows.fetch_all(tx.conn()).await?;
    if rows.iter().any(|row| row.calls.is_none()) {
        return Ok(None);
    }
    let told = rows.into_iter().filter_map(|row| {
        Some(SlowStatement { statement: row.statement?, calls: row.calls?, total: row.total?, mean: row.mean? })
    });
    Ok(Some(told.collect()))
}
