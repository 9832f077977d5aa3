//! What operators have switched off is begun through no door, and what was asked for before waits for as long as it takes.

use domain::{
    ErrorKind,
    activity::{self, Activity, ActivityQuery, Begun},
    documents::{self, ReadAllAgain},
    features::{Feature, SwitchState},
    id::{DocumentId, JobId},
    operators::{self, Operator, Reason},
    queue::{Enqueue, JobState, Registry},
};

use crate::{
    activity::{over, upload},
    workshop::{Worker, change, done, number, put, wait_for},
    world::{World, operator},
};

#[tokio::test]
async fn nothing_is_read_again_through_any_door() {
    let world = World::new().await;
    let (services, ada, bob) = (&world.services, &world.ada, operator(&world).await);
    let (document, job) = unreadable(&world).await;
    switch(&world, &bob, SwitchState::Off).await;
    let refusals = [
        documents::read_again(services, ada, &[document]).await.map(|_| ()),
        documents::read_all_again(services, ada).await.map(|_| ()),
        documents::retry(services, ada, document).await.map(|_| ()),
        activity::retry(services, ada, job).await,
        activity::retry_all_failed(services, ada).await.map(|_| ()),
    ];
    for (door, refused) in refusals.into_iter().enumerate() {
        let Err(error) = refused else { panic!("door {door} is open") };
        assert!(
            error.is(ErrorKind::SwitchedOff) && error.message.contains("Reading again is paused"),
            "{door}: {error}"
        );
    }
    let begun = "select count(*) from job where kind in ('read_document', 'read_all_again') and state <> 'dead'";
    assert_eq!(number(&world, begun).await, 0);
    assert_eq!(number(&world, "select count(*) from audit_entry where act = 'document.retried'").await, 0);

    // What else has failed is done again, and what is switched off stays.
    let mail = "update job set state = 'dead', finished_at = now(), died_at = now()
                where id = (select id from job where kind = 'send_mail' and tenant_id = '{acme}' limit 1)";
    let mails = change(&world, &mail.replace("{acme}", &world.acme.to_string())).await;
    assert_eq!(activity::retry_all_failed(services, ada).await.unwrap().count, mails);
    assert_eq!(number(&world, "select count(*) from job where kind = 'read_document' and state = 'dead'").await, 1);

    switch(&world, &bob, SwitchState::On).await;
    assert_eq!(activity::retry_all_failed(services, ada).await.unwrap(), Begun::one(job));
}

#[tokio::test]
async fn a_job_that_reads_all_again_waits_and_spends_no_attempt() {
    let world = World::new().await;
    let bob = operator(&world).await;
    let (document, _) = unreadable(&world).await;
    let read = format!(
        "update document set state = 'read', failure = null, pages = 1, read_at = created_at where id = '{document}'"
    );
    change(&world, &read).await;
    switch(&world, &bob, SwitchState::Off).await;
    let job = ReadAllAgain { account: world.ada.account, asked_at: world.services.clock.now(), documents: None };
    let job = put(&world, world.acme, &job, Enqueue::default()).await.unwrap().id;
    let worker = Worker::start(&world.workers, Registry::new().register::<ReadAllAgain>());
    let waits = |status: &domain::queue::JobStatus| status.state == JobState::Waiting && status.last_error.is_some();
    let waiting = wait_for(&world, world.acme, job, waits).await;
    assert_eq!(waiting.attempt, 0, "{waiting:?}");
    assert!(waiting.last_error.unwrap().contains("switched off"));
    assert_eq!(number(&world, "select count(*) from document where state = 'waiting'").await, 0, "nothing has begun");

    switch(&world, &bob, SwitchState::On).await;
    change(&world, &format!("update job set run_at = now() where id = '{job}'")).await;
    done(&world, world.acme, job).await;
    worker.stop().await;
    assert_eq!(number(&world, "select count(*) from document where state = 'waiting'").await, 1);
}

async fn switch(world: &World, bob: &Operator, state: SwitchState) {
    let because = Reason::parse("reason", "The readers are being changed.").unwrap();
    operators::set_switch(&world.services, bob, Feature::ReadAgain, state, &because).await.unwrap();
    // The workers are told, as other servers are.
    while domain::features::enabled(&world.workers, world.acme, Feature::ReadAgain).await.unwrap()
        != (state == SwitchState::On)
    {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
}

/// A document of Ada's that could not be read, and the job that has failed.
async fn unreadable(world: &World) -> (DocumentId, JobId) {
    let (document, job) = upload(world, &world.ada, "notes.txt", false).await;
    let failed = format!("update document set state = 'unreadable', failure = 'crashed' where id = '{document}'");
    change(world, &failed).await;
    over(world, job, "dead").await;
    let is_listed = |job: &Activity| job.work() == activity::Work::Reading;
    let listing = activity::list(&world.services, &world.ada, ActivityQuery::default()).await.unwrap();
    assert!(listing.finished.iter().any(is_listed));
    (document, job)
}
