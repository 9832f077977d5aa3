//! Beginning a transaction.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Instant,
};

use sqlx::PgPool;

use super::{open::Open, to_the_end::ToTheEnd};
use crate::metrics;

/// A transaction that is about to begin. Where nobody waits for it any more, it begins all the same and is rolled back: a
/// connection that is being made is worth keeping.
pub(super) struct Begin(ToTheEnd<sqlx::Result<Open>>);

impl Begin {
    /// Begins with this statement, which may do more than that.
    pub fn new(pool: &PgPool, statement: String) -> Self {
        Self(ToTheEnd::new(begin(pool.clone(), statement)))
    }

    /// The same where a failure is none of the database, as somebody else is asked then.
    pub fn uncounted(pool: &PgPool, statement: String) -> Self {
        let pool = pool.clone();
        Self(ToTheEnd::new(async move { Open::begin(pool.acquire().await?, statement).await }))
    }
}

impl Future for Begin {
    type Output = sqlx::Result<Open>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(cx)
    }
}

async fn begin(pool: PgPool, statement: String) -> sqlx::Result<Open> {
    let asked = Instant::now();
    let _waiting = Waiting::begin();
    let begun = match pool.acquire().await {
        Ok(connection) => Open::begin(connection, statement).await,
        Err(error) => Err(error),
    };
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
