//! The SQL of the workers, which goes across tenants. Each function is one statement and one commit. All times are the
//! database's, so that a worker with a wrong clock does no harm.
//!
//! Whatever changes how many jobs of a lane run locks the lane first, and several in the order of their key: so the count
//! is exact however many machines work, and no two statements wait for each other. So that they do not over jobs either, what a
//! worker writes of its attempts it writes in the order of their jobs: it renews a lease while it settles the same attempt.

use std::time::Duration;

use serde_json::Value;
use sqlx::{Executor, PgPool};
use uuid::Uuid;

use super::{JobState, wake::NOTIFY};
use crate::{
    error::Result,
    id::{JobId, TenantId},
};

/// What there is of one kind, in all tenants together.
pub(super) struct KindRow {
    pub kind: String,
    pub running: i64,
    pub waiting: i64,
    pub scheduled: i64,
    pub oldest_seconds: f64,
}

/// Names one attempt of one job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Attempt {
    pub tenant: TenantId,
    pub job: JobId,
    pub token: Uuid,
    pub kind: &'static str,
}

/// An attempt that still holds its lease.
pub(super) struct HeldRow {
    pub token: Uuid,
    pub is_cancelling: bool,
}

/// What became of an attempt.
#[derive(Debug)]
pub(super) struct Settlement {
    pub attempt: Attempt,
    pub state: JobState,
    /// Before the next attempt, where the state is waiting.
    pub pause: Duration,
    pub error: Option<String>,
    pub result: Option<Value>,
    /// How long it took.
    pub took: Duration,
    /// Whether the attempt was not the job's fault, and is not counted.
    pub is_free: bool,
}

/// What is not begun: kinds of all tenants, and tenants whole.
pub(super) async fn paused(pool: &PgPool) -> Result<(Vec<String>, Vec<Uuid>)> {
    let rows = sqlx::query!("select kind, tenant_id from paused_work()").fetch_all(pool).await?;
    let (kinds, tenants): (Vec<_>, Vec<_>) = rows.into_iter().map(|row| (row.kind, row.tenant_id)).unzip();
    Ok((kinds.into_iter().flatten().collect(), tenants.into_iter().flatten().collect()))
}

/// What waits and runs of these kinds.
pub(super) async fn figures(pool: &PgPool, kinds: &[String]) -> Result<Vec<KindRow>> {
    let figures = sqlx::query_as!(
        KindRow,
        r#"select kind as "kind!", running as "running!", waiting as "waiting!", scheduled as "scheduled!",
                  coalesce(oldest_seconds, 0) as "oldest_seconds!"
           from unfinished_by_kind($1)"#,
        kinds,
    );
    Ok(figures.fetch_all(pool).await?)
}

/// The kinds of which something is unfinished and that no process does, whoever knows them, each with how many jobs that is: at most
/// 200 kinds, and each counted to 10,001. It leaps from one kind to the next in the queue's index.
pub(super) async fn unserved(pool: &PgPool) -> Result<Vec<(String, i64)>> {
    let rows = sqlx::query!(
        r#"with recursive found as (
               (select job.kind, 1 as number from job where job.finished_at is null order by job.kind limit 1)
               union all
               select next.kind, found.number + 1
               from found cross join lateral (
                   select job.kind from job
                   where job.finished_at is null and job.kind > found.kind
                   order by job.kind limit 1
               ) as next
               where found.number < 200
           )
           select found.kind as "kind!", few.jobs as "jobs!"
           from found cross join lateral (
               select count(*) as jobs
               from (select from job where job.kind = found.kind and job.finished_at is null limit 10001) as counted
           ) as few
           where found.kind not in (select served_kinds())"#,
    );
    let rows = rows.fetch_all(pool).await?;
    Ok(rows.into_iter().map(|row| (row.kind, row.jobs)).collect())
}

/// How uneven the workers are shared, by kind: what a lane has lately used for its weight, at the most, as a multiple of the mean
/// of the lanes in which something is due. One is even; kinds are missing of which fewer than two lanes wait. It looks at 1,000
/// lanes that were used within two minutes.
pub(super) async fn unfairness(pool: &PgPool, kinds: &[String]) -> Result<Vec<(String, f64)>> {
    let rows = sqlx::query!(
        r#"select kind as "kind!", max(share) / avg(share) as "unfairness!"
           from (
               select lane.kind, lane.used * power(0.5, extract(epoch from now() - lane.used_at)::double precision / 60)
                                 / lane.weight as share
               from (
                   select * from job_lane
                   where kind = any ($1) and used_at > now() - interval '2 minutes' limit 1000
               ) as lane
               where exists (
                   select from job
                   where job.kind = lane.kind and job.tenant_id = lane.tenant_id and job.finished_at is null
                     and job.state = 'waiting' and job.run_at <= now()
               )
           ) as shares
           group by kind having count(*) > 1 and avg(share) > 0"#,
        kinds,
    );
    let rows = rows.fetch_all(pool).await?;
    Ok(rows.into_iter().map(|row| (row.kind, row.unfairness)).collect())
}

/// Extends the leases that still hold, and answers which those are.
pub(super) async fn renew(pool: &PgPool, attempts: &[Attempt], lease: Duration) -> Result<Vec<HeldRow>> {
    let mut attempts = attempts.to_vec();
    attempts.sort_unstable_by_key(|attempt| (attempt.tenant, attempt.job));
    let (tenants, jobs, tokens) = columns(&attempts);
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

/// Writes what became of attempts, and what they have cost their lanes. Answers the tokens that held; of the others,
/// nothing was written.
///
/// A job that is to wait for another attempt without a pause, as one that is handed back, waits in the place that it had. So does
/// one while somebody has asked for its end: its feature is told by the worker that claims it, and then it is over.
pub(super) async fn settle(pool: &PgPool, settlements: &[&Settlement]) -> Result<Vec<Uuid>> {
    let mut settlements = settlements.to_vec();
    settlements.sort_unstable_by_key(|settlement| (settlement.attempt.tenant, settlement.attempt.job));
    let attempts: Vec<Attempt> = settlements.iter().map(|settlement| settlement.attempt).collect();
    let (tenants, jobs, tokens) = columns(&attempts);
    let kinds: Vec<String> = attempts.iter().map(|attempt| attempt.kind.to_owned()).collect();
    let states: Vec<String> = settlements.iter().map(|settlement| settlement.state.as_str().to_owned()).collect();
    let pauses: Vec<f64> = settlements.iter().map(|settlement| settlement.pause.as_secs_f64()).collect();
    let errors: Vec<Option<String>> = settlements.iter().map(|settlement| settlement.error.clone()).collect();
    let results: Vec<Option<Value>> = settlements.iter().map(|settlement| settlement.result.clone()).collect();
    let seconds: Vec<f64> = settlements.iter().map(|settlement| settlement.took.as_secs_f64()).collect();
    let free: Vec<i32> = settlements.iter().map(|settlement| i32::from(settlement.is_free)).collect();
    let settled = sqlx::query_scalar!(
        r#"with told as materialized (
               select told.*, told.state = 'waiting' as again
               from unnest(
                   $1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::float8[], $7::text[], $8::jsonb[],
                   $9::float8[], $10::int[]
               ) as told (tenant_id, id, token, kind, state, pause, error, result, seconds, free)
           ), lane as materialized (
               select job_lane.tenant_id
               from (select distinct tenant_id, kind from told) as lanes
               join job_lane on job_lane.tenant_id = lanes.tenant_id and job_lane.kind = lanes.kind
               order by job_lane.tenant_id, job_lane.kind
               for no key update of job_lane
           ), settled as (
               update job set
                   state = told.state,
                   finished_at = case when again then null else now() end,
                   died_at = case when told.state = 'dead' then now() end,
                   run_at = case when again and told.pause > 0 and cancel_requested_at is null
                                 then now() + make_interval(secs => told.pause) else run_at end,
                   last_error = coalesce(told.error, last_error),
                   result = coalesce(told.result, job.result),
                   worked = worked + told.seconds,
                   attempt = case when again then greatest(attempt - told.free, 0) else least(attempt, max_attempts) end,
                   lease_token = null, lease_until = null, worker = null
               from told
               where job.tenant_id = told.tenant_id and job.id = told.id and job.lease_token = told.token
                 and (select count(*) from lane) >= 0
               returning job.tenant_id, job.kind, told.token, told.seconds
           ), counted as (
               update job_lane set
                   running = greatest(running - cost.jobs, 0),
                   used = used * 0.5 ^ (extract(epoch from now() - used_at)::float8 / 60) + cost.seconds,
                   used_at = now(),
                   job_seconds = cost.seconds / cost.jobs
                       + (job_seconds - cost.seconds / cost.jobs) * 0.9 ^ least(cost.jobs, 100)
               from (
                   select tenant_id, kind, count(*)::int as jobs, sum(seconds) as seconds
                   from settled group by tenant_id, kind
               ) as cost
               where job_lane.tenant_id = cost.tenant_id and job_lane.kind = cost.kind
           )
           select token as "token!" from settled"#,
        &tenants,
        &jobs,
        &tokens,
        &kinds,
        &states,
        &pauses,
        &errors as &[Option<String>],
        &results as &[Option<Value>],
        &seconds,
        &free,
    )
    .fetch_all(pool)
    .await?;
    Ok(settled)
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

/// Frees up to 1,000 jobs whose lease has run out: their worker died or cannot reach the database. How many those were.
///
/// Each waits in the place that it had: behind a backlog it would pay for the death of its worker. A job whose attempts are
/// spent is freed too, so that a worker can tell its feature before it becomes a dead letter, and so is one whose end somebody
/// has asked for. After `extra` more claims that ended like this they are over at once.
pub(super) async fn rescue(pool: &PgPool, extra: i32, reason: &str) -> Result<usize> {
    let freed = sqlx::query_scalar!(
        r#"with expired as materialized (
               select tenant_id, id, kind, lease_token,
                      case when attempt < max_attempts + $1 then 'waiting'
                           when cancel_requested_at is not null then 'cancelled'
                           else 'dead' end as next_state
               from job where finished_at is null and lease_until < now()
               limit 1000
           ), lane as materialized (
               select job_lane.tenant_id
               from (select distinct tenant_id, kind from expired) as lanes
               join job_lane on job_lane.tenant_id = lanes.tenant_id and job_lane.kind = lanes.kind
               order by job_lane.tenant_id, job_lane.kind
               for no key update of job_lane
           ), freed as (
               update job set
                   state = next_state,
                   finished_at = case next_state when 'waiting' then null else now() end,
                   died_at = case next_state when 'dead' then now() end,
                   attempt = case next_state when 'waiting' then attempt else least(attempt, max_attempts) end,
                   last_error = $2, lease_token = null, lease_until = null, worker = null
               from expired
               where job.tenant_id = expired.tenant_id and job.id = expired.id
                 and job.lease_token = expired.lease_token and job.lease_until < now()
                 and (select count(*) from lane) >= 0
               returning job.tenant_id, job.kind, job.id
           ), counted as (
               update job_lane set running = greatest(running - gone.jobs, 0)
               from (select tenant_id, kind, count(*)::int as jobs from freed group by tenant_id, kind) as gone
               where job_lane.tenant_id = gone.tenant_id and job_lane.kind = gone.kind
           )
           select id as "id!" from freed"#,
        extra,
        reason,
    )
    .fetch_all(pool)
    .await?;
    Ok(freed.len())
}

/// Says that this worker lives, and answers whether another one has been silent for longer than `lease`.
pub(super) async fn report(pool: &PgPool, worker: Uuid, name: &str, kinds: &[String], lease: Duration) -> Result<bool> {
    let silent = sqlx::query_scalar!(
        r#"with told as (
               insert into job_worker (id, name, kinds) values ($1, $2, $3)
               on conflict (id) do update set seen_at = now()
           )
           select exists (
               select from job_worker where id <> $1 and seen_at < now() - make_interval(secs => $4)
           ) as "silent!""#,
        worker,
        name,
        kinds,
        lease.as_secs_f64(),
    )
    .fetch_one(pool)
    .await?;
    Ok(silent)
}

/// Forgets workers that were silent for twice as long as a lease, whose jobs were freed by then, and `this` one.
pub(super) async fn forget_workers(pool: &PgPool, this: Option<Uuid>, lease: Duration) -> Result<()> {
    sqlx::query!(
        "delete from job_worker where id = $1 or seen_at < now() - make_interval(secs => 2.0::float8 * $2)",
        this,
        lease.as_secs_f64(),
    )
    .execute(pool)
    .await?;
    Ok(())
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
