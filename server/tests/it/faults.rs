//! Sheaf while what it stands on is slow, silent, broken off or nowhere: nobody waits for longer than a request may take, who does
//! not need the faulty part does not notice, and soon after the end all is as before.
//!
//! A server for each fault, side by side on one database, and in each one part after the other.

use std::{
    net::SocketAddr,
    process::Child,
    time::{Duration, Instant},
};

use futures::future::join_all;
use serde_json::Value;
use sqlx::Executor;
use tokio::{net::lookup_host, time::sleep};
use url::Url;

use crate::{
    client::{Answer, Client},
    file_links,
    http_sink::HttpSink,
    smtp_sink::SmtpSink,
    store::{self, s3},
    test_app::{TestApp, eventually, free_port},
    way::{FAULTS, Fault, Way},
};

/// What a request may take, and a tenth.
const DEADLINE: Duration = Duration::from_secs(22);

/// How soon all is well again after a fault.
const RECOVERY: Duration = Duration::from_secs(10);

/// What a page may take that does not need the faulty part, on a machine on which twelve processes run.
const QUICK: Duration = Duration::from_secs(4);

/// Requests at once, of which each needs the database: more than it has connections here.
const AT_ONCE: usize = 12;
const CONNECTIONS: &str = "6";

/// Pages that are asked for with Redis and with a faulty one.
const PAGES: usize = 40;

/// What 99 of 100 may take in any case, with a faulty Redis: three answers that do not come in time, and a busy machine.
const BEARABLE: Duration = Duration::from_millis(1_500);

/// The ways of one server.
struct Ways {
    database: Way,
    redis: Way,
    store: Way,
    stripe: Way,
}

/// What all servers here stand on.
struct Ground {
    app: TestApp,
    database: Url,
    redis: SocketAddr,
    store: SocketAddr,
    stripe: HttpSink,
    /// Signed in, at none of the servers yet.
    ada: Client,
    document: String,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_faulty_nobody_waits_for_long_and_it_passes() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("sheaf")).unwrap();
    let (endpoint, _store) = s3(folder.path(), "127.0.0.1:0").await;
    let mut ground = Ground::start(&endpoint).await;
    let mut servers = Vec::new();
    for (name, fault) in FAULTS {
        let ways = ground.ways().await;
        let url = ground.begin(&ways.settings(&ground)).await;
        servers.push((name, fault, url, ways));
    }
    let nowhere = ground.nowhere().await;
    let changes = tokio::spawn(keep_changing(ground.app.superuser().await));
    let checked = servers.iter().map(|(name, fault, url, ways)| ground.check(name, *fault, url, ways));
    tokio::join!(join_all(checked), ground.check_names(&nowhere));
    changes.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_faulty_mail_server_keeps_nobody_else_waiting_and_is_used_again_at_once() {
    let sink = SmtpSink::start().await;
    let way = Way::to(sink.url.trim_start_matches("smtp://").parse().unwrap()).await;
    let url = format!("smtp://{}", way.address());
    let app = TestApp::start_with(&[("SHEAF_SMTP_URL", &url)]).await;
    let mut ada = app.sign_up("Ada", "Acme").await;
    eventually("the first mail comes", async || (!sink.mails().is_empty()).then_some(())).await;
    for (name, fault) in FAULTS {
        way.suffers(Some(fault));
        sign_up(&app, &format!("during-{name}")).await;
        // By the same workers.
        let begun = Instant::now();
        ada.reads(&format!("{name}.txt"), format!("Read while mail is {name}.")).await;
        say(&format!("mail {name}: a document was read within {:?}", begun.elapsed()));
        assert!(begun.elapsed() < DEADLINE, "{name}: {:?}", begun.elapsed());
        way.suffers(None);
        let begun = Instant::now();
        sign_up(&app, &format!("after-{name}")).await;
        let address = format!("To: after-{name}@acme.example");
        eventually(name, async || sink.mails().iter().any(|mail| mail.contains(&address)).then_some(())).await;
        say(&format!("mail {name}: well again after {:?}", begun.elapsed()));
        assert!(begun.elapsed() < RECOVERY, "{name}: {:?}", begun.elapsed());
    }
}

impl Ground {
    async fn start(endpoint: &str) -> Self {
        let mut app = TestApp::prepare().await;
        let command = app.command("serve");
        let database = command.get_envs().find(|(name, _)| *name == "SHEAF_DATABASE_URL").unwrap().1.unwrap();
        let database: Url = database.to_str().unwrap().parse().unwrap();
        let redis: Url = std::env::var("SHEAF_TEST_REDIS_URL").unwrap().parse().unwrap();
        let redis = address(redis.host_str().unwrap(), redis.port().unwrap()).await;
        let stripe = HttpSink::start().await;
        app.url = app.run("serve", &store::settings(endpoint)).await;
        let mut ada = app.sign_up("Ada", "Acme").await;
        let document = ada.uploads("plan.txt", "What is planned.\n".repeat(2_000)).await;
        let store = endpoint.trim_start_matches("http://").parse().unwrap();
        Self { app, database, redis, store, stripe, ada, document }
    }

    async fn ways(&self) -> Ways {
        let database = address(self.database.host_str().unwrap(), self.database.port().unwrap()).await;
        Ways {
            database: Way::to(database).await,
            redis: Way::to(self.redis).await,
            store: Way::to(self.store).await,
            stripe: Way::to(self.stripe.url.trim_start_matches("http://").parse().unwrap()).await,
        }
    }

    /// A server that is ready.
    async fn begin(&mut self, settings: &[(&'static str, String)]) -> String {
        let settings: Vec<(&str, &str)> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
        self.app.run("serve", &settings).await
    }

    /// Two servers that are never ready: one whose parts have names that nobody knows, and one whose database has.
    async fn nowhere(&self) -> [Nowhere; 2] {
        let parts = [
            ("SHEAF_REDIS_URL", "redis://nowhere.invalid:6379/".to_owned()),
            ("SHEAF_SMTP_URL", "smtp://nowhere.invalid:2525".to_owned()),
        ];
        let parts: Vec<_> = parts
            .into_iter()
            .chain(store_settings("http://nowhere.invalid"))
            .chain(sold("http://nowhere.invalid"))
            .collect();
        let mut database = self.database.clone();
        database.set_host(Some("nowhere.invalid")).unwrap();
        let database = [("SHEAF_DATABASE_URL", database.to_string())];
        [Nowhere::begin(&self.app, &parts).await, Nowhere::begin(&self.app, &database).await]
    }

    fn ada_at(&self, url: &str) -> Client {
        let mut ada = self.ada.clone();
        ada.url = url.to_owned();
        ada
    }

    async fn check(&self, name: &str, fault: Fault, url: &str, ways: &Ways) {
        let ada = self.ada_at(url);
        check_redis(name, fault, &ada, &ways.redis).await;
        self.check_store_and_stripe(name, fault, &ada, ways).await;
        let link = file_links::link(&mut ada.clone(), &self.document, Value::Null).await;
        check_database(name, fault, &ada, &ways.database, &link).await;
    }

    /// Both at once, as neither needs the other.
    async fn check_store_and_stripe(&self, name: &str, fault: Fault, ada: &Client, ways: &Ways) {
        let original = format!("/documents/{}/original", self.document);
        ways.store.suffers(Some(fault));
        ways.stripe.suffers(Some(fault));
        let ((_, file), bought, pages) = tokio::join!(
            timed(ada, &original),
            buy(ada),
            join_all((0..AT_ONCE / 2).map(|_| timed(ada, "/documents"))),
        );
        say(&format!("{name}: a file {file:?}, a purchase {bought:?}"));
        assert!(file < DEADLINE && bought < DEADLINE, "{name}: {file:?}, {bought:?}");
        for (answer, took) in pages {
            assert!(answer.status() == 200 && took < QUICK, "{name}: {} after {took:?}", answer.status());
        }
        ways.store.suffers(None);
        ways.stripe.suffers(None);
        let began = Instant::now();
        well_again(ada, &original).await;
        let store = began.elapsed();
        let (began, heard) = (Instant::now(), self.stripe.kept().len());
        while self.stripe.kept().len() == heard {
            buy(ada).await;
        }
        say(&format!("{name}: the store is well again after {store:?}, Stripe after {:?}", began.elapsed()));
        assert!(store < RECOVERY && began.elapsed() < RECOVERY, "{name}: {store:?}, {:?}", began.elapsed());
    }

    async fn check_names(&self, nowhere: &[Nowhere; 2]) {
        let [parts, database] = nowhere.each_ref().map(|server| self.ada_at(&server.url));
        let (page, took) = timed(&parts, "/documents").await;
        assert!(page.status() == 200 && took < QUICK, "{} after {took:?}", page.status());
        let original = format!("/documents/{}/original", self.document);
        let ((file, first), second, (ready, third)) =
            tokio::join!(timed(&parts, &original), buy(&parts), timed(&parts, "/readyz"));
        say(&format!("without names: a file {first:?}, a purchase {second:?}, readiness {third:?}"));
        assert!(
            [first, second].iter().all(|took| *took < DEADLINE) && third < QUICK,
            "{first:?}, {second:?}, {third:?}"
        );
        assert_eq!((file.status(), ready.status()), (503, 503));
        let needs_it = join_all((0..AT_ONCE).map(|_| timed(&database, "/documents")));
        let (pages, alive) = tokio::join!(needs_it, timed(&database, "/livez"));
        assert!(pages.iter().all(|(_, took)| *took < DEADLINE) && alive.1 < QUICK, "{:?}", alive.1);
    }
}

impl Ways {
    fn settings(&self, ground: &Ground) -> Vec<(&'static str, String)> {
        let mut database = ground.database.clone();
        database.set_host(Some("127.0.0.1")).unwrap();
        database.set_port(Some(self.database.address().port())).unwrap();
        let own = [
            ("SHEAF_DATABASE_URL", database.to_string()),
            ("SHEAF_DATABASE_CONNECTIONS", CONNECTIONS.to_owned()),
            ("SHEAF_REDIS_URL", format!("redis://{}/", self.redis.address())),
        ];
        let store = store_settings(&format!("http://{}", self.store.address()));
        own.into_iter().chain(store).chain(sold(&format!("http://{}", self.stripe.address()))).collect()
    }
}

/// A server that is not ready, and that nobody waits for.
struct Nowhere {
    url: String,
    process: Child,
}

impl Nowhere {
    async fn begin(app: &TestApp, settings: &[(&'static str, String)]) -> Self {
        let (address, mut command) = (format!("127.0.0.1:{}", free_port()), app.command("serve"));
        command.env("SHEAF_ADDRESS", &address).envs(settings.iter().map(|(name, value)| (*name, value)));
        let process = command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).spawn().unwrap();
        let url = format!("http://{address}");
        eventually("it answers", async || reqwest::get(format!("{url}/livez")).await.ok()).await;
        Self { url, process }
    }
}

impl Drop for Nowhere {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// Nobody is refused anything, and few notice it.
async fn check_redis(name: &str, fault: Fault, ada: &Client, way: &Way) {
    let well = slowest_of_pages(name, ada).await;
    way.suffers(Some(fault));
    let faulty = slowest_of_pages(name, ada).await;
    way.suffers(None);
    say(&format!("{name}: a page takes {well:?}, and {faulty:?} where Redis is faulty"));
    assert!(faulty <= (well * 3).max(BEARABLE), "{name}: {faulty:?}, and {well:?} where all is well");
    let began = Instant::now();
    loop {
        let told: Value = timed(ada, "/readyz").await.0.json().await;
        if told["parts"]["redis"]["state"] == "ok" {
            return;
        }
        assert!(began.elapsed() < RECOVERY, "{name}: Redis is not asked again");
        sleep(Duration::from_millis(100)).await;
    }
}

/// What a page takes at most, but for the slowest: with the figures that Redis keeps, which fall all the time.
async fn slowest_of_pages(name: &str, ada: &Client) -> Duration {
    let mut times = Vec::new();
    for _ in 0..PAGES / 4 {
        for (answer, took) in join_all((0..4).map(|_| timed(ada, "/documents"))).await {
            assert_eq!(answer.status(), 200, "{name}");
            times.push(took);
        }
    }
    times.sort_unstable();
    times[times.len() - 2]
}

/// More people than it has connections need it, and so does a program with a link to a file; others do not.
async fn check_database(name: &str, fault: Fault, ada: &Client, way: &Way, link: &str) {
    // So that connections are in use when it happens.
    join_all((0..AT_ONCE).map(|_| timed(ada, "/documents"))).await;
    way.suffers(Some(fault));
    let needs_it = join_all((0..AT_ONCE).map(|_| timed(ada, "/documents")).chain([timed(ada, link)]));
    let does_not = async {
        sleep(Duration::from_millis(300)).await;
        let mut slowest = Duration::ZERO;
        for path in ["/livez", "/", "/status", "/livez"] {
            let (answer, took) = timed(&Client::new(&ada.url), path).await;
            assert_eq!(answer.status(), 200, "{name}: {path}");
            slowest = slowest.max(took);
        }
        slowest
    };
    let (pages, others) = tokio::join!(needs_it, does_not);
    let longest = pages.iter().map(|(_, took)| *took).max().unwrap();
    say(&format!("{name}: with the database faulty a page takes {longest:?} at most, and others {others:?}"));
    assert!(longest < DEADLINE, "{name}: {longest:?}");
    assert!(others < QUICK, "{name}: {others:?}");
    way.suffers(None);
    let began = Instant::now();
    well_again(ada, "/documents").await;
    say(&format!("{name}: the database is well again after {:?}", began.elapsed()));
    assert!(began.elapsed() < RECOVERY, "{name}: {:?}", began.elapsed());
    // With all connections, and not with one that happened to be good.
    for (answer, took) in join_all((0..AT_ONCE).map(|_| timed(ada, "/documents"))).await {
        assert!(answer.status() == 200 && took < RECOVERY, "{name}: {} after {took:?}", answer.status());
    }
}

#[expect(clippy::print_stdout, reason = "whoever looks into a failure wants the figures of all that went before")]
fn say(line: &str) {
    println!("{line}");
}

async fn timed(client: &Client, path: &str) -> (Answer, Duration) {
    let (mut client, began) = (client.clone(), Instant::now());
    (client.get(path).await, began.elapsed())
}

/// Buys a plan, as far as it gets.
async fn buy(client: &Client) -> Duration {
    let (mut client, began) = (client.clone(), Instant::now());
    client.post_form("/settings/billing/checkout", &[("plan", "team"), ("currency", "eur")]).await;
    began.elapsed()
}

async fn well_again(client: &Client, path: &str) {
    eventually(path, async || (timed(client, path).await.0.status() == 200).then_some(())).await;
}

async fn sign_up(app: &TestApp, name: &str) {
    let email = format!("{name}@acme.example");
    let fields = [("name", "Bob"), ("workspace", name), ("email", &email), ("password", "correct horse battery")];
    Client::new(&app.url).post_form("/sign-up", &fields).await.expect_status(200).await;
}

/// Has what is kept of documents fall again and again, so that Redis is asked for it.
async fn keep_changing(mut superuser: sqlx::PgConnection) {
    let tell = "select pg_notify('sheaf_changes', tenant_id || ':document:*:' || tenant_id) from tenant";
    loop {
        superuser.execute(tell).await.unwrap();
        sleep(Duration::from_millis(25)).await;
    }
}

fn store_settings(endpoint: &str) -> Vec<(&'static str, String)> {
    store::settings(endpoint).into_iter().map(|(name, value)| (name, value.to_owned())).collect()
}

fn sold(url: &str) -> Vec<(&'static str, String)> {
    vec![
        ("SHEAF_STRIPE_KEY", "sk_test_faults".into()),
        ("SHEAF_STRIPE_URL", url.into()),
        ("SHEAF_STRIPE_WEBHOOK_SECRETS", "whsec_test".into()),
    ]
}

async fn address(host: &str, port: u16) -> SocketAddr {
    lookup_host((host, port)).await.unwrap().next().unwrap()
}
