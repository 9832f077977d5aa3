//! Each migration of this version on tables that have grown, while others use them: nobody is kept out for longer than 200 ms.
//!
//! The ordinary tests do it with few rows, where what counts is whether a migration goes through all of them under a lock.
//! `make test-migrations` does it with ten million in each table and holds the times against the limit.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use domain::db::setup::{self, OWNER};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, migrate::Migrator, postgres::PgConnectOptions};
use uuid::Uuid;

use crate::{
    migration_rows::{GROWING, Growing, fill},
    migration_watch::{Borne, Watch, note_locks},
    world::{PASSWORD, World},
};

/// The last migration of the version before, whose installations this version finds. It goes up with each release.
const BASELINE: &str = "20261122000715";

/// Later ones that keep others out for as long as a table is large. They have landed and stay as they are; an installation with
/// large tables applies them in a quiet hour (docs/operations.md, Migrations).
const KNOWN: &[(&str, &str)] = &[
    (
        "20261122000721",
        "counts the characters of all pages, and changes all documents that are no PDF, under its locks",
    ),
    (
        "20261122000724",
        "builds an index of all finished jobs, and those of documents and reports, while nobody may write them",
    ),
];

/// Enough to tell what goes through a table from what does not.
const FEW: u64 = 10_000;

/// The longest that a migration may keep anybody out (docs/operations.md, Migrations).
const LIMIT: Duration = Duration::from_millis(200);

/// The same beside all other tests, on a machine that has much to do.
const BUSY_LIMIT: Duration = Duration::from_millis(1_500);

/// How long a migration tries for its locks.
const PATIENCE: Duration = Duration::from_secs(90);

#[tokio::test]
async fn no_migration_keeps_others_out_of_large_tables() {
    let large = Large::new().await;
    println!("{}", large.made);
    let mut faults = Vec::new();
    for path in migrations().into_iter().filter(|path| version(path) > BASELINE) {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let borne = large.apply(&only(std::slice::from_ref(&path)).await).await;
        println!("{name}: {borne}");
        let found = borne.faults(large.limit);
        match KNOWN.iter().find(|(known, _)| *known == version(&path)) {
            Some((_, why)) if found.is_empty() && large.is_all() => faults.push(format!("{name}: no longer so: {why}")),
            None if !found.is_empty() => faults.push(format!("{name}: {}", found.join("; "))),
            _ => {}
        }
    }
    // One of these writes a table anew, for which a large one may have no room on the disk.
    if large.rows == FEW {
        faults.extend(wrongly_judged(&large).await);
    }
    large.drop().await;
    assert!(faults.is_empty(), "{faults:#?}");
}

/// Forms that are to be found and those that are to pass, where that is not so.
async fn wrongly_judged(large: &Large) -> Vec<String> {
    let (table, mut wrong) = (large.tables[0].name, Vec::new());
    for (text, is_found) in [
        (format!("create index probe on {table} (tenant_id)"), true),
        (format!("alter table {table} add constraint probe check (tenant_id is not null)"), true),
        (format!("alter table {table} add column probe uuid default gen_random_uuid()"), true),
        (
            format!("-- no-transaction: beside the others\ncreate index concurrently other on {table} (tenant_id)"),
            false,
        ),
        (format!("alter table {table} add column other int not null default 7"), false),
    ] {
        let borne = large.apply_text(&text).await;
        if borne.faults(large.limit).is_empty() == is_found {
            wrong.push(format!("{text}: {borne}"));
        }
    }
    wrong
}

/// A database of the version before with so many rows in each growing table.
struct Large {
    admin: PgConnectOptions,
    tables: Vec<Growing>,
    rows: u64,
    limit: Duration,
    /// How large it is, and how long that took.
    made: String,
    world: World,
}

impl Large {
    async fn new() -> Self {
        let world = World::new().await;
        let name = format!("sheaf_large_{}", world.services.clock.id::<Uuid>().simple());
        setup::make_database(&world.admin, &name).await.unwrap();
        let (rows, limit) = match setting("SHEAF_MIGRATION_ROWS") {
            Some(rows) => (rows.parse().unwrap(), LIMIT),
            None => (FEW, BUSY_LIMIT),
        };
        let large = Self {
            admin: world.admin.clone().database(&name),
            tables: tables(),
            rows,
            limit,
            made: String::new(),
            world,
        };
        let before: Vec<PathBuf> = migrations().into_iter().filter(|path| version(path) <= BASELINE).collect();
        assert!(before.len() > 20, "the version before has a schema: {before:?}");
        setup::migrate_by(&only(&before).await, &large.owner(), PATIENCE).await.unwrap();
        let begun = Instant::now();
        let mut superuser = PgConnection::connect_with(&large.admin).await.unwrap();
        fill(&mut superuser, &large.tables, rows).await;
        note_locks(&mut superuser).await;
        let size = sqlx::query_scalar::<_, String>("select pg_size_pretty(pg_database_size(current_database()))");
        let size = size.fetch_one(&mut superuser).await.unwrap();
        let made =
            format!("{rows} rows in each of {} tables, {size}, made in {:.0?}", large.tables.len(), begun.elapsed());
        Self { made, ..large }
    }

    /// Applies what is missing of these, as `sheaf migrate` does, while others use the tables.
    async fn apply(&self, migrator: &Migrator) -> Borne {
        let watch = Watch::start(&self.admin, &self.tables, self.rows).await;
        setup::migrate_by(migrator, &self.owner(), PATIENCE).await.unwrap();
        watch.end().await
    }

    async fn apply_text(&self, text: &str) -> Borne {
        // Each is another one, which was not applied before.
        self.apply(&probe(&format!("9999{:010}", text.len()), text).await).await
    }

    fn owner(&self) -> PgConnectOptions {
        self.admin.clone().username(OWNER).password(PASSWORD)
    }

    fn is_all(&self) -> bool {
        self.tables.len() == GROWING.len()
    }

    /// It may be as large as the disk.
    async fn drop(self) {
        let name = self.admin.get_database().unwrap();
        let statement = format!("drop database {name} with (force)");
        self.world.superuser().await.execute(AssertSqlSafe(statement)).await.unwrap();
    }
}

/// All of them, or those that the run is about.
fn tables() -> Vec<Growing> {
    let Some(wanted) = setting("SHEAF_MIGRATION_TABLES") else { return GROWING.to_vec() };
    let find =
        |name: &str| *GROWING.iter().find(|table| table.name == name).unwrap_or_else(|| panic!("no table {name}"));
    wanted.split(',').map(find).collect()
}

fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// One migration more than there are.
pub async fn probe(version: &str, text: &str) -> Migrator {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(format!("{version}_probe.sql"));
    fs::write(&path, text).unwrap();
    only(&[path]).await
}

/// Those of the product, the oldest first.
pub fn migrations() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> =
        files.filter(|path| path.extension().is_some_and(|extension| extension == "sql")).collect();
    files.sort();
    files
}

fn version(path: &Path) -> &str {
    path.file_name().unwrap().to_str().unwrap().split('_').next().unwrap()
}

/// These and no others. What else was applied stays.
async fn only(paths: &[PathBuf]) -> Migrator {
    let folder = tempfile::tempdir().unwrap();
    for path in paths {
        fs::copy(path, folder.path().join(path.file_name().unwrap())).unwrap();
    }
    let mut migrator = Migrator::new(folder.path()).await.unwrap();
    migrator.set_ignore_missing(true);
    migrator
}
