//! Several processes write and read one thing while whatever tells them of it breaks: what each of them is answered, held against
//! what was committed by then.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use domain::{
    Services,
    actor::Member,
    cache::{Cache, Kept},
    db::{Db, setup::APP},
    error::Result,
    live::Live,
    tenants::{self, NewSettings, SettingsForm},
};
use futures::future::join_all;
use sqlx::Executor;
use tokio::{net::lookup_host, sync::Mutex, time::sleep};

use crate::{
    kept_faults::{OwnRedis, url_of},
    settings::form_of,
    way::{Fault, Way},
    world::{PASSWORD, World},
};

/// How long a process believes what it remembers.
const TTL: Duration = Duration::from_secs(1);

/// Invalidated by: what is announced of the workspace.
const NAME: Kept<String> =
    Kept::new("name", 1, &["tenant"]).fresh_for(TTL, Duration::ZERO).shared_for(Duration::from_secs(30));

/// How long one thing is broken: longer than what is remembered is believed.
const FAULT: Duration = Duration::from_millis(1_300);

/// Between two of them, in which those that listen begin to again.
const WELL: Duration = Duration::from_millis(1_300);

/// What a busy machine takes for nothing.
const BUSY: Duration = Duration::from_millis(500);

/// How old an answer may be where only messages are cut: a process believes itself for a second, and whoever changes something has
/// Redis forget it, within a quarter of a second where that was refused a moment ago.
const UNTOLD: Duration = TTL.saturating_add(Duration::from_millis(250)).saturating_add(BUSY);

/// How old an answer may be while anything is: whoever could not tell Redis of a change does so within a second of when it could.
const BOUND: Duration = UNTOLD.saturating_add(FAULT).saturating_add(Duration::from_secs(1));

/// How long all of it goes on where nothing breaks.
const LENGTH: Duration = Duration::from_secs(3);

/// What must fall into the time of each fault, and what must be late there that cannot be told, for it to prove anything.
const READS: usize = 60;
const WRITES: usize = 4;
const LATE: usize = 20;

/// The time of others who are told, of 99 in a hundred, on a machine that has much else to do.
const TOLD: Duration = Duration::from_millis(100);

/// What breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Break {
    /// What Postgres announces reaches nobody, and nobody is told that it does not.
    Notify,
    /// What changes cannot be said in Redis.
    Channel,
    /// Both: nobody hears of what others do.
    Messages,
    /// Those who write lose Redis, and the one who reads hears nothing from Postgres, and believes Redis.
    Writers,
    /// Redis stands still.
    Paused,
    /// Redis takes long.
    Slow,
    /// Redis forgets everything, and the connections that listen to Postgres are cut as soon as they are made.
    Restarted,
}

const BREAKS: [Break; 7] =
    [Break::Notify, Break::Messages, Break::Channel, Break::Writers, Break::Paused, Break::Slow, Break::Restarted];

/// When something was broken.
struct Window {
    what: Break,
    from: Instant,
    until: Instant,
}

impl Window {
    fn holds(&self, at: Instant) -> bool {
        (self.from..self.until).contains(&at)
    }
}

struct Server {
    services: Services,
    /// To Redis.
    way: Way,
    /// To what Postgres announces.
    hears: Way,
}

/// What was committed: how many changes there were, and when each was known to be.
#[derive(Default)]
struct Committed {
    /// By whom, and when.
    writes: Mutex<Vec<(usize, Instant)>>,
}

/// An answer.
struct Read {
    server: usize,
    begun: Instant,
    number: usize,
}

struct Fleet {
    world: World,
    redis: Mutex<OwnRedis>,
    servers: Vec<Server>,
    form: SettingsForm,
    committed: Committed,
    is_over: AtomicBool,
    failures: AtomicU64,
}

impl Fleet {
    async fn start() -> Self {
        let (world, redis) = (World::new().await, OwnRedis::start().await);
        let (mut servers, app) = (Vec::new(), world.admin.clone().username(APP).password(PASSWORD));
        let mut postgres = lookup_host((app.get_host(), app.get_port())).await.unwrap();
        let postgres = postgres.next().unwrap();
        for _ in 0..3 {
            let (way, hears) = (Way::to(redis.address()).await, Way::to(postgres).await);
            let session = app.clone().host("127.0.0.1").port(hears.address().port());
            let db = Db::open_pooled(app.clone(), session, 6);
            let cache = Cache::redis(&url_of(way.address())).unwrap();
            cache.follow(db.epochs());
            let services = Services { live: Live::start(&db), db, cache, ..world.services.clone() };
            servers.push(Server { services, way, hears });
        }
        let form = form_of(&world, &world.ada).await;
        let fleet = Self {
            world,
            redis: Mutex::new(redis),
            servers,
            form,
            committed: Committed::default(),
            is_over: AtomicBool::new(false),
            failures: AtomicU64::new(0),
        };
        // What has begun to listen hears from here on.
        sleep(Duration::from_millis(300)).await;
        fleet.write(0).await;
        fleet
    }

    fn ada(&self) -> &Member {
        &self.world.ada
    }

    /// The next number, as the name of the workspace. One writes at a time, so that it is known which is the newest.
    async fn write(&self, server: usize) -> usize {
        let mut writes = self.committed.writes.lock().await;
        let number = writes.len();
        let form = SettingsForm { name: format!("Acme {number}"), ..self.form.clone() };
        let new = NewSettings::parse(&form).unwrap();
        tenants::change_settings(&self.servers[server].services, self.ada(), &new).await.unwrap();
        writes.push((server, Instant::now()));
        number
    }

    async fn read(&self, server: usize) -> Result<Read> {
        let (begun, services) = (Instant::now(), &self.servers[server].services);
        let load = async {
            let mut tx = services.db.tenant(self.ada()).await?;
            let name = tenants::name(&mut tx).await?;
            tx.commit().await?;
            Ok(name)
        };
        let name = services.cache.cached(services.db.epochs(), &NAME, self.ada().tenant, "name", load).await?;
        let number = name.strip_prefix("Acme ").unwrap_or("0").parse().unwrap();
        Ok(Read { server, begun, number })
    }

    async fn keeps_writing(&self, server: usize) {
        while !self.is_over.load(Ordering::Relaxed) {
            let number = self.write(server).await;
            let read = self.read(server).await.unwrap();
            assert!(read.number >= number, "{server} has written {number} and reads {}", read.number);
            sleep(Duration::from_millis(70 + 30 * server as u64)).await;
        }
    }

    async fn keeps_reading(&self, server: usize) -> Vec<Read> {
        let mut reads = Vec::new();
        while !self.is_over.load(Ordering::Relaxed) {
            match self.read(server).await {
                Ok(read) => reads.push(read),
                Err(_) => {
                    self.failures.fetch_add(1, Ordering::Relaxed);
                }
            }
            sleep(Duration::from_millis(5)).await;
        }
        reads
    }

    /// One thing after the other breaks, and says when.
    async fn breaks(&self) -> Vec<Window> {
        let mut windows = Vec::new();
        for what in BREAKS {
            let from = Instant::now();
            self.begin(what).await;
            sleep(FAULT.saturating_sub(from.elapsed())).await;
            let until = Instant::now();
            self.end().await;
            windows.push(Window { what, from, until });
            sleep(WELL).await;
        }
        windows
    }

    async fn begin(&self, what: Break) {
        if matches!(what, Break::Notify | Break::Messages | Break::Writers) {
            self.servers.iter().for_each(|server| server.hears.suffers(Some(Fault::Silent)));
        }
        if matches!(what, Break::Channel | Break::Messages) {
            let _: String = self.redis.lock().await.ask(&[b"ACL", b"SETUSER", b"default", b"resetchannels"]).await;
        }
        match what {
            Break::Writers => self.servers[..2].iter().for_each(|server| server.way.suffers(Some(Fault::Reset))),
            Break::Paused => self.redis.lock().await.signal("STOP"),
            Break::Slow => {
                let slow = Fault::Slow(Duration::from_millis(150));
                self.servers.iter().for_each(|server| server.way.suffers(Some(slow)));
            }
            Break::Restarted => {
                self.redis.lock().await.restart().await;
                self.cut_announcements().await;
            }
            Break::Notify | Break::Channel | Break::Messages => {}
        }
    }

    async fn end(&self) {
        let redis = self.redis.lock().await;
        redis.signal("CONT");
        let _: String = redis.ask(&[b"ACL", b"SETUSER", b"default", b"allchannels"]).await;
        for server in &self.servers {
            server.way.suffers(None);
            // What was silent is found out much later by itself.
            server.hears.suffers(Some(Fault::Reset));
        }
        sleep(Duration::from_millis(60)).await;
        self.servers.iter().for_each(|server| server.hears.suffers(None));
    }

    /// Ends the connections that hear what Postgres announces as soon as they are made anew, for as long as a fault lasts.
    async fn cut_announcements(&self) {
        let cut = "select pg_terminate_backend(pid) from pg_stat_activity
                   where datname = current_database() and query ilike 'listen%'";
        let (mut superuser, begun) = (self.world.superuser().await, Instant::now());
        while begun.elapsed() < FAULT {
            superuser.execute(cut).await.unwrap();
            sleep(Duration::from_millis(1)).await;
        }
    }

    /// How much older an answer was than it might have been, had its process been told at once.
    async fn lags(&self, reads: &[Read]) -> Vec<Duration> {
        let writes = self.committed.writes.lock().await;
        let lag = |read: &Read| match writes.get(read.number + 1) {
            Some((_, known)) => read.begun.saturating_duration_since(*known),
            None => Duration::ZERO,
        };
        reads.iter().map(lag).collect()
    }

    /// Holds what happened while one thing was broken against what is promised then.
    #[expect(clippy::print_stdout, reason = "it says what it has proved")]
    async fn check(&self, window: &Window, reads: &[Read], lags: &[Duration]) {
        let writes = self.committed.writes.lock().await;
        let writes = writes.iter().filter(|(_, known)| window.holds(*known)).count();
        let mut lags: Vec<Duration> =
            reads.iter().zip(lags).filter(|(read, _)| window.holds(read.begun)).map(|(_, lag)| *lag).collect();
        lags.sort_unstable_by(|one, other| other.cmp(one));
        let (late, most) = (lags.iter().filter(|lag| **lag > TOLD).count(), lags.first().copied().unwrap_or_default());
        let what = window.what;
        println!("{what:?}: {} answers, {late} of them late, at most {most:?}; {writes} changes", lags.len());
        assert!(lags.len() >= READS && writes >= WRITES, "{what:?} proves nothing");
        let bound = match what {
            Break::Notify | Break::Channel | Break::Messages => UNTOLD,
            _ => BOUND,
        };
        assert!(most <= bound, "{what:?}: {most:?}");
        match what {
            Break::Messages | Break::Writers => assert!(late >= LATE, "{what:?} has harmed nobody"),
            // One way is enough, but for those who are in the middle of something when the other one breaks.
            Break::Notify | Break::Channel => assert!(lags[lags.len() / 10] <= TOLD * 3, "{what:?}"),
            Break::Paused | Break::Slow | Break::Restarted => {}
        }
    }

    /// Of answers that are older than what the same process had committed before.
    async fn own_violations(&self, reads: &[Read]) -> usize {
        let writes = self.committed.writes.lock().await;
        let is_violated = |read: &&Read| {
            let newer = writes.iter().skip(read.number + 1);
            newer.into_iter().any(|(server, known)| *server == read.server && *known < read.begun)
        };
        reads.iter().filter(is_violated).count()
    }
}

async fn history(is_broken: bool) -> (Arc<Fleet>, Vec<Read>, Vec<Window>) {
    let fleet = Arc::new(Fleet::start().await);
    let writers: Vec<_> = [0, 1]
        .map(|server| {
            tokio::spawn({
                let fleet = fleet.clone();
                async move { fleet.keeps_writing(server).await }
            })
        })
        .into();
    let readers: Vec<_> = [0, 1, 2, 2]
        .map(|server| {
            tokio::spawn({
                let fleet = fleet.clone();
                async move { fleet.keeps_reading(server).await }
            })
        })
        .into();
    let windows = if is_broken {
        fleet.breaks().await
    } else {
        sleep(LENGTH).await;
        Vec::new()
    };
    fleet.is_over.store(true, Ordering::Relaxed);
    for writer in writers {
        writer.await.unwrap();
    }
    let reads = join_all(readers).await.into_iter().flat_map(|reads| reads.unwrap()).collect();
    (fleet, reads, windows)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_writes_reads_it_at_once_and_others_within_a_moment() {
    let (fleet, reads, _) = history(false).await;
    let mut lags = fleet.lags(&reads).await;
    lags.sort_unstable_by(|one, other| other.cmp(one));
    let p99 = lags[lags.len() / 100];
    println!("{} answers, p99 {p99:?}, at most {:?}", reads.len(), lags[0]);
    assert_eq!(fleet.own_violations(&reads).await, 0);
    assert!(reads.len() > 500 && p99 <= TOLD, "{p99:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_breaks_nobody_is_answered_what_is_older_than_the_bound() {
    let (fleet, reads, windows) = history(true).await;
    let lags = fleet.lags(&reads).await;
    let most = lags.iter().max().unwrap();
    println!("{} answers of {} changes, at most {most:?}", reads.len(), fleet.committed.writes.lock().await.len());
    for window in &windows {
        fleet.check(window, &reads, &lags).await;
    }
    assert_eq!(fleet.own_violations(&reads).await, 0);
    assert!(*most <= BOUND, "{most:?}");
    assert_eq!(fleet.failures.load(Ordering::Relaxed), 0, "nobody is refused anything");
    let last = fleet.committed.writes.lock().await.len() - 1;
    sleep(TTL * 2).await;
    for server in 0..3 {
        assert_eq!(fleet.read(server).await.unwrap().number, last);
    }
}
