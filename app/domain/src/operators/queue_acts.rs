//! What operators do about the queues. What concerns a workspace stands in its own audit log; all of it stands in theirs.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    LaneLimits, Operator, Pausable, QueueFilter, REPLAYED_AT_ONCE, Reason, Replayed,
    queue_store::{self, Again},
    store,
};
use crate::{
    Services, activity,
    audit::{self, Act},
    db::{SystemTx, TenantTx},
    error::{Error, ErrorKind, Result},
    id::{JobId, TenantId},
    live, tenants,
};

/// Workspaces whose dead letters are run again at once: each is a transaction of a few milliseconds, and somebody waits.
const TENANTS_AT_ONCE: usize = 100;

/// Lets no more of this work begin, within a second; what runs is left alone.
pub async fn pause(services: &Services, operator: &Operator, what: &Pausable, reason: &Reason) -> Result<()> {
    match what {
        Pausable::Kind(kind) => {
            let mut system = services.db.system().await?;
            pause_in(services, &mut system, operator, what, reason).await?;
            let why = format!("{kind}: {}", reason.as_str());
            note(services, &mut system, operator, "work.paused", None, Some(&why)).await?;
            system.commit().await
        }
        Pausable::Tenant(tenant) => {
            let mut tx = services.db.tenant(&operator.at(*tenant)).await?;
            tenants::name(&mut tx).await?;
            pause_in(services, tx.identity(), operator, what, reason).await?;
            let why = Some(reason.as_str());
            note(services, tx.identity(), operator, "work.paused", Some(*tenant), why).await?;
            let detail = json!({ "operator": operator.name, "reason": reason.as_str() });
            tell(services, &mut tx, Act::WorkPaused, detail).await?;
            tx.commit().await
        }
    }
}

/// Undoes it.
pub async fn resume(services: &Services, operator: &Operator, what: &Pausable) -> Result<()> {
    match what {
        Pausable::Kind(kind) => {
            let mut system = services.db.system().await?;
            resume_in(services, &mut system, operator, what).await?;
            note(services, &mut system, operator, "work.resumed", None, Some(kind)).await?;
            system.commit().await
        }
        Pausable::Tenant(tenant) => {
            let mut tx = services.db.tenant(&operator.at(*tenant)).await?;
            resume_in(services, tx.identity(), operator, what).await?;
            note(services, tx.identity(), operator, "work.resumed", Some(*tenant), None).await?;
            tell(services, &mut tx, Act::WorkResumed, json!({ "operator": operator.name })).await?;
            tx.commit().await
        }
    }
}

/// Gives a lane another share and other limits.
pub async fn set_lane(
    services: &Services,
    operator: &Operator,
    tenant: TenantId,
    kind: &str,
    limits: LaneLimits,
) -> Result<()> {
    let mut tx = services.db.tenant(&operator.at(tenant)).await?;
    if !queue_store::set_lane(&mut tx, operator, services.clock.now(), kind, limits).await? {
        return Err(Error::not_found());
    }
    let LaneLimits { weight, max_running, max_waiting } = limits;
    let why = format!("{kind}: weight {weight}, {max_running} running, {max_waiting} waiting");
    note(services, tx.identity(), operator, "work.limits_changed", Some(tenant), Some(&why)).await?;
    let detail = json!({
        "operator": operator.name, "kind": kind, "weight": weight, "running": max_running, "waiting": max_waiting,
    });
    tell(services, &mut tx, Act::WorkLimitsChanged, detail).await?;
    tx.commit().await
}

/// Runs one dead letter again. Fails with "conflict" where it is none any more, or the same work is under way.
pub async fn replay(services: &Services, operator: &Operator, tenant: TenantId, job: JobId) -> Result<()> {
    match replay_in(services, operator, tenant, &[job.0]).await? {
        0 => Err(Error::conflict("This work is no dead letter any more, or the same work is under way.")),
        _ => Ok(()),
    }
}

/// Runs the newest dead letters again that the filter lets through, at most 1,000 and of 100 workspaces. Where the same work is
/// under way, it is left; so is the older one of two for the same.
pub async fn replay_all(services: &Services, operator: &Operator, filter: &QueueFilter) -> Result<Replayed> {
    let now = services.clock.now();
    let mut system = services.db.system().await?;
    let letters = queue_store::dead_letters(&mut system, &operator.secret, now, filter, true, REPLAYED_AT_ONCE).await?;
    system.commit().await?;
    let mut of_tenants: BTreeMap<TenantId, Vec<Uuid>> = BTreeMap::new();
    for letter in &letters {
        of_tenants.entry(letter.tenant).or_default().push(letter.job.0);
    }
    let mut done = Replayed::default();
    for (tenant, jobs) in of_tenants.into_iter().take(TENANTS_AT_ONCE) {
        let replayed = match replay_in(services, operator, tenant, &jobs).await {
            Err(error) if error.is(ErrorKind::Conflict) => 0,
            replayed => replayed?,
        };
        done.replayed += replayed;
        done.skipped += jobs.len() - replayed;
    }
    Ok(done)
}

/// How many of these run again.
async fn replay_in(services: &Services, operator: &Operator, tenant: TenantId, jobs: &[Uuid]) -> Result<usize> {
    let mut tx = services.db.tenant(&operator.at(tenant)).await?;
    let again = queue_store::replay(&mut tx, jobs).await?;
    let replayed = again.len();
    if replayed > 0 {
        say_again(&mut tx, again).await?;
        let why = format!("{replayed} of {} jobs", jobs.len());
        note(services, tx.identity(), operator, "work.replayed", Some(tenant), Some(&why)).await?;
        let detail = json!({ "operator": operator.name, "jobs": replayed });
        tell(services, &mut tx, Act::WorkReplayed, detail).await?;
    }
    tx.commit().await?;
    Ok(replayed)
}

/// What the jobs are about waits again, and so do the pages that show it.
async fn say_again(tx: &mut TenantTx, again: Vec<Again>) -> Result<()> {
    let mut kinds: BTreeMap<String, Vec<Uuid>> = BTreeMap::new();
    for job in again {
        kinds.entry(job.kind).or_default().extend(job.subject);
    }
    for (kind, subjects) in &kinds {
        activity::all_again(tx, kind, subjects).await?;
    }
    let tenant = tx.id();
    live::announce(tx, "everything", tenant).await
}

async fn pause_in(
    services: &Services,
    tx: &mut SystemTx,
    operator: &Operator,
    what: &Pausable,
    reason: &Reason,
) -> Result<()> {
    let (id, now) = (services.clock.id::<Uuid>(), services.clock.now());
    if queue_store::pause(tx, operator, now, id, what, reason.as_str()).await? {
        return Ok(());
    }
    Err(Error::conflict("This work is held up already."))
}

async fn resume_in(services: &Services, tx: &mut SystemTx, operator: &Operator, what: &Pausable) -> Result<()> {
    if queue_store::resume(tx, operator, services.clock.now(), what).await? {
        return Ok(());
    }
    Err(Error::conflict("This work is not held up."))
}

/// In the workspace's audit log, and to whoever watches its work.
async fn tell(services: &Services, tx: &mut TenantTx, act: Act, detail: Value) -> Result<()> {
    let tenant = tx.id();
    audit::record_detail(tx, &services.clock, act, tenant.0, detail).await?;
    live::announce(tx, "job", tenant).await
}

/// In the operators' own record.
async fn note(
    services: &Services,
    tx: &mut SystemTx,
    operator: &Operator,
    act: &'static str,
    tenant: Option<TenantId>,
    reason: Option<&str>,
) -> Result<()> {
    let subject = tenant.map(|TenantId(id)| id);
    let act = store::Act { operator: operator.id, act, subject, reason, from: operator.from };
    store::record(tx, &services.clock, &act).await
}
