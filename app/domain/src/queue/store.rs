//! The SQL of the queue inside one tenant. What workers do across tenants is in `worker_store`.

use chrono::{DateTime, Utc};

use super::{JobState, JobStatus};
use crate::{
    db::TenantTx,
    error::{Error, Result},
    id::JobId,
};

pub(super) struct NewJob {
    pub id: JobId,
    pub kind: &'static str,
    pub payload: serde_json::Value,
    pub key: Option<String>,
    pub priority: i16,
    pub max_attempts: i32,
    /// None for now.
    pub run_at: Option<DateTime<Utc>>,
}

/// Whether it was inserted; false where an unfinished job has its key.
pub(super) async fn insert(tx: &mut TenantTx, job: &NewJob) -> Result<bool> {
    let tenant = tx.id();
    let inserted = sqlx::query!(
        "insert into job (tenant_id, id, kind, payload, key, priority, max_attempts, run_at)
         values ($1, $2, $3, $4, $5, $6, $7, coalesce($8, now()))
         on conflict (tenant_id, kind, key) where key is not null and state in ('waiting', 'running') do nothing",
        tenant.0,
        job.id.0,
        job.kind,
        job.payload,
        job.key,
        job.priority,
        job.max_attempts,
        job.run_at,
    )
    .execute(tx.conn())
    .await?;
    Ok(inserted.rows_affected() == 1)
}

pub(super) async fn find_unfinished(tx: &mut TenantTx, kind: &str, key: Option<&str>) -> Result<Option<JobId>> {
    let tenant = tx.id();
    let id = sqlx::query_scalar!(
        r#"select id as "id: JobId" from job
           where tenant_id = $1 and kind = $2 and key = $3 and state in ('waiting', 'running')"#,
        tenant.0,
        kind,
        key,
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(id)
}

pub(super) async fn find(tx: &mut TenantTx, id: JobId) -> Result<Option<JobStatus>> {
    let tenant = tx.id();
    let status = sqlx::query_as!(
        JobStatus,
        r#"select id as "id: JobId", kind, state as "state: JobState", attempt, max_attempts, run_at,
                  cancel_requested_at is not null as "is_cancelling!", progress, last_error,
                  created_at, started_at, finished_at
           from job where tenant_id = $1 and id = $2"#,
        tenant.0,
        id.0,
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(status)
}

/// The dead letters, newest first.
pub(super) async fn find_dead(tx: &mut TenantTx, limit: i64) -> Result<Vec<JobStatus>> {
    let tenant = tx.id();
    let dead = sqlx::query_as!(
        JobStatus,
        r#"select id as "id: JobId", kind, state as "state: JobState", attempt, max_attempts, run_at,
                  cancel_requested_at is not null as "is_cancelling!", progress, last_error,
                  created_at, started_at, finished_at
           from job where tenant_id = $1 and state = 'dead'
           order by finished_at desc, id
           limit $2"#,
        tenant.0,
        limit,
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(dead)
}

/// Cancels a waiting job and asks a running one to stop. The new state, or none where there is no unfinished job.
pub(super) async fn cancel(tx: &mut TenantTx, id: JobId) -> Result<Option<JobState>> {
    let tenant = tx.id();
    let state = sqlx::query_scalar!(
        r#"update job set
               state = case state when 'waiting' then 'cancelled' else state end,
               finished_at = case state when 'waiting' then now() end,
               cancel_requested_at = coalesce(cancel_requested_at, now())
           where tenant_id = $1 and id = $2 and state in ('waiting', 'running')
           returning state as "state: JobState""#,
        tenant.0,
        id.0,
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(state)
}

/// Whether a dead or cancelled job is waiting again, with all its attempts.
pub(super) async fn retry(tx: &mut TenantTx, id: JobId) -> Result<bool> {
    let tenant = tx.id();
    let updated = sqlx::query!(
        "update job set state = 'waiting', attempt = 0, run_at = now(), cancel_requested_at = null, progress = null,
                        started_at = null, finished_at = null
         where tenant_id = $1 and id = $2 and state in ('dead', 'cancelled')",
        tenant.0,
        id.0,
    )
    .execute(tx.conn())
    .await
    .map_err(duplicate_key)?;
    Ok(updated.rows_affected() == 1)
}

fn duplicate_key(error: sqlx::Error) -> Error {
    match error.as_database_error() {
        Some(database) if database.is_unique_violation() => {
            Error::conflict("The same work is already waiting or running.")
        }
        _ => error.into(),
    }
}
