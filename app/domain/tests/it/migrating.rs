//! The schema is changed under those who use it: a migration waits for nobody for long, and nobody for it.

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use domain::db::setup::{self, OWNER};
use sqlx::{Connection, Executor, PgConnection, migrate::Migrate};
use tokio::time::sleep;

use crate::{
    migration_locks::{migrations, probe},
    migration_rules::{FORBIDDEN, findings},
    world::{PASSWORD, World},
};

/// From here on there are installations with large tables. What was written before is as it is.
const FIRST_LINTED: &str = "20261124000000";

/// Later ones that have landed all the same, and why they harm nobody.
const KNOWN: &[(&str, &str)] =
    &[("20261124000400_spared_bytes.sql", "health_figure is thinned every hour, and written to once a minute")];

/// What anybody else may wait for behind a migration: its limit of 200 ms, and a busy machine.
const BEARABLE: Duration = Duration::from_millis(1_500);

/// Of a migration that comes after all that there are.
const VERSION: &str = "99990101000000";

#[tokio::test]
async fn a_migration_that_gets_no_lock_lets_others_pass_and_tries_again() {
    let world = World::new().await;
    let owner = world.admin.clone().username(OWNER).password(PASSWORD);
    let migrator = probe(VERSION, "alter table document add column probe text").await;

    let mut holder = world.superuser().await;
    holder.execute("begin; select count(*) from document").await.unwrap();
    let begun = Instant::now();
    let (given_up, slowest) =
        tokio::join!(setup::migrate_by(&migrator, &owner, Duration::from_secs(3)), others(&world, 3));
    let why = given_up.unwrap_err().context.unwrap();
    assert!(why.contains(VERSION) && why.contains("lock timeout"), "{why}");
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    assert!(slowest < BEARABLE, "somebody waited for {slowest:?}");
    assert_eq!(columns(&mut holder).await, 0, "nothing is half done");

    let later = async {
        sleep(Duration::from_secs(1)).await;
        holder.execute("rollback").await.unwrap();
    };
    let (done, ()) = tokio::join!(setup::migrate_by(&migrator, &owner, Duration::from_secs(30)), later);
    done.unwrap();
    assert_eq!(columns(&mut holder).await, 1);
    setup::migrate_by(&migrator, &owner, Duration::ZERO).await.unwrap();
}

#[tokio::test]
async fn an_index_that_is_built_concurrently_waits_for_whoever_is_there() {
    let world = World::new().await;
    let owner = world.admin.clone().username(OWNER).password(PASSWORD);
    let text = "-- no-transaction: it is built beside the others\ncreate index concurrently probe on document (name)";
    let migrator = probe(VERSION, text).await;
    let mut holder = world.superuser().await;
    holder.execute("begin; update document set name = name where false").await.unwrap();
    let later = async {
        sleep(Duration::from_secs(1)).await;
        holder.execute("commit").await.unwrap();
    };
    let (done, ()) = tokio::join!(setup::migrate_by(&migrator, &owner, Duration::ZERO), later);
    done.unwrap();
    let is_valid: bool = sqlx::query_scalar("select indisvalid from pg_index where indexrelid = 'probe'::regclass")
        .fetch_one(&mut holder)
        .await
        .unwrap();
    assert!(is_valid);
}

#[tokio::test]
async fn an_index_that_was_left_half_built_is_built_anew() {
    let world = World::new().await;
    let owner = world.admin.clone().username(OWNER).password(PASSWORD);
    let mut superuser = world.superuser().await;
    // As a build leaves it that was given up: another one of that name, and one that is nobody's business here.
    let left = "create index probe on document (trashed_at); create index other on document (trashed_at);
                update pg_index set indisvalid = false where indexrelid in ('probe'::regclass, 'other'::regclass)";
    superuser.execute(left).await.unwrap();
    let text = "-- no-transaction: as before\ncreate index concurrently if not exists probe on document (name)";
    let migrator = probe(VERSION, text).await;
    setup::migrate_by(&migrator, &owner, Duration::ZERO).await.unwrap();
    let found: Vec<(String, bool)> = sqlx::query_as(
        "select pg_get_indexdef(indexrelid), indisvalid from pg_index
         where indexrelid in ('probe'::regclass, 'other'::regclass) order by indisvalid desc",
    )
    .fetch_all(&mut superuser)
    .await
    .unwrap();
    assert!(found[0].1 && found[0].0.contains("(name)"), "{found:?}");
    assert!(!found[1].1, "{found:?}");
}

#[tokio::test]
async fn whoever_migrates_second_waits_without_a_statement_that_waits() {
    let world = World::new().await;
    let owner = world.admin.clone().username(OWNER).password(PASSWORD);
    let migrator = probe(VERSION, "alter table document add column probe text").await;
    let mut first = PgConnection::connect_with(&owner).await.unwrap();
    first.lock().await.unwrap();
    let mut superuser = world.superuser().await;
    let second = setup::migrate_by(&migrator, &owner, Duration::from_secs(9));
    let watched = async {
        let asks = "select count(*) from pg_stat_activity
                    where datname = current_database() and query ~ 'pg_try_advisory'";
        while sqlx::query_scalar::<_, i64>(asks).fetch_one(&mut superuser).await.unwrap() < 2 {
            sleep(Duration::from_millis(10)).await;
        }
        let waiting = "select count(*) from pg_locks where not granted and locktype = 'advisory'
                       and database = (select oid from pg_database where datname = current_database())";
        for _ in 0..40 {
            assert_eq!(sqlx::query_scalar::<_, i64>(waiting).fetch_one(&mut superuser).await.unwrap(), 0);
            sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(columns(&mut superuser).await, 0);
        first.unlock().await.unwrap();
    };
    let (migrated, ()) = tokio::join!(second, watched);
    migrated.unwrap();
    assert_eq!(columns(&mut superuser).await, 1);
}

#[test]
fn new_migrations_stop_nobody() {
    let mut old = 0;
    for (name, text) in texts() {
        let found = findings(&text);
        if name.as_str() < FIRST_LINTED {
            old += found.len();
        } else if let Some((_, why)) = KNOWN.iter().find(|(known, _)| *known == name) {
            assert!(!found.is_empty(), "{name}: nothing is found of which it is to be said that {why}");
        } else {
            assert!(found.is_empty(), "{name}: {found:#?}; docs/operations.md has the forms that do not");
        }
    }
    assert!(old > 0, "the rules find what they are for in real texts");
}

#[test]
fn every_form_that_stops_others_is_found_and_its_gentle_form_is_not() {
    for (rule, harsh, gentle) in FORBIDDEN {
        for text in [harsh.to_uppercase(), (*harsh).to_owned(), format!("-- why\nset x = 1; /* a */ {harsh};")] {
            assert!(findings(&text).iter().any(|found| found.contains(rule)), "{rule}: {text}");
        }
        assert_eq!(findings(gentle), [""; 0], "{gentle}");
    }
    let own = "create table t (id uuid primary key); create index t_id on t (id); alter table t alter id set not null";
    assert_eq!(findings(own), [""; 0], "a table of the same migration is empty");
}

/// Looks at documents again and again for so many seconds, as a server does, and returns what it waited for at most.
async fn others(world: &World, seconds: u64) -> Duration {
    let (mut other, begun, mut slowest) = (world.superuser().await, Instant::now(), Duration::ZERO);
    while begun.elapsed() < Duration::from_secs(seconds) {
        let asked = Instant::now();
        other.execute("select count(*) from document").await.unwrap();
        slowest = slowest.max(asked.elapsed());
        sleep(Duration::from_millis(5)).await;
    }
    slowest
}

async fn columns(connection: &mut PgConnection) -> i64 {
    let count =
        "select count(*) from information_schema.columns where table_name = 'document' and column_name = 'probe'";
    sqlx::query_scalar(count).fetch_one(connection).await.unwrap()
}

/// The migrations, by their names.
fn texts() -> Vec<(String, String)> {
    let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
    migrations().into_iter().map(|path| (name(&path), fs::read_to_string(&path).unwrap())).collect()
}
