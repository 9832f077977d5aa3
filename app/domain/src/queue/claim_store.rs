//! The statement that takes jobs out of the queue, for all tenants at once; what holds for [`worker_store`](super::worker_store) holds
//! for it.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgPool;
use uuid::Uuid;

use super::Priority;
use crate::{
    error::Result,
    id::{JobId, TenantId},
    trace::TraceId,
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
    pub subject: Option<Uuid>,
    /// Somebody has asked for its end, and the attempt before could not tell its feature.
    pub is_cancelling: bool,
    pub token: Uuid,
    /// Of the request or the job that has enqueued it, if one has.
    pub trace: Option<TraceId>,
    /// Which of it that was.
    pub span: Option<i64>,
    /// For how many seconds it has been due.
    pub waited: f64,
    /// Where it stood in its lane.
    pub priority: i16,
    pub run_at: DateTime<Utc>,
}

/// What one claim asks for.
pub(super) struct Wanted<'a> {
    pub worker: Uuid,
    pub lease: Duration,
    /// The kinds, and how many jobs of each.
    pub kinds: &'a [String],
    pub room: &'a [i32],
    /// Whose jobs wait.
    pub paused: &'a [Uuid],
    /// Where to look.
    pub place: Place<'a>,
}

/// Where a claim looks for work.
pub(super) enum Place<'a> {
    /// In all lanes of the kinds, from behind this tenant on.
    All { after: Uuid },
    /// In these lanes alone, and in each at what is due since then.
    Known(&'a [LaneMark]),
}

/// What a process knows of a lane: the time from which on there may be work in it, by priority, the highest first.
#[derive(Debug, Clone)]
pub(super) struct LaneMark {
    pub tenant: TenantId,
    pub kind: String,
    pub since: [Option<DateTime<Utc>>; PRIORITIES.len()],
}

/// All priorities that there are, as the table has them, the highest first. They stand in the statement too.
pub(super) const PRIORITIES: [i16; 3] =
    [Priority::Interactive.value(), Priority::Normal.value(), Priority::Batch.value()];

/// What one claim found.
pub(super) struct Claim {
    pub jobs: Vec<ClaimedRow>,
    /// Up to which tenant it has looked, where there may be more lanes with work behind that one.
    pub reached: Option<Uuid>,
}

/// Takes jobs that are due, at most 1,000: counts the attempt, and gives each a fresh token. Of each lane at most as many as may run beside
/// those that do, in the order of priority and time; across lanes, whoever has used the least for its weight comes first,
/// with each further job of its own counting as if it had run already.
///
/// The lanes with work are found by leaping from one to the next in the queue's index, so enqueuing needs to tell nobody: 200 lanes of
/// a kind; or they are known to whoever asks. A lane that is full is passed over. The numbers stand in the statement, as the planner
/// expects much of what it does not know. That a job still waits is asked by its state: `finished_at is null` would let the planner
/// look for each in the queue's index, in which the dead rows are.
pub(super) async fn claim(pool: &PgPool, wanted: &Wanted<'_>) -> Result<Claim> {
    let (after, known): (_, &[LaneMark]) = match wanted.place {
        Place::All { after } => (Some(after), &[]),
        Place::Known(lanes) => (None, lanes),
    };
    let (kinds, tenants): (Vec<String>, Vec<Uuid>) =
        known.iter().map(|lane| (lane.kind.clone(), lane.tenant.0)).unzip();
    let [high, normal, low] = [0, 1, 2].map(|level| known.iter().map(|lane| lane.since[level]).collect::<Vec<_>>());
    let rows = sqlx::query!(
        // One random number a statement, of which each attempt has its own by its place: many servers open a device of the
        // system for each.
        r#"with recursive wanted as (
               select * from unnest($1::text[], $2::int[]) as wanted (kind, room)
           ), fresh as materialized (
               select left(gen_random_uuid()::text, 24) as token
           ), turn as (
               select wanted.kind, wanted.room, next.tenant_id, 1 as number
               from wanted cross join lateral (
                   select job.kind, job.tenant_id from job
                   where job.finished_at is null and (job.kind, job.tenant_id) > (wanted.kind, $6::uuid)
                   order by job.kind, job.tenant_id limit 1
               ) as next
               where next.kind = wanted.kind and $7
               union all
               select turn.kind, turn.room, next.tenant_id, turn.number + 1
               from turn cross join lateral (
                   select job.kind, job.tenant_id from job
                   where job.finished_at is null and (job.kind, job.tenant_id) > (turn.kind, turn.tenant_id)
                   order by job.kind, job.tenant_id limit 1
               ) as next
               where next.kind = turn.kind and turn.number < 200
           ), place as materialized (
               select kind, tenant_id, room, null::timestamptz as high, null::timestamptz as normal, null::timestamptz as low
               from turn
               union all
               select known.kind, known.tenant_id, wanted.room, known.high, known.normal, known.low
               from unnest($8::text[], $9::uuid[], $10::timestamptz[], $11::timestamptz[], $12::timestamptz[])
                   as known (kind, tenant_id, high, normal, low)
               join wanted on wanted.kind = known.kind
           ), lane as materialized (
               select job_lane.*, place.room, place.high, place.normal, place.low,
                      job_lane.used * 0.5 ^ (date_part('epoch', now() - job_lane.used_at) / 60) as lately,
                      greatest(4 * place.room / (select count(*) from place as other where other.kind = place.kind), 100)
                          as share
               from job_lane join place on place.tenant_id = job_lane.tenant_id and place.kind = job_lane.kind
               where job_lane.tenant_id <> all ($5::uuid[])
               order by job_lane.tenant_id, job_lane.kind
               for no key update of job_lane
           ), ready as (
               select lane.kind, lane.tenant_id, lane.room, next.id,
                      (lane.lately + (lane.running + next.number) * lane.job_seconds) / lane.weight as due
               from lane cross join lateral (
                   select few.id, row_number() over (order by few.priority desc, few.run_at, few.id) as number
                   from (values (10::smallint, lane.high), (0::smallint, lane.normal), (-10::smallint, lane.low))
                       as level (priority, since)
                   cross join lateral (
                       select job.id, job.priority, job.run_at
                       from job
                       where job.kind = lane.kind and job.tenant_id = lane.tenant_id and job.finished_at is null
                         and job.lease_until is null and job.priority = level.priority
                         and job.run_at >= coalesce(level.since, '-infinity') and job.run_at <= now()
                       order by job.run_at, job.id
                       limit greatest(least(lane.max_running - lane.running, lane.room, lane.share), 0)
                   ) as few
                   order by few.priority desc, few.run_at, few.id
                   limit greatest(least(lane.max_running - lane.running, lane.room, lane.share), 0)
               ) as next
           ), chosen as materialized (
               select placed.tenant_id, placed.id, row_number() over () as number
               from (select *, row_number() over (partition by kind order by due, id) as place from ready) as placed
               where placed.place <= placed.room
               limit 1000
           ), claimed as (
               update job set
                   state = 'running', attempt = job.attempt + 1,
                   lease_token = ((select token from fresh) || lpad(to_hex(chosen.number), 12, '0'))::uuid,
                   lease_until = now() + make_interval(secs => $3), worker = $4,
                   started_at = coalesce(job.started_at, now())
               from chosen
               where job.tenant_id = chosen.tenant_id and job.id = chosen.id and job.state = 'waiting'
               returning job.tenant_id, job.id, job.kind, job.payload, job.attempt, job.max_attempts, job.last_error,
                         job.subject, job.cancel_requested_at is not null as is_cancelling, job.lease_token,
                         job.trace_id, job.span_id, greatest(date_part('epoch', now() - job.run_at), 0) as waited,
                         job.priority, job.run_at
           ), counted as (
               update job_lane set running = job_lane.running + taken.jobs
               from (select tenant_id, kind, count(*)::int as jobs from claimed group by tenant_id, kind) as taken
               where job_lane.tenant_id = taken.tenant_id and job_lane.kind = taken.kind
           )
           select looked.reached as "reached?", claimed.tenant_id as "tenant?: TenantId", claimed.id as "id?: JobId", claimed.kind as "kind?",
                  claimed.payload as "payload?", claimed.attempt as "attempt?", claimed.max_attempts as "max_attempts?",
                  claimed.last_error as "last_error?", claimed.subject as "subject?",
                  claimed.is_cancelling as "is_cancelling?", claimed.lease_token as "token?",
                  claimed.trace_id as "trace?: TraceId", claimed.span_id as "span?", claimed.waited as "waited?",
                  claimed.priority as "priority?", claimed.run_at as "run_at?"
           from (select (select tenant_id from turn where number = 200 order by tenant_id limit 1) as reached) as looked
           left join claimed on true"#,
        wanted.kinds,
        wanted.room,
        wanted.lease.as_secs_f64(),
        wanted.worker,
        wanted.paused,
        after,
        after.is_some(),
        &kinds,
        &tenants,
        &high as &[Option<DateTime<Utc>>],
        &normal as &[Option<DateTime<Utc>>],
        &low as &[Option<DateTime<Utc>>],
    );
    let mut claim = Claim { jobs: Vec::new(), reached: None };
    for row in rows.fetch_all(pool).await? {
        claim.reached = row.reached;
        // Where nothing was taken, one row without a job tells how far was looked.
        let job = || {
            Some(ClaimedRow {
                tenant: row.tenant?,
                id: row.id?,
                kind: row.kind?,
                payload: row.payload?,
                attempt: row.attempt?,
                max_attempts: row.max_attempts?,
                last_error: row.last_error,
                subject: row.subject,
                is_cancelling: row.is_cancelling?,
                token: row.token?,
                trace: row.trace,
                span: row.span,
                waited: row.waited?,
                priority: row.priority?,
                run_at: row.run_at?,
            })
        };
        claim.jobs.extend(job());
    }
    Ok(claim)
}
