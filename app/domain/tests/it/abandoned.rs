//! Transactions that nobody waits for any more, and a database that takes everything and answers nothing.

use std::time::{Duration, Instant};

use domain::{
    db::{Db, setup::APP},
    live,
};
use futures::future::join_all;
use sqlx::postgres::PgListener;
use tokio::{
    net::lookup_host,
    time::{sleep, timeout},
};

use crate::{
    way::{Fault, Way},
    world::{PASSWORD, World},
};

/// Of the pools here.
const CONNECTIONS: u32 = 3;

/// How soon all connections are good again.
const RECOVERY: Duration = Duration::from_secs(10);

/// The database of a world, by a way of its own.
async fn by_a_way(world: &World) -> (Way, Db) {
    let app = world.admin.clone().username(APP).password(PASSWORD);
    let postgres = lookup_host((app.get_host(), app.get_port())).await.unwrap().next().unwrap();
    let way = Way::to(postgres).await;
    let db = Db::open(app.host("127.0.0.1").port(way.address().port()), CONNECTIONS);
    (way, db)
}

#[tokio::test]
async fn a_commit_that_nobody_waits_for_is_made_and_told() {
    let world = World::new().await;
    let (way, db) = by_a_way(&world).await;
    let mut told = PgListener::connect_with(&sqlx::PgPool::connect_lazy_with(world.admin.clone())).await.unwrap();
    told.listen("sheaf_changes").await.unwrap();
    let mut tx = db.tenant(&world.ada).await.unwrap();
    live::announce(&mut tx, "document", "probe").await.unwrap();
    let before = db.epochs().of(world.acme, &["document"]);
    way.suffers(Some(Fault::Slow(Duration::from_millis(200))));
    assert!(timeout(Duration::from_millis(50), tx.commit()).await.is_err(), "nobody waits for it");
    let heard = timeout(RECOVERY, async { while !told.recv().await.unwrap().payload().ends_with("probe") {} });
    heard.await.expect("it is committed");
    let begun = Instant::now();
    while db.epochs().of(world.acme, &["document"]) == before {
        assert!(begun.elapsed() < RECOVERY, "what is kept here is not believed any more");
        sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_silent_database_takes_no_connection_from_the_pool() {
    let world = World::new().await;
    let (way, db) = by_a_way(&world).await;
    // One in the middle of a statement, one about to be committed, and one that lies idle.
    let (mut asking, committing) = (db.tenant(&world.ada).await.unwrap(), db.tenant(&world.ada).await.unwrap());
    db.tenant(&world.ada).await.unwrap().commit().await.unwrap();
    // It goes back to the pool in a moment.
    sleep(Duration::from_millis(100)).await;
    way.suffers(Some(Fault::Silent));
    let patience = Duration::from_millis(300);
    assert!(timeout(patience, live::announce(&mut asking, "document", "probe")).await.is_err());
    drop(asking);
    assert!(timeout(patience, committing.commit()).await.is_err());
    assert!(timeout(patience, db.tenant(&world.ada)).await.is_err());
    way.suffers(None);
    let begun = Instant::now();
    // All at once, so that each needs a connection of its own.
    loop {
        let begins = (0..CONNECTIONS).map(|_| db.tenant(&world.ada));
        let opened = join_all(begins).await;
        if opened.iter().all(Result::is_ok) {
            break;
        }
        assert!(begun.elapsed() < RECOVERY, "the pool has lost connections");
    }
    assert!(begun.elapsed() < RECOVERY, "{:?}", begun.elapsed());
}
