//! How Sheaf is, as its probes fold it, and what Bob says of incidents who runs it.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    ErrorKind, Services,
    clock::Clock,
    files::Files,
    status::{self, Component, DayState, Health, IncidentState, NewIncident, Probes, Status, Words},
};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use crate::{
    leaks::DENIED,
    world::{World, noon, operator},
};

/// Takes the database away from everybody, or gives it back.
async fn set_away(world: &World, is_away: bool) {
    let database = world.admin.get_database().unwrap().to_owned();
    let mut superuser = PgConnection::connect_with(&world.admin.clone().database("postgres")).await.unwrap();
    let open = !is_away;
    let set = format!("alter database \"{database}\" allow_connections {open}");
    superuser.execute(AssertSqlSafe(set)).await.unwrap();
    if is_away {
        let end = "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1";
        sqlx::query(end).bind(&database).execute(&mut superuser).await.unwrap();
    }
}

/// Nothing listens there.
const NOWHERE: &str = "http://127.0.0.1:9";

async fn record(world: &World, at: DateTime<Utc>) {
    status::record(&world.workers, &Probes::new(NOWHERE).unwrap(), at).await.unwrap();
}

async fn told(world: &World) -> Status {
    for _ in 0..10 {
        // That a connection was ended is found out by whoever uses it next.
        if let Ok(status) = status::overview(&world.services).await {
            return status;
        }
    }
    status::overview(&world.services).await.unwrap()
}

fn of(status: &Status, component: Component) -> status::ComponentStatus {
    status.components.iter().find(|part| part.component == component).unwrap().clone()
}

#[tokio::test]
async fn each_minute_is_counted_once_in_its_day() {
    let world = World::at(Clock::manual(noon())).await;
    let nothing = told(&world).await;
    assert!(nothing.components.iter().all(|part| part.health == Health::Unknown && part.uptime.is_none()));
    world.superuser().await.execute("delete from job").await.unwrap();
    let at = world.services.clock.now();
    for (minutes, seconds) in [(3, 0), (2, 0), (2, 30), (1, 0), (3, 0)] {
        record(&world, at - TimeDelta::minutes(minutes) - TimeDelta::seconds(1) + TimeDelta::seconds(seconds)).await;
    }
    let status = told(&world).await;
    let (files, website) = (of(&status, Component::Files), of(&status, Component::Website));
    let today = files.days.last().unwrap();
    assert_eq!((today.up + today.slow, today.down, today.unknown), (3, 0, 12 * 60 - 3), "{today:?}");
    assert_eq!((files.health, files.uptime, files.days.len()), (Health::Up, Some(100.0), 90));
    assert_eq!((website.health, website.uptime), (Health::Down, Some(0.0)), "nobody listens there");
    assert_eq!(website.days.last().unwrap().state(), DayState::Down);
    for component in [Component::Database, Component::Search, Component::Reading, Component::Mail] {
        assert_eq!(of(&status, component).health, Health::Up, "{component:?}");
    }
    assert!(status.components.iter().all(|part| part.component != Component::Payments), "nothing is sold here");

    world.services.clock.advance(TimeDelta::minutes(10));
    assert_eq!(of(&told(&world).await, Component::Files).health, Health::Unknown, "nobody looks any more");
    record(&world, at + TimeDelta::days(100)).await;
    world.services.clock.advance(TimeDelta::days(100));
    let days = "select count(*) from probe_day where day < '2027-01-01'";
    let old: i64 = sqlx::query_scalar(days).fetch_one(&mut world.superuser().await).await.unwrap();
    assert_eq!(old, 0, "what is not shown any more is not kept");
}

#[tokio::test]
async fn minutes_without_the_database_are_down_in_the_history() {
    let world = World::at(Clock::manual(noon())).await;
    let (workers, at) = (&world.workers, world.services.clock.now());
    let minute = |ago: i64| at - TimeDelta::minutes(ago);
    // Of two processes, each with its memory.
    let [one, other] = [(); 2].map(|()| Probes::new(NOWHERE).unwrap());
    for ago in [6, 5] {
        status::record(workers, &one, minute(ago)).await.unwrap();
    }
    set_away(&world, true).await;
    assert!(status::record(workers, &one, minute(4)).await.is_err());
    for ago in [3, 2] {
        status::watch(workers, &one, minute(ago)).await.unwrap();
    }
    // That the database was away for this one alone in the fifth is not so for everybody.
    for ago in [5, 2, 1] {
        status::watch(workers, &other, minute(ago)).await.unwrap();
    }
    set_away(&world, false).await;
    for probes in [&one, &other, &one, &other] {
        status::watch(workers, probes, at).await.unwrap();
    }
    let today = |status: &Status, component| *of(status, component).days.last().unwrap();
    let status = told(&world).await;
    let database = today(&status, Component::Database);
    assert_eq!((database.up + database.slow, database.down, database.unknown), (2, 4, 12 * 60 - 6), "{database:?}");
    assert_eq!(today(&status, Component::Website).down, 6);
    assert_eq!(today(&status, Component::Search).down, 4, "nothing is found without it");
    assert_eq!(today(&status, Component::Files).down, 0, "the store was there");

    // What a late tick finds well again was away in its minute.
    set_away(&world, true).await;
    status::watch(workers, &one, at).await.unwrap();
    set_away(&world, false).await;
    status::record(workers, &one, at).await.unwrap();
    status::watch(workers, &one, at).await.unwrap();
    let database = today(&told(&world).await, Component::Database);
    assert_eq!((database.up + database.slow, database.down), (2, 5), "{database:?}");
}

#[tokio::test]
async fn of_what_two_processes_found_of_a_minute_the_worse_counts_once() {
    let world = World::at(Clock::manual(noon())).await;
    let at = world.services.clock.now();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("files");
    let without_files = Services { files: Files::folder(&path).unwrap(), ..world.workers.clone() };
    // A folder that is a file holds none.
    std::fs::remove_dir(&path).unwrap();
    std::fs::write(&path, "").unwrap();
    let [one, other] = [(); 2].map(|()| Probes::new(NOWHERE).unwrap());
    set_away(&world, true).await;
    for ago in [2, 1] {
        status::watch(&world.workers, &one, at - TimeDelta::minutes(ago)).await.unwrap();
    }
    status::watch(&without_files, &other, at - TimeDelta::minutes(1)).await.unwrap();
    set_away(&world, false).await;
    for probes in [&one, &other, &one] {
        status::watch(&world.workers, probes, at).await.unwrap();
    }
    let files = *of(&told(&world).await, Component::Files).days.last().unwrap();
    assert_eq!((files.up + files.slow, files.down), (1, 1), "{files:?}");
}

#[tokio::test]
async fn reading_is_down_when_documents_wait_and_none_is_read() {
    let world = World::at(Clock::manual(noon())).await;
    let waiting = "insert into job (tenant_id, id, kind, payload, max_attempts, run_at)
                   select tenant_id, gen_random_uuid(), 'read_document', '{}', 5, now() - interval '1 hour'
                   from tenant where name = 'Acme'";
    let mut superuser = world.superuser().await;
    superuser.execute("delete from job; delete from job_lane").await.unwrap();
    superuser.execute(waiting).await.unwrap();
    let mut at = world.services.clock.now();
    let mut reading = async || {
        at += TimeDelta::minutes(1);
        world.services.clock.advance(TimeDelta::minutes(1));
        record(&world, at).await;
        of(&told(&world).await, Component::Reading).health
    };
    assert_eq!(reading().await, Health::Down);
    superuser
        .execute("update tenant set suspended_at = now(), suspended_reason = 'x' where name = 'Acme'")
        .await
        .unwrap();
    assert_eq!(reading().await, Health::Up, "the work of a suspended workspace waits rightly");
    superuser.execute("update tenant set suspended_at = null").await.unwrap();
    assert_eq!(reading().await, Health::Down);
    let asked =
        "insert into job_lane (tenant_id, kind) select tenant_id, 'read_document' from tenant where name = 'Globex'";
    superuser.execute(asked).await.unwrap();
    assert_eq!(reading().await, Health::Down, "that somebody has asked for more helps nobody");
    superuser.execute("update job_lane set running = 1").await.unwrap();
    assert_eq!(reading().await, Health::Down, "whoever was at one has died");
    let works = "insert into job_worker (id, name, kinds) values (gen_random_uuid(), 'ada', '{read_document}')";
    superuser.execute(works).await.unwrap();
    assert_eq!(reading().await, Health::Up, "a large one takes its time");
    superuser.execute("delete from job_worker").await.unwrap();
    assert_eq!(reading().await, Health::Down);
    superuser.execute("update job_lane set used = 0.5, used_at = now()").await.unwrap();
    assert_eq!(reading().await, Health::Up, "there is much to do, and it is done");
}

#[tokio::test]
async fn what_is_said_of_an_incident_is_public_and_stays() {
    let world = World::at(Clock::manual(noon())).await;
    let bob = operator(&world).await;
    let words = |state: &str, text: &str| Words::parse(state, text);
    let parts = vec![Component::Mail, Component::Reading];
    let new = NewIncident::parse("Mail is late", "major", parts.clone(), words("investigating", "We look into it."));
    let id = domain::operators::open_incident(&world.services, &bob, &new.unwrap()).await.unwrap();
    let open = told(&world).await;
    assert_eq!((open.open().count(), open.summary().0), (1, Health::Slow));
    world.services.clock.advance(TimeDelta::minutes(5));
    let resolved = words("resolved", "The relay is back.").unwrap();
    domain::operators::tell_incident(&world.services, &bob, id, &resolved).await.unwrap();
    let over = told(&world).await;
    let [incident] = &over.incidents[..] else { panic!("{over:?}") };
    let said: Vec<_> = incident.updates.iter().map(|update| (update.state, update.text.as_str())).collect();
    assert_eq!(
        said,
        [(IncidentState::Resolved, "The relay is back."), (IncidentState::Investigating, "We look into it.")]
    );
    assert_eq!((incident.components.clone(), over.open().count()), (parts, 0));

    let nobody = uuid::Uuid::from_u128(7);
    let error = domain::operators::tell_incident(&world.services, &bob, nobody, &resolved).await.unwrap_err();
    assert!(error.is(ErrorKind::NotFound), "{error}");
    let acts = "select act || ' ' || reason from operator_act where act like 'incident.%' order by id";
    let acts: Vec<String> = sqlx::query_scalar(acts).fetch_all(&mut world.superuser().await).await.unwrap();
    assert_eq!(acts, ["incident.opened Mail is late", "incident.told resolved"]);
    for refused in [
        "update incident_update set words = 'Nothing happened.'",
        "delete from incident",
        "insert into probe_state values ('mail', 'up', now(), now())",
        "update feature_switch set state = 'on'",
        "select posted_by from incident_update",
    ] {
        let error = world.app_role().await.execute(refused).await.unwrap_err();
        assert_eq!(error.as_database_error().unwrap().code().as_deref(), Some(DENIED), "{refused}");
    }
}
