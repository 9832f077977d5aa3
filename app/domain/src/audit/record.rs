//! Writing an entry, in the transaction of the act.
//!
//! An entry waits for whoever writes one in the same tenant, until that transaction ends. So a verb records last: after its
//! changes and after it has enqueued its jobs, when it waits for nothing else any more. Then two verbs never wait for each
//! other, and uploads that come at once wait for a commit and not for a file.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{Act, store};
use crate::{clock::Clock, db::TenantTx, error::Result};

/// Records an act of whoever opened the transaction, on `subject`.
pub async fn record(tx: &mut TenantTx, clock: &Clock, act: Act, subject: Uuid) -> Result<()> {
    record_many(tx, clock, act, &[subject]).await
}

/// Records the same act on several subjects in one statement.
pub async fn record_many(tx: &mut TenantTx, clock: &Clock, act: Act, subjects: &[Uuid]) -> Result<()> {
    store::insert(tx, clock, act, subjects, &json!({})).await
}

/// The same with small facts that the act does not tell: an object of at most 4 kB, as in `{"role": "viewer"}`. They are kept
/// for as long as the workspace is there, so they hold no secret, and no text or name of a document.
pub async fn record_detail(tx: &mut TenantTx, clock: &Clock, act: Act, subject: Uuid, detail: Value) -> Result<()> {
    store::insert(tx, clock, act, &[subject], &detail).await
}
