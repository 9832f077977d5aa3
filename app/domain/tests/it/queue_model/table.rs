//! The table past the queue: what stands in it, and what only the test does to it.

use std::collections::BTreeMap;

use domain::{
    id::{JobId, TenantId},
    queue::Priority,
};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{KINDS, reference::LaneKey};

/// What stands of a job in the table.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct SeenJob {
    pub tenant_id: Uuid,
    pub id: Uuid,
    pub kind: String,
    pub state: String,
    /// Of a finished job, at most its limit: beyond it is bookkeeping.
    pub attempt: i32,
    pub priority: i16,
    pub key: Option<String>,
    pub lease_token: Option<Uuid>,
    pub worker: Option<Uuid>,
    pub is_due: bool,
    pub is_expired: bool,
    pub is_cancelling: bool,
    pub milliseconds: i64,
}

/// What stands of a lane in the table.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct SeenLane {
    pub tenant_id: Uuid,
    pub kind: String,
    pub running: i32,
    pub max_running: i32,
    pub weight: f64,
    pub job_seconds: f64,
    /// As it counts now.
    pub used: f64,
}

/// The number in the table.
pub fn priority(priority: Priority) -> i16 {
    match priority {
        Priority::Batch => -10,
        Priority::Normal => 0,
        Priority::Interactive => 10,
    }
}

/// A key of which there are few, so that many jobs have the same.
pub fn key(number: usize) -> String {
    format!("order {number}")
}

/// All jobs of the model's kinds, and the waiting ones in the order of their time.
pub async fn jobs(admin: &mut PgConnection) -> (Vec<SeenJob>, Vec<Uuid>) {
    let sql = "select tenant_id, id, kind, state, priority, key, lease_token, worker,
                      case when finished_at is null then attempt else least(attempt, max_attempts) end as attempt,
                      state = 'waiting' and run_at <= now() as is_due,
                      state = 'running' and lease_until < now() as is_expired,
                      cancel_requested_at is not null as is_cancelling,
                      round(worked * 1000)::bigint as milliseconds
               from job where kind = any($1)
               order by run_at, id";
    let rows: Vec<SeenJob> = sqlx::query_as(sql).bind(KINDS.to_vec()).fetch_all(admin).await.unwrap();
    let waiting = rows.iter().filter(|row| row.state == "waiting").map(|row| row.id).collect();
    (rows, waiting)
}

pub async fn lanes(admin: &mut PgConnection) -> BTreeMap<LaneKey, SeenLane> {
    let sql = "select tenant_id, kind, running, max_running, weight::float8 as weight, job_seconds,
                      used * power(0.5::float8, extract(epoch from now() - used_at)::float8 / 60) as used
               from job_lane where kind = any($1)";
    let rows: Vec<SeenLane> = sqlx::query_as(sql).bind(KINDS.to_vec()).fetch_all(admin).await.unwrap();
    rows.into_iter().map(|lane| ((TenantId(lane.tenant_id), kind(&lane.kind)), lane)).collect()
}

/// Which of these jobs wait now, and how many different times before its own each has.
pub async fn waiting(admin: &mut PgConnection, jobs: &[JobId]) -> BTreeMap<JobId, usize> {
    let sql = "select id, dense_rank() over (order by run_at) from job
               where kind = any($1) and id = any($2) and state = 'waiting'";
    let query = sqlx::query_as(sql).bind(KINDS.to_vec()).bind(ids(jobs));
    let rows: Vec<(Uuid, i64)> = query.fetch_all(admin).await.unwrap();
    rows.into_iter().map(|(id, rank)| (JobId(id), usize::try_from(rank).unwrap())).collect()
}

/// Has hours pass for the jobs, by moving all that they know of time back. Those that are done and have no key know of none
/// that matters.
pub async fn pass(admin: &mut PgConnection, hours: usize) {
    let sql = "update job set run_at = run_at - make_interval(hours => $2),
                              created_at = created_at - make_interval(hours => $2),
                              lease_until = lease_until - make_interval(hours => $2)
               where kind = any($1) and (finished_at is null or key is not null)";
    let hours = i32::try_from(hours).unwrap();
    sqlx::query(sql).bind(KINDS.to_vec()).bind(hours).execute(admin).await.unwrap();
}

/// Has seconds pass for the lanes, which forget what they used.
pub async fn idle(admin: &mut PgConnection, seconds: usize) {
    let sql = "update job_lane set used_at = used_at - make_interval(secs => $2::float8) where kind = any($1)";
    let seconds = f64::from(u32::try_from(seconds).unwrap());
    sqlx::query(sql).bind(KINDS.to_vec()).bind(seconds).execute(admin).await.unwrap();
}

/// What another plan does.
pub async fn limit(admin: &mut PgConnection, lane: LaneKey, weight: f64, max_running: usize, max_waiting: usize) {
    let sql = "update job_lane set weight = $3::float8, max_running = $4, max_waiting = $5
               where tenant_id = $1 and kind = $2";
    let query = sqlx::query(sql).bind(lane.0.0).bind(KINDS[lane.1]).bind(weight);
    let query = query.bind(i32::try_from(max_running).unwrap()).bind(i32::try_from(max_waiting).unwrap());
    assert_eq!(query.execute(admin).await.unwrap().rows_affected(), 1);
}

/// Deletes finished jobs, as they are after some days, so that what is compared stays small.
pub async fn delete(admin: &mut PgConnection, jobs: &[JobId]) -> u64 {
    let sql = "delete from job where id = any($1) and finished_at is not null";
    sqlx::query(sql).bind(ids(jobs)).execute(admin).await.unwrap().rows_affected()
}

/// Which of the kinds has this name.
pub fn kind(name: &str) -> usize {
    KINDS.iter().position(|kind| *kind == name).unwrap()
}

fn ids(jobs: &[JobId]) -> Vec<Uuid> {
    jobs.iter().map(|job| job.0).collect()
}
