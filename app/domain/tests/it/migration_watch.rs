//! What others bear while the schema is changed: locks that keep them out, and how long their short statements take.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, postgres::PgConnectOptions};
use tokio::{task::JoinHandle, time::sleep};

use crate::migration_rows::{Growing, one_row};

/// Between two looks at the locks.
const LOOKED_EVERY: Duration = Duration::from_millis(2);

/// Between two statements of those who use a table meanwhile.
const USED_EVERY: Duration = Duration::from_millis(5);

/// Locks of the schema's owner on these tables that keep writers out, or everybody (PostgreSQL, 13.3.1).
const STRONG: &str = "select distinct l.relation::regclass::text || ' ' || l.mode
    from pg_locks l join pg_stat_activity a on a.pid = l.pid
    where l.granted and l.locktype = 'relation' and a.usename = 'sheaf_owner' and a.datname = current_database()
      and l.database = a.datid and l.relation = any ($1::text[]::regclass[])
      and l.mode in ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')";

/// The same at the end of each migration, which then writes its line in its own transaction, with all that it holds: however short
/// that was, nobody has to look at the right moment.
const NOTED: &str = "create table noted_lock (relation text);
    create function note_locks() returns trigger language plpgsql security definer as $$ begin
        insert into noted_lock select l.relation::regclass::text from pg_locks l
        where l.granted and l.locktype = 'relation' and l.pid = pg_backend_pid()
          and l.mode in ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock');
        return null;
    end $$;
    create trigger note_locks after insert on _sqlx_migrations for each statement execute function note_locks()";

/// Its file, rows that were read one after the other, and rows that were changed.
const COUNTS: &str = "select c.relname::text, pg_relation_filenode(c.oid)::bigint, pg_stat_get_tuples_returned(c.oid),
        pg_stat_get_tuples_updated(c.oid)
    from pg_class c where c.oid = any ($1::text[]::regclass[])";

type Counts = BTreeMap<String, (i64, i64, i64)>;

/// What a migration had others bear.
pub struct Borne {
    took: Duration,
    /// How long each lock was held at most, by table and mode.
    held: BTreeMap<String, Duration>,
    /// The slowest statement of somebody else, and in which table.
    waited: (Duration, &'static str),
    /// Tables that were read or written from end to end while their writers were kept out, or were written anew: however quick it
    /// was here, it takes as long as the table is large.
    whole: Vec<String>,
}

impl Borne {
    /// What is wrong, where nobody is to be kept out for longer than `limit`.
    pub fn faults(&self, limit: Duration) -> Vec<String> {
        let locks = self.held.iter().filter(|(_, held)| **held > limit);
        let mut faults: Vec<String> = locks.map(|(lock, held)| format!("{lock} is held for {held:.0?}")).collect();
        faults.extend(
            (self.waited.0 > limit).then(|| format!("somebody waits for {:.0?} in {}", self.waited.0, self.waited.1)),
        );
        faults.extend(self.whole.iter().map(|table| format!("all of {table} is gone through under a lock")));
        faults
    }
}

impl fmt::Display for Borne {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let longest = self.held.iter().max_by_key(|(_, held)| **held);
        let held = longest.map_or("no strong lock".to_owned(), |(lock, held)| format!("{lock} for {held:.0?}"));
        write!(f, "took {:.0?}, {held}, others waited {:.0?}", self.took, self.waited.0)?;
        if self.whole.is_empty() { Ok(()) } else { write!(f, ", all of {} under a lock", self.whole.join(", ")) }
    }
}

/// Has each migration from now on tell which tables it has locked in the end.
pub async fn note_locks(superuser: &mut PgConnection) {
    superuser.execute(NOTED).await.unwrap();
}

/// Those who use the tables, and who looks at the locks.
pub struct Watch {
    end: Arc<AtomicBool>,
    begun: Instant,
    before: Counts,
    locks: JoinHandle<BTreeMap<String, Duration>>,
    users: Vec<(&'static str, JoinHandle<Duration>)>,
    admin: PgConnectOptions,
    tables: Vec<&'static str>,
    rows: u64,
}

impl Watch {
    /// Begins to use the tables and to look, as a superuser.
    pub async fn start(admin: &PgConnectOptions, tables: &[Growing], rows: u64) -> Self {
        let end = Arc::new(AtomicBool::new(false));
        let names: Vec<&'static str> = tables.iter().map(|table| table.name).collect();
        let mut users = Vec::new();
        for table in tables {
            let connection = PgConnection::connect_with(admin).await.unwrap();
            users.push((table.name, tokio::spawn(use_table(connection, *table, rows, Arc::clone(&end)))));
        }
        let mut looking = PgConnection::connect_with(admin).await.unwrap();
        looking.execute("delete from noted_lock").await.unwrap();
        let before = counts(&mut looking, &names).await;
        let locks = tokio::spawn(look_at_locks(looking, names.clone(), Arc::clone(&end)));
        Self { end, begun: Instant::now(), before, locks, users, admin: admin.clone(), tables: names, rows }
    }

    /// What was seen until now.
    pub async fn end(self) -> Borne {
        let took = self.begun.elapsed();
        self.end.store(true, Ordering::Relaxed);
        let held = self.locks.await.unwrap();
        let mut waited = (Duration::ZERO, "");
        for (table, user) in self.users {
            waited = waited.max((user.await.unwrap(), table));
        }
        let mut superuser = PgConnection::connect_with(&self.admin).await.unwrap();
        owner_is_gone(&mut superuser).await;
        let after = counts(&mut superuser, &self.tables).await;
        let rows = i64::try_from(self.rows).unwrap();
        let noted: Vec<String> =
            sqlx::query_scalar("select relation from noted_lock").fetch_all(&mut superuser).await.unwrap();
        let is_locked = |table: &str| noted.iter().any(|locked| locked == table);
        let is_whole = |table: &&&str| {
            let ((file, read, changed), (new_file, now_read, now_changed)) = (self.before[**table], after[**table]);
            file != new_file || now_changed - changed >= rows || (now_read - read >= rows && is_locked(table))
        };
        let whole = self.tables.iter().filter(is_whole).map(|table| (*table).to_owned()).collect();
        Borne { took, held, waited, whole }
    }
}

/// Each lock, and for how long it was seen. It counts from the look before the one that saw it first.
async fn look_at_locks(
    mut connection: PgConnection,
    tables: Vec<&'static str>,
    end: Arc<AtomicBool>,
) -> BTreeMap<String, Duration> {
    let (mut since, mut longest) = (BTreeMap::new(), BTreeMap::new());
    let mut looked = Instant::now();
    while !end.load(Ordering::Relaxed) {
        let held: Vec<String> = sqlx::query_scalar(STRONG).bind(&tables).fetch_all(&mut connection).await.unwrap();
        let now = Instant::now();
        since.retain(|lock, _| held.contains(lock));
        for lock in held {
            let begun = *since.entry(lock.clone()).or_insert(looked);
            let known: &mut Duration = longest.entry(lock).or_default();
            *known = (*known).max(now - begun);
        }
        looked = now;
        sleep(LOOKED_EVERY).await;
    }
    longest
}

/// Reads and writes one row again and again, and returns how long that took at most.
async fn use_table(mut connection: PgConnection, table: Growing, rows: u64, end: Arc<AtomicBool>) -> Duration {
    connection.execute("set session_replication_role = replica").await.unwrap();
    let (name, one) = (table.name, one_row(&table, rows));
    let read = format!("select from {name} where {one}");
    // What is deleted comes back: nothing changes, and it needs what every writer needs.
    let write = format!("begin; delete from {name} where {one}; rollback");
    let mut slowest = Duration::ZERO;
    while !end.load(Ordering::Relaxed) {
        for statement in [&read, &write] {
            let asked = Instant::now();
            connection.execute(AssertSqlSafe(statement.clone())).await.unwrap();
            slowest = slowest.max(asked.elapsed());
        }
        sleep(USED_EVERY).await;
    }
    slowest
}

/// Only a session that has ended has told all that it has read.
async fn owner_is_gone(superuser: &mut PgConnection) {
    let query =
        "select exists (select from pg_stat_activity where usename = 'sheaf_owner' and datname = current_database())";
    while sqlx::query_scalar::<_, bool>(query).fetch_one(&mut *superuser).await.unwrap() {
        sleep(LOOKED_EVERY).await;
    }
}

async fn counts(superuser: &mut PgConnection, tables: &[&str]) -> Counts {
    let rows: Vec<(String, i64, i64, i64)> = sqlx::query_as(COUNTS).bind(tables).fetch_all(superuser).await.unwrap();
    rows.into_iter().map(|(table, file, read, changed)| (table, (file, read, changed))).collect()
}
