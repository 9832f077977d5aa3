//! How Sheaf does, over time: sums of processes are added, thinned out and forgotten; and what a workspace is told of itself.

use std::time::Duration;

use domain::{
    ErrorKind,
    actor::Role,
    health::{self, Part, Period},
    metrics::minute,
    tenants,
};
use sqlx::{AssertSqlSafe, Executor, PgConnection};
use tokio_util::sync::CancellationToken;

use crate::world::{World, bob, operator};

#[tokio::test]
async fn what_processes_did_is_added_thinned_out_and_forgotten() {
    let world = World::new().await;
    let operator = operator(&world).await;
    let mut app = world.app_role().await;
    // The second process writes twice in the same minute.
    for process in [1, 2, 2] {
        keep(&mut app, process, "now()", &figure("requests", "a-class")).await;
    }
    let seen = async |period| {
        let health = health::overview(&world.services, &operator, period).await.unwrap();
        health.by_name(Part::Requests).get("a-class").cloned()
    };
    for period in Period::ALL {
        let sums = seen(period).await.unwrap();
        assert_eq!((sums.number, sums.failed, sums.seconds), (30, 3, 7.5), "{period:?}");
        assert_eq!(sums.buckets, [21, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    }
    assert_eq!(health::thin(&world.workers).await.unwrap(), 0, "it is new");

    let mut superuser = world.superuser().await;
    superuser.execute("update health_figure set at = at - interval '3 days'").await.unwrap();
    let minutes = rows(&mut superuser).await;
    assert_eq!(health::thin(&world.workers).await.unwrap(), minutes);
    assert_eq!(seen(Period::Day).await, None);
    let sums = seen(Period::Fortnight).await.unwrap();
    assert_eq!((sums.number, sums.failed, sums.buckets[0]), (30, 3, 21), "an hour of all is what its minutes were");
    assert_eq!(health::thin(&world.workers).await.unwrap(), 0, "it is thinned out once");

    superuser.execute("update health_figure set at = at - interval '12 days'").await.unwrap();
    assert_eq!(health::thin(&world.workers).await.unwrap(), 1);
    assert_eq!(rows(&mut superuser).await, 0);
}

#[tokio::test]
async fn no_process_writes_without_bound() {
    let world = World::new().await;
    let mut app = world.app_role().await;
    let many: Vec<String> = (0..300).map(|number| figure("jobs", &format!("kind-{number}"))).collect();
    keep(&mut app, 1, "now()", &many.join(",")).await;
    keep(&mut app, 1, "now() - interval '2 days'", &figure("jobs", "long-ago")).await;
    keep(&mut app, 1, "now() + interval '2 days'", &figure("jobs", "one-day")).await;
    assert_eq!(rows(&mut world.superuser().await).await, 200);
    for wrong in [figure("people", "ada"), figure("jobs", &"x".repeat(61)), figure("jobs", "")] {
        let statement = statement(1, "now()", &wrong);
        assert!(app.execute(AssertSqlSafe(statement)).await.is_err(), "{wrong}");
    }
}

#[tokio::test]
async fn a_workspace_is_told_how_it_does_itself() {
    let world = World::new().await;
    let nothing = tenants::health(&world.services, &world.ada).await.unwrap();
    assert_eq!((nothing.read_per_cent(), nothing.waiting_since, nothing.waiting_documents), (None, None, 0));
    let mut superuser = world.superuser().await;
    let (acme, globex) = ((world.acme, world.ada.account), (world.globex, world.eve.account));
    for (whose, state, days) in [
        (acme, "read", 1),
        (acme, "read", 2),
        (acme, "partly_read", 29),
        (acme, "unreadable", 3),
        (acme, "unreadable", 31),
        (acme, "waiting", 1),
        (acme, "held", 1),
        (globex, "held", 1),
        (globex, "unreadable", 1),
        (globex, "reading", 1),
    ] {
        let insert = format!(
            "insert into document (tenant_id, id, name, format, bytes, sha256, object_key, state, uploaded_by, created_at)
             select '{}', id, id::text, 'text', 1, sha256(id::text::bytea), id::text, '{state}', '{}', now() - interval '{days} days'
             from (select gen_random_uuid() as id) as new",
            whose.0, whose.1
        );
        superuser.execute(AssertSqlSafe(insert)).await.unwrap();
    }
    // Past the product, which announces what it adds.
    world.services.db.epochs().bump(world.acme, "document");
    let health = tenants::health(&world.services, &world.ada).await.unwrap();
    assert_eq!((health.read, health.partly_read, health.unreadable, health.is_more), (2, 1, 1, false));
    assert_eq!((health.read_per_cent(), health.waiting_documents, health.waiting_reports), (Some(75), 1, 0));
    assert!(health.waiting_since.is_some());
    assert_eq!(health.held_documents, 1, "those for which there are no credits wait too");
    let member = bob(&world, Role::Member).await;
    let refused = tenants::health(&world.services, &member).await.unwrap_err();
    assert!(refused.is(ErrorKind::Forbidden));
}

/// It waits for a commit that takes longer than anybody waits for it.
#[tokio::test]
async fn what_may_have_been_written_is_not_written_twice() {
    let world = World::new().await;
    let mut superuser = world.superuser().await;
    let slow = "create function falls_asleep() returns trigger language plpgsql as $$ begin perform pg_sleep(4); return null; end $$;
                create constraint trigger falls_asleep after insert on health_figure deferrable initially deferred
                for each row when (new.name = 'slow-to-commit') execute function falls_asleep()";
    superuser.execute(slow).await.unwrap();
    let is_over = CancellationToken::new();
    is_over.cancel();
    minute::answered("slow-to-commit", Duration::from_millis(5), false);
    health::keep(world.services.clone(), is_over.clone()).await;
    superuser.execute("select pg_sleep(2); drop trigger falls_asleep on health_figure").await.unwrap();
    minute::answered("quick-to-commit", Duration::from_millis(5), false);
    health::keep(world.services.clone(), is_over).await;
    let written = async |name: &str| {
        let sum = "select coalesce(sum(number), 0)::bigint from health_figure where name = $1";
        sqlx::query_scalar::<_, i64>(sum).bind(name).fetch_one(&mut world.superuser().await).await.unwrap()
    };
    assert_eq!((written("slow-to-commit").await, written("quick-to-commit").await), (1, 1));
}

async fn keep(connection: &mut PgConnection, process: u128, at: &str, figures: &str) {
    connection.execute(AssertSqlSafe(statement(process, at, figures))).await.unwrap();
}

fn statement(process: u128, at: &str, figures: &str) -> String {
    format!("select keep_health('{}', {at}, '[{figures}]')", uuid::Uuid::from_u128(process))
}

fn figure(part: &str, name: &str) -> String {
    format!(
        r#"{{"part": "{part}", "name": "{name}", "number": 10, "failed": 1, "seconds": 2.5,
            "buckets": [7, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]}}"#
    )
}

async fn rows(superuser: &mut PgConnection) -> i64 {
    sqlx::query_scalar("select count(*) from health_figure").fetch_one(superuser).await.unwrap()
}
