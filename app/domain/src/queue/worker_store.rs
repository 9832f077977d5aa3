//! The SQL of the workers, which goes across tenants. Each function is one statement and one commit. All times are the
//! database's, so that a worker with a wrong clock does no harm.

use std::time::Duration;

use serde_json::Value;
use sqlx::{Executor, PgPool};
use uuid::Uuid;

use super::{JobState, wake::NOTIFY};
use crate::{
    error::Result,
    id::{JobId, TenantId},
};

/// A job that this worker has now, for the length of its lease.
pub(super) struct ClaimedRow {
    pub tenant: TenantId,
    pub id: JobId,
    pub kind: String,
    pub payload: Value,
    pub attempt: i32,
    pub max_attempts: i32,
    pub last_error: Option<String>,
    pub token: Uuid,
}

/// Names one attempt of one job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Attempt {
    pub tenant: TenantId,
    pub job: JobId,
    pub token: Uuid,
}

/// An attempt that still holds its lease.
pub(super) struct HeldRow {
    pub token: Uuid,
    pub is_cancelling: bool,
}

/// What became of an attempt.
pub(super) struct Settlement<'a> {
    pub state: JobState,
    /// Before the next attempt, where the state is waiting.
    pub pause: Duration,
    pub error: Option<&'a str>,
}

/// Jobs that one claim takes at most. It stands in the statement as a number, without which the planner expects a tenth of
/// the table and reads all of it: 110 ms instead of 1 with 100,000 jobs.
pub(super) const MAX_CLAIM: usize = 100;

/// Takes up to `room` jobs of each kind that are due, counts the attempt, and gives each a fresh token. Those of `suspended`
/// tenants wait.
pub(super) async fn claim(
    pool: &PgPool,
    worker: Uuid,
    kinds: &[String],
    room: &[i32],
    lease: Duration,
    suspended: &[Uuid],
) -> Result<Vec<ClaimedRow>> {
    let claimed = sqlx::query_as!(
        ClaimedRow,
        r#"with wanted as (
               select * from unnest($1::text[], $2::int[]) as wanted (kind, room)
           ), ready as materialized (
               select next.tenant_id, next.id
               from wanted cross join lateral (
                   select job.tenant_id, job.id from job
                   where job.kind = wanted.kind and job.state = 'waiting' and job.run_at <= now()
                     and job.tenant_id <> all ($5::uuid[])
                   order by job.priority desc, job.run_at, job.id
                   limit wanted.room
                   for update skip locked
               ) as next
               limit 100
           )
           update job set
               state = 'running', attempt = job.attempt + 1, lease_token = gen_random_uuid(),
               lease_until = now() + make_interval(secs => $3), worker = $4,
               started_at = coalesce(job.started_at, now())
           from ready
           where job.tenant_id = ready.tenant_id and job.id = ready.id
           returning job.tenant_id as "tenant: TenantId", job.id as "id: JobId", job.kind, job.payload, job.attempt,
                     job.max_attempts, job.last_error, job.lease_token as "token!""#,
        kinds,
        room,
        lease.as_secs_f64(),
        worker,
        suspended,
    )
    .fetch_all(pool)
    .await?;
    Ok(claimed)
}

/// The tenants whose jobs are not begun.
pub(super) async fn suspended_tenants(pool: &PgPool) -> Result<Vec<Uuid>> {
    Ok(sqlx::query_scalar!(r#"select id as "id!" from suspended_tenants() as id"#).fetch_all(pool).await?)
}

/// Extends the leases that still hold, and answers which those are.
pub(super) async fn renew(pool: &PgPool, attempts: &[Attempt], lease: Duration) -> Result<Vec<HeldRow>> {
    let (tenants, jobs, tokens) = columns(attempts);
    let held = sqlx::query_as!(
        HeldRow,
        r#"update job set lease_until = now() + make_interval(secs => $4)
           from unnest($1::uuid[], $2::uuid[], $3::uuid[]) as held (tenant_id, id, token)
           where job.tenant_id = held.tenant_id and job.id = held.id and job.lease_token = held.token
           returning held.token as "token!", job.cancel_requested_at is not null as "is_cancelling!""#,
        &tenants,
        &jobs,
        &tokens,
        lease.as_secs_f64(),
    )
    .fetch_all(pool)
    .await?;
    Ok(held)
}

/// Which leases still hold, without extending them.
pub(super) async fn held(pool: &PgPool, attempts: &[Attempt]) -> Result<Vec<HeldRow>> {
    let (tenants, jobs, tokens) = columns(attempts);
    let held = sqlx::query_as!(
        HeldRow,
        r#"select held.token as "token!", job.cancel_requested_at is not null as "is_cancelling!"
           from unnest($1::uuid[], $2::uuid[], $3::uuid[]) as held (tenant_id, id, token)
           join job on job.tenant_id = held.tenant_id and job.id = held.id and job.lease_token = held.token"#,
        &tenants,
        &jobs,
        &tokens,
    )
    .fetch_all(pool)
    .await?;
    Ok(held)
}

/// Writes what became of an attempt. False where the lease was lost: then nothing was written.
pub(super) async fn settle(pool: &PgPool, attempt: Attempt, settlement: &Settlement<'_>) -> Result<bool> {
    // A job that is to wait for another attempt while somebody has asked for its end is cancelled instead.
    let updated = sqlx::query!(
        "update job set
             state = case when $4 = 'waiting' and cancel_requested_at is not null then 'cancelled' else $4 end,
             finished_at = case when $4 = 'waiting' and cancel_requested_at is null then null else now() end,
             run_at = case when $4 = 'waiting' then now() + make_interval(secs => $5) else run_at end,
             last_error = coalesce($6, last_error),
             attempt = case when $4 = 'waiting' then attempt else least(attempt, max_attempts) end,
             lease_token = null, lease_until = null, worker = null
         where tenant_id = $1 and id = $2 and lease_token = $3",
        attempt.tenant.0,
        attempt.job.0,
        attempt.token,
        settlement.state.as_str(),
        settlement.pause.as_secs_f64(),
        settlement.error,
    )
    .execute(pool)
    .await?;
    Ok(updated.rows_affected() == 1)
}

/// Keeps what a running job tells of itself. False where the lease was lost.
pub(super) async fn progress(pool: &PgPool, attempt: Attempt, progress: &Value) -> Result<bool> {
    let updated = sqlx::query!(
        "update job set progress = $4 where tenant_id = $1 and id = $2 and lease_token = $3",
        attempt.tenant.0,
        attempt.job.0,
        attempt.token,
        progress,
    )
    .execute(pool)
    .await?;
    Ok(updated.rows_affected() == 1)
}

/// Gives back, without spending the attempt, all that this worker still holds. How many those were.
pub(super) async fn hand_back(pool: &PgPool, worker: Uuid) -> Result<u64> {
    let updated = sqlx::query!(
        "update job set
             state = case when cancel_requested_at is null then 'waiting' else 'cancelled' end,
             finished_at = case when cancel_requested_at is null then null else now() end,
             run_at = now(), attempt = greatest(attempt - 1, 0), lease_token = null, lease_until = null, worker = null
         where worker = $1 and state = 'running'",
        worker,
    )
    .execute(pool)
    .await?;
    Ok(updated.rows_affected())
}

/// Frees up to 100 jobs whose lease has run out: their worker died or cannot reach the database. How many those were.
///
/// A job whose attempts are spent is freed too, so that a worker can tell its feature before it becomes a dead letter;
/// after `extra` more claims that ended like this it is dead at once.
pub(super) async fn rescue(pool: &PgPool, extra: i32, reason: &str) -> Result<u64> {
    let updated = sqlx::query!(
        "with expired as (
             select tenant_id, id,
                    case when cancel_requested_at is not null then 'cancelled'
                         when attempt >= max_attempts + $1 then 'dead'
                         else 'waiting' end as next_state
             from job where state = 'running' and lease_until < now()
             limit 100
             for update skip locked
         )
         update job set
             state = next_state,
             finished_at = case next_state when 'waiting' then null else now() end,
             attempt = case next_state when 'waiting' then attempt else least(attempt, max_attempts) end,
             run_at = now(), last_error = $2, lease_token = null, lease_until = null, worker = null
         from expired
         where job.tenant_id = expired.tenant_id and job.id = expired.id",
        extra,
        reason,
    )
    .execute(pool)
    .await?;
    Ok(updated.rows_affected())
}

/// Deletes up to 1,000 jobs that finished long ago: dead letters after 30 days, others after 7. How many those were.
pub(super) async fn sweep(pool: &PgPool) -> Result<u64> {
    let deleted = sqlx::query!(
        "delete from job using (
             select tenant_id, id from job
             where finished_at < now() - case state when 'dead' then interval '30 days' else interval '7 days' end
               and finished_at < now() - interval '7 days'
             limit 1000
             for update skip locked
         ) as old
         where job.tenant_id = old.tenant_id and job.id = old.id",
    )
    .execute(pool)
    .await?;
    Ok(deleted.rows_affected())
}

/// Wakes the workers of all processes. Without a parameter it is one message, so it needs no transaction behind a pooler.
pub(super) async fn notify(pool: &PgPool) -> Result<()> {
    pool.execute(NOTIFY).await?;
    Ok(())
}

fn columns(attempts: &[Attempt]) -> (Vec<Uuid>, Vec<Uuid>, Vec<Uuid>) {
    let tenants = attempts.iter().map(|attempt| attempt.tenant.0).collect();
    let jobs = attempts.iter().map(|attempt| attempt.job.0).collect();
    let tokens = attempts.iter().map(|attempt| attempt.token).collect();
    (tenants, jobs, tokens)
}
