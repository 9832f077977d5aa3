//! Changing the schema under those who use it.
//!
//! A statement that waits for a lock has everybody wait who comes after it, also for locks that are free: one long transaction and
//! one `alter table` stop a product. So a migration waits for a lock only for a moment, gives up, lets the others pass, and
//! tries again.

use std::time::{Duration, Instant};

use sqlx::{
    Connection, Executor, PgConnection,
    migrate::{Migrate, MigrateError, Migration, Migrator},
    postgres::PgConnectOptions,
};

use crate::error::{Error, Result};

/// How long the others wait at most behind a migration that waits for its lock.
const WAIT_FOR_LOCK: &str = "set lock_timeout = '200ms'";

/// An index that is built concurrently waits for old transactions, and nobody waits for it.
const WAIT_FOR_ALL: &str = "set lock_timeout = 0";

/// Between two attempts, in which those who waited behind it have their turn. It doubles.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(4);

/// PostgreSQL, appendix A: lock_not_available, deadlock_detected.
const LOCKED: [&str; 2] = ["55P03", "40P01"];

/// Applies what is missing, each migration in a transaction of its own unless it says otherwise. Locks are tried for again until
/// `patience` is over; then it fails, and whatever was applied before stays. Several who migrate at once wait for each other.
pub async fn migrate_by(migrator: &Migrator, owner: &PgConnectOptions, patience: Duration) -> Result<()> {
    let mut connection = PgConnection::connect_with(owner).await?;
    let done = migrate_on(&mut connection, migrator, patience).await;
    connection.close().await?;
    done.map_err(|error| Error::internal(format!("migrations: {error}")))
}

async fn migrate_on(
    connection: &mut PgConnection,
    migrator: &Migrator,
    patience: Duration,
) -> Result<(), MigrateError> {
    // Those who migrate at the same time wait here, however long it takes. The migrator takes the same lock once more.
    connection.lock().await?;
    connection.ensure_migrations_table(&migrator.table_name).await?;
    let applied = connection.list_applied_migrations(&migrator.table_name).await?;
    let is_missing = |migration: &&Migration| !applied.iter().any(|applied| applied.version == migration.version);
    let missing: Vec<&Migration> = migrator.iter().filter(is_missing).collect();
    for group in missing.chunk_by(|one, next| one.no_tx == next.no_tx) {
        let last = group.last().expect("a chunk is not empty");
        connection.execute(if last.no_tx { WAIT_FOR_ALL } else { WAIT_FOR_LOCK }).await?;
        run_to(connection, migrator, last.version, patience).await?;
    }
    // Where nothing was missing, it still compares what there is with what should be.
    migrator.run(&mut *connection).await
}

async fn run_to(
    connection: &mut PgConnection,
    migrator: &Migrator,
    version: i64,
    patience: Duration,
) -> Result<(), MigrateError> {
    let (begun, mut pause) = (Instant::now(), FIRST_PAUSE);
    loop {
        match migrator.run_to(version, &mut *connection).await {
            Err(error) if is_locked(&error) && begun.elapsed() + pause < patience => {
                tracing::warn!(error = %error, "a migration did not get its lock and tries again");
            }
            done => return done,
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

fn is_locked(error: &MigrateError) -> bool {
    let (MigrateError::Execute(cause) | MigrateError::ExecuteMigration(cause, _)) = error else { return false };
    cause.as_database_error().and_then(|error| error.code()).is_some_and(|code| LOCKED.contains(&&*code))
}
