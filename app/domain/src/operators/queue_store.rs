//! The SQL of what operators see of the queues and do about them. The functions of the database ask for the secret of the
//! operator's session: without a good one they tell and change nothing.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{DeadLine, KindLine, LaneLimits, LaneLine, Operator, Pausable, PauseLine, QueueFilter, WorkerLine};
use crate::{
    db::{SystemTx, TenantTx},
    error::{Error, Result},
    id::{JobId, TenantId},
};

/// A dead letter that runs again.
pub(super) struct Again {
    pub kind: String,
    pub subject: Option<Uuid>,
}

/// Each kind that there is. The bounds of what is looked at stand in the migration.
pub(super) async fn kinds(tx: &mut SystemTx, secret: &[u8], now: DateTime<Utc>) -> Result<Vec<KindLine>> {
    let kinds = sqlx::query_as!(
        KindLine,
        r#"select kind as "kind!", running as "running!", waiting as "waiting!", scheduled as "scheduled!",
                  is_more as "is_more!", oldest_seconds, dead as "dead!", done as "done!",
                  recent_seconds as "recent_seconds!", wait_median, wait_high, run_median, run_high
           from operator_kinds($1, $2)"#,
        secret,
        now,
    );
    Ok(kinds.fetch_all(tx.conn()).await?)
}

/// The 50 busiest lanes of what the filter lets through, by what waits or by what was used; of one tenant, all.
pub(super) async fn lanes(
    tx: &mut SystemTx,
    secret: &[u8],
    now: DateTime<Utc>,
    filter: &QueueFilter,
    by_use: bool,
) -> Result<Vec<LaneLine>> {
    let lanes = sqlx::query_as!(
        LaneLine,
        r#"select tenant_id as "tenant!: TenantId", name as "name!", kind as "kind!", weight as "weight!",
                  max_running as "max_running!", max_waiting as "max_waiting!", running as "running!",
                  waiting as "waiting!", oldest_seconds, used as "used!"
           from operator_lanes($1, $2, $3, $4, $5)"#,
        secret,
        now,
        filter.kind.as_deref(),
        filter.tenant.map(|TenantId(id)| id),
        by_use,
    );
    Ok(lanes.fetch_all(tx.conn()).await?)
}

/// The processes that work; at most 200.
pub(super) async fn workers(tx: &mut SystemTx, secret: &[u8], now: DateTime<Utc>) -> Result<Vec<WorkerLine>> {
    let workers = sqlx::query_as!(
        WorkerLine,
        r#"select name as "name!", kinds as "kinds!", started_at as "started_at!", silent_seconds as "silent_seconds!"
           from operator_workers($1, $2)"#,
        secret,
        now,
    );
    Ok(workers.fetch_all(tx.conn()).await?)
}

/// What is held up; at most 500.
pub(super) async fn pauses(
    tx: &mut SystemTx,
    secret: &[u8],
    now: DateTime<Utc>,
    tenant: Option<TenantId>,
) -> Result<Vec<PauseLine>> {
    let pauses = sqlx::query_as!(
        PauseLine,
        r#"select kind, tenant_id as "tenant: TenantId", name, reason as "reason!", paused_by as "paused_by!",
                  paused_at as "paused_at!"
           from operator_pauses($1, $2, $3)"#,
        secret,
        now,
        tenant.map(|TenantId(id)| id),
    );
    Ok(pauses.fetch_all(tx.conn()).await?)
}

/// The newest dead letters; with `only_idle`, those alone that nothing keeps from running again.
pub(super) async fn dead_letters(
    tx: &mut SystemTx,
    secret: &[u8],
    now: DateTime<Utc>,
    filter: &QueueFilter,
    only_idle: bool,
    most: i32,
) -> Result<Vec<DeadLine>> {
    let letters = sqlx::query_as!(
        DeadLine,
        r#"select tenant_id as "tenant!: TenantId", name as "name!", id as "job!: JobId", kind as "kind!",
                  attempts as "attempts!", error, died_at as "died_at!", is_under_way as "is_under_way!"
           from operator_dead_letters($1, $2, $3, $4, $5, $6)"#,
        secret,
        now,
        filter.kind.as_deref(),
        filter.tenant.map(|TenantId(id)| id),
        only_idle,
        most,
    );
    Ok(letters.fetch_all(tx.conn()).await?)
}

/// False where it is held up already.
pub(super) async fn pause(
    tx: &mut SystemTx,
    operator: &Operator,
    now: DateTime<Utc>,
    id: Uuid,
    what: &Pausable,
    reason: &str,
) -> Result<bool> {
    let (kind, tenant) = columns(what);
    let paused = sqlx::query_scalar!(
        r#"select operator_pause($1, $2, $3, $4, $5, $6) as "paused!""#,
        operator.secret.as_slice(),
        now,
        id,
        kind,
        tenant,
        reason,
    );
    Ok(paused.fetch_one(tx.conn()).await?)
}

/// False where it is not held up.
pub(super) async fn resume(
    tx: &mut SystemTx,
    operator: &Operator,
    now: DateTime<Utc>,
    what: &Pausable,
) -> Result<bool> {
    let (kind, tenant) = columns(what);
    let resumed = sqlx::query_scalar!(
        r#"select operator_resume($1, $2, $3, $4) as "resumed!""#,
        operator.secret.as_slice(),
        now,
        kind,
        tenant,
    );
    Ok(resumed.fetch_one(tx.conn()).await?)
}

/// False where the tenant has no such lane.
pub(super) async fn set_lane(
    tx: &mut TenantTx,
    operator: &Operator,
    now: DateTime<Utc>,
    kind: &str,
    limits: LaneLimits,
) -> Result<bool> {
    let tenant = tx.id();
    let changed = sqlx::query_scalar!(
        r#"select operator_set_lane($1, $2, $3, $4, $5, $6, $7) as "changed!""#,
        operator.secret.as_slice(),
        now,
        tenant.0,
        kind,
        limits.weight,
        limits.max_running,
        limits.max_waiting,
    );
    Ok(changed.fetch_one(tx.conn()).await?)
}

/// Lets those of these that are dead run again, with all their attempts, and answers which those were. Of several with one key
/// it is the newest; where an unfinished job has the key, none.
pub(super) async fn replay(tx: &mut TenantTx, letters: &[Uuid]) -> Result<Vec<Again>> {
    let tenant = tx.id();
    let replayed = sqlx::query_as!(
        Again,
        "with chosen as (
               select distinct on (job.kind, coalesce(job.key, job.id::text)) job.id
               from job
               where job.tenant_id = $1 and job.id = any ($2) and job.state = 'dead'
                 and not exists (
                     select from job other
                     where other.tenant_id = $1 and other.kind = job.kind and other.key = job.key
                       and other.finished_at is null
                 )
               order by job.kind, coalesce(job.key, job.id::text), job.died_at desc
           )
           update job set state = 'waiting', attempt = 0, run_at = now(), cancel_requested_at = null, progress = null,
                          started_at = null, finished_at = null, died_at = null, result = null
           from chosen
           where job.tenant_id = $1 and job.id = chosen.id and job.state = 'dead'
           returning job.kind, job.subject",
        tenant.0,
        letters,
    );
    let replayed = replayed.fetch_all(tx.conn()).await.map_err(meanwhile)?;
    if !replayed.is_empty() {
        tx.note_jobs();
    }
    Ok(replayed)
}

fn columns(what: &Pausable) -> (Option<&str>, Option<Uuid>) {
    match what {
        Pausable::Kind(kind) => (Some(kind), None),
        Pausable::Tenant(TenantId(id)) => (None, Some(*id)),
    }
}

/// Work with the same key may have been asked for at this moment: the unique index says so.
fn meanwhile(error: sqlx::Error) -> Error {
    match error.as_database_error() {
        Some(database) if database.is_unique_violation() => {
            Error::conflict("The same work has begun at this moment. Nothing was changed in this workspace; try again.")
        }
        _ => error.into(),
    }
}
