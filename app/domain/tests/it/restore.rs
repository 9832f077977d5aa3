//! The drill of docs/operations.md: backup, disaster, and the return to a moment, on a Postgres of its own.

use std::{
    fs,
    path::Path,
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    Services,
    actor::Member,
    audit,
    clock::Clock,
    db::{
        Db,
        setup::{self, APP, OWNER, WORKER},
    },
    documents::{self, Upload},
    files,
    id::DocumentId,
    services::Settings,
};
use futures::TryStreamExt;
use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};
use tempfile::TempDir;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::world::{PASSWORD, person, servers_folder, services};

const DATABASE: &str = "sheaf";

/// The log goes to the archive after two seconds at most (scripts/restore-drill); the rest is a busy machine.
const BEARABLE_LOSS: TimeDelta = TimeDelta::seconds(15);

struct Drill(TempDir);

impl Drill {
    fn start() -> Self {
        let drill = Self(servers_folder());
        drill.act("start", &[]);
        drill
    }

    fn act(&self, act: &str, arguments: &[&str]) {
        assert!(command(act, self.0.path(), arguments).status().unwrap().success(), "{act} {arguments:?}");
    }

    fn role(&self, name: &str) -> PgConnectOptions {
        self.admin().username(name).password(PASSWORD).database(DATABASE)
    }

    fn admin(&self) -> PgConnectOptions {
        let url = fs::read_to_string(self.0.path().join("url")).unwrap();
        format!("{url}/postgres").parse().unwrap()
    }

    /// As servers or workers have them, at the server that runs now.
    fn services(&self, role: &str, files: &TempDir) -> Services {
        let services = services(Db::open(self.role(role), 4), &Clock::system(), files);
        let settings = Settings { max_documents: 100_000, ..(*services.settings).clone() };
        Services { settings: Arc::new(settings), ..services }
    }
}

impl Drop for Drill {
    fn drop(&mut self) {
        // Where it fails, the next run of scripts/with-servers removes what is left.
        let _ = command("stop", self.0.path(), &[]).status();
    }
}

/// An upload, from before it was asked for until it was acknowledged.
struct Written {
    document: DocumentId,
    content: String,
    asked: DateTime<Utc>,
    acknowledged: DateTime<Utc>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_and_the_log_bring_back_a_moment() {
    let (drill, store) = (Drill::start(), tempfile::tempdir().unwrap());
    let mut admin = PgConnection::connect_with(&drill.admin()).await.unwrap();
    setup::make_roles(&mut admin, PASSWORD).await.unwrap();
    admin.close().await.unwrap();
    setup::make_database(&drill.admin(), DATABASE).await.unwrap();
    setup::migrate(&drill.role(OWNER)).await.unwrap();
    let services = drill.services(APP, &store);
    let (ada, clock, end) = (person(&services, "Ada", "Acme").await, services.clock.clone(), CancellationToken::new());

    let writer = tokio::spawn(write(services, ada.clone(), end.clone()));
    tokio::task::block_in_place(|| drill.act("backup", &[]));
    sleep(Duration::from_secs(1)).await;
    let target = clock.now();
    // Until what came afterwards is in the archive.
    sleep(Duration::from_secs(5)).await;
    let disaster = clock.now();
    tokio::task::block_in_place(|| drill.act("destroy", &[]));
    end.cancel();
    let written = writer.await.unwrap();

    let begun = Instant::now();
    drill.act("restore", &[&target.format("%Y-%m-%d %H:%M:%S%.6f+00").to_string()]);
    let kept = kept(&drill).await;
    let rto = begun.elapsed();
    let (mut before, mut after) = (0, 0);
    for one in &written {
        let is_kept = kept.contains(&one.document);
        if one.acknowledged < target {
            before += 1;
            assert!(is_kept, "what was acknowledged at {} is there at {target}", one.acknowledged);
        } else if one.asked > target {
            after += 1;
            assert!(!is_kept, "what was asked for at {} is not there at {target}", one.asked);
        }
    }
    assert!(before > 0 && after > 0, "{before} before and {after} after: nothing was tried");
    fits_the_files(&drill, &store, &ada, &written, &kept).await;

    drill.act("destroy", &[]);
    drill.act("restore", &["latest"]);
    let latest = self::kept(&drill).await;
    let last = written.iter().filter(|one| latest.contains(&one.document)).map(|one| one.acknowledged).max().unwrap();
    let lost = written.iter().filter(|one| !latest.contains(&one.document)).count();
    let rpo = disaster - last;
    eprintln!("to a moment: {before} uploads before it are there, {after} after it are not");
    eprintln!("RTO {:.1} s; RPO {:.1} s ({lost} uploads) with the disk lost", rto.as_secs_f64(), seconds(rpo));
    assert!(last > target && rpo < BEARABLE_LOSS, "{rpo}");
}

/// Uploads one file after another until the database is gone.
async fn write(services: Services, ada: Member, end: CancellationToken) -> Vec<Written> {
    let mut written = Vec::new();
    while !end.is_cancelled() {
        let content = format!("upload {}", written.len());
        let (asked, source) = (services.clock.now(), futures::stream::iter([Ok(Bytes::from(content.clone()))]));
        match documents::upload(&services, &ada, "note.txt", false, source).await {
            Ok(Upload::Accepted { document, .. }) => {
                let acknowledged = services.clock.now();
                written.push(Written { document, content, asked, acknowledged });
            }
            Ok(other) => panic!("{other:?}"),
            // The disaster.
            Err(_) => return written,
        }
        sleep(Duration::from_millis(10)).await;
    }
    written
}

async fn kept(drill: &Drill) -> Vec<DocumentId> {
    let mut superuser = PgConnection::connect_with(&drill.admin().database(DATABASE)).await.unwrap();
    let ids: Vec<Uuid> = sqlx::query_scalar("select id from document").fetch_all(&mut superuser).await.unwrap();
    ids.into_iter().map(DocumentId).collect()
}

/// The files were not touched by any of it: each row has its own, the log of what was done is whole, and people go on.
async fn fits_the_files(drill: &Drill, store: &TempDir, ada: &Member, written: &[Written], kept: &[DocumentId]) {
    let services = drill.services(APP, store);
    for one in written.iter().filter(|one| kept.contains(&one.document)) {
        let (_, stream) = services.files.get(&files::original_key(ada.tenant, one.document)).await.unwrap();
        let parts: Vec<Bytes> = stream.try_collect().await.unwrap();
        assert_eq!(parts.concat(), one.content.as_bytes());
    }
    let verified = audit::verify(&drill.services(WORKER, store), ada.tenant).await.unwrap();
    assert!(verified.findings.is_empty() && verified.entries > 0);
    setup::migrate(&drill.role(OWNER)).await.unwrap();
    let source = futures::stream::iter([Ok(Bytes::from_static(b"it goes on"))]);
    documents::upload(&services, ada, "note.txt", false, source).await.unwrap();
}

fn seconds(delta: TimeDelta) -> f64 {
    delta.num_milliseconds() as f64 / 1_000.0
}

fn command(act: &str, folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/restore-drill"));
    command.arg(act).arg(folder).args(arguments).stdin(std::process::Stdio::null());
    command
}
