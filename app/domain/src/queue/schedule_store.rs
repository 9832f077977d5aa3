//! The SQL of schedules. All times are the database's, so that a scheduler with a wrong clock does no harm.

use chrono::{DateTime, Utc};
use sqlx::{PgPool, Postgres, Transaction};

use crate::error::Result;

/// Whoever does what a tick is for holds its row in a transaction. The row is free again when its connection ends, and ten
/// seconds after it was last heard of: a machine that vanishes does not say so.
const BEGIN: &str = "BEGIN; SET LOCAL idle_in_transaction_session_timeout = '10s'";

/// What the table knows of a schedule.
pub(super) struct Seen {
    pub now: DateTime<Utc>,
    /// Its latest tick.
    pub last: Option<DateTime<Utc>>,
    /// Whether there is a tick for which nothing, or not all, was done.
    pub is_open: bool,
}

/// A tick whose row is held.
pub(super) struct Taken {
    pub at: DateTime<Utc>,
    pub now: DateTime<Utc>,
}

pub(super) async fn look(pool: &PgPool, schedule: &str) -> Result<Seen> {
    let seen = sqlx::query_as!(
        Seen,
        r#"select now() as "now!", (select max(tick) from job_tick where schedule = $1) as last,
                  exists (select from job_tick where schedule = $1 and done_at is null) as "is_open!""#,
        schedule,
    );
    Ok(seen.fetch_one(pool).await?)
}

/// Makes ticks known, each of which another scheduler may have made known before.
pub(super) async fn insert(pool: &PgPool, schedule: &str, ticks: &[DateTime<Utc>]) -> Result<()> {
    sqlx::query!(
        "insert into job_tick (schedule, tick) select $1::text, tick from unnest($2::timestamptz[]) as due (tick)
         on conflict do nothing",
        schedule,
        ticks,
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// Forgets ticks before `since`: those for which nothing was done, as nothing will be, and those that were done more than 30
/// days ago. The latest tick stays, or it would come again.
pub(super) async fn forget(pool: &PgPool, schedule: &str, since: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "delete from job_tick using (
             select tick from job_tick
             where schedule = $1 and tick < $2 and (done_at is null or tick < now() - interval '30 days')
             for update skip locked
         ) as old
         where job_tick.schedule = $1 and job_tick.tick = old.tick",
        schedule,
        since,
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// Opens the transaction in which a tick is held.
pub(super) async fn begin(pool: &PgPool) -> Result<Transaction<'static, Postgres>> {
    Ok(pool.begin_with(BEGIN).await?)
}

/// Takes the earliest tick that is not done and that nobody else holds.
pub(super) async fn take(held: &mut Transaction<'static, Postgres>, schedule: &str) -> Result<Option<Taken>> {
    let taken = sqlx::query_as!(
        Taken,
        r#"select tick as at, clock_timestamp() as "now!" from job_tick
           where schedule = $1 and done_at is null
           order by tick
           limit 1
           for update skip locked"#,
        schedule,
    );
    Ok(taken.fetch_optional(&mut **held).await?)
}

/// Lets Postgres hear of whoever holds a tick. Fails where it is held no more.
pub(super) async fn beat(held: &mut Transaction<'static, Postgres>) -> Result<()> {
    sqlx::raw_sql("select").execute(&mut **held).await?;
    Ok(())
}

/// Writes that all was done, and lets go.
pub(super) async fn finish(
    mut held: Transaction<'static, Postgres>,
    schedule: &str,
    tick: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!("update job_tick set done_at = clock_timestamp() where schedule = $1 and tick = $2", schedule, tick)
        .execute(&mut *held)
        .await?;
    Ok(held.commit().await?)
}
