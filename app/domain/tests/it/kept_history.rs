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
use tokio::{sync::Mutex, time::sleep};

use crate::{
    kept_faults::{OwnRedis, Way},
    settings::form_of,
    world::{PASSWORD, World},
};

/// How long a process believes what it remembers.
const TTL: Duration = Duration::from_secs(1);

/// Invalidated by: what is announced of the workspace.
const NAME: Kept<String> =
    Kept::new("name", 1, &["tenant"]).fresh_for(TTL, Duration::ZERO).shared_for(Duration::from_secs(30));

/// How long one thing is broken.
const FAULT: Duration = Duration::from_millis(400);

/// How old an answer may be while anything is: a process believes itself for a second; and whoever could not tell Redis
/// of a change does so within a second of when it could. Beyond that, what a busy machine takes.
const BOUND: Duration = Duration::from_millis(1_000 + 400 + 1_000 + 600);

/// How long all of it goes on.
const LENGTH: Duration = Duration::from_secs(8);

/// The time of others who are told, of 99 in a hundred, on a machine that has much else to do.
const TOLD: Duration = Duration::from_millis(100);

struct Server {
    services: Services,
    way: Way,
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
    redis: OwnRedis,
    servers: Vec<Server>,
    form: SettingsForm,
    committed: Committed,
    is_over: AtomicBool,
    failures: AtomicU64,
}

impl Fleet {
    async fn start() -> Self {
        let (world, redis) = (World::new().await, OwnRedis::start().await);
        let mut servers = Vec::new();
        for _ in 0..3 {
            let way = Way::to(&redis).await;
            let db = Db::open(world.admin.clone().username(APP).password(PASSWORD), 6);
            let cache = Cache::redis(&way.url()).unwrap();
            cache.follow(db.epochs());
            let services = Services { live: Live::start(&db), db, cache, ..world.services.clone() };
            servers.push(Server { services, way });
        }
        let form = form_of(&world, &world.ada).await;
        let fleet = Self {
            world,
            redis,
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
        let load = async { Ok(tenants::settings(services, self.ada()).await?.name) };
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

    /// One thing after the other breaks, and two at once.
    async fn breaks(&self) {
        let begun = Instant::now();
        for round in 0_usize.. {
            let way = &self.servers[round % self.servers.len()].way;
            match round % 5 {
                0 => way.cut(true),
                1 => self.cut_announcements().await,
                2 => {
                    let _: u64 = self.redis.ask(&[b"CLIENT", b"KILL", b"TYPE", b"pubsub"]).await;
                }
                3 => {
                    way.cut(true);
                    self.cut_announcements().await;
                }
                _ => way.slow_down(Duration::from_millis(150)),
            }
            sleep(FAULT).await;
            way.cut(false);
            way.slow_down(Duration::ZERO);
            sleep(FAULT / 2).await;
            if begun.elapsed() > LENGTH {
                return;
            }
        }
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

    /// How much older each answer was than it might have been, had its process been told at once; the longest first.
    async fn lags(&self, reads: &[Read]) -> Vec<Duration> {
        let writes = self.committed.writes.lock().await;
        let lag = |read: &Read| match writes.get(read.number + 1) {
            Some((_, known)) => read.begun.saturating_duration_since(*known),
            None => Duration::ZERO,
        };
        let mut lags: Vec<Duration> = reads.iter().map(lag).collect();
        lags.sort_unstable_by(|one, other| other.cmp(one));
        lags
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

async fn history(is_broken: bool) -> (Arc<Fleet>, Vec<Read>) {
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
    if is_broken {
        fleet.breaks().await;
    } else {
        sleep(LENGTH / 3).await;
    }
    fleet.is_over.store(true, Ordering::Relaxed);
    for writer in writers {
        writer.await.unwrap();
    }
    let reads = join_all(readers).await.into_iter().flat_map(|reads| reads.unwrap()).collect();
    (fleet, reads)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_writes_reads_it_at_once_and_others_within_a_moment() {
    let (fleet, reads) = history(false).await;
    let lags = fleet.lags(&reads).await;
    let p99 = lags[lags.len() / 100];
    println!("{} answers, p99 {p99:?}, at most {:?}", reads.len(), lags[0]);
    assert_eq!(fleet.own_violations(&reads).await, 0);
    assert!(reads.len() > 500 && p99 <= TOLD, "{p99:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_breaks_nobody_is_answered_what_is_older_than_the_bound() {
    let (fleet, reads) = history(true).await;
    let lags = fleet.lags(&reads).await;
    println!("{} answers of {} changes, at most {:?}", reads.len(), fleet.committed.writes.lock().await.len(), lags[0]);
    assert_eq!(fleet.own_violations(&reads).await, 0);
    assert_eq!(lags.iter().filter(|lag| **lag > BOUND).count(), 0, "{:?}", lags[0]);
    assert_eq!(fleet.failures.load(Ordering::Relaxed), 0, "nobody is refused anything");
    let last = fleet.committed.writes.lock().await.len() - 1;
    sleep(TTL * 2).await;
    for server in 0..3 {
        assert_eq!(fleet.read(server).await.unwrap().number, last);
    }
}
