//! What becomes of a document, a report and an archive whose job ends otherwise than by being done: cancelled while it waits or
//! runs, dead, left behind by a worker that was killed. Nobody waits for ever, and nothing stays set aside.

use std::time::Duration;

use bytes::Bytes;
use domain::{
    Error, ErrorKind, Result, Services,
    activity::{self, ActivityState, Begun},
    actor::{Action, Member, Role, Support},
    billing::counter,
    documents::{self, ReadDocument, Upload},
    exports::{self, MakeExport},
    id::{DocumentId, JobId},
    operators,
    queue::{self, Enqueue, Job, JobContext, JobError, JobState, Registry},
    reports::{self, MakeReport, NewReport, Scope},
};
use serde::{Deserialize, Serialize};
use sqlx::{AssertSqlSafe, Executor, types::Uuid};
use tokio::time::sleep;

use crate::{
    ledger::sold,
    workshop::{Worker, change, finished, note, noted, notes, number, open, put, wait_for},
    world::{World, operator},
};

const READING: usize = 0;
const REPORT: usize = 1;
const EXPORT: usize = 2;

/// As the tables say that each was cancelled, and that its job failed for good.
const CANCELLED: [(&str, Option<&str>); 3] = [
    ("cancelled", None),
    ("failed", Some("This report was cancelled.")),
    ("failed", Some("This archive was cancelled.")),
];
const GIVEN_UP: [(&str, Option<&str>); 3] = [
    ("unreadable", Some("crashed")),
    ("failed", Some("Something went wrong on our side. Please ask for the report again.")),
    ("failed", Some("Something went wrong on our side. Please ask for the archive again.")),
];
const WAITING: [(&str, Option<&str>); 3] = [("waiting", None); 3];

/// Claims beyond the attempts, in which the queue tries to tell of the end.
const EXTRA: i32 = 3;

/// Something that somebody waits for.
struct Work {
    table: &'static str,
    subject: Uuid,
    job: JobId,
}

/// Acme, where credits are sold and Ada waits for a document, a report and an archive.
struct Scene {
    world: World,
    /// As the web server has them.
    services: Services,
    document: DocumentId,
    works: [Work; 3],
}

/// Work until it is cancelled, of which its feature cannot be told at first.
#[derive(Serialize, Deserialize)]
struct Watch {}

impl Job for Watch {
    const KIND: &'static str = "watch";
    const MAX_ATTEMPTS: i32 = 2;
    const TIMEOUT: Duration = Duration::from_secs(30);

    async fn run(self, context: &JobContext) -> Result<(), JobError> {
        note(context.job, "ran");
        context.cancelled().await;
        Err(JobError::cancelled())
    }

    async fn on_cancelled(self, context: &JobContext) -> Result<()> {
        note(context.job, "called off");
        let times = notes(context.job).iter().filter(|what| *what == "called off").count();
        if times < 2 { Err(Error::unavailable("the telephone")) } else { Ok(()) }
    }
}

impl Scene {
    async fn new() -> Self {
        let world = World::new().await;
        let services = sold(&world.services);
        let source = futures::stream::iter([Ok::<_, Error>(Bytes::from_static(b"some words"))]);
        let uploaded = documents::upload(&services, &world.ada, "a.txt", false, source).await.unwrap();
        let Upload::Accepted { document, job: Some(reading) } = uploaded else { panic!("it is to be read") };
        let new = NewReport::parse("Quarter", Scope::Documents(vec![document])).unwrap();
        let (report, making) = reports::ask(&services, &world.ada, new).await.unwrap();
        let (export, packing) = exports::ask(&services, &world.ada).await.unwrap();
        let works = [
            Work { table: "document", subject: document.0, job: reading },
            Work { table: "report", subject: report.0, job: making },
            Work { table: "export", subject: export.0, job: packing },
        ];
        let scene = Self { world, services, document, works };
        assert_eq!(scene.held().await, 1, "the credits of the reading are set aside");
        scene
    }

    fn start(&self) -> Worker {
        let kinds = Registry::new().register::<ReadDocument>().register::<MakeReport>().register::<MakeExport>();
        Worker::start(&sold(&self.world.workers), kinds)
    }

    /// As a worker leaves everything that is killed at its work.
    async fn kill_worker(&self, attempt: &str) {
        change(&self.world, "update document set state = 'reading'").await;
        change(&self.world, "update report set state = 'making'").await;
        change(&self.world, "update export set state = 'making'").await;
        for work in &self.works {
            let left = format!(
                "update job set state = 'running', attempt = {attempt}, started_at = now(), worker = gen_random_uuid(),
                                lease_token = gen_random_uuid(), lease_until = now() - interval '1 second'
                 where id = '{}'",
                work.job
            );
            assert_eq!(change(&self.world, &left).await, 1);
        }
    }

    async fn cancel_all(&self) {
        for work in &self.works {
            activity::cancel(&self.services, &self.world.ada, work.job).await.unwrap();
        }
    }

    /// Until all jobs have ended so.
    async fn ended(&self, state: JobState) {
        for work in &self.works {
            let status = finished(&self.world, self.world.acme, work.job).await;
            assert_eq!(status.state, state, "{}: {status:?}", work.table);
        }
    }

    /// What the tables say of each.
    async fn check(&self, expected: [(&str, Option<&str>); 3]) {
        for (work, (state, failure)) in self.works.iter().zip(expected) {
            let (seen, why) = self.look(work).await;
            assert_eq!((seen.as_str(), why.as_deref()), (state, failure), "{}", work.table);
        }
    }

    async fn look(&self, work: &Work) -> (String, Option<String>) {
        let row = sqlx::query_as(AssertSqlSafe(format!("select state, failure from {} where id = $1", work.table)));
        row.bind(work.subject).fetch_one(&mut self.world.superuser().await).await.unwrap()
    }

    /// Readings for which credits are set aside.
    async fn held(&self) -> i64 {
        number(&self.world, "select count(*) from credit_hold").await
    }

    /// Nothing is set aside, nothing was charged, and the meter knows.
    async fn nothing_is_held(&self) {
        assert_eq!(self.held().await, 0);
        assert_eq!(number(&self.world, "select coalesce(sum(used + held), 0)::int8 from tenant_meter").await, 0);
        assert_eq!(counter::check(&self.world.workers, self.world.acme).await.unwrap(), [""; 0]);
    }

    /// Each is done again, by its row on the page of the activity.
    async fn retry_all(&self) {
        for work in &self.works {
            activity::retry(&self.services, &self.world.ada, work.job).await.unwrap();
        }
        self.check(WAITING).await;
    }
}

#[tokio::test]
async fn what_is_cancelled_while_it_waits_says_so_and_is_done_again() {
    let scene = Scene::new().await;
    scene.cancel_all().await;
    scene.check(CANCELLED).await;
    scene.nothing_is_held().await;
    scene.retry_all().await;
    scene.cancel_all().await;
    scene.check(CANCELLED).await;

    // And on its own page, by a job of its own.
    documents::retry(&scene.services, &scene.world.ada, scene.document).await.unwrap();
    assert_eq!(scene.look(&scene.works[READING]).await.0, "waiting");
    assert_eq!(scene.held().await, 1);
    exports::ask(&scene.services, &scene.world.ada).await.unwrap();
    let refused = activity::retry(&scene.services, &scene.world.ada, scene.works[EXPORT].job).await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Conflict, "another archive is under way");
}

#[tokio::test]
async fn what_an_operator_cancels_on_a_visit_says_so_too() {
    let scene = Scene::new().await;
    let ada = &scene.world.ada;
    let support = Support { visit: scene.services.clock.id(), consented_by: Some(ada.account) };
    let account = scene.services.clock.id();
    let bob = Member { account, role: Role::Admin, support: Some(support), ..ada.clone() };
    for place in [READING, REPORT] {
        activity::cancel(&scene.services, &bob, scene.works[place].job).await.unwrap();
        let (state, failure) = scene.look(&scene.works[place]).await;
        assert_eq!((state.as_str(), failure.as_deref()), CANCELLED[place]);
    }
    scene.nothing_is_held().await;
    let refused = activity::cancel(&scene.services, &bob, scene.works[EXPORT].job).await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Forbidden, "archives are the owners' alone");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_cancelled_while_it_runs_says_so_once_nothing_of_it_runs() {
    let scene = Scene::new().await;
    // Whoever is at work waits for these rows.
    let mut lock = scene.world.superuser().await;
    lock.execute("begin").await.unwrap();
    for work in &scene.works {
        let row = format!("select from {} where id = '{}' for update", work.table, work.subject);
        lock.execute(AssertSqlSafe(row)).await.unwrap();
    }
    let worker = scene.start();
    for work in &scene.works {
        wait_for(&scene.world, scene.world.acme, work.job, |status| status.state == JobState::Running).await;
    }
    scene.cancel_all().await;
    // It had a second to leave, after the half until it was told.
    sleep(Duration::from_secs(2)).await;
    lock.execute("rollback").await.unwrap();
    scene.ended(JobState::Cancelled).await;
    scene.check(CANCELLED).await;
    scene.nothing_is_held().await;
    worker.stop().await;
    scene.retry_all().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_between_cancelling_and_telling_is_made_up_for() {
    let scene = Scene::new().await;
    scene.kill_worker("1").await;
    scene.cancel_all().await;
    scene.check([("reading", None), ("making", None), ("making", None)]).await;
    let worker = scene.start();
    scene.ended(JobState::Cancelled).await;
    scene.check(CANCELLED).await;
    scene.nothing_is_held().await;
    worker.stop().await;
}

#[tokio::test]
async fn what_waits_to_be_stopped_is_stopped_by_whoever_asks_again() {
    let scene = Scene::new().await;
    scene.kill_worker("1").await;
    scene.cancel_all().await;
    // Its lease has run out, and no worker is free.
    let freed = "update job set state = 'waiting', lease_token = null, lease_until = null, worker = null
                 where state = 'running'";
    assert_eq!(change(&scene.world, freed).await, 3);
    let ada = &scene.world.ada;
    let found = activity::find(&scene.services, ada, scene.works[READING].job).await.unwrap();
    assert!(found.state == ActivityState::Waiting && found.is_cancelling);
    let refused = activity::retry(&scene.services, ada, scene.works[READING].job).await.unwrap_err();
    assert_eq!(refused.message, "This work is being stopped. Please try again in a moment.");
    scene.cancel_all().await;
    scene.check(CANCELLED).await;
    scene.nothing_is_held().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_kills_every_worker_is_given_up_and_done_again() {
    let scene = Scene::new().await;
    scene.kill_worker("max_attempts").await;
    let worker = scene.start();
    scene.ended(JobState::Dead).await;
    scene.check(GIVEN_UP).await;
    scene.nothing_is_held().await;
    worker.stop().await;
    scene.retry_all().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_payload_that_nobody_can_read_whoever_waits_is_told_all_the_same() {
    let scene = Scene::new().await;
    for work in &scene.works {
        change(&scene.world, &format!("update job set payload = '{{\"nonsense\": 1}}' where id = '{}'", work.job))
            .await;
    }
    let worker = scene.start();
    scene.ended(JobState::Dead).await;
    scene.check(GIVEN_UP).await;
    scene.nothing_is_held().await;
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_what_could_never_be_told_the_sweep_finds_out() {
    for (is_cancelled, end, told) in [(false, JobState::Dead, GIVEN_UP), (true, JobState::Cancelled, CANCELLED)] {
        let scene = Scene::new().await;
        scene.kill_worker(&format!("max_attempts + {EXTRA}")).await;
        if is_cancelled {
            scene.cancel_all().await;
        }
        let worker = scene.start();
        scene.ended(end).await;
        scene.check([("reading", None), ("making", None), ("making", None)]).await;
        worker.stop().await;
        sweep(&scene.world).await;
        scene.check(told).await;
        scene.nothing_is_held().await;
    }
}

#[tokio::test]
async fn the_sweep_leaves_what_is_under_way() {
    let scene = Scene::new().await;
    sweep(&scene.world).await;
    scene.check(WAITING).await;
    assert_eq!(scene.held().await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lies_in_the_trash_when_its_turn_comes_is_not_read_and_says_so() {
    let scene = Scene::new().await;
    documents::trash(&scene.services, &scene.world.ada, &[scene.document]).await.unwrap();
    let worker = Worker::start(&sold(&scene.world.workers), Registry::new().register::<ReadDocument>());
    let status = finished(&scene.world, scene.world.acme, scene.works[READING].job).await;
    assert_eq!(status.state, JobState::Done);
    worker.stop().await;
    scene.nothing_is_held().await;
    documents::restore(&scene.services, &scene.world.ada, &[scene.document]).await.unwrap();
    assert_eq!(scene.look(&scene.works[READING]).await.0, "cancelled");
    documents::retry(&scene.services, &scene.world.ada, scene.document).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_operator_runs_again_waits_again_and_an_archive_is_made() {
    let scene = Scene::new().await;
    all_dead(&scene).await;
    let bob = operator(&scene.world).await;
    for work in &scene.works {
        operators::replay(&scene.services, &bob, scene.world.acme, work.job).await.unwrap();
    }
    assert_eq!(scene.look(&scene.works[READING]).await.0, "waiting");
    assert_eq!(scene.look(&scene.works[REPORT]).await.0, "waiting");
    let worker = Worker::start(&scene.world.workers, Registry::new().register::<MakeExport>());
    let status = finished(&scene.world, scene.world.acme, scene.works[EXPORT].job).await;
    assert_eq!(status.state, JobState::Done, "{status:?}");
    assert_eq!(scene.look(&scene.works[EXPORT]).await, ("ready".to_owned(), None));
    worker.stop().await;
}

#[tokio::test]
async fn everything_that_failed_is_done_again_and_of_archives_the_latest() {
    let scene = Scene::new().await;
    let (services, ada) = (&scene.services, &scene.world.ada);
    all_dead(&scene).await;
    let (_, later) = exports::ask(services, ada).await.unwrap();
    dead(&scene.world, later).await;
    change(&scene.world, "update export set state = 'failed', failure = 'No room.' where state = 'waiting'").await;

    let admin = Member { role: Role::Admin, ..ada.clone() };
    assert!(!admin.may(Action::ExportWorkspace));
    assert_eq!(activity::retry_all_failed(services, &admin).await.unwrap().count, 2, "archives are the owners' alone");
    scene.check([WAITING[0], WAITING[1], GIVEN_UP[2]]).await;
    assert_eq!(activity::retry_all_failed(services, ada).await.unwrap(), Begun::one(later));
    let found = activity::find(services, ada, later).await.unwrap();
    assert_eq!(found.state, ActivityState::Waiting);
    assert_eq!(scene.look(&scene.works[EXPORT]).await.0, "failed", "a later one holds what it would have held");
    assert_eq!(activity::retry_all_failed(services, ada).await.unwrap(), Begun::default(), "one at a time");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_cancelled_only_once_its_feature_was_told_and_does_nothing_else_meanwhile() {
    let world = World::new().await;
    let worker = Worker::start(&world.workers, Registry::new().register::<Watch>());
    let job = put(&world, world.acme, &Watch {}, Enqueue::default()).await.unwrap().id;
    noted(&world, world.acme, job, 1).await;
    let mut tx = open(&world, world.acme).await;
    assert_eq!(queue::cancel(&mut tx, job).await.unwrap(), JobState::Running);
    tx.commit().await.unwrap();
    let status = finished(&world, world.acme, job).await;
    assert_eq!((status.state, status.attempt), (JobState::Cancelled, 2));
    assert_eq!(notes(job), ["ran", "called off", "called off"]);
    worker.stop().await;
}

/// As if every job had failed for good, and its feature been told.
async fn all_dead(scene: &Scene) {
    for (work, (state, failure)) in scene.works.iter().zip(GIVEN_UP) {
        dead(&scene.world, work.job).await;
        let failure = failure.unwrap_or_default();
        let told =
            format!("update {} set state = '{state}', failure = '{failure}' where id = '{}'", work.table, work.subject);
        change(&scene.world, &told).await;
    }
}

async fn dead(world: &World, job: JobId) {
    let end = format!(
        "update job set state = 'dead', attempt = max_attempts, finished_at = now(), died_at = now() where id = '{job}'"
    );
    assert_eq!(change(world, &end).await, 1);
}

/// As the housekeeping does.
async fn sweep(world: &World) {
    documents::sweep(&world.workers, world.acme).await.unwrap();
    reports::sweep(&world.workers, world.acme).await.unwrap();
    exports::sweep(&world.workers, world.acme).await.unwrap();
}
