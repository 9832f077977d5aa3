//! The queues of all workspaces, as Bob sees them who runs Sheaf, and what he does about them.

use domain::{
    ErrorKind, Services,
    clock::Clock,
    db::{Db, setup::OWNER},
    id::{JobId, TenantId},
    operators::{self, LaneLimits, Operator, Pausable, QueueFilter, Reason, Replayed},
};
use sqlx::{AssertSqlSafe, Executor};

use crate::{
    probe::Probe,
    world::{PASSWORD, World, noon, operator},
};

/// Mails and readings of Acme and of Globex: waiting, for later, running, done and dead.
const WORK: &str = "
    delete from job;
    delete from job_lane;
    insert into job_lane (tenant_id, kind, running, used, used_at)
    select tenant_id, kind, case when name = 'Acme' and kind = 'mail' then 1 else 0 end,
           case when name = 'Acme' then 8 else 2 end, now() - interval '1 minute'
    from tenant, unnest(array['mail', 'reading']) as kind;
    insert into job (tenant_id, id, kind, payload, max_attempts, run_at)
    select tenant_id, gen_random_uuid(), 'mail', '{}', 5, now() - number * interval '1 minute'
    from tenant, generate_series(1, case when name = 'Acme' then 30 else 3 end) as number;
    insert into job (tenant_id, id, kind, payload, max_attempts, run_at)
    select tenant_id, gen_random_uuid(), 'mail', '{}', 5, now() + interval '1 hour' from tenant where name = 'Acme';
    insert into job (tenant_id, id, kind, payload, max_attempts, state, attempt, lease_token, lease_until, worker)
    select tenant_id, gen_random_uuid(), 'mail', '{}', 5, 'running', 1, gen_random_uuid(), now(), gen_random_uuid()
    from tenant where name = 'Acme';
    insert into job (tenant_id, id, kind, payload, max_attempts, state, attempt, run_at, started_at, finished_at, worked)
    select tenant_id, gen_random_uuid(), 'reading', '{}', 5, 'done', 1, now() - interval '10 minutes',
           now() - interval '10 minutes' + number * interval '1 second', now() - interval '5 minutes', number * 2
    from tenant, generate_series(1, 3) as number where name = 'Globex';
    insert into job (tenant_id, id, kind, payload, key, max_attempts, state, attempt, finished_at, died_at, last_error)
    select tenant_id, gen_random_uuid(), 'reading', '{}', 'page ' || number, 5, 'dead', 5, now(),
           now() - number * interval '1 second', 'no paper'
    from tenant, generate_series(1, 4) as number where name = 'Acme';
    insert into job_worker (id, name, kinds, seen_at)
    values (gen_random_uuid(), 'new', '{mail,reading}', now()), (gen_random_uuid(), 'old', '{mail}', now() - interval '1 hour')";

struct Desk {
    world: World,
    owners: Services,
    bob: Operator,
}

impl Desk {
    async fn new() -> Self {
        let world = World::at(Clock::manual(noon())).await;
        let owner = world.admin.clone().username(OWNER).password(PASSWORD);
        let owners = Services { db: Db::open(owner, 2), ..world.services.clone() };
        let bob = operator(&world).await;
        world.superuser().await.execute(WORK).await.unwrap();
        Self { world, owners, bob }
    }

    fn services(&self) -> &Services {
        &self.world.services
    }

    /// What workers do not begin: kinds, and tenants.
    async fn paused(&self) -> Vec<(Option<String>, Option<uuid::Uuid>)> {
        let paused = sqlx::query_as("select kind, tenant_id from paused_work() order by kind");
        paused.fetch_all(&mut self.world.superuser().await).await.unwrap()
    }

    async fn texts(&self, question: &str) -> Vec<String> {
        let texts = sqlx::query_scalar(AssertSqlSafe(question.to_owned()));
        texts.fetch_all(&mut self.world.superuser().await).await.unwrap()
    }

    async fn acts_of_acme(&self) -> Vec<String> {
        let acme = self.world.acme;
        self.texts(&format!(
            "select act from audit_entry where tenant_id = '{acme}' and act like 'work.%' order by number"
        ))
        .await
    }
}

fn because() -> Reason {
    Reason::parse("reason", "The printer is on fire.").unwrap()
}

fn of(kind: &str, tenant: Option<TenantId>) -> QueueFilter {
    QueueFilter { kind: (!kind.is_empty()).then(|| kind.to_owned()), tenant }
}

#[tokio::test]
async fn the_overview_counts_what_waits_runs_failed_and_was_done() {
    let desk = Desk::new().await;
    let seen = operators::overview(desk.services(), &desk.bob).await.unwrap();
    let [mail, reading] = &seen.kinds[..] else { panic!("{:?}", seen.kinds) };
    assert_eq!(
        (mail.kind.as_str(), mail.running, mail.waiting, mail.scheduled, mail.is_more),
        ("mail", 1, 33, 1, false)
    );
    assert_eq!((mail.dead, mail.done), (0, 0));
    let oldest = mail.oldest_seconds.unwrap();
    assert!((1_800.0..1_900.0).contains(&oldest), "half an hour: {oldest}");
    assert_eq!((reading.kind.as_str(), reading.waiting, reading.dead, reading.done), ("reading", 0, 4, 3));
    assert_eq!((reading.oldest_seconds, reading.recent_seconds), (None, 3_600.0));
    assert_eq!((reading.wait_median, reading.run_median), (Some(2.0), Some(4.0)));
    assert!(reading.run_high > Some(5.5) && reading.wait_high > Some(2.8), "{reading:?}");
    let workers: Vec<_> = seen.workers.iter().map(|worker| (worker.name.as_str(), worker.is_alive())).collect();
    assert_eq!(workers, [("new", true), ("old", false)]);
    assert_eq!(seen.pauses, []);
    // The command line signs in as the owner of the schema, and nobody else goes without a secret.
    let owners = operators::overview_of_owner(&desk.owners).await.unwrap();
    assert_eq!(owners.kinds.len(), 2);
    assert_eq!(operators::overview_of_owner(desk.services()).await.unwrap(), operators::QueueOverview::default());
}

#[tokio::test]
async fn work_that_no_living_process_does_is_told() {
    let desk = Desk::new().await;
    let unserved = async || {
        let seen = operators::overview(desk.services(), &desk.bob).await.unwrap();
        seen.unserved().map(|kind| kind.kind.clone()).collect::<Vec<_>>()
    };
    let served =
        async || Probe::signed_in(&desk.world, desk.world.globex).await.rows("select served_kinds() order by 1").await;
    assert_eq!(unserved().await, [""; 0]);
    assert_eq!(served().await, ["mail", "reading"]);
    let mut superuser = desk.world.superuser().await;
    superuser.execute("update job_worker set kinds = '{reading}' where name = 'new'").await.unwrap();
    assert_eq!(unserved().await, ["mail"], "whoever did it is silent");
    superuser.execute("update job_worker set seen_at = now() - interval '1 minute'").await.unwrap();
    assert_eq!(unserved().await, ["mail"], "of readings nothing is unfinished");
    assert_eq!(served().await, [""; 0]);
}

#[tokio::test]
async fn the_busiest_lanes_come_first() {
    let desk = Desk::new().await;
    let lanes = async |filter: &QueueFilter, by_use| {
        let page = operators::lanes(desk.services(), &desk.bob, filter, by_use).await.unwrap();
        page.lanes.into_iter().map(|lane| (lane.name, lane.kind, lane.running, lane.waiting)).collect::<Vec<_>>()
    };
    let line = |name: &str, kind: &str, running, waiting| (name.to_owned(), kind.to_owned(), running, waiting);
    let (adas, eves) = (line("Acme", "mail", 1, 30), line("Globex", "mail", 0, 3));
    assert_eq!(lanes(&of("", None), false).await, [adas.clone(), eves.clone()]);
    assert_eq!(lanes(&of("reading", None), false).await, []);
    let all = lanes(&of("", Some(desk.world.acme)), false).await;
    assert_eq!(all, [adas.clone(), line("Acme", "reading", 0, 0)], "also where nothing waits");
    assert_eq!(lanes(&of("mail", None), true).await, [adas, eves]);

    let lane = operators::lane(desk.services(), &desk.bob, desk.world.acme, "mail").await.unwrap();
    assert!((3.0..4.1).contains(&lane.used), "half of what it was a minute ago: {}", lane.used);
    let nothing = operators::lane(desk.services(), &desk.bob, desk.world.acme, "sums").await.unwrap_err();
    assert!(nothing.is(ErrorKind::NotFound));
}

#[tokio::test]
async fn a_kind_and_a_workspace_are_held_up_and_go_on() {
    let desk = Desk::new().await;
    let (services, bob, acme) = (desk.services(), &desk.bob, desk.world.acme);
    let (kind, tenant) = (Pausable::Kind("mail".into()), Pausable::Tenant(acme));
    for what in [&kind, &tenant] {
        operators::pause(services, bob, what, &because()).await.unwrap();
        let error = operators::pause(services, bob, what, &because()).await.unwrap_err();
        assert!(error.is(ErrorKind::Conflict), "{error:?}");
    }
    assert_eq!(desk.paused().await, [(Some("mail".into()), None), (None, Some(acme.0))]);
    let pauses = operators::overview(services, bob).await.unwrap().pauses;
    assert_eq!(pauses.len(), 2);
    assert!(pauses.iter().all(|pause| pause.paused_by == "Bob" && pause.reason == "The printer is on fire."));
    let own = operators::lanes(services, bob, &of("", Some(acme)), false).await.unwrap().pauses;
    assert_eq!((own.len(), own[0].tenant, own[0].name.as_deref()), (1, Some(acme), Some("Acme")));
    let nowhere = Pausable::Tenant(services.clock.id());
    let error = operators::pause(services, bob, &nowhere, &because()).await.unwrap_err();
    assert!(error.is(ErrorKind::NotFound), "{error:?}");

    for what in [&kind, &tenant] {
        operators::resume(services, bob, what).await.unwrap();
        assert!(operators::resume(services, bob, what).await.unwrap_err().is(ErrorKind::Conflict));
    }
    assert_eq!(desk.paused().await, []);
    assert_eq!(desk.acts_of_acme().await, ["work.paused", "work.resumed"]);
    let own = desk
        .texts("select act || ' ' || coalesce(reason, '') from operator_act where act like 'work.%' order by 1")
        .await;
    let expected = [
        "work.paused The printer is on fire.",
        "work.paused mail: The printer is on fire.",
        "work.resumed ",
        "work.resumed mail",
    ];
    let mut own: Vec<&str> = own.iter().map(String::as_str).collect();
    own.sort_unstable();
    assert_eq!(own, expected);
}

#[tokio::test]
async fn a_lane_has_another_share_and_other_limits() {
    let desk = Desk::new().await;
    let (services, bob) = (desk.services(), &desk.bob);
    let limits = LaneLimits::parse("2.5", "7", "900").unwrap();
    operators::set_lane(services, bob, desk.world.acme, "mail", limits).await.unwrap();
    let lane = operators::lane(services, bob, desk.world.acme, "mail").await.unwrap();
    assert_eq!((lane.weight, lane.max_running, lane.max_waiting), (2.5, 7, 900));
    let eves = operators::lane(services, bob, desk.world.globex, "mail").await.unwrap();
    assert_eq!((eves.weight, eves.max_running), (1.0, 64));
    let error = operators::set_lane(services, bob, desk.world.acme, "sums", limits).await.unwrap_err();
    assert!(error.is(ErrorKind::NotFound));
    assert_eq!(desk.acts_of_acme().await, ["work.limits_changed"]);
}

#[tokio::test]
async fn dead_letters_run_again_but_for_what_is_under_way() {
    let desk = Desk::new().await;
    let (services, bob, acme) = (desk.services(), &desk.bob, desk.world.acme);
    let letters = operators::dead_letters(services, bob, &of("reading", None)).await.unwrap();
    assert_eq!(letters.len(), 4);
    let first = &letters[0];
    let told = (first.tenant, first.name.as_str(), first.attempts, first.error.as_deref(), first.is_under_way);
    assert_eq!(told, (acme, "Acme", 5, Some("no paper"), false));
    for nothing in [of("mail", None), of("", Some(desk.world.globex))] {
        assert_eq!(operators::dead_letters(services, bob, &nothing).await.unwrap(), []);
        assert_eq!(operators::replay_all(services, bob, &nothing).await.unwrap(), Replayed::default());
    }

    operators::replay(services, bob, acme, first.job).await.unwrap();
    for gone in [first.job, services.clock.id::<JobId>()] {
        let error = operators::replay(services, bob, acme, gone).await.unwrap_err();
        assert!(error.is(ErrorKind::Conflict), "{error:?}");
    }
    let error = operators::replay(services, bob, desk.world.globex, letters[1].job).await.unwrap_err();
    assert!(error.is(ErrorKind::Conflict), "it is not of that workspace");

    // The work of the second has begun anew, and the third died twice.
    let anew = "insert into job (tenant_id, id, kind, payload, key, max_attempts)
                select tenant_id, gen_random_uuid(), kind, payload, key, 5 from job where key = 'page 2';
                update job set key = 'page 3' where key = 'page 4'";
    desk.world.superuser().await.execute(anew).await.unwrap();
    let letters = operators::dead_letters(services, bob, &of("", Some(acme))).await.unwrap();
    assert_eq!(letters.iter().map(|letter| letter.is_under_way).collect::<Vec<_>>(), [true, false, false]);
    let done = operators::replay_all(services, bob, &of("reading", None)).await.unwrap();
    assert_eq!(done, Replayed { replayed: 1, skipped: 1 });
    assert_eq!(operators::replay_all(services, bob, &of("reading", None)).await.unwrap(), Replayed::default());
    let waiting = desk.texts("select key from job where kind = 'reading' and state = 'waiting' order by key").await;
    assert_eq!(waiting, ["page 1", "page 2", "page 3"]);
    assert_eq!(desk.acts_of_acme().await, ["work.replayed", "work.replayed"]);
}

#[tokio::test]
async fn whoever_shows_no_secret_sees_and_changes_nothing() {
    let desk = Desk::new().await;
    let (services, bob, acme) = (desk.services(), &desk.bob, desk.world.acme);
    let letter = operators::dead_letters(services, bob, &of("", None)).await.unwrap().remove(0);
    operators::pause(services, bob, &Pausable::Kind("mail".into()), &because()).await.unwrap();
    operators::sign_out(services, bob).await.unwrap();
    assert_eq!(operators::overview(services, bob).await.unwrap(), operators::QueueOverview::default());
    for filter in [of("", None), of("mail", None), of("", Some(acme)), of("mail", Some(acme))] {
        for by_use in [false, true] {
            let page = operators::lanes(services, bob, &filter, by_use).await.unwrap();
            assert_eq!(page, operators::LanePage::default());
        }
        assert_eq!(operators::dead_letters(services, bob, &filter).await.unwrap(), []);
        assert_eq!(operators::replay_all(services, bob, &filter).await.unwrap(), Replayed::default());
    }
    let limits = LaneLimits::parse("1000", "1", "1").unwrap();
    assert!(operators::set_lane(services, bob, acme, "mail", limits).await.is_err());
    assert!(operators::pause(services, bob, &Pausable::Tenant(acme), &because()).await.is_err());
    assert!(operators::resume(services, bob, &Pausable::Kind("mail".into())).await.is_err());
    assert_eq!(desk.paused().await, [(Some("mail".into()), None)]);
    assert_eq!(letter.name, "Acme");

    // What is kept of the secret opens nothing, and the tables are not the web server's.
    let mut probe = Probe::signed_in(&desk.world, acme).await;
    for table in ["job_pause", "job_worker", "job_tick"] {
        assert_eq!(probe.refusal(&format!("select from {table}")).await, "42501", "{table}");
        assert_eq!(probe.refusal(&format!("delete from {table}")).await, "42501", "{table}");
    }
    for told in [
        "operator_kinds(secret_hash, now())",
        "operator_lanes(secret_hash, now(), null, null, false)",
        "operator_lanes(secret_hash, now(), null, null, true)",
        "operator_workers(secret_hash, now())",
        "operator_pauses(secret_hash, now(), null)",
        "operator_dead_letters(secret_hash, now(), null, null, false, 10)",
    ] {
        let rows = probe.rows(&format!("select 'told' from operator_session, {told}")).await;
        assert_eq!(rows, [""; 0], "{told}");
    }
}
