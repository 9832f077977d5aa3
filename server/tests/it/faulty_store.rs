//! Files on their way in and out while the way to their store is slow, thin, broken off, silent or nowhere. Whoever sends or fetches
//! one is told in time, nothing half is shown, kept or set aside, the list of documents goes on, and soon after the end all is as
//! before.
//!
//! A server for each fault, side by side on one database. The worker has a way of its own, which stays good.

use std::{
    collections::BTreeSet,
    fs,
    path::Path,
    pin::pin,
    time::{Duration, Instant},
};

use futures::future::join_all;
use serde_json::Value;
use tempfile::TempDir;
use tokio::{task::JoinSet, time::sleep};

use crate::{
    client::{Answer, Client},
    store::{self, s3},
    test_app::{TestApp, eventually},
    way::{Fault, Way},
    workspace::png,
};

/// What a request may take, and a tenth. An upload whose store fails has no more.
const DEADLINE: Duration = Duration::from_secs(22);

/// How soon all is well again after a fault.
const RECOVERY: Duration = Duration::from_secs(10);

/// What 99 of 100 lists of documents may take meanwhile.
const QUICK: Duration = Duration::from_secs(1);

/// Between two lists at a server.
const LISTS: Duration = Duration::from_millis(300);

/// In a second, each way, in bytes.
const THIN: usize = 32 * 1024;

/// What passes the thin way within the silence that the store is allowed, in bytes; and what is still on it when the fault comes.
const SMALL: usize = 16 * 1024;
const LARGE: usize = 256 * 1024;

/// When the fault comes to what is on the thin way.
const HALFWAY: Duration = Duration::from_secs(1);

/// Files sent at once: more than a server has connections to the database.
const AT_ONCE: usize = 8;
const CONNECTIONS: &str = "6";

const FAULTS: [(&str, Fault); 5] = [
    // Two seconds there and back.
    ("slow", Fault::Slow(Duration::from_secs(1))),
    ("thin", Fault::Thin(THIN)),
    ("reset", Fault::Reset),
    ("silent", Fault::Silent),
    ("refused", Fault::Refused),
];

/// What somebody may fetch: where it is, and all of it.
struct File {
    path: String,
    content: Vec<u8>,
}

struct Ground {
    app: TestApp,
    /// Where the store keeps its objects, and what it runs in.
    folder: TempDir,
    _store: JoinSet<()>,
    endpoint: String,
    /// Signed in, at none of the faulty servers yet.
    ada: Client,
    small: File,
    large: File,
    image: File,
}

/// What became of a file that was sent.
struct Sent {
    name: String,
    is_kept: bool,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_on_their_way_to_a_faulty_store_are_whole_or_refused() {
    let mut ground = Ground::start().await;
    let mut servers = Vec::new();
    for (name, fault) in FAULTS {
        let (url, way) = ground.begin().await;
        servers.push((name, fault, url, way));
    }
    let checked = servers.iter().map(|(name, fault, url, way)| ground.check(name, *fault, url, way));
    let (mut sent, mut lists) = (Vec::new(), Vec::new());
    for (files, times) in join_all(checked).await {
        sent.extend(files);
        lists.extend(times);
    }
    lists.sort_unstable();
    let slow = lists[(lists.len() * 99).div_ceil(100) - 1];
    say(&format!("of {} lists 99 % took {slow:?} at most", lists.len()));
    assert!(slow <= QUICK, "{slow:?} of {lists:?}");
    ground.check_what_is_left(&sent).await;
}

impl Ground {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("sheaf")).unwrap();
        let (endpoint, store) = s3(folder.path(), "127.0.0.1:0").await;
        let app = TestApp::start_with(&store::settings(&endpoint)).await;
        let mut ada = app.sign_up("Ada", "Acme").await;
        let id = ada.reads("Lease.pdf", include_bytes!("../../seed/lease-agreement.pdf")).await.id;
        let path = format!("/documents/{id}/pages/1.png");
        let content = ada.get(&path).await.expect_status(200).await.bytes().await;
        let image = File { path, content };
        let small = File::sent(&mut ada, "small.txt", SMALL).await;
        let large = File::sent(&mut ada, "large.txt", LARGE).await;
        Self { app, folder, _store: store, endpoint, ada, small, large, image }
    }

    /// A server that is ready, and its way to the store.
    async fn begin(&mut self) -> (String, Way) {
        let way = Way::to(self.endpoint.trim_start_matches("http://").parse().unwrap()).await;
        let endpoint = format!("http://{}", way.address());
        let mut settings = store::settings(&endpoint).to_vec();
        settings.push(("SHEAF_DATABASE_CONNECTIONS", CONNECTIONS));
        (self.app.run("serve", &settings).await, way)
    }

    /// What became of the files that were sent at this server, and how long its lists took during the fault.
    async fn check(&self, name: &str, fault: Fault, url: &str, way: &Way) -> (Vec<Sent>, Vec<Duration>) {
        let mut ada = self.ada.clone();
        ada.url = url.to_owned();
        let before = send(&ada, format!("{name} before"), SMALL).await;
        assert!(before.is_kept, "{name}: there is no fault yet");
        let (mut sent, lists) = self.check_during(name, fault, &ada, way).await;
        way.suffers(None);
        let began = Instant::now();
        let after = send(&ada, format!("{name} after"), SMALL).await;
        say(&format!("{name}: well again after {:?}", began.elapsed()));
        assert!(after.is_kept && began.elapsed() < RECOVERY, "{name}: {} after {:?}", after.is_kept, began.elapsed());
        assert!(fetch(name, &ada, &self.large).await, "{name}: the fault is over");
        sent.extend([before, after]);
        (sent, lists)
    }

    async fn check_during(&self, name: &str, fault: Fault, ada: &Client, way: &Way) -> (Vec<Sent>, Vec<Duration>) {
        let passes = matches!(fault, Fault::Slow(_) | Fault::Thin(_));
        way.suffers(Some(Fault::Thin(THIN)));
        let halfway =
            async { tokio::join!(send(ada, format!("{name} halfway"), LARGE), fetch(name, ada, &self.large)) };
        let begun_later = async {
            sleep(HALFWAY).await;
            way.suffers(Some(fault));
            let files = (0..AT_ONCE).map(|number| send(ada, format!("{name} {number}"), SMALL));
            let (small, image) = (fetch(name, ada, &self.small), fetch(name, ada, &self.image));
            tokio::join!(join_all(files), small, image, set_logo(name, ada))
        };
        let mut transfers = pin!(async { tokio::join!(halfway, begun_later) });
        let mut lists = Vec::new();
        let ((large, is_large_whole), (files, is_small_whole, is_image_whole, is_logo_set)) = loop {
            tokio::select! {
                done = &mut transfers => break done,
                took = list(ada) => lists.push(took),
            }
        };
        let fetched = [is_large_whole, is_small_whole, is_image_whole];
        let kept = files.iter().filter(|file| file.is_kept).count();
        say(&format!("{name}: {kept} of {AT_ONCE} were kept, whole ones fetched: {fetched:?}, logo {is_logo_set}"));
        assert_eq!((kept, fetched), (if passes { AT_ONCE } else { 0 }, [passes; 3]), "{name}");
        assert_eq!(is_logo_set, passes, "{name}");
        assert!(passes || !large.is_kept, "{name}: the store cannot have had all of it");
        (files.into_iter().chain([large]).collect(), lists)
    }

    /// The documents are those of which it was said, each is read, has its file, and is counted; and there is nothing else.
    async fn check_what_is_left(&self, sent: &[Sent]) {
        let mut superuser = self.app.superuser().await;
        eventually("everything is read", async || {
            let busy = "select count(*) from document where state in ('waiting', 'reading')";
            let busy: i64 = sqlx::query_scalar(busy).fetch_one(&mut superuser).await.unwrap();
            (busy == 0).then_some(())
        })
        .await;
        let documents: Vec<(String, String)> =
            sqlx::query_as("select id::text, name from document").fetch_all(&mut superuser).await.unwrap();
        let shown: BTreeSet<&str> = documents.iter().map(|(_, name)| name.as_str()).collect();
        let kept = sent.iter().filter(|file| file.is_kept).map(|file| file.name.as_str());
        let told: BTreeSet<&str> = kept.chain(["Lease.pdf", "small.txt", "large.txt"]).collect();
        assert_eq!(shown, told);
        let rows: BTreeSet<String> = documents.iter().map(|(id, _)| id.clone()).collect();
        assert_eq!(rows.len(), shown.len(), "nothing is there twice");
        assert_eq!(originals(&self.folder.path().join("sheaf")), rows);
        let counted = "select sum(m.held)::int8, sum(m.stored_bytes)::int8, (select sum(bytes)::int8 from document)
                       from tenant_meter m";
        let (held, stored, bytes): (i64, i64, i64) = sqlx::query_as(counted).fetch_one(&mut superuser).await.unwrap();
        assert_eq!((held, stored), (0, bytes), "what was set aside for refused files was given back");
    }
}

impl File {
    /// One that somebody has uploaded.
    async fn sent(client: &mut Client, name: &str, bytes: usize) -> Self {
        let content = text(name, bytes);
        let id = client.uploads(name, content.clone()).await;
        Self { path: format!("/documents/{id}/original"), content }
    }
}

/// Sends a file of this name. It is kept, or the program that sends it is told why not, in time.
async fn send(client: &Client, name: String, bytes: usize) -> Sent {
    let (mut client, began, name) = (client.clone(), Instant::now(), format!("{name}.txt"));
    let answer = client.upload(&name, text(&name, bytes)).await;
    let (status, took) = (answer.status(), began.elapsed());
    say(&format!("{name}: {status} after {took:?}"));
    assert!(took < DEADLINE, "{name}: {status} after {took:?}");
    if status != 202 {
        is_told(&name, answer).await;
    }
    Sent { name, is_kept: status == 202 }
}

/// Fetches a file. All of it comes, or the answer is refused or breaks off, in time; and never does a part look like the whole.
async fn fetch(name: &str, client: &Client, file: &File) -> bool {
    let (mut client, began) = (client.clone(), Instant::now());
    let answer = client.get(&file.path).await;
    let (status, head) = (answer.status(), began.elapsed());
    let is_whole = if status == 200 {
        let content = answer.0.bytes().await;
        assert!(content.as_ref().is_ok_and(|content| *content == file.content) || content.is_err(), "{name}: a part");
        content.is_ok()
    } else {
        is_told(name, answer).await;
        false
    };
    let took = began.elapsed();
    say(&format!("{name}: {} is answered after {head:?}, whole after {took:?}: {is_whole}", file.path));
    // On a thin way a file takes as long as it takes, and on a machine on which eight processes run twice that.
    let bytes = u32::try_from(file.content.len() / THIN).unwrap();
    let most = DEADLINE + Duration::from_secs(2) * bytes;
    assert!(head < DEADLINE && took < most, "{name}: {head:?}, {took:?}");
    is_whole
}

/// The other door that files come in by.
async fn set_logo(name: &str, client: &Client) -> bool {
    let (mut client, began) = (client.clone(), Instant::now());
    let answer = client.set_logo(png(20)).await;
    let (status, took) = (answer.status(), began.elapsed());
    assert!(took < DEADLINE, "{name}: a logo, {status} after {took:?}");
    if status != 303 {
        is_told(name, answer).await;
    }
    status == 303
}

/// That it cannot be done now, and what to do.
async fn is_told(name: &str, answer: Answer) {
    let told: Value = answer.expect_status(503).await.json().await;
    let message = told["message"].as_str().unwrap();
    assert!(told["kind"] == "unavailable" && message.contains("try again"), "{name}: {told}");
}

/// How long the list of documents takes, which needs nothing of the store.
async fn list(client: &Client) -> Duration {
    sleep(LISTS).await;
    let (mut client, began) = (client.clone(), Instant::now());
    client.list().await;
    began.elapsed()
}

/// Words that are in no other file.
fn text(name: &str, bytes: usize) -> Vec<u8> {
    let line = format!("What stands in {name}.\n");
    line.bytes().cycle().take(bytes).collect()
}

/// The documents, of all workspaces, whose files are in the bucket.
fn originals(bucket: &Path) -> BTreeSet<String> {
    let list = |folder: &Path| fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path());
    let documents = list(bucket).flat_map(|tenant| list(&tenant.join("documents")).collect::<Vec<_>>());
    let with_files = documents.filter(|document| document.join("original").exists());
    with_files.map(|document| document.file_name().unwrap().to_str().unwrap().to_owned()).collect()
}

#[expect(clippy::print_stdout, reason = "whoever looks into a failure wants the figures of all that went before")]
fn say(line: &str) {
    println!("{line}");
}
