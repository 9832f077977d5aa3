//! Cancelling work, and having it done again.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    Begun, Work, feature,
    store::{self, Row},
};
use crate::{
    Services,
    actor::{Action, Member},
    audit::{self, Act},
    db::TenantTx,
    error::{Error, Result},
    exports,
    features::{self, Feature},
    id::{JobId, TenantId},
    live,
    queue::{self, JobState},
};

/// Dead letters that are looked at, the latest, for what kinds of work there are among them.
const LOOKED_AT: i64 = 10_000;

/// Cancels a job: one that waits at once, one that runs within two seconds. What it is about is then as if it had been
/// cancelled on its own page.
pub async fn cancel(services: &Services, member: &Member, id: JobId) -> Result<()> {
    member.require(Action::SteerActivity)?;
    let mut tx = services.db.tenant(member).await?;
    let job = steered(&mut tx, member, id).await?;
    if job.state.is_finished() {
        return Err(over_already());
    }
    let is_over = match queue::cancel(&mut tx, id).await? {
        JobState::Cancelled => true,
        JobState::Waiting | JobState::Running => false,
        // It has come to its end since it was looked at.
        JobState::Done | JobState::Dead => return Err(over_already()),
    };
    if is_over {
        feature::cancelled(services, &mut tx, &job).await?;
    }
    audit::record_detail(&mut tx, &services.clock, Act::JobCancelled, id.0, facts_of(&job)).await?;
    announce(&mut tx).await?;
    if is_over {
        feature::released(&mut tx, &job).await?;
    }
    tx.commit().await
}

/// Has a job that failed or was cancelled done again, with all its attempts. Fails with "switched off" where operators have
/// paused what it does.
pub async fn retry(services: &Services, member: &Member, id: JobId) -> Result<()> {
    member.require(Action::SteerActivity)?;
    let paused = paused(services, member.tenant).await?;
    let mut tx = services.db.tenant(member).await?;
    let job = steered(&mut tx, member, id).await?;
    if let Some(feature) = paused_for(&job.kind, &paused) {
        return Err(features::refused(feature));
    }
    match job.state {
        JobState::Dead | JobState::Cancelled => {}
        JobState::Running | JobState::Waiting if job.is_cancelling => {
            return Err(Error::conflict("This work is being stopped. Please try again in a moment."));
        }
        _ => return Err(Error::conflict("Only work that failed or was cancelled can be done again.")),
    }
    feature::again(services, &mut tx, &job).await?;
    queue::retry(&mut tx, id).await?;
    audit::record_detail(&mut tx, &services.clock, Act::JobRetried, id.0, facts_of(&job)).await?;
    announce(&mut tx).await?;
    tx.commit().await
}

/// Has everything done again that failed and is theirs to have done again, and says which jobs do it. Of archives it is the
/// latest, where none is under way: one is made at a time, and holds what an earlier one would have held. What operators have
/// paused stays as it is; where there is nothing else, it fails with "switched off".
pub async fn retry_all_failed(services: &Services, member: &Member) -> Result<Begun> {
    member.require(Action::ManageActivity)?;
    let paused = paused(services, member.tenant).await?;
    let mut tx = services.db.tenant(member).await?;
    let mut kinds: BTreeMap<String, Vec<Uuid>> = BTreeMap::new();
    for dead in store::dead(&mut tx, LOOKED_AT).await? {
        kinds.entry(dead.kind).or_default().extend(dead.subject);
    }
    kinds.retain(|kind, _| Work::of(kind).needs().is_none_or(|action| member.may(action)));
    let left = kinds.keys().find_map(|kind| paused_for(kind, &paused));
    kinds.retain(|kind, _| paused_for(kind, &paused).is_none());
    if let (true, Some(feature)) = (kinds.is_empty(), left) {
        return Err(features::refused(feature));
    }
    let mut retried = Vec::new();
    for (kind, subjects) in &kinds {
        if Work::of(kind) == Work::Export {
            retried.extend(retry_latest_export(&mut tx, subjects).await?);
        } else {
            retried.extend(retry_dead(&mut tx, kind).await?);
        }
    }
    if !retried.is_empty() {
        let (tenant, detail) = (tx.id(), json!({ "jobs": retried.len() }));
        audit::record_detail(&mut tx, &services.clock, Act::JobRetried, tenant.0, detail).await?;
        // Documents, reports and mails wait again, each of which would be one to tell.
        live::announce(&mut tx, "everything", tenant).await?;
    }
    tx.commit().await?;
    Ok(Begun::of(retried))
}

fn over_already() -> Error {
    Error::conflict("This work is over already.")
}

/// What operators have switched off here. It is asked before a transaction is opened, which would hold a second connection.
async fn paused(services: &Services, tenant: TenantId) -> Result<Vec<Feature>> {
    let mut paused = Vec::new();
    for feature in Feature::ALL {
        if !features::enabled(services, tenant, feature).await? {
            paused.push(feature);
        }
    }
    Ok(paused)
}

/// Which of these keeps work of this kind from being done again; none where it may be.
fn paused_for(kind: &str, paused: &[Feature]) -> Option<Feature> {
    Work::of(kind).feature().filter(|feature| paused.contains(feature))
}

/// Which of this kind those are, a part of them where there are very many. What the others are about goes on saying that it
/// failed.
async fn retry_dead(tx: &mut TenantTx, kind: &str) -> Result<Vec<JobId>> {
    let again = queue::retry_dead(tx, Some(kind)).await?;
    let subjects: Vec<Uuid> = again.iter().filter_map(|job| job.subject).collect();
    feature::all_again(tx, kind, &subjects).await?;
    Ok(again.iter().map(|job| job.id).collect())
}

/// Which that is; none where one is under way already.
async fn retry_latest_export(tx: &mut TenantTx, subjects: &[Uuid]) -> Result<Option<JobId>> {
    let Some(job) = exports::latest_made_again(tx, subjects).await? else { return Ok(None) };
    queue::retry(tx, job).await?;
    Ok(Some(job))
}

/// The job, where it is the member's to steer.
async fn steered(tx: &mut TenantTx, member: &Member, id: JobId) -> Result<Row> {
    let rows = store::rows(tx, &[id], 0, false).await?;
    let job = rows.into_iter().find(|row| row.is_seen_by(member)).ok_or_else(Error::not_found)?;
    if job.may_be_steered_by(member) {
        return Ok(job);
    }
    Err(Error::forbidden(if job.is_hidden() {
        "This work is about something that is private or gone, so it is not yours to change."
    } else {
        "This work is somebody else’s, or your role does not allow to change it."
    }))
}

/// What the log tells of it: the kind, in people's words, and no name.
fn facts_of(job: &Row) -> Value {
    json!({ "work": Work::of(&job.kind).label() })
}

async fn announce(tx: &mut TenantTx) -> Result<()> {
    let tenant = tx.id();
    live::announce(tx, "job", tenant).await
}
