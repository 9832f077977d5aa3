//! What happens once: a job with a key, a step that has finished, a dead letter that is run again.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use domain::{
    ErrorKind,
    id::JobId,
    queue::{self, Enqueue, Job, JobContext, JobError, JobState, Registry},
};
use futures::future::join_all;
use serde::{Deserialize, Serialize};
use tokio::time::sleep;

use crate::{
    workshop::{Worker, change, done, finished, look, note, noted, notes, number, open, put, put_all},
    world::World,
};

/// Is done at once.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Errand {}

impl Job for Errand {
    const KIND: &'static str = "errand";
    const TIMEOUT: Duration = Duration::from_secs(3);

    async fn run(self, context: &JobContext) -> Result<(), JobError> {
        note(context.job, "ran");
        Ok(())
    }
}

/// Fails while the printer is away.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Print {}

/// Whether the printer is there, in the one test that has one.
static HAS_PRINTER: AtomicBool = AtomicBool::new(false);

impl Job for Print {
    const KIND: &'static str = "print";
    const TIMEOUT: Duration = Duration::from_secs(3);

    async fn run(self, context: &JobContext) -> Result<(), JobError> {
        note(context.job, "ran");
        if HAS_PRINTER.load(Ordering::Relaxed) { Ok(()) } else { Err(JobError::give_up("there is no printer")) }
    }
}

/// Three steps, of which the second fails at first.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Bake {}

impl Job for Bake {
    const KIND: &'static str = "bake";
    const TIMEOUT: Duration = Duration::from_secs(3);

    fn backoff(_: i32) -> Duration {
        Duration::from_millis(20)
    }

    async fn run(self, context: &JobContext) -> Result<(), JobError> {
        let job = context.job;
        let flour: u32 = context
            .step("weigh", async || {
                note(job, "weighed");
                Ok(500)
            })
            .await?;
        note(job, context.idempotency_key("order"));
        let dough: String = context
            .step("knead", async || {
                note(job, "kneaded");
                if context.attempt == 1 {
                    return Err(JobError::retry("it is too wet"));
                }
                Ok(format!("{flour} g of dough"))
            })
            .await?;
        context
            .step("bake", async || {
                note(job, format!("baked {dough}"));
                Ok(())
            })
            .await
    }
}

/// One step, which goes on until somebody says so.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Simmer {}

/// Whether it may end, in the one test that has it.
static IS_COOKED: AtomicBool = AtomicBool::new(false);

impl Job for Simmer {
    const KIND: &'static str = "simmer";
    const TIMEOUT: Duration = Duration::from_secs(30);

    async fn run(self, context: &JobContext) -> Result<(), JobError> {
        let job = context.job;
        context
            .step("simmer", async || {
                note(job, "began");
                while !IS_COOKED.load(Ordering::Relaxed) {
                    sleep(Duration::from_millis(5)).await;
                }
                Ok(())
            })
            .await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn within_its_window_a_key_answers_the_job_that_is_done() {
    let world = World::new().await;
    let minute = Enqueue { window: Some(Duration::from_secs(60)), ..Enqueue::once("order 7") };
    let first = put(&world, world.acme, &Errand {}, minute.clone()).await.unwrap();
    let worker = Worker::start(&world.workers, Registry::new().register::<Errand>());
    done(&world, world.acme, first.id).await;
    worker.stop().await;

    let again = put(&world, world.acme, &Errand {}, minute.clone()).await.unwrap();
    assert_eq!((again.id, again.existing), (first.id, true));
    assert_eq!(notes(first.id), ["ran"]);
    // Globex has keys of its own.
    assert!(!put(&world, world.globex, &Errand {}, minute.clone()).await.unwrap().existing);
    // Without a window a job that is done is over, and what is made then is the one that is answered.
    let other = put(&world, world.acme, &Errand {}, Enqueue::once("order 7")).await.unwrap();
    assert!(!other.existing);
    let again = put(&world, world.acme, &Errand {}, minute.clone()).await.unwrap();
    assert_eq!((again.id, again.existing), (other.id, true));

    // A minute later, and after what failed or was cancelled, the work is asked for anew.
    change(&world, "delete from job where kind = 'errand' and state = 'waiting'").await;
    change(&world, "update job set created_at = now() - interval '61 seconds' where kind = 'errand'").await;
    let anew = put(&world, world.acme, &Errand {}, minute.clone()).await.unwrap();
    assert!(!anew.existing);
    let mut tx = open(&world, world.acme).await;
    assert_eq!(queue::cancel(&mut tx, anew.id).await.unwrap(), JobState::Cancelled);
    tx.commit().await.unwrap();
    assert!(!put(&world, world.acme, &Errand {}, minute).await.unwrap().existing);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_key_from_twenty_sides_at_once_makes_one_job() {
    let world = World::new().await;
    let options = Enqueue { window: Some(Duration::from_secs(60)), ..Enqueue::once("the same") };
    let enqueued = join_all((0..20).map(|_| put(&world, world.acme, &Errand {}, options.clone()))).await;
    let enqueued: Vec<_> = enqueued.into_iter().map(Result::unwrap).collect();
    assert_eq!(enqueued.iter().filter(|one| !one.existing).count(), 1);
    assert!(enqueued.iter().all(|one| one.id == enqueued[0].id));
    assert_eq!(number(&world, "select count(*) from job where kind = 'errand'").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_with_one_key_in_one_batch_are_one_job() {
    let world = World::new().await;
    let before = put(&world, world.acme, &Errand {}, Enqueue::once("a")).await.unwrap().id;
    let options = [Some("b"), None, Some("a"), Some("b"), None, Some("c"), Some("b")];
    let jobs = options.map(|key| (Errand {}, key.map(Enqueue::once).unwrap_or_default()));
    let answers = put_all(&world, world.acme, Vec::from(jobs)).await.unwrap();
    let existing: Vec<bool> = answers.iter().map(|one| one.existing).collect();
    assert_eq!(existing, [false, false, true, true, false, false, true], "in the order in which they were asked for");
    assert_eq!(answers[2].id, before);
    assert_eq!((answers[3].id, answers[6].id), (answers[0].id, answers[0].id));
    assert_eq!(number(&world, "select count(*) from job where kind = 'errand'").await, 5);
    // More than fit into one statement.
    let many = (0..2_500).map(|number| (Errand {}, Enqueue::once(format!("order {}", number % 1_250)))).collect();
    let answers = put_all(&world, world.acme, many).await.unwrap();
    assert_eq!(answers.iter().filter(|one| !one.existing).count(), 1_250);
    assert!((0..1_250).all(|number| answers[number].id == answers[number + 1_250].id));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_repeats_no_step_that_has_finished() {
    let world = World::new().await;
    let worker = Worker::start(&world.workers, Registry::new().register::<Bake>());
    let bread = put(&world, world.acme, &Bake {}, Enqueue::default()).await.unwrap().id;
    let cake = put(&world, world.acme, &Bake {}, Enqueue::default()).await.unwrap().id;
    for job in [bread, cake] {
        assert_eq!(done(&world, world.acme, job).await.attempt, 2);
        let told = notes(job);
        let key = told[1].clone();
        assert_eq!(told, ["weighed", key.as_str(), "kneaded", key.as_str(), "kneaded", "baked 500 g of dough"]);
    }
    assert_ne!(notes(bread)[1], notes(cake)[1], "the key of one job is not another's");
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_of_an_attempt_that_lost_its_lease_is_not_kept() {
    let world = World::new().await;
    let worker = Worker::start(&world.workers, Registry::new().register::<Simmer>());
    let job = put(&world, world.acme, &Simmer {}, Enqueue::default()).await.unwrap().id;
    noted(&world, world.acme, job, 1).await;
    let steal = "update job set worker = gen_random_uuid(), lease_token = gen_random_uuid(),
                                lease_until = now() + interval '1 hour'
                 where kind = 'simmer'";
    assert_eq!(change(&world, steal).await, 1);
    IS_COOKED.store(true, Ordering::Relaxed);
    sleep(Duration::from_millis(1_000)).await;
    assert_eq!(number(&world, "select count(*) from job_step").await, 0);
    assert_eq!(look(&world, world.acme, job).await.state, JobState::Running);

    // The thief dies, and the next attempt does the step once more.
    let silent = "insert into job_worker (id, name, kinds, seen_at)
                  select worker, 'thief', '{simmer}', now() - interval '11 seconds' from job where kind = 'simmer'";
    assert_eq!(change(&world, silent).await, 1);
    change(&world, "update job set lease_until = now() - interval '1 second' where kind = 'simmer'").await;
    done(&world, world.acme, job).await;
    assert_eq!(notes(job), ["began", "began"]);
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_letters_are_run_again_together_by_their_kind() {
    let world = World::new().await;
    let worker = Worker::start(&world.workers, Registry::new().register::<Print>().register::<Errand>());
    let prints = put_all(&world, world.acme, vec![(Print {}, Enqueue::default()); 30]).await.unwrap();
    let prints: Vec<JobId> = prints.into_iter().map(|one| one.id).collect();
    let eves = put(&world, world.globex, &Print {}, Enqueue::default()).await.unwrap().id;
    for job in &prints {
        assert_eq!(finished(&world, world.acme, *job).await.state, JobState::Dead);
    }
    assert_eq!(finished(&world, world.globex, eves).await.state, JobState::Dead);
    let errand = put(&world, world.acme, &Errand {}, Enqueue::default()).await.unwrap().id;
    done(&world, world.acme, errand).await;

    HAS_PRINTER.store(true, Ordering::Relaxed);
    let mut tx = open(&world, world.acme).await;
    assert_eq!(queue::retry_dead(&mut tx, Some("errand")).await.unwrap().len(), 0);
    assert_eq!(queue::retry_dead(&mut tx, Some("print")).await.unwrap().len(), 30);
    assert_eq!(queue::retry_dead(&mut tx, None).await.unwrap().len(), 0, "none is left");
    tx.commit().await.unwrap();
    for job in &prints {
        assert_eq!(done(&world, world.acme, *job).await.attempt, 1, "with all its attempts");
        assert_eq!(notes(*job), ["ran", "ran"]);
    }
    assert_eq!(notes(errand), ["ran"]);
    assert_eq!(look(&world, world.globex, eves).await.state, JobState::Dead, "Eve's are hers");
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_dead_letters_with_one_key_the_newest_is_run_again() {
    let world = World::new().await;
    let mut dead = Vec::new();
    for _ in 0..2 {
        let job = put(&world, world.acme, &Errand {}, Enqueue::once("order 7")).await.unwrap();
        assert!(!job.existing);
        let die = "update job set state = 'dead', finished_at = now(), died_at = now()
                   where kind = 'errand' and state = 'waiting'";
        assert_eq!(change(&world, die).await, 1);
        dead.push(job.id);
    }
    let mut tx = open(&world, world.acme).await;
    assert_eq!(queue::retry_dead(&mut tx, None).await.unwrap().len(), 1);
    assert_eq!(queue::retry_dead(&mut tx, None).await.unwrap().len(), 0, "the other has to wait for it");
    for job in &dead {
        assert!(queue::status(&mut tx, *job).await.is_ok());
    }
    tx.commit().await.unwrap();
    let (older, newer) = (look(&world, world.acme, dead[0]).await, look(&world, world.acme, dead[1]).await);
    assert_eq!((older.state, newer.state), (JobState::Dead, JobState::Waiting));
    let mut tx = open(&world, world.acme).await;
    assert!(queue::retry(&mut tx, older.id).await.unwrap_err().is(ErrorKind::Conflict));
}
