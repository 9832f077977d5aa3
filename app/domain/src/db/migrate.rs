//! Changing the schema under those who use it.
//!
//! A statement that waits for a lock has everybody wait who comes after it, also for locks that are free: one long transaction and
//! one `alter table` stop a product. So a migration waits for a lock only for a moment, gives up, lets the others pass, and
//! tries again.

use std::time::{Duration, Instant};

use sqlx::{
    AssertSqlSafe, Connection, Executor, PgConnection,
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

/// Between two looks whose turn it is, of those who migrate at once.
const TURN: Duration = Duration::from_millis(100);

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
    take_turn(connection).await?;
    connection.ensure_migrations_table(&migrator.table_name).await?;
    let applied = connection.list_applied_migrations(&migrator.table_name).await?;
    let is_missing = |migration: &&Migration| !applied.iter().any(|applied| applied.version == migration.version);
    let missing: Vec<&Migration> = migrator.iter().filter(is_missing).collect();
    for group in missing.chunk_by(|one, next| one.no_tx == next.no_tx) {
        let is_concurrent = group.iter().any(|migration| migration.no_tx);
        connection.execute(if is_concurrent { WAIT_FOR_ALL } else { WAIT_FOR_LOCK }).await?;
        run_group(connection, migrator, group, patience).await?;
    }
    // Where nothing was missing, it still compares what there is with what should be.
    migrator.run(&mut *connection).await
}

/// Takes the lock that the migrator takes too, once more and without waiting, or waits until it is free, however long that takes.
/// Nothing waits for it inside of the server: a statement that does holds a snapshot, and an index that is built concurrently
/// waits for whoever holds one. Whose turn it is would wait for those who wait for them.
async fn take_turn(connection: &mut PgConnection) -> Result<(), MigrateError> {
    let database: String = sqlx::query_scalar("select current_database()::text").fetch_one(&mut *connection).await?;
    let key = lock_key(&database);
    let mut is_told = false;
    loop {
        let try_lock = sqlx::query_scalar("select pg_try_advisory_lock($1)");
        let is_taken: bool = try_lock.bind(key).fetch_one(&mut *connection).await?;
        if is_taken {
            return Ok(());
        }
        if !std::mem::replace(&mut is_told, true) {
            tracing::info!("somebody else migrates; waiting for them");
        }
        tokio::time::sleep(TURN).await;
    }
}

/// What sqlx, as of 0.9.0, locks while it migrates a database, so that versions of Sheaf from before this wait as well.
fn lock_key(database: &str) -> i64 {
    let mut crc = flate2::Crc::new();
    crc.update(database.as_bytes());
    0x3d32_ad9e * i64::from(crc.sum())
}

async fn run_group(
    connection: &mut PgConnection,
    migrator: &Migrator,
    group: &[&Migration],
    patience: Duration,
) -> Result<(), MigrateError> {
    let (begun, mut pause) = (Instant::now(), FIRST_PAUSE);
    loop {
        match run_once(connection, migrator, group).await {
            Err(error) if is_locked(&error) && begun.elapsed() + pause < patience => {
                tracing::warn!(error = %error, "a migration did not get its lock and tries again");
            }
            done => return done,
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

async fn run_once(
    connection: &mut PgConnection,
    migrator: &Migrator,
    group: &[&Migration],
) -> Result<(), MigrateError> {
    for migration in group.iter().filter(|migration| migration.no_tx) {
        drop_unfinished(connection, migration.sql.as_str()).await?;
    }
    let last = group.last().expect("a chunk is not empty");
    migrator.run_to(last.version, connection).await
}

/// Drops the indexes that a migration names and that an earlier attempt has left behind half built: they are kept up by whoever
/// writes, nobody reads by them, and `create index concurrently` finds its name taken or, with `if not exists`, its work done.
async fn drop_unfinished(connection: &mut PgConnection, text: &str) -> Result<(), MigrateError> {
    let invalid: Vec<(String, String)> = sqlx::query_as(
        "select named.relname::text, format('%I.%I', space.nspname, named.relname)
         from pg_index join pg_class named on named.oid = indexrelid join pg_namespace space on space.oid = relnamespace
         where not indisvalid and named.relkind = 'i'",
    )
    .fetch_all(&mut *connection)
    .await?;
    let is_named = |name: &str| text.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == name);
    for (name, index) in invalid.iter().filter(|(name, _)| is_named(name)) {
        tracing::warn!(index = %name, "an index was left half built and is built anew");
        connection.execute(AssertSqlSafe(format!("drop index concurrently if exists {index}"))).await?;
    }
    Ok(())
}

fn is_locked(error: &MigrateError) -> bool {
    let (MigrateError::Execute(cause) | MigrateError::ExecuteMigration(cause, _)) = error else { return false };
    cause.as_database_error().and_then(|error| error.code()).is_some_and(|code| LOCKED.contains(&&*code))
}
