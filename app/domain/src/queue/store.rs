//! The SQL of the queue inside one tenant. What workers do across tenants is in `worker_store`.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use super::{JobState, JobStatus};
use crate::{
    actor::InTenant,
    db::TenantTx,
    error::{Error, Result},
    id::{AccountId, JobId},
    trace,
};

pub(super) struct NewJob {
    pub id: JobId,
    pub kind: &'static str,
    pub payload: Value,
    pub key: Option<String>,
    pub priority: i16,
    pub max_attempts: i32,
    /// None for now.
    pub run_at: Option<DateTime<Utc>>,
    pub subject: Option<Uuid>,
}

/// What of a lane an enqueue has to know.
pub(super) struct Depth {
    pub jobs: i64,
    pub most: i64,
}

/// A dead job that waits again.
pub struct Again {
    pub id: JobId,
    /// What it is about.
    pub subject: Option<Uuid>,
}

/// Inserts those of which no unfinished job has the key, and makes their lane. Answers which those are.
pub(super) async fn insert(tx: &mut TenantTx, kind: &str, jobs: &[&NewJob]) -> Result<Vec<JobId>> {
    let (tenant, account) = (tx.id(), tx.account().map(|account| account.0));
    let api_key = tx.through().map(|key| key.id.0);
    let place = trace::current();
    let ids: Vec<Uuid> = jobs.iter().map(|job| job.id.0).collect();
    let payloads: Vec<Value> = jobs.iter().map(|job| job.payload.clone()).collect();
    let keys: Vec<Option<String>> = jobs.iter().map(|job| job.key.clone()).collect();
    let priorities: Vec<i16> = jobs.iter().map(|job| job.priority).collect();
    let attempts: Vec<i32> = jobs.iter().map(|job| job.max_attempts).collect();
    let times: Vec<Option<DateTime<Utc>>> = jobs.iter().map(|job| job.run_at).collect();
    let subjects: Vec<Option<Uuid>> = jobs.iter().map(|job| job.subject).collect();
    let inserted = sqlx::query_scalar!(
        // A lane is made once, with the share of the tenant's plan.
        r#"with lane as (
               insert into job_lane (tenant_id, kind, weight, max_running)
               select $1, $2, coalesce((select lane_weight from subscription where tenant_id = $1), 1),
                      coalesce((select lane_running from subscription where tenant_id = $1), 64)
               where not exists (select from job_lane where tenant_id = $1 and kind = $2)
               on conflict do nothing
           )
           insert into job (
               tenant_id, kind, account_id, api_key_id, trace_id, span_id, id, payload, key, priority, max_attempts, run_at,
               subject
           )
           select $1, $2, $3, $13::uuid, $11::uuid, $12::int8, told.id, told.payload, told.key, told.priority, told.max_attempts,
                  coalesce(told.run_at, now()), told.subject
           from unnest($4::uuid[], $5::jsonb[], $6::text[], $7::int2[], $8::int[], $9::timestamptz[], $10::uuid[])
               as told (id, payload, key, priority, max_attempts, run_at, subject)
           on conflict (tenant_id, kind, key) where key is not null and finished_at is null do nothing
           returning id as "id: JobId""#,
        tenant.0,
        kind,
        account,
        &ids,
        &payloads,
        &keys as &[Option<String>],
        &priorities,
        &attempts,
        &times as &[Option<DateTime<Utc>>],
        &subjects as &[Option<Uuid>],
        place.map(|place| place.trace.0),
        place.map(|place| place.span.to_sql()),
        api_key,
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(inserted)
}

/// How deep the lane is, counted no further than the most that it takes.
pub(super) async fn depth(tx: &mut TenantTx, kind: &str) -> Result<Depth> {
    let tenant = tx.id();
    let depth = sqlx::query_as!(
        Depth,
        r#"select most.most as "most!", (
               select count(*) from (
                   select from job where tenant_id = $1 and kind = $2 and finished_at is null limit most.most
               ) as counted
           ) as "jobs!"
           from (
               select coalesce((select max_waiting from job_lane where tenant_id = $1 and kind = $2), 100000)::int8
                   as most
           ) as most"#,
        tenant.0,
        kind,
    );
    Ok(depth.fetch_one(tx.conn()).await?)
}

pub(super) async fn find_unfinished(tx: &mut TenantTx, kind: &str, key: &str) -> Result<Option<JobId>> {
    let tenant = tx.id();
    let id = sqlx::query_scalar!(
        r#"select id as "id: JobId" from job
           where tenant_id = $1 and kind = $2 and key = $3 and finished_at is null"#,
        tenant.0,
        kind,
        key,
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(id)
}

/// Lets one transaction after the other ask for a key, and answers the newest job that has it, is not older than this, and
/// did not fail; one that is not over comes before, also where it is older, as one is that failed and was run again.
pub(super) async fn find_recent(tx: &mut TenantTx, kind: &str, key: &str, window: Duration) -> Result<Option<JobId>> {
    let tenant = tx.id();
    tx.take_turns(&format!("{kind}/{key}")).await?;
    let id = sqlx::query_scalar!(
        r#"select id as "id: JobId" from job
           where tenant_id = $1 and kind = $2 and key = $3
             and (finished_at is null or created_at > now() - make_interval(secs => $4))
             and state not in ('dead', 'cancelled')
           order by finished_at is null desc, created_at desc limit 1"#,
        tenant.0,
        kind,
        key,
        window.as_secs_f64(),
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
                  account_id as "account: AccountId", subject, result, worked, created_at, started_at, finished_at
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
                  account_id as "account: AccountId", subject, result, worked, created_at, started_at, finished_at
           from job where tenant_id = $1 and died_at is not null
           order by died_at desc, id
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
           where tenant_id = $1 and id = $2 and finished_at is null
           returning state as "state: JobState""#,
        tenant.0,
        id.0,
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(state)
}

/// Whether a dead or cancelled job is waiting again, with all its attempts. Its finished steps stay.
pub(super) async fn retry(tx: &mut TenantTx, id: JobId) -> Result<bool> {
    let tenant = tx.id();
    let updated = sqlx::query!(
        "update job set state = 'waiting', attempt = 0, run_at = now(), cancel_requested_at = null, progress = null,
                        started_at = null, finished_at = null, died_at = null
         where tenant_id = $1 and id = $2 and state in ('dead', 'cancelled')",
        tenant.0,
        id.0,
    )
    .execute(tx.conn())
    .await
    .map_err(duplicate_key)?;
    Ok(updated.rows_affected() == 1)
}

/// Lets up to `limit` dead jobs run again, the newest first, of one kind or of all, and answers which those are. One whose key
/// another unfinished job has stays dead, and so does all but the newest of those that share a key.
pub(super) async fn retry_dead(tx: &mut TenantTx, kind: Option<&str>, limit: i64) -> Result<Vec<Again>> {
    let tenant = tx.id();
    let retried = sqlx::query_as!(
        Again,
        r#"with dead as (
               select id, kind, key,
                      row_number() over (partition by kind, coalesce(key, id::text) order by died_at desc, id) as place
               from (
                   select id, kind, key, died_at from job
                   where tenant_id = $1 and died_at is not null and ($2::text is null or kind = $2)
                   order by died_at desc, id
                   limit $3
               ) as newest
           )
           update job set state = 'waiting', attempt = 0, run_at = now(), cancel_requested_at = null, progress = null,
                          started_at = null, finished_at = null, died_at = null
           from dead
           where job.tenant_id = $1 and job.id = dead.id and dead.place = 1 and job.died_at is not null
             and not exists (
                 select from job as other
                 where other.tenant_id = $1 and other.kind = dead.kind and other.key = dead.key
                   and other.finished_at is null
             )
           returning job.id as "id: JobId", job.subject"#,
        tenant.0,
        kind,
        limit,
    )
    .fetch_all(tx.conn())
    .await
    .map_err(duplicate_key)?;
    Ok(retried)
}

/// The result that a step of a job has left, if it has finished.
pub(super) async fn find_step(tx: &mut TenantTx, job: JobId, name: &str) -> Result<Option<Value>> {
    let tenant = tx.id();
    let result = sqlx::query_scalar!(
        "select result from job_step where tenant_id = $1 and job_id = $2 and name = $3",
        tenant.0,
        job.0,
        name,
    );
    Ok(result.fetch_optional(tx.conn()).await?)
}

/// Keeps the result of a step; false where the job has another lease by now, and nothing was kept.
pub(super) async fn insert_step(
    tx: &mut TenantTx,
    job: JobId,
    token: Uuid,
    name: &str,
    result: &Value,
) -> Result<bool> {
    let tenant = tx.id();
    let holds = sqlx::query_scalar!(
        r#"with held as materialized (
               select tenant_id, id from job where tenant_id = $1 and id = $2 and lease_token = $3 for share
           ), kept as (
               insert into job_step (tenant_id, job_id, name, result)
               select tenant_id, id, $4, $5 from held
               on conflict do nothing
           )
           select exists (select from held) as "holds!""#,
        tenant.0,
        job.0,
        token,
        name,
        result,
    );
    Ok(holds.fetch_one(tx.conn()).await?)
}

fn duplicate_key(error: sqlx::Error) -> Error {
    match error.as_database_error() {
        Some(database) if database.is_unique_violation() => {
            Error::conflict("The same work is already waiting or running.")
        }
        _ => error.into(),
    }
}
