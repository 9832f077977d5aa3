//! Reads that a replica answers: of one that streams from a Postgres of its own and is two seconds late, and of some that go away.
//! `make test-replicas` does as much of it as the goal says.

use std::{
    fs,
    future::Future,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use domain::{
    Services,
    actor::Member,
    clock::Clock,
    db::{
        Db, Position, Seen, Source,
        setup::{self, APP, OWNER},
    },
    documents::{self, ListQuery, Upload},
    id::DocumentId,
    tenants,
};
use futures::{StreamExt, future::join_all};
use sqlx::{AssertSqlSafe, Connection, PgConnection, postgres::PgConnectOptions};
use tempfile::TempDir;
use tokio::time::{sleep, timeout};

use crate::world::{PASSWORD, person, servers_folder, services};

const DATABASE: &str = "sheaf";

/// The replica is as late.
const DELAY: &str = "2s";

/// Of what is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// Each at a workspace of her own.
const PEOPLE: usize = 8;

struct Lab(TempDir);

impl Lab {
    async fn start() -> Self {
        let lab = Self(servers_folder());
        lab.act("start", &[]);
        let mut admin = PgConnection::connect_with(&lab.admin("primary")).await.unwrap();
        setup::make_roles(&mut admin, PASSWORD).await.unwrap();
        admin.close().await.unwrap();
        setup::make_database(&lab.admin("primary"), DATABASE).await.unwrap();
        setup::migrate(&lab.role("primary", OWNER)).await.unwrap();
        lab
    }

    fn act(&self, act: &str, arguments: &[&str]) {
        let done = tokio::task::block_in_place(|| command(act, self.0.path(), arguments).status().unwrap());
        assert!(done.success(), "{act} {arguments:?}");
    }

    fn admin(&self, server: &str) -> PgConnectOptions {
        let url = fs::read_to_string(self.0.path().join(format!("{server}.url"))).unwrap();
        format!("{url}/postgres").parse().unwrap()
    }

    fn role(&self, server: &str, role: &str) -> PgConnectOptions {
        self.admin(server).username(role).password(PASSWORD).database(DATABASE)
    }

    /// A web server beside these replicas.
    fn server(&self, files: &TempDir, replicas: &[&str]) -> Services {
        let primary = self.role("primary", APP);
        let replicas = replicas.iter().map(|name| self.role(name, APP)).collect();
        let db = Db::open(primary.clone(), 6).with_replicas(primary, replicas, 4);
        services(db, &Clock::system(), files)
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        // Where it fails, the next run of scripts/with-servers removes what is left.
        let _ = command("stop", self.0.path(), &[]).status();
    }
}

fn command(act: &str, folder: &Path, arguments: &[&str]) -> Command {
    let scripts: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts");
    let mut command = Command::new(scripts.join("replica-lab"));
    command.arg(act).arg(folder).args(arguments).stdin(Stdio::null());
    command
}

/// Somebody with one document, which she puts into the trash and takes out again, at any of the servers.
struct Person {
    member: Member,
    document: DocumentId,
    is_there: bool,
    /// What her browser brings along.
    token: Position,
    random: u64,
}

#[derive(Default)]
struct Tally {
    reads: u64,
    writes: u64,
    stale: u64,
}

impl Person {
    async fn new(services: &Services, number: usize) -> Self {
        let member = person(services, "Ada", &format!("Acme{number}")).await;
        let (document, token) = following(Position::START, upload(services, &member)).await;
        Self { member, document, is_there: true, token, random: number as u64 + 1 }
    }

    async fn write(&mut self, services: &Services) {
        let (member, ids) = (&self.member, [self.document]);
        let write = async {
            match self.is_there {
                true => documents::trash(services, member, &ids).await.unwrap(),
                false => documents::restore(services, member, &ids).await.unwrap(),
            }
        };
        let (changed, token) = following(self.token, write).await;
        assert_eq!(changed, 1);
        assert!(token > self.token, "a write goes on in the log");
        (self.is_there, self.token) = (!self.is_there, token);
    }

    /// Whether the list shows what she has done last, and counts it.
    async fn sees_her_own(&self, services: &Services) -> bool {
        let query = ListQuery::default();
        let (listing, token) = following(self.token, documents::list(services, &self.member, &query)).await;
        let listing = listing.unwrap();
        assert_eq!(token, self.token, "whoever reads has written nothing");
        let is_listed = listing.documents.iter().any(|listed| listed.id == self.document);
        is_listed == self.is_there && listing.total == i64::from(self.is_there)
    }

    /// Works at `servers` until enough was done, for `least` at least.
    async fn works(mut self, servers: &[Services], left: &AtomicU64, least: Duration, pause: Duration) -> Tally {
        let (mut tally, begun, mut writes_at) = (Tally::default(), Instant::now(), Instant::now());
        while begun.elapsed() < least || left.load(Ordering::Relaxed) > 0 {
            let services = &servers[self.below(servers.len() as u64) as usize];
            if Instant::now() >= writes_at {
                self.write(services).await;
                tally.writes += 1;
                writes_at = Instant::now() + Duration::from_millis(3_000 + self.below(6_000));
            } else {
                tally.stale += u64::from(!self.sees_her_own(services).await);
                tally.reads += 1;
            }
            // It ends at zero.
            left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| Some(left.saturating_sub(1))).ok();
            sleep(pause).await;
        }
        tally
    }

    /// A number below this one, in an order that is the same in each run.
    fn below(&mut self, limit: u64) -> u64 {
        self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.random >> 33) % limit
    }
}

/// Does it as a request does that brings this along, with what its answer takes back.
async fn following<F: Future>(token: Position, work: F) -> (F::Output, Position) {
    let seen = Seen::at(token);
    let done = seen.clone().within(work).await;
    (done, seen.written().unwrap_or(token))
}

async fn upload(services: &Services, member: &Member) -> DocumentId {
    let source = futures::stream::iter([Ok(bytes::Bytes::from("a note"))]);
    let uploaded = documents::upload(services, member, "note.txt", false, source).await.unwrap();
    let Upload::Accepted { document, .. } = uploaded else { panic!("it was here already") };
    document
}

/// Until a replica answers this member.
async fn until_a_replica_answers(services: &Services, member: &Member) {
    let answered = async {
        while source_of(services, member).await == Source::Primary {
            sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(PATIENCE, answered).await.expect("a replica answers");
}

/// Where a read of this member is answered.
async fn source_of(services: &Services, member: &Member) -> Source {
    services.db.read(member, |tx| async move { Ok(tx.source()) }).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn beside_a_late_replica_nobody_misses_what_was_done() {
    let (lab, files) = (Lab::start().await, tempfile::tempdir().unwrap());
    lab.act("replica", &["late", DELAY]);
    let servers = [lab.server(&files, &["late"]), lab.server(&files, &["late"])];
    let mut people = Vec::new();
    for number in 0..PEOPLE {
        people.push(Person::new(&servers[0], number).await);
    }
    let eve = person(&servers[0], "Eve", "Globex").await;
    for services in &servers {
        until_a_replica_answers(services, &eve).await;
    }
    let listing = documents::list(&servers[0], &eve, &ListQuery::default()).await.unwrap();
    assert_eq!((listing.documents.len(), listing.total), (0, 0), "the replica shows Eve nothing of others");

    the_replica_is_late(&lab, &servers[0], &mut people[0]).await;
    a_count_is_never_older_than_what_was_announced(&servers, &mut people[0]).await;
    everybody_sees_their_own(&servers, people).await;
}

/// Otherwise nothing here would be tried.
async fn the_replica_is_late(lab: &Lab, services: &Services, ada: &mut Person) {
    let is_in_trash = format!("select trashed_at is not null from document where id = '{}'", ada.document);
    let mut replica = PgConnection::connect_with(&lab.admin("late").database(DATABASE)).await.unwrap();
    let seen = async {
        loop {
            let row =
                sqlx::query_scalar(AssertSqlSafe(is_in_trash.clone())).fetch_optional(&mut replica).await.unwrap();
            match row {
                Some(was) => break was,
                None => sleep(Duration::from_millis(20)).await,
            }
        }
    };
    let was: bool = timeout(PATIENCE, seen).await.expect("the document comes to the replica");
    ada.write(services).await;
    let is: bool = sqlx::query_scalar(AssertSqlSafe(is_in_trash)).fetch_one(&mut replica).await.unwrap();
    assert_eq!(is, was, "the replica has not heard of it yet");
    assert!(ada.sees_her_own(services).await);
}

/// One server writes, and the other is told of it: nobody who asks that one from then on is shown what was before, neither by the
/// replica nor by what is kept, though they bring nothing along.
async fn a_count_is_never_older_than_what_was_announced(servers: &[Services; 2], ada: &mut Person) {
    let member = ada.member.clone();
    let mut changes = Box::pin(servers[1].live.subscribe(member.tenant, member.account));
    for pause in [0, 0, 50, 500, 2_200, 0, 1_000] {
        let look = async || documents::list(&servers[1], &member, &ListQuery::default()).await.unwrap();
        // So that there is something older to be found, kept and at the replica.
        look().await;
        sleep(Duration::from_millis(pause)).await;
        while timeout(Duration::from_millis(50), changes.next()).await.is_ok() {}
        ada.write(&servers[0]).await;
        // What goes into the trash and comes out of it is told so.
        let told = async { while changes.next().await.is_none_or(|change| change.kind != "everything") {} };
        timeout(PATIENCE, told).await.expect("it is told");
        for _ in 0..20 {
            let listing = look().await;
            let shown = (listing.documents.len(), listing.total);
            assert_eq!(shown, (usize::from(ada.is_there), i64::from(ada.is_there)), "after {pause} ms");
            sleep(Duration::from_millis(5)).await;
        }
    }
}

#[expect(clippy::print_stderr, reason = "the figures are what it is run for")]
async fn everybody_sees_their_own(servers: &[Services; 2], people: Vec<Person>) {
    let asked = std::env::var("SHEAF_REPLICA_OPERATIONS").ok().map(|number| number.parse::<u64>().unwrap());
    // Shortly: for long enough that the replica comes to what was written first.
    let (operations, pause) = (asked.unwrap_or(300), Duration::from_millis(if asked.is_some() { 0 } else { 50 }));
    let reads = || servers.iter().map(|services| services.db.reads()).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
    let (before, begun, left) = (reads(), Instant::now(), AtomicU64::new(operations));
    let working = people.into_iter().map(|person| person.works(servers, &left, Duration::from_secs(6), pause));
    let tallies = join_all(working).await;
    let (reads, took) = (reads(), begun.elapsed());
    let sum = |of: fn(&Tally) -> u64| tallies.iter().map(of).sum::<u64>();
    let (by_replica, by_primary) = (reads.0 - before.0, reads.1 - before.1);
    let share = by_replica as f64 / (by_replica + by_primary) as f64;
    eprintln!(
        "{} reads and {} writes in {:.0} s beside a replica {DELAY} late: {} stale; it answered {:.0} of 100 reads",
        sum(|tally| tally.reads),
        sum(|tally| tally.writes),
        took.as_secs_f64(),
        sum(|tally| tally.stale),
        100.0 * share
    );
    assert_eq!(sum(|tally| tally.stale), 0);
    assert!(sum(|tally| tally.reads) + sum(|tally| tally.writes) >= operations);
    // Where all tests run at once, a replica may be too late for a while.
    let least = if asked.is_some() { 0.2 } else { 0.0 };
    assert!(share > least, "the replica has taken too little off the primary: {by_replica} and {by_primary}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_that_is_gone_or_promoted_is_missed_by_nobody() {
    let (lab, files) = (Lab::start().await, tempfile::tempdir().unwrap());
    for name in ["one", "two"] {
        lab.act("replica", &[name, "0"]);
    }
    let one = lab.server(&files, &["one"]);
    let two = lab.server(&files, &["two"]);
    let ada = person(&one, "Ada", "Acme").await;
    upload(&one, &ada).await;
    until_a_replica_answers(&one, &ada).await;

    a_read_that_is_broken_off_is_answered_by_the_primary(&lab, &one, &ada).await;
    for _ in 0..20 {
        assert_eq!(documents::list(&one, &ada, &ListQuery::default()).await.unwrap().total, 1);
    }

    let is_over = Arc::new(AtomicBool::new(false));
    let reader = tokio::spawn(keeps_reading(two.clone(), ada.clone(), is_over.clone()));
    until_a_replica_answers(&two, &ada).await;
    lab.act("promote", &["two"]);
    for _ in 0..20 {
        let source = source_of(&two, &ada).await;
        assert_eq!(source, Source::Primary, "what was promoted is not believed, from the first moment on");
        sleep(Duration::from_millis(100)).await;
    }
    is_over.store(true, Ordering::Relaxed);
    assert!(reader.await.unwrap() > 20);
}

/// It is killed between the beginning of a read and its query.
async fn a_read_that_is_broken_off_is_answered_by_the_primary(lab: &Lab, services: &Services, ada: &Member) {
    let was_killed = &AtomicBool::new(false);
    let read = services.db.read(ada, |mut tx| async move {
        if tx.source() == Source::Replica {
            lab.act("kill", &["one"]);
            was_killed.store(true, Ordering::Relaxed);
        }
        tenants::trash_days(&mut tx).await
    });
    assert_eq!(read.await.unwrap(), 30);
    assert!(was_killed.load(Ordering::Relaxed), "a replica was asked first");
}

async fn keeps_reading(services: Services, ada: Member, is_over: Arc<AtomicBool>) -> u64 {
    let mut reads = 0;
    while !is_over.load(Ordering::Relaxed) {
        assert_eq!(documents::list(&services, &ada, &ListQuery::default()).await.unwrap().total, 1);
        reads += 1;
        sleep(Duration::from_millis(10)).await;
    }
    reads
}
