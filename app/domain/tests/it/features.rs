//! Features that Bob switches who runs Sheaf.

use std::time::{Duration, Instant};

use domain::{
    ErrorKind, Services,
    db::{Db, setup::APP},
    features::{self, Feature, Place, SwitchState},
    live::Live,
    operators::{self, Reason},
};

use crate::world::{PASSWORD, World, operator};

fn because() -> Reason {
    Reason::parse("reason", "The store is full.").unwrap()
}

#[tokio::test]
async fn a_switch_is_obeyed_by_another_server_within_a_second() {
    let world = World::new().await;
    let bob = operator(&world).await;
    let db = Db::open(world.admin.clone().username(APP).password(PASSWORD), 2);
    let other =
        Services { live: Live::start(&db), db, cache: domain::cache::Cache::memory(), ..world.services.clone() };
    // It begins to listen within a moment.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let on = async |services: &Services| features::enabled(services, world.acme, Feature::Uploads).await.unwrap();
    assert!(on(&other).await && on(&world.services).await, "as the code says");
    operators::set_switch(&world.services, &bob, Feature::Uploads, SwitchState::Off, &because()).await.unwrap();
    assert!(!on(&world.services).await, "here at once");
    let switched = Instant::now();
    while on(&other).await {
        assert!(switched.elapsed() < Duration::from_secs(1), "another server is late");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    operators::place_in_switch(&world.services, &bob, Feature::Uploads, world.acme, Place::Allow).await.unwrap();
    assert!(on(&world.services).await);
    let globex = features::require(&world.services, world.globex, Feature::Uploads).await.unwrap_err();
    assert!(globex.is(ErrorKind::SwitchedOff) && globex.message.contains("Uploads are paused"), "{globex}");
}

#[tokio::test]
async fn operators_see_what_was_switched_by_whom() {
    let world = World::new().await;
    let bob = operator(&world).await;
    let services = &world.services;
    operators::set_switch(services, &bob, Feature::ReadAgain, SwitchState::Percentage(20), &because()).await.unwrap();
    for place in [Place::Allow, Place::Deny] {
        operators::place_in_switch(services, &bob, Feature::ReadAgain, world.acme, place).await.unwrap();
    }
    let unknown =
        "insert into feature_switch (key, state, changed_at, changed_by) select 'old', 'on', now(), id from operator";
    sqlx::query(unknown).execute(&mut world.superuser().await).await.unwrap();
    let plan = operators::switches(services, &bob).await.unwrap();
    let line = |key: &str| plan.lines.iter().find(|line| line.key == key).unwrap();
    assert_eq!((line("uploads").state, line("uploads").changed_at), (SwitchState::On, None));
    let again = line("read_again");
    assert_eq!(again.state, SwitchState::Percentage(20), "naming a workspace changes nothing for others");
    assert_eq!((again.allowed.len(), &again.denied), (0, &vec![(world.acme, Some("Acme".to_owned()))]));
    assert_eq!(line("old").feature, None, "another version has it");
    let changes: Vec<_> =
        plan.changes.iter().map(|change| (change.changed_by.as_str(), change.change.as_str())).collect();
    assert_eq!(
        changes,
        [
            ("Bob", "read_again: off for Acme"),
            ("Bob", "read_again: on for Acme"),
            ("Bob", "read_again: On for 20 % of the workspaces. The store is full."),
        ]
    );
    let nobody = domain::id::TenantId(uuid::Uuid::from_u128(7));
    let error = operators::place_in_switch(services, &bob, Feature::Uploads, nobody, Place::Deny).await.unwrap_err();
    assert!(error.is(ErrorKind::NotFound), "{error}");
}

#[tokio::test]
async fn a_workspace_that_was_deleted_is_named_no_more() {
    let world = World::new().await;
    let bob = operator(&world).await;
    let services = &world.services;
    operators::place_in_switch(services, &bob, Feature::Uploads, world.acme, Place::Deny).await.unwrap();
    let deleted = domain::id::TenantId(uuid::Uuid::from_u128(7));
    let left = "update feature_switch set denied = array_append(denied, $1) where key = 'uploads'";
    sqlx::query(left).bind(deleted.0).execute(&mut world.superuser().await).await.unwrap();
    let denied = async || {
        let plan = operators::switches(services, &bob).await.unwrap();
        plan.lines.into_iter().find(|line| line.key == "uploads").unwrap().denied
    };
    let acme = (world.acme, Some("Acme".to_owned()));
    assert_eq!(denied().await, [acme.clone(), (deleted, None)]);
    operators::place_in_switch(services, &bob, Feature::Uploads, deleted, Place::Neither).await.unwrap();
    assert_eq!(denied().await, [acme]);
    let plan = operators::switches(services, &bob).await.unwrap();
    assert_eq!(plan.changes[0].change, "uploads: no longer set for a deleted workspace");
}
