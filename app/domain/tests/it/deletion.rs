//! The end of a workspace: nothing of it is left, and nothing of anybody else's is gone. What there is to look at is found
//! in the catalogue, so that a new table is looked at too.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use bytes::Bytes;
use chrono::TimeDelta;
use domain::{
    ErrorKind,
    accounts::{self, SignIn},
    actor::{Member, Role},
    billing::{self, CheckoutForm, Currency, PlanId},
    documents::{self, Upload},
    files,
    id::TenantId,
    reports::{self, NewReport, Scope},
    tenants::{self, GRACE_DAYS},
};
use futures::TryStreamExt;
use sqlx::{AssertSqlSafe, Executor, PgConnection, Postgres, postgres::PgArguments, query::Query};
use tokio::time::sleep;

use crate::{
    behaviour,
    billing_lab::Lab,
    billing_side::{number, text},
    catalogue::without_tenant,
    world::World,
};

#[tokio::test]
async fn a_deleted_workspace_leaves_nothing_and_takes_nothing_else() {
    let world = World::at_noon().await;
    for member in [&world.ada, &world.eve] {
        furnish(&world, member).await;
    }
    let mut superuser = behaviour::session(&world).await;
    behaviour::fill(&mut superuser).await;
    let before = rows(&mut superuser, world.acme).await;
    let bare: Vec<_> = before.iter().filter(|(_, rows)| **rows == 0).map(|(table, _)| table.as_str()).collect();
    assert!(bare.iter().all(|table| without_tenant().iter().any(|known| known == table)), "nothing in {bare:?}");
    assert!(before["session"] > 0 && objects(&world, world.acme).await.len() > 1, "{before:?}");
    let eves = (rows(&mut superuser, world.globex).await, objects(&world, world.globex).await);

    tenants::ask_deletion(&world.services, &world.ada, "Acme").await.unwrap();
    world.services.clock.advance(TimeDelta::days(GRACE_DAYS) + TimeDelta::hours(2));
    assert_eq!(tenants::delete_due(&world.workers).await.unwrap(), 1);

    let left = rows(&mut superuser, world.acme).await;
    assert!(left.values().all(|rows| *rows == 0), "{left:?}");
    assert_eq!(objects(&world, world.acme).await, [""; 0]);
    assert_eq!(world.services.cache.keys_of(world.acme).await.unwrap(), [""; 0]);
    assert_eq!((rows(&mut superuser, world.globex).await, objects(&world, world.globex).await), eves);
    assert_eq!(world.services.cache.keys_of(world.globex).await.unwrap().len(), 1);
    assert_eq!(tenants::delete_due(&world.workers).await.unwrap(), 0, "there is nothing more to do");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_used_beyond_the_plan_is_billed_before_the_workspace_goes() {
    let lab = Lab::start().await;
    let (services, ada) = (&lab.world.services, &lab.world.ada);
    let form = CheckoutForm { plan: PlanId::Business, currency: Currency::Eur, coupon: None };
    let page = billing::checkout(services, ada, &form).await.unwrap();
    let session = lab.side.pays_at(&page).await;
    billing::checkout_returned(services, ada, &session).await.unwrap();
    billing::set_cap(services, ada, 1_000).await.unwrap();
    assert_eq!(lab.uses(ada.tenant, 30_100).await, 30_100);
    let customer = lab.customer_of(ada.tenant).await;

    tenants::ask_deletion(services, ada, "Acme").await.unwrap();
    lab.advance(TimeDelta::days(GRACE_DAYS) + TimeDelta::hours(2));
    assert_eq!(tenants::delete_due(&lab.world.workers).await.unwrap(), 1);
    assert!(lab.side.live(&customer).is_none());
    let [_, credits] = lab.side.prices(PlanId::Business);
    let invoices = lab.side.invoices(&customer);
    let lines = invoices.iter().flat_map(|invoice| invoice["lines"]["data"].as_array().unwrap());
    let billed = lines.filter(|line| text(line, "/pricing/price_details/price") == credits);
    assert_eq!(billed.map(|line| number(line, "/amount")).sum::<i64>(), 90, "a hundred credits");
}

#[tokio::test]
async fn an_owner_asks_by_the_name_and_any_owner_undoes_it() {
    let world = World::at_noon().await;
    let (services, ada) = (&world.services, &world.ada);
    for role in [Role::Viewer, Role::Member, Role::Admin] {
        let member = Member { role, ..ada.clone() };
        let forbidden = tenants::ask_deletion(services, &member, "Acme").await.unwrap_err();
        assert_eq!(forbidden.kind, ErrorKind::Forbidden, "{role:?}");
        assert_eq!(tenants::undo_deletion(services, &member).await.unwrap_err().kind, ErrorKind::Forbidden);
    }
    for wrong in ["", "acme", "Globex"] {
        let refused = tenants::ask_deletion(services, ada, wrong).await.unwrap_err();
        assert_eq!(refused.field.as_deref(), Some("confirmation"), "{wrong:?}");
    }
    assert_eq!(delete_after(&world).await, None);
    assert_eq!(tenants::undo_deletion(services, ada).await.unwrap_err().kind, ErrorKind::Conflict);

    let at = tenants::ask_deletion(services, ada, " Acme ").await.unwrap();
    assert_eq!(at, services.clock.now() + TimeDelta::days(14));
    assert_eq!(delete_after(&world).await, Some(at), "every member is told");
    let mail = world.mail_to("ada@acme.example").await.unwrap();
    assert!(mail.subject.contains("Acme will be deleted on 5 December 2026"), "{}", mail.subject);
    services.clock.advance(TimeDelta::days(1));
    assert_eq!(tenants::ask_deletion(services, ada, "Acme").await.unwrap_err().kind, ErrorKind::Conflict);
    assert_eq!(delete_after(&world).await, Some(at), "to ask again puts nothing off");

    tenants::undo_deletion(services, ada).await.unwrap();
    assert_eq!(delete_after(&world).await, None);
    services.clock.advance(TimeDelta::days(30));
    assert_eq!(tenants::delete_due(&world.workers).await.unwrap(), 0);
    assert_eq!(tenants::settings(services, ada).await.unwrap().name, "Acme");
}

#[tokio::test]
async fn the_day_of_a_deletion_is_told_as_the_workspace_counts_days() {
    let world = World::at_noon().await;
    world.services.clock.advance(TimeDelta::hours(16));
    of_acme(&world, "update tenant set time_zone = 'America/Los_Angeles' where tenant_id = $1")
        .execute(&mut world.superuser().await)
        .await
        .unwrap();
    // Four in the morning of the 6th in UTC, and the evening of the 5th there.
    tenants::ask_deletion(&world.services, &world.ada, "Acme").await.unwrap();
    let mail = world.mail_to("ada@acme.example").await.unwrap();
    assert!(mail.subject.ends_with("on 5 December 2026"), "{}", mail.subject);
    assert!(mail.text_body.contains("On 5 December 2026 everything"), "{}", mail.text_body);
}

#[tokio::test]
async fn nothing_is_deleted_within_the_grace_and_nothing_undone_after_it() {
    let world = World::at_noon().await;
    let (services, ada) = (&world.services, &world.ada);
    tenants::ask_deletion(services, ada, "Acme").await.unwrap();
    services.clock.advance(TimeDelta::days(14) - TimeDelta::seconds(1));
    assert_eq!(tenants::delete_due(&world.workers).await.unwrap(), 0);
    services.clock.advance(TimeDelta::seconds(2));
    assert_eq!(tenants::undo_deletion(services, ada).await.unwrap_err().kind, ErrorKind::Conflict);
    assert_eq!(tenants::delete_due(&world.workers).await.unwrap(), 0, "clocks may differ by a little");
    services.clock.advance(TimeDelta::hours(1));
    assert!(tenants::delete_due(&world.services).await.is_err(), "the web server cannot");
    assert_eq!(tenants::delete_due(&world.workers).await.unwrap(), 1);
}

#[tokio::test]
async fn a_deletion_that_broke_off_goes_on() {
    let world = World::at_noon().await;
    furnish(&world, &world.ada).await;
    tenants::ask_deletion(&world.services, &world.ada, "Acme").await.unwrap();
    world.services.clock.advance(TimeDelta::days(15));
    // As a worker leaves it that dies between the files and the rows, or among the files.
    let first = objects(&world, world.acme).await.into_iter().next().unwrap();
    world.services.files.delete(&first).await.unwrap();
    let mut superuser = world.superuser().await;
    assert_eq!(tenants::delete_due(&world.workers).await.unwrap(), 1);
    assert!(rows(&mut superuser, world.acme).await.values().all(|rows| *rows == 0));
    assert_eq!(objects(&world, world.acme).await, [""; 0]);
}

#[tokio::test]
async fn a_deletion_that_meets_other_work_is_tried_again() {
    let world = World::at_noon().await;
    furnish(&world, &world.ada).await;
    tenants::ask_deletion(&world.services, &world.ada, "Acme").await.unwrap();
    world.services.clock.advance(TimeDelta::days(15));
    // As a claim does: first the lanes, then their jobs, which the deletion takes the other way round. Its patience is longer than
    // the deletion's, which is why Postgres breaks off that one.
    let mut claim = world.superuser().await;
    claim.execute("set deadlock_timeout = '1min'; begin").await.unwrap();
    of_acme(&world, "select from job_lane where tenant_id = $1 for update").execute(&mut claim).await.unwrap();
    let workers = world.workers.clone();
    let deletion = tokio::spawn(async move { tenants::delete_due(&workers).await });
    let mut superuser = world.superuser().await;
    let waiting =
        "select exists (select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database())";
    while !sqlx::query_scalar::<_, bool>(waiting).fetch_one(&mut superuser).await.unwrap() {
        sleep(Duration::from_millis(10)).await;
    }
    let began = Instant::now();
    let taken = of_acme(&world, "update job set worker = null where tenant_id = $1").execute(&mut claim).await.unwrap();
    assert!(taken.rows_affected() > 0 && began.elapsed() > Duration::from_millis(300), "they met: {taken:?}");
    claim.execute("commit").await.unwrap();
    assert_eq!(deletion.await.unwrap().unwrap(), 1);
    assert!(rows(&mut superuser, world.acme).await.values().all(|rows| *rows == 0));
}

#[tokio::test]
async fn no_work_is_begun_once_the_grace_is_over() {
    let world = World::at_noon().await;
    let paused = async || -> Vec<TenantId> {
        let mut superuser = world.superuser().await;
        sqlx::query_scalar("select tenant_id from paused_work()").fetch_all(&mut superuser).await.unwrap()
    };
    for (due, expected) in [("'1 minute'", vec![]), ("'-1 minute'", vec![world.acme])] {
        let end = format!("update tenant set delete_after = now() + interval {due} where tenant_id = $1");
        of_acme(&world, &end).execute(&mut world.superuser().await).await.unwrap();
        assert_eq!(paused().await, expected);
    }
}

/// A statement whose parameter is Ada's tenant.
fn of_acme(world: &World, sql: &str) -> Query<'static, Postgres, PgArguments> {
    sqlx::query(AssertSqlSafe(sql.to_owned())).bind(world.acme.0)
}

#[tokio::test]
async fn a_table_that_the_deletion_cannot_empty_fails_it() {
    let world = World::at_noon().await;
    tenants::ask_deletion(&world.services, &world.ada, "Acme").await.unwrap();
    world.services.clock.advance(TimeDelta::days(15));
    let mut superuser = world.superuser().await;
    sqlx::query("alter table mail drop constraint mail_tenant_id_fkey").execute(&mut superuser).await.unwrap();
    assert_eq!(tenants::delete_due(&world.workers).await.unwrap(), 0);
    assert_eq!(rows(&mut superuser, world.acme).await["tenant"], 1, "all of it or nothing");
}

/// Something of everything that the product makes.
async fn furnish(world: &World, member: &Member) {
    let services = &world.services;
    let source = futures::stream::iter([Ok(Bytes::from_static(b"the plan"))]);
    let Upload::Accepted { document, .. } =
        documents::upload(services, member, "plan.txt", false, source).await.unwrap()
    else {
        panic!("it was here already")
    };
    let image = files::page_image_key(member.tenant, document, 1, "page");
    services.files.put(&image, Bytes::from_static(b"image")).await.unwrap();
    let new = NewReport::parse("Plans", Scope::Documents(vec![document])).unwrap();
    reports::ask(services, member, new).await.unwrap();
    services.cache.count(&format!("asked:tenant:{}", member.tenant), Duration::from_secs(600)).await;
    sign_in(world, if member == &world.ada { "ada@acme.example" } else { "eve@globex.example" }).await;
}

async fn sign_in(world: &World, email: &str) -> accounts::SignedIn {
    let form = SignIn {
        email,
        password: "correct horse battery",
        address: "192.0.2.1",
        user_agent: "a browser",
        picked: None,
    };
    accounts::sign_in(&world.services, form).await.unwrap()
}

/// What Ada's pages are told.
async fn delete_after(world: &World) -> Option<chrono::DateTime<chrono::Utc>> {
    let signed_in = sign_in(world, "ada@acme.example").await;
    let claims = world.services.keys.check(&signed_in.access, world.services.clock.now()).unwrap();
    accounts::authenticate(&world.services, &claims).await.unwrap().delete_after
}

/// How many rows each table has that name the tenant, whatever schema it is in.
async fn rows(superuser: &mut PgConnection, tenant: TenantId) -> BTreeMap<String, i64> {
    let tables: Vec<String> = sqlx::query_scalar(
        "select c.oid::regclass::text from pg_class c join pg_attribute a on a.attrelid = c.oid
         where a.attname = 'tenant_id' and not a.attisdropped and c.relkind in ('r', 'p') and c.relpersistence <> 't'",
    )
    .fetch_all(&mut *superuser)
    .await
    .unwrap();
    let mut rows = BTreeMap::new();
    for table in tables {
        let count = AssertSqlSafe(format!("select count(*) from {table} where tenant_id = $1"));
        let found = sqlx::query_scalar(count).bind(tenant.0).fetch_one(&mut *superuser).await.unwrap();
        rows.insert(table, found);
    }
    rows
}

async fn objects(world: &World, tenant: TenantId) -> Vec<String> {
    let listed: Vec<_> = world.services.files.list(&files::tenant_folder(tenant)).try_collect().await.unwrap();
    let mut keys: Vec<String> = listed.into_iter().map(|object| object.location.to_string()).collect();
    keys.sort();
    keys
}
