//! What `sheaf doctor` asks of a database.

use std::time::Duration;

use sqlx::{
    Connection, Executor, PgConnection,
    postgres::{PgConnectOptions, PgListener},
};
use tokio::time::{sleep, timeout};

use super::{Db, SystemTx, replica::MAX_AGE};
use crate::error::{Error, Result};

/// Of each of the two transactions that are open together. A pooler has changed their connections by then, if it does.
const ROUNDS: i32 = 4;

/// Whether row-level security binds the role that signs in.
pub async fn is_bound_by_policies(db: &Db) -> Result<bool> {
    let question = "select not (rolsuper or rolbypassrls) from pg_roles where rolname = current_user";
    let mut tx = db.system().await?;
    Ok(sqlx::query_scalar(question).fetch_one(tx.conn()).await?)
}

/// Fails where a statement with a parameter is not answered, or with what another one asked.
pub async fn answers_statements(db: &Db) -> Result<()> {
    for round in 0..ROUNDS {
        let (mut one, mut other) = (db.system().await?, db.system().await?);
        ask_back(&mut one, round).await?;
        ask_back(&mut other, -round).await?;
        one.commit().await?;
        other.commit().await?;
    }
    Ok(())
}

/// Resolves when something announced by a transaction was heard in a session, and fails where nobody can listen. Through a
/// transaction pooler, or in another database, it is never heard: give it a limit.
pub async fn hears_announcements(db: &Db) -> Result<()> {
    let mut listener = PgListener::connect_with(db.sessions()).await?;
    listener.listen("sheaf_doctor").await?;
    db.pool.execute("notify sheaf_doctor").await?;
    listener.recv().await?;
    Ok(())
}

/// Whether a replica may be asked: it answers, as a role that row-level security binds, follows this database, and is not too far
/// behind. The error says what is wrong, and how to mend it.
pub async fn replica(db: &Db, replica: &PgConnectOptions) -> Result<()> {
    let wrong = |advice: &str| Err(Error::internal(format!("check SHEAF_REPLICA_URLS: {advice}")));
    let Ok(mut connection) = PgConnection::connect_with(replica).await else {
        return wrong("it must be reachable past any pooler, and take the password of the role sheaf_app");
    };
    let question = "select pg_is_in_recovery(), not (rolsuper or rolbypassrls),
                           (select system_identifier from pg_control_system())
                    from pg_roles where rolname = current_user";
    let (is_replica, is_bound, system): (bool, bool, i64) = sqlx::query_as(question).fetch_one(&mut connection).await?;
    if !is_replica {
        return wrong("it is no replica any more, or never was one: it takes writes of its own");
    }
    if !is_bound {
        return wrong("it must name a role that row-level security binds: sheaf_app");
    }
    let mut tx = db.system().await?;
    let question = "select pg_current_wal_insert_lsn()::text, (select system_identifier from pg_control_system())";
    let (position, ours): (String, i64) = sqlx::query_as(question).fetch_one(tx.conn()).await?;
    tx.commit().await?;
    if system != ours {
        return wrong("it is a replica of another database");
    }
    if timeout(MAX_AGE, comes_to(&mut connection, &position)).await.is_err() {
        return wrong(
            "it is more than five seconds behind, or does not follow at all: see pg_stat_replication at the primary",
        );
    }
    Ok(())
}

async fn comes_to(connection: &mut PgConnection, position: &str) {
    let question = "select pg_last_wal_replay_lsn() >= $1::pg_lsn";
    loop {
        let has_come = sqlx::query_scalar(question).bind(position).fetch_one(&mut *connection).await;
        if has_come.unwrap_or(Some(false)) == Some(true) {
            return;
        }
        sleep(Duration::from_millis(50)).await;
    }
}

async fn ask_back(tx: &mut SystemTx, number: i32) -> Result<()> {
    let answer: i32 = sqlx::query_scalar("select $1::int4").bind(number).fetch_one(tx.conn()).await?;
    if answer == number { Ok(()) } else { Err(Error::internal("a statement was answered as if it were another one")) }
}
