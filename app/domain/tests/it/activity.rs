//! What people see of the queue: whose work, why it waits, and what becomes of it when they cancel it. No worker runs here, so
//! what is enqueued waits, and the superuser says what has become of a job.

use std::{collections::BTreeSet, time::Duration};

use bytes::Bytes;
use chrono::TimeDelta;
use domain::{
    ErrorKind,
    activity::{self, Activity, ActivityListing, ActivityQuery, ActivityState, Begun, Shown, Wait},
    actor::{Member, Role, System},
    billing::{self, Entitlements, counter},
    documents::{self, DocumentState, Upload, UploadOptions},
    exports,
    id::{DocumentId, JobId},
    mail::{self, Message},
    reports::{self, NewReport, ReportState, Scope},
};
use sqlx::{AssertSqlSafe, Executor};

use crate::{
    ledger::{TRIAL, sold},
    workshop::{number, within},
    world::{World, bob},
};

const HIDDEN: &str = "A private or deleted document";

/// A world in which nothing waits, as the mails of those who have just signed up do, and in which a process is said to read
/// documents.
async fn quiet() -> World {
    let world = World::new().await;
    change(&world, "delete from job").await;
    let works = "insert into job_worker (id, name, kinds, seen_at)
                 values (gen_random_uuid(), 'reader', '{read_document}', now() + interval '1 hour')";
    change(&world, works).await;
    world
}

#[tokio::test]
async fn a_member_sees_their_own_work_and_an_admin_that_of_everybody() {
    let world = quiet().await;
    let bob = bob(&world, Role::Member).await;
    upload(&world, &world.ada, "adas.txt", false).await;
    let (_, bobs) = upload(&world, &bob, "bobs.txt", false).await;
    send_mail(&world).await;

    assert_eq!(titles(&listed(&world, &bob).await), ["bobs.txt"]);
    assert_eq!(titles(&listed(&world, &world.ada).await), ["adas.txt", "bobs.txt", "A word"]);
    let admin = Member { role: Role::Admin, ..bob.clone() };
    assert_eq!(titles(&listed(&world, &admin).await), ["adas.txt", "bobs.txt", "A word"]);
    assert!(listed(&world, &world.eve).await.is_empty());

    let found = activity::find(&world.services, &bob, bobs).await.unwrap();
    assert_eq!((found.kind.as_str(), found.asked_by.as_deref()), ("read_document", Some("Bob")));
    for stranger in [&world.eve, &Member { account: world.eve.account, ..bob.clone() }] {
        let refused = activity::find(&world.services, stranger, bobs).await.unwrap_err();
        assert_eq!(refused.kind, ErrorKind::NotFound);
        let refused = activity::cancel(&world.services, stranger, bobs).await.unwrap_err();
        assert_eq!(refused.kind, ErrorKind::NotFound);
    }
}

#[tokio::test]
async fn what_sheaf_does_with_a_document_is_seen_by_whoever_sees_the_document() {
    let world = quiet().await;
    let bob = bob(&world, Role::Viewer).await;
    let (_, open) = upload(&world, &world.ada, "open.txt", false).await;
    let (_, private) = upload(&world, &world.ada, "private.txt", true).await;
    set(&world, open, "account_id = null").await;
    set(&world, private, "account_id = null").await;
    send_mail(&world).await;
    let seen = listed(&world, &bob).await;
    assert_eq!(titles(&seen), ["open.txt"], "no mail, and nothing private");
    assert!(seen.under_way[0].asked_by.is_none() && !seen.under_way[0].may_steer);
    over(&world, open, "done").await;
    over(&world, private, "done").await;
    assert_eq!(titles(&listed(&world, &bob).await), ["open.txt"]);
}

#[tokio::test]
async fn the_name_of_what_is_private_is_told_to_nobody_else() {
    let world = quiet().await;
    let bob = bob(&world, Role::Admin).await;
    let (_, job) = upload(&world, &world.ada, "plan.txt", true).await;
    set(&world, job, "last_error = 'plan.txt is torn', result = '{\"name\": \"plan.txt\"}'").await;
    over(&world, job, "dead").await;

    let seen = listed(&world, &bob).await;
    assert_eq!(titles(&seen), [HIDDEN]);
    let found = activity::find(&world.services, &bob, job).await.unwrap();
    assert!(!format!("{found:?}").contains("plan.txt"), "{found:?}");
    assert!(!found.may_steer);
    let refused = activity::retry(&world.services, &bob, job).await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Forbidden);

    let own = activity::find(&world.services, &world.ada, job).await.unwrap();
    assert_eq!(own.about.as_ref().map(|about| about.name.as_str()), Some("plan.txt"));
    assert_eq!(
        own.last_error.as_deref(),
        Some("plan.txt is torn"),
        "whoever runs the workspace reads what it ran into"
    );
    assert!(own.result.is_some() && own.may_steer);
}

#[tokio::test]
async fn whoever_does_not_run_the_workspace_is_told_of_a_failure_in_plain_words() {
    let world = quiet().await;
    let bob = bob(&world, Role::Member).await;
    let (document, job) = upload(&world, &bob, "bobs.txt", false).await;
    set(&world, job, "last_error = 'reader: exit status 9'").await;
    over(&world, job, "dead").await;
    let found = activity::find(&world.services, &bob, job).await.unwrap();
    assert_eq!(found.state, ActivityState::Failed);
    assert_eq!(found.failure.as_deref(), Some("Something went wrong on our side."));
    assert_eq!(found.last_error, None);

    let damaged = format!("update document set state = 'unreadable', failure = 'damaged' where id = '{document}'");
    world.superuser().await.execute(AssertSqlSafe(damaged)).await.unwrap();
    let found = activity::find(&world.services, &bob, job).await.unwrap();
    assert!(found.failure.unwrap().contains("damaged"));
}

#[tokio::test]
async fn a_job_says_why_it_waits() {
    let world = quiet().await;
    let mut jobs = Vec::new();
    for name in ["1.txt", "2.txt", "3.txt"] {
        jobs.push(upload(&world, &world.ada, name, false).await.1);
    }
    assert_eq!(waits(&world, jobs[0]).await, Wait::FreeWorker);
    assert_eq!(waits(&world, jobs[1]).await, Wait::Behind { before: 1, more: false });
    assert_eq!(waits(&world, jobs[2]).await, Wait::Behind { before: 2, more: false });
    let in_order: Vec<JobId> = listed(&world, &world.ada).await.under_way.iter().map(|job| job.id).collect();
    assert_eq!(in_order, jobs);

    // What runs is not before anybody.
    run(&world, jobs[0]).await;
    assert_eq!(waits(&world, jobs[1]).await, Wait::FreeWorker);
    change(&world, "update job_lane set running = max_running").await;
    assert_eq!(waits(&world, jobs[1]).await, Wait::PlanLimit);
    assert_eq!(waits(&world, jobs[2]).await, Wait::Behind { before: 1, more: false });

    set(&world, jobs[1], "run_at = now() + interval '40 s', attempt = 1").await;
    let Wait::NextTry { at } = waits(&world, jobs[1]).await else { panic!("it waits for its next try") };
    let seen = listed(&world, &world.ada).await;
    assert!((at - seen.at).num_seconds() > 20, "{at}, {}", seen.at);
    assert_eq!(waits(&world, jobs[2]).await, Wait::PlanLimit, "whoever is not due is before nobody");
    set(&world, jobs[1], "attempt = 0").await;
    assert!(matches!(waits(&world, jobs[1]).await, Wait::Scheduled { .. }));

    pause(&world, "kind", "'make_report'").await;
    assert_eq!(waits(&world, jobs[2]).await, Wait::PlanLimit, "other work is held up");
    pause(&world, "tenant_id", &format!("'{}'", world.globex)).await;
    assert_eq!(waits(&world, jobs[2]).await, Wait::PlanLimit, "another workspace is held up");
    pause(&world, "kind", "'read_document'").await;
    assert_eq!(waits(&world, jobs[2]).await, Wait::Paused);
    change(&world, "delete from job_pause").await;
    pause(&world, "tenant_id", &format!("'{}'", world.acme)).await;
    assert_eq!(waits(&world, jobs[2]).await, Wait::Paused);
}

#[tokio::test]
async fn work_that_no_living_process_does_says_so() {
    let world = quiet().await;
    let (_, first) = upload(&world, &world.ada, "1.txt", false).await;
    let (_, second) = upload(&world, &world.ada, "2.txt", false).await;
    assert_eq!(waits(&world, first).await, Wait::FreeWorker);
    change(&world, "update job_worker set seen_at = now() - interval '1 minute'").await;
    for job in [first, second] {
        assert_eq!(waits(&world, job).await, Wait::Unserved, "whoever did it is silent, and nobody is before it");
    }
    change(&world, "update job_worker set seen_at = now(), kinds = '{send_mail,make_report}'").await;
    assert_eq!(waits(&world, first).await, Wait::Unserved, "whoever lives does other work");
    assert!(listed(&world, &world.ada).await.under_way.iter().all(|job| job.waits_for == Some(Wait::Unserved)));
    set(&world, first, "run_at = now() + interval '1 hour'").await;
    assert!(matches!(waits(&world, first).await, Wait::Scheduled { .. }));
    pause(&world, "kind", "'read_document'").await;
    assert_eq!(waits(&world, second).await, Wait::Paused);
    change(&world, "delete from job_pause; update job_worker set kinds = '{read_document}'").await;
    assert_eq!(waits(&world, second).await, Wait::FreeWorker);
    // Of a version that knows more.
    set(&world, second, "kind = 'make_poster'").await;
    change(&world, "update job_lane set kind = 'make_poster' where kind = 'read_document'").await;
    assert_eq!(waits(&world, second).await, Wait::Unserved);
}

#[tokio::test]
async fn only_so_many_are_counted_and_listed() {
    let world = quiet().await;
    let bob = bob(&world, Role::Member).await;
    let (_, last) = upload(&world, &bob, "last.txt", false).await;
    copies(&world, last, 100, "waiting").await;
    assert_eq!(waits_of(&world, &bob, last).await, Wait::Behind { before: 100, more: false });
    copies(&world, last, 1, "waiting").await;
    assert_eq!(waits_of(&world, &bob, last).await, Wait::Behind { before: 100, more: true });

    let seen = listed(&world, &world.ada).await;
    assert!(seen.more_under_way && seen.under_way.len() == 100 && seen.finished.is_empty());
    assert!(seen.under_way.iter().all(|job| job.id != last), "it is the last of all");
    let own = listed(&world, &bob).await;
    assert_eq!(own.under_way.iter().map(|job| job.id).collect::<Vec<_>>(), [last], "and is found all the same");
}

#[tokio::test]
async fn what_is_over_comes_in_pages_and_by_its_end() {
    let world = quiet().await;
    let (_, running) = upload(&world, &world.ada, "running.txt", false).await;
    let (_, failed) = upload(&world, &world.ada, "failed.txt", false).await;
    let (_, cancelled) = upload(&world, &world.ada, "cancelled.txt", false).await;
    copies(&world, cancelled, 110, "done").await;
    run(&world, running).await;
    over(&world, failed, "dead").await;
    over(&world, cancelled, "cancelled").await;

    let mut query = ActivityQuery::default();
    let (mut ids, mut pages) = (Vec::new(), 0);
    loop {
        let page = activity::list(&world.services, &world.ada, query).await.unwrap();
        assert_eq!(page.under_way.len(), usize::from(pages == 0), "what is under way stands on the first page");
        assert!(page.finished.len() <= 50);
        ids.extend(page.finished.iter().map(|job| job.id));
        pages += 1;
        query.before = page.next;
        if page.next.is_none() {
            break;
        }
    }
    assert_eq!((pages, ids.len()), (3, 112));
    assert!(ids.windows(2).all(|pair| pair[0] > pair[1]), "the latest first, and none twice");

    let shown = async |shown| {
        let query = ActivityQuery { shown, before: None };
        activity::list(&world.services, &world.ada, query).await.unwrap()
    };
    let under_way = shown(Shown::UnderWay).await;
    assert_eq!((titles(&under_way), under_way.finished.len()), (vec!["running.txt".to_owned()], 0));
    assert_eq!(titles(&shown(Shown::Failed).await), ["failed.txt"]);
    let done = shown(Shown::Done).await.finished;
    assert!(done.iter().all(|job| matches!(job.state, ActivityState::Done | ActivityState::Cancelled)));
    assert_eq!(done.len(), 50);
}

#[tokio::test]
async fn a_cancelled_reading_is_as_if_it_had_been_cancelled_at_the_document() {
    let world = quiet().await;
    let services = &world.services;
    let bob = bob(&world, Role::Member).await;
    let (document, job) = upload(&world, &bob, "bobs.txt", false).await;
    let viewer = Member { role: Role::Viewer, ..bob.clone() };
    assert_eq!(activity::cancel(services, &viewer, job).await.unwrap_err().kind, ErrorKind::Forbidden);
    activity::cancel(services, &bob, job).await.unwrap();
    assert_eq!(documents::state_of(services, &bob, document).await.unwrap(), DocumentState::Cancelled);
    assert_eq!(activity::cancel(services, &bob, job).await.unwrap_err().kind, ErrorKind::Conflict);

    activity::retry(services, &bob, job).await.unwrap();
    assert_eq!(documents::state_of(services, &bob, document).await.unwrap(), DocumentState::Waiting);
    assert_eq!(activity::retry(services, &bob, job).await.unwrap_err().kind, ErrorKind::Conflict);

    // It waits for another attempt, and the document says that it is being read.
    set(&world, job, "attempt = 1, run_at = now() + interval '1 minute'").await;
    change(&world, "update document set state = 'reading'").await;
    documents::cancel(services, &bob, document).await.unwrap();
    assert_eq!(documents::state_of(services, &bob, document).await.unwrap(), DocumentState::Cancelled);

    let acts: Vec<String> = sqlx::query_scalar("select act from audit_entry where subject_id = $1 order by number")
        .bind(job.0)
        .fetch_all(&mut world.superuser().await)
        .await
        .unwrap();
    assert_eq!(acts, ["job.cancelled", "job.retried"]);
}

#[tokio::test]
async fn a_running_job_is_asked_to_stop_and_says_the_rest_itself() {
    let world = quiet().await;
    let services = &world.services;
    let (document, job) = upload(&world, &world.ada, "adas.txt", false).await;
    run(&world, job).await;
    change(&world, "update document set state = 'reading'").await;
    activity::cancel(services, &world.ada, job).await.unwrap();
    let found = activity::find(services, &world.ada, job).await.unwrap();
    assert!(found.state == ActivityState::Running && found.is_cancelling);
    assert_eq!(documents::state_of(services, &world.ada, document).await.unwrap(), DocumentState::Reading);
    assert_eq!(activity::retry(services, &world.ada, job).await.unwrap_err().kind, ErrorKind::Conflict);
}

#[tokio::test]
async fn a_report_an_archive_and_a_mail_that_are_cancelled_say_so_and_are_made_again() {
    let world = quiet().await;
    let (services, ada) = (&world.services, &world.ada);
    let (document, reading) = upload(&world, ada, "notes.txt", false).await;
    over(&world, reading, "done").await;
    let new = NewReport::parse("Quarter", Scope::Documents(vec![document])).unwrap();
    let (report, report_job) = reports::ask(services, ada, new).await.unwrap();
    let (_, export_job) = exports::ask(services, ada).await.unwrap();
    send_mail(&world).await;
    let mail_job = listed(&world, ada).await.under_way.iter().find(|job| job.kind == "send_mail").unwrap().id;
    let jobs = [report_job, export_job, mail_job];
    for job in jobs {
        activity::cancel(services, ada, job).await.unwrap();
    }
    let made = reports::find(services, ada, report).await.unwrap();
    assert_eq!((made.state, made.failure.as_deref()), (ReportState::Failed, Some("This report was cancelled.")));
    let archive = exports::list(services, ada).await.unwrap().remove(0);
    assert_eq!(archive.failure.as_deref(), Some("This archive was cancelled."));
    assert!(mail::undelivered(services, ada).await.unwrap()[0].given_up);

    // An admin runs the workspace, and its archives are the owners' alone.
    let admin = Member { role: Role::Admin, ..ada.clone() };
    assert_eq!(activity::retry(services, &admin, export_job).await.unwrap_err().kind, ErrorKind::Forbidden);
    for job in jobs {
        activity::retry(services, ada, job).await.unwrap();
    }
    assert_eq!(reports::find(services, ada, report).await.unwrap().state, ReportState::Waiting);
    assert!(exports::list(services, ada).await.unwrap()[0].state.is_busy());
    assert!(!mail::undelivered(services, ada).await.unwrap()[0].given_up);
}

#[tokio::test]
async fn what_ends_while_it_is_cancelled_has_ended() {
    let world = quiet().await;
    let (services, ada) = (&world.services, &world.ada);
    let (document, job) = upload(&world, ada, "quick.txt", false).await;
    run(&world, job).await;
    change(&world, "update document set state = 'reading'").await;
    let end = format!(
        "begin; update document set state = 'read', read_at = now();
         update job set state = 'done', finished_at = now(), lease_token = null, lease_until = null, worker = null
         where id = '{job}'"
    );
    let mut worker = world.superuser().await;
    worker.execute(AssertSqlSafe(end)).await.unwrap();
    let waits = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()";
    let ends = async {
        within(Duration::from_secs(10), "both have come to the job", async || number(&world, waits).await == 2).await;
        worker.execute("commit").await.unwrap();
    };
    let (of_document, of_job, ()) =
        tokio::join!(documents::cancel(services, ada, document), activity::cancel(services, ada, job), ends);
    for refused in [of_document, of_job] {
        assert_eq!(refused.unwrap_err().kind, ErrorKind::Conflict);
    }
    assert_eq!(documents::state_of(services, ada, document).await.unwrap(), DocumentState::Read);
}

#[tokio::test]
async fn an_admin_has_everything_done_again_that_failed() {
    let world = quiet().await;
    let services = &world.services;
    let bob = bob(&world, Role::Member).await;
    let (document, first) = upload(&world, &bob, "1.txt", false).await;
    let (_, second) = upload(&world, &world.ada, "2.txt", false).await;
    let (_, eves) = upload(&world, &world.eve, "eves.txt", false).await;
    for job in [first, second, eves] {
        over(&world, job, "dead").await;
    }
    change(&world, "update document set state = 'unreadable', failure = 'crashed'").await;
    let refused = activity::retry_all_failed(services, &bob).await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Forbidden);
    let begun = activity::retry_all_failed(services, &world.ada).await.unwrap();
    assert_eq!((begun.job, begun.count), (None, 2));
    assert_eq!(BTreeSet::from_iter(begun.jobs), BTreeSet::from([first, second]), "and none of Eve's");
    assert_eq!(activity::retry_all_failed(services, &world.ada).await.unwrap(), Begun::default());
    assert_eq!(documents::state_of(services, &bob, document).await.unwrap(), DocumentState::Waiting);
    let hers = activity::find(services, &world.eve, eves).await.unwrap();
    assert_eq!(hers.state, ActivityState::Failed);
}

#[tokio::test]
async fn of_more_than_is_done_again_at_once_the_rest_goes_on_saying_that_it_failed() {
    let world = quiet().await;
    let (document, job) = upload(&world, &world.ada, "first.txt", false).await;
    over(&world, job, "dead").await;
    let later = format!(
        "update document set state = 'unreadable', failure = 'crashed';
         update job set died_at = now() - interval '1 hour' where id = '{job}';
         insert into job (tenant_id, id, kind, payload, state, max_attempts, finished_at, died_at, subject)
         select tenant_id, gen_random_uuid(), kind, payload, state, max_attempts, now(), now(), gen_random_uuid()
         from job cross join generate_series(1, 1000) where id = '{job}'"
    );
    change(&world, &later).await;
    for (again, state) in [(1_000, DocumentState::Unreadable), (1, DocumentState::Waiting)] {
        let begun = activity::retry_all_failed(&world.services, &world.ada).await.unwrap();
        assert_eq!((begun.count, begun.jobs.len()), (again, if again == 1 { 1 } else { 100 }), "not all are named");
        assert_eq!(documents::state_of(&world.services, &world.ada, document).await.unwrap(), state);
    }
}

#[tokio::test]
async fn a_result_is_told_with_its_job_and_how_long_it_is_kept() {
    let world = quiet().await;
    let (_, job) = upload(&world, &world.ada, "adas.txt", false).await;
    assert_eq!(activity::find(&world.services, &world.ada, job).await.unwrap().result_kept_until, None);
    set(&world, job, "result = '{\"pages\": 3}', progress = '{\"stage\": \"pages\", \"done\": 3, \"of\": 4}'").await;
    run(&world, job).await;
    let running = activity::find(&world.services, &world.ada, job).await.unwrap();
    assert_eq!(running.progress.unwrap().text(), "pages: 3 of 4");
    for (state, days) in [("done", 7), ("dead", 30)] {
        over(&world, job, state).await;
        let found = activity::find(&world.services, &world.ada, job).await.unwrap();
        assert_eq!(found.result.unwrap()["pages"], 3);
        assert_eq!(found.result_kept_until, found.finished_at.map(|at| at + TimeDelta::days(days)));
        assert_eq!(found.progress, None);
    }
    assert!(listed(&world, &world.ada).await.finished[0].result.is_none(), "a list carries none");
}

#[tokio::test]
async fn a_reading_says_what_it_costs() {
    let world = World::new().await;
    let workers = sold(&world.workers);
    billing::begin_months(&workers).await.unwrap();
    change(&world, "delete from job").await;
    let e = billing::entitlements(&workers, world.acme).await.unwrap();
    let bob = bob(&world, Role::Member).await;
    let (document, first) = upload(&world, &bob, "bobs.txt", false).await;
    assert_eq!(cost(&world, &bob, first).await, 0, "nothing is set aside where no credits are sold");
    counter::hold(&workers, world.acme, &e, document, 3).await.unwrap();
    assert_eq!(cost(&world, &bob, first).await, 3, "what is set aside");
    counter::charge(&workers, world.acme, &e, document, first, 12).await.unwrap();
    over(&world, first, "done").await;
    assert_eq!(cost(&world, &bob, first).await, 12, "what it took");

    // What is set aside to read it again is not for the first reading, and neither is what Eve pays.
    copies(&world, first, 1, "waiting").await;
    counter::hold(&workers, world.acme, &e, document, 5).await.unwrap();
    counter::charge(&workers, world.globex, &e, document, first, 7).await.unwrap();
    send_mail(&world).await;
    let seen = listed(&world, &world.ada).await;
    assert_eq!(costs(&seen.under_way), [("read_document", 5), ("send_mail", 0)]);
    assert_eq!(costs(&seen.finished), [("read_document", 12)]);
    assert!(listed(&world, &world.eve).await.is_empty());

    counter::credit_back(&workers, world.acme, &e, document, first).await.unwrap();
    assert_eq!(cost(&world, &bob, first).await, 0, "all of it came back");
}

#[tokio::test]
async fn what_is_used_beyond_the_plan_is_told_with_the_rest() {
    let world = quiet().await;
    let workers = sold(&world.workers);
    let (spent, earlier) = (world.services.clock.id(), world.services.clock.id());
    let trial = billing::entitlements(&workers, world.acme).await.unwrap();
    counter::charge(&workers, world.acme, &trial, spent, earlier, TRIAL - 4).await.unwrap();
    let (document, job) = upload(&world, &world.ada, "adas.txt", false).await;
    let e = Entitlements { cap: 10, trial_ends_at: None, ..trial };
    counter::charge(&workers, world.acme, &e, document, job, 9).await.unwrap();
    over(&world, job, "done").await;
    assert_eq!(cost(&world, &world.ada, job).await, 9);
}

async fn listed(world: &World, member: &Member) -> ActivityListing {
    activity::list(&world.services, member, ActivityQuery::default()).await.unwrap()
}

/// In the order of the list.
fn titles(listing: &ActivityListing) -> Vec<String> {
    listing.under_way.iter().chain(&listing.finished).map(Activity::title).collect()
}

async fn cost(world: &World, member: &Member, job: JobId) -> i64 {
    activity::find(&world.services, member, job).await.unwrap().credits
}

fn costs(jobs: &[Activity]) -> Vec<(&str, i64)> {
    jobs.iter().map(|job| (job.kind.as_str(), job.credits)).collect()
}

async fn waits(world: &World, job: JobId) -> Wait {
    waits_of(world, &world.ada, job).await
}

async fn waits_of(world: &World, member: &Member, job: JobId) -> Wait {
    activity::find(&world.services, member, job).await.unwrap().waits_for.expect("it waits")
}

/// A document whose content is its name, and the job that is to read it.
pub async fn upload(world: &World, member: &Member, name: &str, private: bool) -> (DocumentId, JobId) {
    let source = futures::stream::iter([Ok(Bytes::from(name.to_owned()))]);
    let options = UploadOptions { keep_both: false, private };
    let uploaded = documents::upload_with(&world.services, member, name, options, source).await.unwrap();
    let Upload::Accepted { document, job: Some(job) } = uploaded else { panic!("{name} is not to be read") };
    (document, job)
}

/// A mail of Sheaf's own, to somebody at Acme.
async fn send_mail(world: &World) {
    let message = Message {
        recipient: "ada@acme.example".into(),
        subject: "A word".into(),
        greeting: "Hello Ada,".into(),
        paragraphs: vec!["This is a word.".into()],
        action: None,
    };
    let mut tx = world.services.db.tenant(&System::for_tenant(world.acme)).await.unwrap();
    mail::send(&world.services, &mut tx, "a word", message).await.unwrap();
    tx.commit().await.unwrap();
}

async fn set(world: &World, job: JobId, what: &str) {
    change(world, &format!("update job set {what} where id = '{job}'")).await;
}

/// As if a worker had claimed it.
async fn run(world: &World, job: JobId) {
    let claimed = "state = 'running', attempt = 1, started_at = now(), lease_token = gen_random_uuid(),
                   lease_until = now() + interval '1 hour', worker = gen_random_uuid()";
    set(world, job, claimed).await;
}

/// As if it had come to this end.
pub async fn over(world: &World, job: JobId, state: &str) {
    let died = if state == "dead" { "now()" } else { "null" };
    let end = format!(
        "state = '{state}', finished_at = now(), died_at = {died}, lease_token = null, lease_until = null, worker = null"
    );
    set(world, job, &end).await;
}

/// Other jobs of Ada's before this one, in this state.
async fn copies(world: &World, job: JobId, number: u32, state: &str) {
    let finished = if state == "waiting" { "null" } else { "now()" };
    let copy = format!(
        "insert into job (tenant_id, id, kind, payload, priority, state, max_attempts, run_at, created_at, finished_at,
                          account_id, subject)
         select tenant_id, gen_random_uuid(), kind, payload, priority, '{state}', max_attempts, run_at - interval '1 s',
                created_at, {finished}, '{}', subject
         from job cross join generate_series(1, {number}) where id = '{job}'",
        world.ada.account
    );
    change(world, &copy).await;
}

/// As operators do.
async fn pause(world: &World, column: &str, value: &str) {
    let pause = format!(
        "set session_replication_role = replica;
         insert into job_pause (id, {column}, reason, paused_by)
         values (gen_random_uuid(), {value}, 'The printer is on fire.', gen_random_uuid())"
    );
    change(world, &pause).await;
}

async fn change(world: &World, statement: &str) {
    world.superuser().await.execute(AssertSqlSafe(statement.to_owned())).await.unwrap();
}
