//! A connection that is lent for one transaction, and comes back clean or not at all.

use std::time::Duration;

use sqlx::{AssertSqlSafe, Executor, PgConnection, Postgres, pool::PoolConnection};
use tokio::{runtime::Handle, time::timeout};

use crate::error::{Error, Result};

/// How long the statement may take that begins a transaction: as long as it takes at most to get a connection, since a pooler
/// may have none to spare either.
const BEGINS: Duration = Duration::from_secs(5);

/// How long a commit may take. It writes to disks, also those of a replica where one is waited for.
const ENDS: Duration = Duration::from_secs(8);

/// How long a rollback may take of what nobody waits for any more, with what is under way before it. Whoever left may have left
/// because nothing answers; or because it took long, and a new connection would have the server do more at once than it should.
const CLEANED: Duration = Duration::from_secs(5);

/// A transaction that is open, on a connection of a pool. Dropped before its end it is rolled back, also where nobody knows whether
/// it has begun or ended. A connection on which that is not answered is given up: sqlx, as of 0.9.0, would ask it for an answer
/// without a limit, for a quarter of an hour where the other machine is gone, and the pool would have one connection less meanwhile.
pub(super) struct Open {
    connection: Option<PoolConnection<Postgres>>,
}

impl Open {
    /// Begins with this statement.
    pub async fn begin(connection: PoolConnection<Postgres>, statement: String) -> sqlx::Result<Self> {
        let mut open = Self { connection: Some(connection) };
        let begun = timeout(BEGINS, open.connection().execute(AssertSqlSafe(statement))).await;
        match begun {
            Ok(begun) => begun.map(|_| open),
            Err(_) => {
                open.give_up();
                Err(sqlx::Error::PoolTimedOut)
            }
        }
    }

    pub fn connection(&mut self) -> &mut PgConnection {
        self.connection.as_mut().expect("it is there until the end")
    }

    /// Fails with "unavailable" where nobody knows whether it was committed.
    pub async fn commit(mut self) -> Result<()> {
        let Ok(committed) = timeout(ENDS, self.connection().execute("COMMIT")).await else {
            self.give_up();
            return Err(Error::unavailable("database: nobody knows whether a transaction was committed"));
        };
        committed?;
        // It goes back to the pool as it is.
        self.connection = None;
        Ok(())
    }

    /// Its session ends with it, and so does the transaction.
    fn give_up(&mut self) {
        drop(self.connection.take().map(PoolConnection::detach));
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let (Some(connection), Ok(runtime)) = (self.connection.take(), Handle::try_current()) else { return };
        runtime.spawn(clean(connection));
    }
}

async fn clean(mut connection: PoolConnection<Postgres>) {
    // What was asked before and not waited for is answered first.
    if !matches!(timeout(CLEANED, (&mut *connection).execute("ROLLBACK")).await, Ok(Ok(_))) {
        drop(connection.detach());
    }
}
