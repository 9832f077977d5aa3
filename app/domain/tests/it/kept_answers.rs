//! Verbs that keep what they are answered, at two servers with one Redis: what was kept is asked of nobody, which is seen where a
//! row is changed past the product; what the product changes is new at once where it was changed, and in a moment elsewhere.

use std::time::Duration;

use domain::{
    ErrorKind, Services,
    actor::{Member, Role},
    billing::{self, Entitlements, UsageQuery, counter},
    cache::Cache,
    db::{Db, setup::APP},
    documents::{self, Visibility},
    live::Live,
    revenue::{self, Month, RevenueQuery},
    tenants::{self, NewSettings, SettingsForm},
};
use sqlx::{AssertSqlSafe, Executor};
use tokio::time::sleep;

use crate::{
    kept_faults::OwnRedis,
    private::upload,
    settings::form_of,
    workshop::within,
    world::{PASSWORD, World, bob, operator},
};

/// Longer than it takes to hear of a change, and shorter than what a process remembers by itself.
const HEARD: Duration = Duration::from_millis(400);

/// Two servers: the services of the world are those of one.
struct Pair {
    world: World,
    other: Services,
    redis: OwnRedis,
}

impl Pair {
    async fn start() -> Self {
        let (mut world, redis) = (World::new().await, OwnRedis::start().await);
        let other = server(&world, &redis).await;
        world.services = server(&world, &redis).await;
        Self { world, other, redis }
    }

    fn both(&self) -> [&Services; 2] {
        [&self.world.services, &self.other]
    }

    /// Changes rows and tells nobody, so that whoever asks the database is found out.
    async fn past_the_product(&self, statement: String) {
        self.world.superuser().await.execute(AssertSqlSafe(statement)).await.unwrap();
    }

    /// What Redis keeps of a kind, as it lies there: it is short, so that it is not compressed.
    async fn in_redis(&self, name: &str) -> Vec<String> {
        let mut found = Vec::new();
        for key in self.redis.ask::<Vec<String>>(&[b"KEYS", format!("sheaf:kept:{name}:*").as_bytes()]).await {
            let value: Vec<u8> = self.redis.ask(&[b"GET", key.as_bytes()]).await;
            found.push(String::from_utf8_lossy(&value).into_owned());
        }
        found
    }
}

/// A server of its own, once it hears what changes.
async fn server(world: &World, redis: &OwnRedis) -> Services {
    let db = Db::open(world.admin.clone().username(APP).password(PASSWORD), 3);
    let cache = Cache::redis(&redis.url()).unwrap();
    cache.follow(db.epochs());
    let services = Services { live: Live::start(&db), db, cache, ..world.services.clone() };
    soon("it listens", async || services.live.is_listening()).await;
    services
}

/// Well before what is remembered would be forgotten by itself.
async fn soon(what: &str, holds: impl AsyncFnMut() -> bool) {
    within(Duration::from_secs(3), what, holds).await;
}

#[tokio::test]
async fn what_is_known_of_a_document_is_kept_once_for_all_who_see_it() {
    let pair = Pair::start().await;
    let (world, ada) = (&pair.world, &pair.world.ada);
    let bob = bob(world, Role::Viewer).await;
    let id = upload(world, ada, "plan.txt", false).await;
    sleep(HEARD).await;
    let find = async |server: &Services, member: &Member| documents::find(server, member, id).await.unwrap();
    assert_eq!(find(&world.services, ada).await.name, "plan.txt");
    pair.past_the_product(format!("update document set name = 'other.txt' where id = '{id}'")).await;
    for server in pair.both() {
        for member in [ada, &bob] {
            assert_eq!(find(server, member).await.name, "plan.txt", "nobody asks the database");
        }
        assert_eq!(documents::state_of(server, ada, id).await.unwrap(), find(server, ada).await.state);
        let stranger = documents::find(server, &world.eve, id).await.unwrap_err();
        assert!(stranger.is(ErrorKind::NotFound), "Eve finds nothing of Acme's");
    }
    documents::trash(&pair.other, ada, &[id]).await.unwrap();
    let trashed = find(&pair.other, &bob).await;
    assert!(trashed.name == "other.txt" && trashed.trashed_at.is_some(), "at once where it was changed: {trashed:?}");
    soon("the other one hears of it", async || find(&world.services, &bob).await == trashed).await;
    documents::delete(&world.services, ada, &[id]).await.unwrap();
    assert!(documents::find(&world.services, &bob, id).await.unwrap_err().is(ErrorKind::NotFound));
    soon("so is its end", async || documents::find(&pair.other, &bob, id).await.is_err()).await;
}

#[tokio::test]
async fn what_is_private_is_kept_for_nobody_and_shown_to_no_other_member() {
    let pair = Pair::start().await;
    let (world, ada) = (&pair.world, &pair.world.ada);
    let bob = bob(world, Role::Owner).await;
    let id = upload(world, ada, "plan.txt", true).await;
    sleep(HEARD).await;
    let sees = async |server: &Services, member: &Member| documents::find(server, member, id).await.is_ok();
    // Whoever sees it comes first at one server, and whoever does not at the other.
    for (server, order) in pair.both().into_iter().zip([[ada, &bob], [&bob, ada]]) {
        for member in order.into_iter().chain(order) {
            assert_eq!(sees(server, member).await, member.account == ada.account);
        }
        assert!(!sees(server, &world.eve).await);
    }
    let kept = pair.in_redis("documents.facts").await;
    assert!(!kept.is_empty() && !kept.iter().any(|value| value.contains("plan.txt")), "{kept:?}");

    documents::set_visibility(&world.services, ada, id, Visibility::Workspace).await.unwrap();
    assert!(sees(&world.services, &bob).await, "at once where it was shared");
    soon("the other one hears of it", async || sees(&pair.other, &bob).await).await;
    sleep(HEARD).await;
    assert!(sees(&world.services, &bob).await && sees(&pair.other, ada).await);
    let kept = pair.in_redis("documents.facts").await;
    assert!(kept.iter().any(|value| value.contains("plan.txt")), "now it is everybody's: {kept:?}");

    documents::set_visibility(&world.services, ada, id, Visibility::only_me()).await.unwrap();
    assert!(!sees(&world.services, &bob).await, "at once where it was taken back");
    soon("the other one hears of it", async || !sees(&pair.other, &bob).await).await;
    for server in pair.both() {
        assert!(sees(server, ada).await && !sees(server, &bob).await);
    }
}

#[tokio::test]
async fn settings_are_kept_until_they_are_changed_at_any_server() {
    let pair = Pair::start().await;
    let (world, ada, acme) = (&pair.world, &pair.world.ada, pair.world.acme);
    sleep(HEARD).await;
    let form = form_of(world, ada).await;
    pair.past_the_product(format!("update tenant set name = 'Unheard of' where tenant_id = '{acme}'")).await;
    let name = async |server: &Services| tenants::settings(server, ada).await.unwrap().name;
    let viewer = Member { role: Role::Viewer, ..ada.clone() };
    for server in pair.both() {
        assert_eq!(name(server).await, "Acme", "nobody asks the database");
        assert_eq!(tenants::settings(server, &world.eve).await.unwrap().name, "Globex");
        assert!(tenants::settings(server, &viewer).await.unwrap_err().is(ErrorKind::Forbidden), "what is kept too");
    }
    let new = NewSettings::parse(&SettingsForm { name: "Acme Bindery".into(), ..form }).unwrap();
    tenants::change_settings(&pair.other, ada, &new).await.unwrap();
    assert_eq!(name(&pair.other).await, "Acme Bindery", "at once where it was changed");
    soon("the other one hears of it", async || name(&world.services).await == "Acme Bindery").await;
}

#[tokio::test]
async fn what_was_used_is_added_up_once_until_something_was_read() {
    let pair = Pair::start().await;
    let (world, ada, acme) = (&pair.world, &pair.world.ada, pair.world.acme);
    let charge = async |credits| {
        let (e, document, job) = (Entitlements::unmetered(), world.services.clock.id(), world.services.clock.id());
        // It tells nobody, as what really reads does.
        counter::charge(&world.workers, acme, &e, document, job, credits).await.unwrap();
    };
    let used = async |server: &Services, member: &Member| {
        let usage = billing::usage(server, member, &UsageQuery::default()).await.unwrap();
        assert_eq!(usage.days.iter().map(|(_, credits)| credits).sum::<i64>(), usage.total);
        assert_eq!(usage.months.len(), usize::from(usage.total > 0));
        usage.total
    };
    charge(5).await;
    sleep(HEARD).await;
    assert_eq!(used(&world.services, ada).await, 5);
    charge(7).await;
    for server in pair.both() {
        assert_eq!((used(server, ada).await, used(server, &world.eve).await), (5, 0), "nobody adds it up again");
    }
    upload(world, ada, "plan.txt", true).await;
    assert_eq!(used(&world.services, ada).await, 12, "at once where it was told");
    soon("the other one hears of it", async || used(&pair.other, ada).await == 12).await;
}

#[tokio::test]
async fn how_a_workspace_does_is_counted_once_for_each_who_asks() {
    let pair = Pair::start().await;
    let (world, ada) = (&pair.world, &pair.world.ada);
    let bob = bob(world, Role::Admin).await;
    upload(world, ada, "plan.txt", true).await;
    sleep(HEARD).await;
    let count = async |server: &Services, member: &Member| {
        let health = tenants::health(server, member).await.unwrap();
        (health.waiting_documents, health.read)
    };
    assert_eq!((count(&world.services, ada).await, count(&world.services, &bob).await), ((1, 0), (0, 0)));
    pair.past_the_product("update document set state = 'read', read_at = now()".into()).await;
    for server in pair.both() {
        assert_eq!(count(server, ada).await, (1, 0), "nobody counts again");
        assert_eq!(count(server, &bob).await, (0, 0), "what is private is not his to count");
    }
    upload(world, ada, "another.txt", false).await;
    assert_eq!((count(&world.services, ada).await, count(&world.services, &bob).await), ((1, 1), (1, 0)));
    soon("the other one hears of it", async || {
        count(&pair.other, ada).await == (1, 1) && count(&pair.other, &bob).await == (1, 0)
    })
    .await;
}

#[tokio::test]
async fn what_is_earned_is_asked_for_once_until_it_is_summed_up() {
    let pair = Pair::start().await;
    let (world, acme) = (&pair.world, pair.world.acme);
    let operator = operator(world).await;
    let month = Month::of(world.services.clock.now());
    sleep(HEARD).await;
    let lines = async |server: &Services| {
        revenue::overview(server, &operator, RevenueQuery::default()).await.unwrap().lines.len()
    };
    assert_eq!(lines(&world.services).await, 0);
    pair.past_the_product(format!(
        "insert into revenue_tenant
         values ('{acme}', '{month}-01', 'usd', 'free', 'team', 0, 5400, 5400, 0, 0, 0, 0, 1, 1, 1, 5400, 0, 5400, 0, 0, 0, 120, 0,
                 3600, 30000, now());
         select sum_revenue('{month}-01')"
    ))
    .await;
    for server in pair.both() {
        assert_eq!(lines(server).await, 0, "nobody asks the database");
    }
    revenue::sum_month(&world.workers, month).await.unwrap();
    for server in pair.both() {
        soon("every server hears of it", async || lines(server).await > 0).await;
    }
}
