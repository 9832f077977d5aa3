//! What several processes keep together in Redis, and what they do without it.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use domain::{
    actor::Role,
    cache::{Cache, Epochs, Kept},
    db::Source,
    documents::{self, ListQuery},
    error::Result,
    id::TenantId,
    search,
};
use futures::{StreamExt, future::join_all, stream};
use tokio::time::sleep;
use uuid::Uuid;

use crate::{
    kept_faults::{OwnRedis, url_of},
    private::{WORD, upload},
    way::{Fault, Way},
    workshop::within,
    world::{World, bob},
};

/// Invalidated by: what is announced of documents.
const NUMBER: Kept<u64> = Kept::new("number", 1, &["document"]).shared_for(Duration::from_secs(30));

/// The same as another version of the program has it.
///
/// Invalidated by: what is announced of documents.
const TEXT: Kept<String> = Kept::new("number", 2, &["document"]).shared_for(Duration::from_secs(30));

const ACME: TenantId = TenantId(Uuid::from_u128(1));
const GLOBEX: TenantId = TenantId(Uuid::from_u128(2));

/// What the database takes.
const ORIGIN: Duration = Duration::from_millis(5);

/// A process: its memory, and what it has heard of.
struct Server {
    cache: Cache,
    epochs: Epochs,
    /// How often it has asked the database.
    loads: AtomicU64,
    /// What that takes.
    origin: Duration,
}

impl Server {
    fn at(url: &str) -> Self {
        let (cache, epochs) = (Cache::redis(url).unwrap(), Epochs::default());
        cache.follow(&epochs);
        Self { cache, epochs, loads: AtomicU64::default(), origin: ORIGIN }
    }

    async fn number(&self, tenant: TenantId, key: &str, answer: u64) -> u64 {
        let load = async {
            sleep(self.origin).await;
            self.loads.fetch_add(1, Ordering::Relaxed);
            Ok(answer)
        };
        *self.cache.cached(&self.epochs, &NUMBER, tenant, key, load).await.unwrap()
    }

    fn loads(&self) -> u64 {
        self.loads.load(Ordering::Relaxed)
    }
}

/// A key that nobody has asked for.
fn fresh_key() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    format!("fresh:{}", COUNT.fetch_add(1, Ordering::Relaxed))
}

/// Whether Redis keeps what the one reads, so that the other finds it there.
async fn shares(one: &Server, other: &Server) -> bool {
    let key = fresh_key();
    one.number(ACME, &key, 5).await;
    other.number(ACME, &key, 6).await == 5
}

/// Until Redis has taken what this one has changed, and keeps what it reads.
async fn until_told(server: &Server, redis: &OwnRedis) {
    eventually("Redis is told", async || shares(server, &Server::at(&redis.url())).await).await;
}

async fn eventually(what: &str, holds: impl AsyncFnMut() -> bool) {
    within(Duration::from_secs(10), what, holds).await;
}

#[tokio::test]
async fn of_a_thousand_who_ask_three_processes_at_once_one_asks_the_database() {
    let mut redis = OwnRedis::start().await;
    let url = redis.url();
    let servers = [Server::at(&url), Server::at(&url), Server::at(&url)];
    for server in &servers {
        assert!(server.cache.is_ready().await);
    }
    let ask_all = async |key: &'static str| {
        let asked = (0..1_000).map(|number| servers[number % 3].number(ACME, key, 7));
        assert!(join_all(asked).await.iter().all(|answer| *answer == 7));
        servers.iter().map(Server::loads).sum::<u64>()
    };
    assert_eq!(ask_all("with").await, 1);
    redis.kill();
    let loads = ask_all("without").await;
    assert!((2..=4).contains(&loads), "one for each process at most: {loads}");
}

#[tokio::test]
async fn what_a_replica_has_answered_is_kept_by_its_process_and_not_for_others() {
    let redis = OwnRedis::start().await;
    let [ada, bob, eve] = [0, 1, 2].map(|_| Server::at(&redis.url()));
    let (key, of_replica) = (fresh_key(), async { Ok((7, Source::Replica)) });
    assert_eq!(*ada.cache.cached_from(&ada.epochs, &NUMBER, ACME, &key, of_replica).await.unwrap(), 7);
    assert_eq!(bob.number(ACME, &key, 8).await, 8, "the other may have heard of more than the first");
    assert_eq!(eve.number(ACME, &key, 9).await, 8, "what the primary has answered is for all");
    assert_eq!((ada.number(ACME, &key, 9).await, ada.loads()), (7, 0));
}

#[tokio::test]
async fn a_change_has_ten_thousand_values_fall_at_once_and_those_of_nobody_else() {
    let redis = OwnRedis::start().await;
    let (mut ada, eve) = (Server::at(&redis.url()), Server::at(&redis.url()));
    ada.origin = Duration::ZERO;
    let ada = ada;
    let fill = async |answer: u64| {
        let keys = stream::iter(0..10_000_u32).map(|key| {
            let ada = &ada;
            async move { ada.number(ACME, &key.to_string(), answer).await }
        });
        keys.buffer_unordered(32).fold(0, async |sum, answer| sum + answer).await
    };
    eve.number(GLOBEX, "all", 3).await;
    assert_eq!(fill(1).await, 10_000);
    assert_eq!(fill(2).await, 10_000, "kept");
    let begun = Instant::now();
    ada.epochs.change(ACME, "document");
    let took = begun.elapsed();
    assert!(took < Duration::from_millis(5), "{took:?}");
    assert_eq!(ada.number(ACME, "77", 2).await, 2, "at once where it was made");
    eventually("another process hears of it", async || eve.number(ACME, "78", 2).await == 2).await;
    assert_eq!(fill(2).await, 20_000);
    assert_eq!(ada.number(GLOBEX, "all", 4).await, 3, "what is Eve's has not changed");
}

#[tokio::test]
async fn what_another_version_has_kept_or_garbage_is_a_miss() {
    // An id is itself in the key; anything else is a hash.
    const KEY: &str = "00000000-0000-0000-0000-000000000007";
    let redis = OwnRedis::start().await;
    let ada = Server::at(&redis.url());
    assert_eq!(ada.number(ACME, KEY, 1).await, 1);
    let text = ada.cache.cached(&ada.epochs, &TEXT, ACME, KEY, async { Ok("one".into()) }).await;
    assert_eq!(*text.unwrap(), "one", "under a key of its own");
    let (old, new) = (format!("sheaf:kept:number:1:{ACME}:{KEY}"), format!("sheaf:kept:number:2:{ACME}:{KEY}"));
    let text: Vec<u8> = redis.ask(&[b"GET", new.as_bytes()]).await;
    for garbage in [text.as_slice(), b"", b"\xff\x00\n\n\n", b"sheaf-kept-1\n", &[b'\n'; 300]] {
        let _: () = redis.ask(&[b"SET", old.as_bytes(), garbage]).await;
        assert_eq!(Server::at(&redis.url()).number(ACME, KEY, 2).await, 2);
    }
    assert_eq!(Server::at(&redis.url()).number(ACME, KEY, 3).await, 2, "and the next one finds what was kept instead");
    // Another kind of thing altogether.
    let _: u64 = redis.ask(&[b"UNLINK", old.as_bytes()]).await;
    let _: u64 = redis.ask(&[b"LPUSH", old.as_bytes(), b"a"]).await;
    assert_eq!(Server::at(&redis.url()).number(ACME, KEY, 4).await, 4);
}

#[tokio::test]
async fn a_redis_that_is_full_or_only_to_be_read_is_done_without() {
    let redis = OwnRedis::start().await;
    let ada = Server::at(&redis.url());
    for setting in [["maxmemory", "1"], ["min-replicas-to-write", "3"]] {
        let _: String = redis.ask(&[b"CONFIG", b"SET", setting[0].as_bytes(), setting[1].as_bytes()]).await;
        assert_eq!(ada.number(ACME, setting[0], 1).await, 1);
        ada.epochs.change(ACME, "document");
        assert_eq!(ada.number(ACME, setting[0], 2).await, 2);
        assert_eq!(ada.cache.count(setting[0], Duration::from_secs(9)).await, 1);
        let _: String = redis.ask(&[b"CONFIG", b"SET", setting[0].as_bytes(), b"0"]).await;
    }
    until_told(&ada, &redis).await;
}

#[tokio::test]
async fn a_change_while_redis_is_away_is_told_when_it_is_there_again() {
    let redis = OwnRedis::start().await;
    let way = Way::to(redis.address()).await;
    let ada = Server::at(&url_of(way.address()));
    assert_eq!(ada.number(ACME, "all", 1).await, 1);
    way.suffers(Some(Fault::Reset));
    sleep(Duration::from_millis(100)).await;
    ada.epochs.change(ACME, "document");
    assert_eq!(ada.number(ACME, "all", 2).await, 2, "whoever has made it sees it");
    assert_eq!(Server::at(&redis.url()).number(ACME, "all", 9).await, 1, "nobody else was told");
    way.suffers(None);
    eventually("Redis is told", async || Server::at(&redis.url()).number(ACME, "all", 2).await == 2).await;
}

#[tokio::test]
async fn a_redis_that_comes_back_older_than_it_was_is_not_believed() {
    let (redis, older) = (OwnRedis::start().await, OwnRedis::start().await);
    let way = Way::to(redis.address()).await;
    let (ada, late) = (Server::at(&url_of(way.address())), Server::at(&url_of(way.address())));
    // A change first, so that whoever listens is known to. Until Redis has taken it, nothing is kept there.
    ada.epochs.change(ACME, "document");
    until_told(&ada, &redis).await;
    assert_eq!(ada.number(ACME, "all", 1).await, 1);
    for key in redis.ask::<Vec<String>>(&[b"KEYS", b"sheaf:*"]).await {
        let value: Vec<u8> = redis.ask(&[b"GET", key.as_bytes()]).await;
        let _: String = older.ask(&[b"SET", key.as_bytes(), &value]).await;
    }
    assert_eq!(Server::at(&older.url()).number(ACME, "all", 9).await, 1, "whoever has heard of nothing believes it");
    ada.epochs.change(ACME, "document");
    until_told(&ada, &redis).await;
    assert_eq!(ada.number(ACME, "all", 2).await, 2);
    eventually("the other one hears of it", async || late.number(ACME, "all", 9).await == 2).await;
    way.leads_to(older.address());
    way.suffers(Some(Fault::Reset));
    sleep(Duration::from_millis(100)).await;
    way.suffers(None);
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(7) {
        // What a process keeps by itself is as good as it was.
        for server in [&ada, &late] {
            assert_eq!(server.number(ACME, "all", 2).await, 2, "after {:?}", begun.elapsed());
        }
        sleep(Duration::from_millis(50)).await;
    }
    eventually("and what it keeps from then on is", async || shares(&ada, &late).await).await;
}

#[tokio::test]
async fn whoever_began_before_a_change_keeps_nothing_that_is_believed_after_it() {
    let redis = OwnRedis::start().await;
    let (ada, late, third) = (Server::at(&redis.url()), Server::at(&redis.url()), Server::at(&redis.url()));
    let begins = async {
        let load = async {
            sleep(Duration::from_millis(300)).await;
            Ok(1)
        };
        *late.cache.cached(&late.epochs, &NUMBER, ACME, "all", load).await.unwrap()
    };
    let changes = async {
        sleep(Duration::from_millis(100)).await;
        ada.epochs.change(ACME, "document");
        ada.number(ACME, "all", 2).await
    };
    assert_eq!(tokio::join!(begins, changes), (1, 2));
    assert_eq!(third.number(ACME, "all", 2).await, 2);
    eventually("whoever was late hears of it", async || late.number(ACME, "all", 2).await == 2).await;
}

/// What 1,500 who ask, eight at a time, wait for at most, but for one in a hundred of them.
async fn p99(server: &Server, name: &str) -> Duration {
    let asked = stream::iter(0..1_500_u32).map(|number| async move {
        let (begun, key) = (Instant::now(), format!("{name}:{number}"));
        assert_eq!(server.number(ACME, &key, 1).await, 1);
        begun.elapsed()
    });
    let mut times: Vec<Duration> = asked.buffer_unordered(8).collect().await;
    times.sort_unstable();
    times[times.len() * 99 / 100]
}

#[tokio::test]
async fn without_redis_it_is_a_little_slower_and_never_down() {
    let mut redis = OwnRedis::start().await;
    let way = Way::to(redis.address()).await;
    let ada = Server::at(&url_of(way.address()));
    let well = p99(&ada, "well").await;
    // What a busy machine takes for nothing.
    let bound = (well * 3).max(Duration::from_millis(40));
    let is_well = async || shares(&ada, &Server::at(&redis.url())).await;
    way.suffers(Some(Fault::Slow(Duration::from_millis(100))));
    let slow = p99(&ada, "slow").await;
    way.suffers(None);
    eventually("a Redis that is fast again is asked again", &is_well).await;
    redis.signal("STOP");
    let paused = p99(&ada, "paused").await;
    redis.signal("CONT");
    eventually("a Redis that goes on is asked again", &is_well).await;
    way.suffers(Some(Fault::Silent));
    let silent = p99(&ada, "silent").await;
    way.suffers(None);
    eventually("what was connected leads nowhere any more, and is made anew", &is_well).await;
    redis.kill();
    let killed = p99(&ada, "killed").await;
    println!("p99: {well:?}, slow {slow:?}, paused {paused:?}, silent {silent:?}, killed {killed:?}");
    for (name, time) in [("slow", slow), ("paused", paused), ("silent", silent), ("killed", killed)] {
        assert!(time <= bound, "{name}: {time:?}, and {well:?} where all is well");
    }
}

#[tokio::test]
async fn what_is_found_is_kept_for_whoever_asked_and_shown_to_nobody_else() {
    let redis = OwnRedis::start().await;
    let world = World::new().await;
    let cache = Cache::redis(&redis.url()).unwrap();
    cache.follow(world.services.db.epochs());
    let services = domain::Services { cache, ..world.services.clone() };
    let bob = bob(&world, Role::Admin).await;
    upload(&world, &world.ada, "plan.txt", true).await;
    let found = async |member: &domain::actor::Member| -> Result<(usize, i64)> {
        let found = search::search(&services, member, WORD).await?;
        Ok((found.documents.len(), documents::list(&services, member, &ListQuery::default()).await?.total))
    };
    for _ in 0..2 {
        assert_eq!(found(&world.ada).await.unwrap(), (1, 1));
        assert_eq!(found(&bob).await.unwrap(), (0, 0));
        assert_eq!(found(&world.eve).await.unwrap(), (0, 0));
    }
    let keys = services.cache.keys_of(world.acme).await.unwrap();
    assert!(keys.iter().filter(|key| key.starts_with("sheaf:kept:search.found:1:")).count() >= 2, "{keys:?}");
    assert!(!keys.iter().any(|key| key.starts_with("sheaf:kept") && key.contains(WORD)), "{keys:?}");
    services.cache.forget(world.acme).await.unwrap();
    assert!(services.cache.keys_of(world.acme).await.unwrap().is_empty());
}
