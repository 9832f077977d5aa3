//! Beginning a transaction. Where nobody waits for it any more, it begins all the same and is rolled back: a connection that is being
//! made is worth keeping.

use std::time::Instant;

use sqlx::PgPool;
use tracing::Instrument;

use super::{open::Open, to_the_end::ToTheEnd};
use crate::metrics;

/// Begins a transaction with this statement, which may do more than that, and counts how long that takes.
pub(super) async fn counted(pool: &PgPool, statement: String) -> sqlx::Result<Open> {
    ToTheEnd::new(begin_counted(pool.clone(), statement)).await
}

/// The same where a failure is none of the database, as somebody else is asked then.
pub(super) async fn uncounted(pool: &PgPool, statement: String) -> sqlx::Result<Open> {
    ToTheEnd::new(begin(pool.clone(), statement)).await
}

async fn begin_counted(pool: PgPool, statement: String) -> sqlx::Result<Open> {
    let asked = Instant::now();
    let _waiting = Waiting::begin();
    let begun = begin(pool, statement).await;
    let outcome = if begun.is_ok() { "begun" } else { "failed" };
    metrics::DATABASE_BEGIN.took(asked.elapsed(), [("outcome", outcome)]);
    begun
}

async fn begin(pool: PgPool, statement: String) -> sqlx::Result<Open> {
    // Who finds one at once has not waited, and there is nothing to show.
    let connection = match pool.num_idle() {
        0 => pool.acquire().instrument(tracing::info_span!("connection")).await?,
        _ => pool.acquire().await?,
    };
    Open::begin(connection, statement).await
}

/// One that waits, for as long as this lives.
struct Waiting;

impl Waiting {
    fn begin() -> Self {
        metrics::DATABASE_WAITING.change(1.0, metrics::NO_LABELS);
        Self
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        metrics::DATABASE_WAITING.change(-1.0, metrics::NO_LABELS);
    }
}
