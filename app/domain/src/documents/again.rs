//! Reading documents again that were read before: some that were chosen, or all of the workspace.
//!
//! Each is paid for like any reading, and its credits are set aside first. What does not fit waits for credits. Until the new
//! reading has begun, what was read before is still there.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use super::{
    ReadAgain, ReadAll, ReadAllAgain, ReadDocument, credits,
    store::{self, ToRead},
    trash::check_chosen,
};
use crate::{
    Services,
    actor::{Action, Member, OnBehalf},
    audit::{self, Act},
    begun::Begun,
    billing::{self, Entitlements},
    db::TenantTx,
    error::{Error, Result},
    features::{self, Feature},
    id::{AccountId, DocumentId, JobId},
    live,
    queue::{self, Enqueue, JobContext, JobError, Priority, Progress},
};

/// Documents that begin in one transaction.
const BEGUN_AT_ONCE: i64 = 100;

/// Documents that are counted by one statement, which takes a few milliseconds.
const COUNTED_AT_ONCE: i64 = 2_000;

/// The key of the job that reads all: there is one at a time.
const ALL: &str = "all";

/// What all documents together are that may be read again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Sum {
    pub documents: i64,
    /// What it costs at least.
    pub credits: i64,
}

/// Has documents read again, and says what became of them: those that are being read, wait for credits or lie in the trash are
/// passed over. Fails with "not found" where none of them is there, and with a conflict where none may be read again now.
pub async fn read_again(services: &Services, member: &Member, ids: &[DocumentId]) -> Result<ReadAgain> {
    member.require(Action::ChangeDocuments)?;
    features::require(services, member.tenant, Feature::ReadAgain).await?;
    check_chosen(ids)?;
    let e = billing::entitlements(services, member.tenant).await?;
    let mut tx = services.db.tenant(member).await?;
    let found = store::lock_chosen(&mut tx, &uuids(ids)).await?;
    if found.is_empty() {
        return Err(Error::not_found());
    }
    let (ready, others): (Vec<_>, Vec<_>) = found.into_iter().partition(|document| document.is_ready);
    if ready.is_empty() {
        return Err(Error::conflict("None of these documents can be read again now."));
    }
    let chosen: Vec<DocumentId> = ready.iter().map(|document| document.id).collect();
    let told = store::audience(&mut tx, &chosen).await?;
    audit::record_many(&mut tx, &services.clock, Act::DocumentRetried, &uuids(&chosen)).await?;
    live::announce_to(&mut tx, "everything", "", &told).await?;
    let begun = begin(services, &mut tx, &e, &ready, Priority::Normal).await?;
    tx.commit().await?;
    let held = ready.len() - begun.len();
    Ok(ReadAgain { begun: begun.len(), held, passed_over: others.len(), work: Begun::of(begun) })
}

/// Has every document read again that the member may change, by a job, and says how many those are now, and which job it is. Fails
/// with a conflict where there is none, or where that job is under way already.
pub async fn read_all_again(services: &Services, member: &Member) -> Result<ReadAll> {
    member.require(Action::ReadAllAgain)?;
    features::require(services, member.tenant, Feature::ReadAgain).await?;
    let (account, asked_at) = (member.require_account()?, services.clock.now());
    let mut tx = services.db.tenant(member).await?;
    let documents = sum_of_all(services, &mut tx).await?.documents;
    if documents == 0 {
        return Err(Error::conflict("There is no document that can be read again now."));
    }
    let job = ReadAllAgain { account, asked_at, documents: Some(documents.unsigned_abs()) };
    let job = queue::enqueue(&mut tx, &services.clock, &job, Enqueue::once(ALL)).await?;
    if job.existing {
        return Err(Error::conflict(
            "All documents are being read again already. The page of activity says how far that is.",
        ));
    }
    let detail = json!({ "documents": documents });
    audit::record_detail(&mut tx, &services.clock, Act::AllRetried, member.tenant.0, detail).await?;
    live::announce(&mut tx, "job", member.tenant).await?;
    tx.commit().await?;
    Ok(ReadAll { documents, work: Begun::one(job.id) })
}

/// What it is to read again all that may be and that the actor sees, counted in parts.
pub(crate) async fn sum_of_all(services: &Services, tx: &mut TenantTx) -> Result<Sum> {
    let (mut sum, mut last) = (Sum::default(), DocumentId(Uuid::nil()));
    loop {
        let page = store::ready(tx, last, DateTime::<Utc>::MAX_UTC, COUNTED_AT_ONCE).await?;
        let Some(end) = page.last() else { return Ok(sum) };
        last = end.id;
        sum.documents += page.len() as i64;
        sum.credits += page.iter().map(|document| credits::cost_again(services, document)).sum::<i64>();
    }
}

/// Begins all that this person may change, in parts. What has been read since they asked was read again by an earlier attempt,
/// or is new.
pub(super) async fn begin_all(
    context: &JobContext,
    account: AccountId,
    asked_at: DateTime<Utc>,
    documents: Option<u64>,
) -> Result<(), JobError> {
    let actor = OnBehalf { tenant: context.tenant, account };
    let (mut last, mut done) = (DocumentId(Uuid::nil()), 0);
    loop {
        // Whoever switches it off before they are begun, or while, means these too; they go on once it is on again.
        features::require(&context.services, context.tenant, Feature::ReadAgain).await?;
        let begun = begin_some(&context.services, &actor, last, asked_at).await?;
        let Some((end, count)) = begun else { return Ok(()) };
        if context.is_cancelled() {
            return Err(JobError::cancelled());
        }
        (last, done) = (end, done + count);
        // An attempt that goes on where another has ended has fewer before it.
        let of = documents.filter(|_| context.attempt == 1).map(|of| of.max(done));
        context.progress(&Progress { stage: "documents".into(), done, of }).await?;
    }
}

/// The last document that was looked at, and how many were; none at the end.
async fn begin_some(
    services: &Services,
    actor: &OnBehalf,
    after: DocumentId,
    asked_at: DateTime<Utc>,
) -> Result<Option<(DocumentId, u64)>> {
    let mut tx = services.db.tenant(actor).await?;
    let e = billing::entitlements_in(services, &mut tx).await?;
    let next: Vec<DocumentId> =
        store::ready(&mut tx, after, asked_at, BEGUN_AT_ONCE).await?.into_iter().map(|document| document.id).collect();
    let Some(last) = next.last().copied() else { return Ok(None) };
    let mut ready = store::lock_chosen(&mut tx, &uuids(&next)).await?;
    ready.retain(|document| document.is_ready);
    let told = store::audience(&mut tx, &next).await?;
    live::announce_to(&mut tx, "everything", "", &told).await?;
    // What somebody uploads meanwhile goes before thousands that are read again.
    begin(services, &mut tx, &e, &ready, Priority::Batch).await?;
    tx.commit().await?;
    Ok(Some((last, next.len() as u64)))
}

/// Sets credits aside, enqueues those readings for which there are enough, and has the others wait; says which jobs those are. It
/// locks the meter, and only then is it known what is enqueued; so whatever else is to be done comes before.
async fn begin(
    services: &Services,
    tx: &mut TenantTx,
    e: &Entitlements,
    documents: &[ToRead],
    priority: Priority,
) -> Result<Vec<JobId>> {
    let costs: Vec<(DocumentId, i64)> =
        documents.iter().map(|document| (document.id, credits::cost_again(services, document))).collect();
    let fitting = billing::hold_what_fits(tx, &services.clock, e, &costs).await?;
    // Without a key: the job of the last reading may not be over yet, though it has nothing more to do. That there are not two
    // is for the state of the document, whose row is locked.
    let options = |id: &DocumentId| Enqueue { priority: Some(priority), ..Enqueue::default().about(id.0) };
    let job = |id: &DocumentId| (ReadDocument { document: *id }, options(id));
    let begun = queue::enqueue_all(tx, &services.clock, fitting.iter().map(job).collect()).await?;
    let begun: Vec<JobId> = begun.into_iter().map(|job| job.id).collect();
    let jobs: BTreeMap<DocumentId, Uuid> = fitting.iter().copied().zip(begun.iter().map(|job| job.0)).collect();
    let (ids, jobs): (Vec<Uuid>, Vec<Option<Uuid>>) =
        documents.iter().map(|document| (document.id.0, jobs.get(&document.id).copied())).unzip();
    store::wait_anew(tx, &ids, &jobs, services.clock.now()).await?;
    Ok(begun)
}

fn uuids(ids: &[DocumentId]) -> Vec<Uuid> {
    ids.iter().map(|id| id.0).collect()
}
