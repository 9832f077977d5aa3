//! The SQL of what people see of the queue. First the ids of a page are picked, by an index that has them in their order; then
//! everything about those is read at once.

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use super::Work;
use crate::{
    db::TenantTx,
    error::Result,
    id::{AccountId, JobId},
    queue::JobState,
};

/// Whose jobs are picked.
#[derive(Debug, Clone, Copy)]
pub(super) enum Scope {
    Everybodys,
    /// One's own, and those of Sheaf about documents that one sees.
    Of(AccountId),
}

/// A job with all that is said of it. What it is about comes through the policies of whoever asks.
pub(super) struct Row {
    pub id: JobId,
    pub kind: String,
    pub state: JobState,
    pub account: Option<AccountId>,
    pub asked_by: Option<String>,
    pub subject: Option<Uuid>,
    /// Its `name`, and its `failure` where this job is the last about it; none where it is hidden or gone.
    pub about: Option<Value>,
    pub attempt: i32,
    pub max_attempts: i32,
    pub run_at: DateTime<Utc>,
    pub is_due: bool,
    pub is_cancelling: bool,
    /// Jobs of its lane that come first; none where those were not counted, or are too many.
    pub before: Option<i64>,
    /// As many of its lane run as may.
    pub is_full: bool,
    pub is_paused: bool,
    /// Some process does this kind of work.
    pub is_served: bool,
    pub progress: Option<Value>,
    pub last_error: Option<String>,
    pub result: Option<Value>,
    pub worked: f64,
    /// Page credits that it used and that did not come back, and those that are set aside until it is over.
    pub credits: i64,
    pub created_at: DateTime<Utc>,
    pub started_at: Option<DateTime<Utc>>,
    pub finished_at: Option<DateTime<Utc>>,
    /// The time of the database.
    pub now: DateTime<Utc>,
}

/// A dead letter.
pub(super) struct Dead {
    pub kind: String,
    pub subject: Option<Uuid>,
}

/// What runs, and then what waits in the order of its turn, at most `limit`.
pub(super) async fn under_way(tx: &mut TenantTx, scope: Scope, limit: i64) -> Result<Vec<JobId>> {
    match scope {
        Scope::Everybodys => everybodys_under_way(tx, limit).await,
        Scope::Of(account) => own_under_way(tx, account, limit).await,
    }
}

/// What is over and in one of these states, from the latest before this one on, at most `limit`.
pub(super) async fn finished(
    tx: &mut TenantTx,
    scope: Scope,
    states: &[JobState],
    before: JobId,
    limit: i64,
) -> Result<Vec<JobId>> {
    match (scope, states) {
        (Scope::Everybodys, [JobState::Dead]) => everybodys_dead(tx, before, limit).await,
        (Scope::Everybodys, _) => everybodys_finished(tx, states, before, limit).await,
        (Scope::Of(account), _) => own_finished(tx, account, states, before, limit).await,
    }
}

/// Each lane has the order of its turn in an index, so no more than `limit` of each are looked at.
async fn everybodys_under_way(tx: &mut TenantTx, limit: i64) -> Result<Vec<JobId>> {
    let tenant = tx.id();
    let ids = sqlx::query_scalar!(
        r#"select next.id as "id!: JobId"
           from job_lane lane cross join lateral (
               select j.id, j.state, j.priority, j.run_at from job j
               where j.tenant_id = $1 and j.kind = lane.kind and j.finished_at is null
               order by j.priority desc, j.run_at, j.id
               limit $2
           ) as next
           where lane.tenant_id = $1
           order by next.state = 'running' desc, next.run_at <= now() desc, next.priority desc, next.run_at, next.id
           limit $2"#,
        tenant.0,
        limit,
    );
    Ok(ids.fetch_all(tx.conn()).await?)
}

/// A person's own are behind those of others, maybe of many, so they are looked for by the person.
async fn own_under_way(tx: &mut TenantTx, account: AccountId, limit: i64) -> Result<Vec<JobId>> {
    let tenant = tx.id();
    let ids = sqlx::query_scalar!(
        r#"select seen.id as "id!: JobId"
           from (
               (select j.id, j.state, j.priority, j.run_at from job j
                where j.tenant_id = $1 and j.account_id = $2 and j.finished_at is null
                order by j.id limit $4)
               union all
               (select j.id, j.state, j.priority, j.run_at from job j
                where j.tenant_id = $1 and j.account_id is null and j.finished_at is null and j.kind = any ($3)
                  and exists (select from document d where d.tenant_id = $1 and d.id = j.subject)
                order by j.id limit $4)
           ) as seen
           order by seen.state = 'running' desc, seen.run_at <= now() desc, seen.priority desc, seen.run_at, seen.id
           limit $4"#,
        tenant.0,
        account.0,
        &of_documents(),
        limit,
    );
    Ok(ids.fetch_all(tx.conn()).await?)
}

async fn everybodys_finished(tx: &mut TenantTx, states: &[JobState], before: JobId, limit: i64) -> Result<Vec<JobId>> {
    let tenant = tx.id();
    let ids = sqlx::query_scalar!(
        r#"select j.id as "id: JobId" from job j
           where j.tenant_id = $1 and j.finished_at is not null and j.state = any ($2) and j.id < $3
           order by j.id desc
           limit $4"#,
        tenant.0,
        &words(states),
        before.0,
        limit,
    );
    Ok(ids.fetch_all(tx.conn()).await?)
}

/// Dead letters are few among many jobs, and have an index of their own.
async fn everybodys_dead(tx: &mut TenantTx, before: JobId, limit: i64) -> Result<Vec<JobId>> {
    let tenant = tx.id();
    let ids = sqlx::query_scalar!(
        r#"select j.id as "id: JobId" from job j
           where j.tenant_id = $1 and j.died_at is not null and j.id < $2
           order by j.id desc
           limit $3"#,
        tenant.0,
        before.0,
        limit,
    );
    Ok(ids.fetch_all(tx.conn()).await?)
}

async fn own_finished(
    tx: &mut TenantTx,
    account: AccountId,
    states: &[JobState],
    before: JobId,
    limit: i64,
) -> Result<Vec<JobId>> {
    let tenant = tx.id();
    let ids = sqlx::query_scalar!(
        r#"select seen.id as "id!: JobId"
           from (
               (select j.id from job j
                where j.tenant_id = $1 and j.account_id = $2 and j.finished_at is not null
                  and j.state = any ($4) and j.id < $5
                order by j.id desc limit $6)
               union all
               (select j.id from job j
                where j.tenant_id = $1 and j.account_id is null and j.finished_at is not null
                  and j.state = any ($4) and j.id < $5 and j.kind = any ($3)
                  and exists (select from document d where d.tenant_id = $1 and d.id = j.subject)
                order by j.id desc limit $6)
           ) as seen
           order by seen.id desc
           limit $6"#,
        tenant.0,
        account.0,
        &of_documents(),
        &words(states),
        before.0,
        limit,
    );
    Ok(ids.fetch_all(tx.conn()).await?)
}

/// All that is said of these jobs, in no order. Of each lane the first `counted` that wait are counted, and none for 0: what is
/// not among them has more before it.
pub(super) async fn rows(tx: &mut TenantTx, ids: &[JobId], counted: i64, with_result: bool) -> Result<Vec<Row>> {
    let tenant = tx.id();
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let rows = sqlx::query_as!(
        Row,
        r#"with lane as materialized (
               select kind, running >= max_running as is_full, work_is_paused(kind) as is_paused,
                      kind in (select served_kinds()) as is_served
               from job_lane where tenant_id = $1
           ), turn as materialized (
               select next.id,
                      count(*) filter (where next.state = 'waiting' and next.run_at <= now()) over (
                          partition by lane.kind order by next.priority desc, next.run_at, next.id
                          rows unbounded preceding
                      ) - 1 as before
               from job_lane lane cross join lateral (
                   -- Those that run stand among them, and do not count.
                   select j.id, j.state, j.priority, j.run_at from job j
                   where j.tenant_id = $1 and j.kind = lane.kind and j.finished_at is null
                   order by j.priority desc, j.run_at, j.id
                   limit $3::int8 + lane.running
               ) as next
               where lane.tenant_id = $1 and $3::int8 > 0
           )
           select job.id as "id: JobId", job.kind, job.state as "state: JobState",
                  job.account_id as "account: AccountId", job.subject, job.attempt, job.max_attempts, job.run_at,
                  job.run_at <= now() as "is_due!", job.cancel_requested_at is not null as "is_cancelling!",
                  job.progress, job.last_error, job.worked, job.created_at, job.started_at, job.finished_at,
                  case when $4::bool then job.result end as result, now() as "now!",
                  turn.before as "before?", coalesce(lane.is_full, false) as "is_full!",
                  coalesce(lane.is_paused, false) as "is_paused!", coalesce(lane.is_served, true) as "is_served!",
                  -- By the document, as that is what the ledger has an index of, and it has few lines.
                  case when job.kind = 'read_document' then ((
                      select coalesce(sum(case l.kind when 'use' then l.credits else -l.credits end), 0)
                      from ledger_entry l
                      where l.tenant_id = $1 and l.document_id = job.subject and l.job_id = job.id
                        and l.kind in ('use', 'credit_back')
                  ) + (
                      select coalesce(sum(h.credits), 0) from credit_hold h
                      where h.tenant_id = $1 and h.document_id = job.subject and job.finished_at is null
                  ))::int8 else 0 end as "credits!",
                  (select a.name from account a where a.id = job.account_id) as asked_by,
                  case
                      when job.kind in ('read_document', 'draw_pages') then (
                          select jsonb_build_object(
                              'name', coalesce(d.title, d.name), 'failure', case when d.job_id = job.id then d.failure end
                          )
                          from document d where d.tenant_id = $1 and d.id = job.subject
                      )
                      when job.kind = 'make_report' then (
                          select jsonb_build_object(
                              'name', r.title, 'failure', case when r.job_id = job.id then r.failure end
                          )
                          from report r where r.tenant_id = $1 and r.id = job.subject
                      )
                      when job.kind = 'send_mail' then (
                          select jsonb_build_object('name', m.subject)
                          from mail m where m.tenant_id = $1 and m.id = job.subject
                      )
                      when job.kind = 'make_export' then (
                          select jsonb_build_object(
                              'name', 'Everything in the workspace',
                              'failure', case when e.job_id = job.id then e.failure end
                          )
                          from export e where e.tenant_id = $1 and e.id = job.subject
                      )
                  end as about
           from job left join turn on turn.id = job.id left join lane on lane.kind = job.kind
           where job.tenant_id = $1 and job.id = any ($2)"#,
        tenant.0,
        &ids,
        counted,
        with_result,
    );
    Ok(rows.fetch_all(tx.conn()).await?)
}

/// The latest dead letters, at most `limit`.
pub(super) async fn dead(tx: &mut TenantTx, limit: i64) -> Result<Vec<Dead>> {
    let tenant = tx.id();
    let dead = sqlx::query_as!(
        Dead,
        "select kind, subject from job
         where tenant_id = $1 and died_at is not null
         order by died_at desc, id
         limit $2",
        tenant.0,
        limit,
    );
    Ok(dead.fetch_all(tx.conn()).await?)
}

fn of_documents() -> Vec<String> {
    Work::OF_DOCUMENTS.map(str::to_owned).to_vec()
}

fn words(states: &[JobState]) -> Vec<String> {
    states.iter().map(|state| state.as_str().to_owned()).collect()
}
