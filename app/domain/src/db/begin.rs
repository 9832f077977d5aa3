//! Beginning a transaction, to the end.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Instant,
};

use futures::{FutureExt, future::BoxFuture};
use sqlx::{AssertSqlSafe, PgPool, Postgres, Transaction};
use tokio::runtime::Handle;

use crate::metrics;

type Begun = sqlx::Result<Transaction<'static, Postgres>>;

/// A transaction that is about to begin. Whoever waits for it may go away meanwhile, as a request does that takes too long;
/// then it begins all the same, and is rolled back. sqlx, as of 0.9.0, would give the connection back to the pool as one
/// without a transaction, and the next would find itself in this one, with its tenant.
pub(super) struct Begin(Option<BoxFuture<'static, Begun>>);

impl Begin {
    /// Begins with this statement, which may do more than that.
    pub fn new(pool: &PgPool, statement: String) -> Self {
        Self(Some(begin(pool.clone(), statement).boxed()))
    }
}

async fn begin(pool: PgPool, statement: String) -> Begun {
    let asked = Instant::now();
    let _waiting = Waiting::begin();
    let begun = pool.begin_with(AssertSqlSafe(statement)).await;
    let outcome = if begun.is_ok() { "begun" } else { "failed" };
    metrics::DATABASE_BEGIN.took(asked.elapsed(), [("outcome", outcome)]);
    begun
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

impl Future for Begin {
    type Output = Begun;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Begun> {
        let Some(begin) = &mut self.0 else { return Poll::Pending };
        let begun = begin.poll_unpin(cx);
        if begun.is_ready() {
            self.0 = None;
        }
        begun
    }
}

impl Drop for Begin {
    fn drop(&mut self) {
        if let (Some(begin), Ok(runtime)) = (self.0.take(), Handle::try_current()) {
            runtime.spawn(begin);
        }
    }
}
