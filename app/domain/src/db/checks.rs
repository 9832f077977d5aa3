//! What `sheaf doctor` asks of a database.

use sqlx::{Executor, postgres::PgListener};

use super::{Db, SystemTx};
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

async fn ask_back(tx: &mut SystemTx, number: i32) -> Result<()> {
    let answer: i32 = sqlx::query_scalar("select $1::int4").bind(number).fetch_one(tx.conn()).await?;
    if answer == number { Ok(()) } else { Err(Error::internal("a statement was answered as if it were another one")) }
}
