//! The statements of the workers, each by itself and with nothing around it that runs a job: the door of the tests that hold
//! them against a model. No part of Sheaf goes through it.

use std::{collections::BTreeSet, sync::Mutex, time::Duration};

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgPool;
use uuid::Uuid;

use super::{
    JobState,
    claim_store::{self, LaneMark, Place, Wanted},
    worker_store::{self, Attempt, Settlement},
};
use crate::{
    db::TenantTx,
    error::Result,
    id::{JobId, TenantId},
};

/// Names one attempt of one job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    pub tenant: TenantId,
    pub job: JobId,
    pub token: Uuid,
}

/// A job that was just claimed.
#[derive(Debug, Clone)]
pub struct Taken {
    pub held: Held,
    pub kind: String,
    pub payload: Value,
    pub attempt: i32,
}

/// What became of an attempt.
#[derive(Debug, Clone)]
pub struct End {
    pub held: Held,
    pub kind: String,
    pub state: JobState,
    /// Before the next attempt, where the state is waiting.
    pub pause: Duration,
    /// Of a worker, that the attempt took.
    pub seconds: f64,
    /// Whether the attempt was not spent.
    pub attempts_back: bool,
}

/// Where a claim looks for work.
#[derive(Debug, Clone)]
pub enum Lanes {
    /// Everywhere, from behind this tenant on.
    After(Uuid),
    /// At these tenants alone, and at what is due since these times: of the highest priority, the normal and the lowest one.
    Of(Vec<(TenantId, [Option<DateTime<Utc>>; 3])>),
}

/// Has the servers count how deep the lanes are, as they do once a second.
pub fn count_anew(tx: &TenantTx) {
    tx.wake().depths.forget();
}

/// Takes what is due, at most `room` of each kind.
pub async fn claim(
    pool: &PgPool,
    worker: Uuid,
    kinds: &[String],
    room: &[i32],
    lease: Duration,
    paused_tenants: &[Uuid],
    lanes: &Lanes,
) -> Result<Vec<Taken>> {
    let mark = |kind: &String, (tenant, since): &(TenantId, _)| LaneMark {
        tenant: *tenant,
        kind: kind.clone(),
        since: *since,
    };
    let marks: Vec<LaneMark> = match lanes {
        Lanes::After(_) => Vec::new(),
        Lanes::Of(tenants) => kinds.iter().flat_map(|kind| tenants.iter().map(|tenant| mark(kind, tenant))).collect(),
    };
    let place = match lanes {
        Lanes::After(after) => Place::All { after: *after },
        Lanes::Of(_) => Place::Known(&marks),
    };
    let wanted = Wanted { worker, lease, kinds, room, paused: paused_tenants, place };
    let claim = claim_store::claim(pool, &wanted).await?;
    let taken = claim.jobs.into_iter().map(|row| Taken {
        held: Held { tenant: row.tenant, job: row.id, token: row.token },
        kind: row.kind,
        payload: row.payload,
        attempt: row.attempt,
    });
    Ok(taken.collect())
}

/// Writes what became of attempts, and answers the tokens that held.
pub async fn settle(pool: &PgPool, ends: &[End]) -> Result<Vec<Uuid>> {
    let settlements: Vec<Settlement> = ends.iter().map(settlement).collect();
    worker_store::settle(pool, &settlements.iter().collect::<Vec<_>>()).await
}

/// Extends the leases that still hold. Answers their tokens, and whether somebody asked for the end of the job.
pub async fn renew(pool: &PgPool, held: &[Held], lease: Duration) -> Result<Vec<(Uuid, bool)>> {
    let attempts: Vec<Attempt> = held.iter().copied().map(Attempt::from).collect();
    let rows = worker_store::renew(pool, &attempts, lease).await?;
    Ok(rows.into_iter().map(|row| (row.token, row.is_cancelling)).collect())
}

/// Frees jobs whose lease has run out, and answers how many.
pub async fn rescue(pool: &PgPool, extra: i32, reason: &str) -> Result<usize> {
    worker_store::rescue(pool, extra, reason).await
}

fn settlement(end: &End) -> Settlement {
    Settlement {
        attempt: Attempt { kind: known(&end.kind), ..end.held.into() },
        state: end.state,
        pause: end.pause,
        error: matches!(end.state, JobState::Waiting | JobState::Dead).then(|| "it failed".into()),
        result: None,
        took: Duration::from_secs_f64(end.seconds),
        is_free: end.attempts_back,
    }
}

/// The name of a kind as the registry of a program has it, which lives as long as the program.
fn known(kind: &str) -> &'static str {
    static KINDS: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let mut kinds = KINDS.lock().expect("no thread panics while it holds this lock");
    match kinds.get(kind) {
        Some(known) => known,
        None => {
            let known: &'static str = kind.to_owned().leak();
            kinds.insert(known);
            known
        }
    }
}

impl From<Held> for Attempt {
    fn from(held: Held) -> Self {
        Self { tenant: held.tenant, job: held.job, token: held.token, kind: "" }
    }
}
