//! Reading documents again: what it costs is told before, set aside first, and what does not fit waits.

use chrono::TimeDelta;
use domain::{
    ErrorKind, Services,
    actor::{Member, Role},
    billing,
    clock::Clock,
    documents::{self, DocumentState, ReadAllAgain, Upload, UploadOptions},
    id::DocumentId,
    queue::{Enqueue, Registry},
};

use crate::{
    ledger::{TRIAL, agrees, sold, until, use_up},
    workshop::{Worker, change, done, number, put},
    world::{World, bob},
};

#[tokio::test]
async fn what_is_read_again_is_set_aside_and_what_does_not_fit_waits() {
    let world = World::at_noon().await;
    let services = sold(&world.services);
    let mut ids = read(&world, &services, &["a.pdf", "b.pdf", "c.pdf"], "format = 'pdf', pages = 4").await;
    use_up(&world, TRIAL - 6).await;
    let busy = uploaded(&services, &world.ada, "busy.txt", false).await;
    ids.push(busy);
    let quote = billing::quote(&services, &world.ada, &ids).await.unwrap();
    assert_eq!((quote.documents, quote.credits, quote.remains, quote.missing()), (3, 12, -7, 7));
    let done = documents::read_again(&services, &world.ada, &ids).await.unwrap();
    assert_eq!((done.begun, done.held, done.passed_over), (1, 2, 1));
    assert_eq!((done.work.count, done.work.jobs.len()), (1, 1));
    let told = done.work.job.unwrap();
    let named =
        format!("select count(*) from job where id = '{told}' and kind = 'read_document' and state = 'waiting'");
    assert_eq!(number(&world, &named).await, 1);
    assert_eq!(number(&world, "select count(*) from document where state = 'held' and read_anew").await, 2);
    let begun = "select count(*) from document d join job j on j.id = d.job_id and j.subject = d.id
                 where d.state = 'waiting' and d.read_anew and j.state = 'waiting'";
    assert_eq!(number(&world, begun).await, 1);
    assert_eq!(number(&world, "select sum(credits)::int8 from credit_hold").await, 1 + 4);
    assert_eq!(number(&world, "select count(*) from audit_entry where act = 'document.retried'").await, 3);
    agrees(&world).await;
    // Now each is busy or waits, and nothing happens twice.
    let again = documents::read_again(&services, &world.ada, &ids).await.unwrap_err();
    assert_eq!(again.kind, ErrorKind::Conflict);
    assert_eq!(billing::quote(&services, &world.ada, &ids).await.unwrap().credits, 0);
    agrees(&world).await;
}

#[tokio::test]
async fn what_was_read_is_there_until_the_new_reading_begins() {
    let world = World::at_noon().await;
    let id = read(&world, &world.services, &["plan.txt"], "pages = 1, pages_read = 1, words = 2").await[0];
    let page = format!(
        "insert into page (tenant_id, document_id, number, text, word_count, config, tsv)
         values ('{}', '{id}', 1, 'The plan.', 2, 'sheaf_english', '')",
        world.acme
    );
    change(&world, &page).await;
    let services = &world.services;
    documents::read_again(services, &world.ada, &[id]).await.unwrap();
    assert_eq!(documents::state_of(services, &world.ada, id).await.unwrap(), DocumentState::Waiting);
    let page = documents::page(services, &world.ada, id, 1, None).await.unwrap();
    assert_eq!(page.segments[0].text, "The plan.");
    // Whoever thinks better of it has the document as it was.
    documents::cancel(services, &world.ada, id).await.unwrap();
    assert_eq!(documents::state_of(services, &world.ada, id).await.unwrap(), DocumentState::Read);
    // And so has whoever waits for a job that is gone.
    documents::read_again(services, &world.ada, &[id]).await.unwrap();
    change(&world, "delete from job").await;
    documents::sweep(&world.workers, world.acme).await.unwrap();
    assert_eq!(documents::state_of(services, &world.ada, id).await.unwrap(), DocumentState::Read);
}

#[tokio::test]
async fn all_are_read_again_by_one_job_and_none_of_them_twice() {
    let world = World::new().await;
    let services = sold(&world.services);
    let names: Vec<String> = (0..5).map(|number| format!("{number}.txt")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let ids = read(&world, &services, &names, "characters = 6001").await;
    change(&world, "update document set trashed_at = now() where name = '4.txt'").await;
    let quote = billing::quote_all(&services, &world.ada).await.unwrap();
    assert_eq!(quote, billing::quote(&services, &world.ada, &ids).await.unwrap());
    assert_eq!((quote.documents, quote.credits), (4, 12));
    let begun = documents::read_all_again(&services, &world.ada).await.unwrap();
    assert_eq!((begun.documents, begun.work.count), (4, 1));
    let told = begun.work.job.unwrap();
    let named = format!("select count(*) from job where id = '{told}' and kind = 'read_all_again'");
    assert_eq!(number(&world, &named).await, 1);
    assert_eq!(documents::read_all_again(&services, &world.ada).await.unwrap_err().kind, ErrorKind::Conflict);
    assert_eq!(number(&world, "select count(*) from audit_entry where act = 'document.all_retried'").await, 1);

    let worker = Worker::start(&sold(&world.workers), Registry::new().register::<ReadAllAgain>());
    until(&world, "select count(*) from job where kind = 'read_all_again' and state = 'done'", 1).await;
    let begun = "select count(*) from job j join document d on d.job_id = j.id and d.state = 'waiting'
                 where j.kind = 'read_document'";
    assert_eq!(number(&world, begun).await, 4);
    let told = r#"select count(*) from job where progress = '{"stage": "documents", "done": 4, "of": 4}'"#;
    assert_eq!(number(&world, told).await, 1);
    let after_uploads = "select count(*) from job where kind = 'read_document' and priority < 0";
    assert_eq!(number(&world, after_uploads).await, 4);
    assert_eq!(number(&world, "select sum(credits)::int8 from credit_hold").await, 12);
    let asked_by =
        format!("select count(*) from job where account_id = '{}' and kind = 'read_document'", world.ada.account);
    assert_eq!(number(&world, &asked_by).await, 4, "each is charged to whoever asked");
    agrees(&world).await;

    // An attempt that comes later finds them read.
    change(&world, "update document set state = 'read', read_anew = false, read_at = now()").await;
    let asked_at = Clock::system().now() - TimeDelta::minutes(1);
    let job = ReadAllAgain { account: world.ada.account, asked_at, documents: None };
    let second = put(&world, world.acme, &job, Enqueue::default()).await.unwrap();
    done(&world, world.acme, second.id).await;
    worker.stop().await;
    assert_eq!(number(&world, "select count(*) from job where kind = 'read_document'").await, 4);
}

#[tokio::test]
async fn nobody_has_read_again_what_is_not_theirs_to_change() {
    let world = World::new().await;
    let (services, bob) = (sold(&world.services), bob(&world, Role::Admin).await);
    let open = read(&world, &services, &["notes.txt"], "pages = 1").await[0];
    let private = uploaded(&services, &world.ada, "plan.txt", true).await;
    rest(&world, "pages = 1").await;
    for ids in [vec![private], vec![world.services.clock.id()]] {
        let refused = documents::read_again(&services, &bob, &ids).await.unwrap_err();
        assert_eq!(refused.kind, ErrorKind::NotFound);
    }
    for quote in [
        billing::quote(&services, &bob, &[private, open]).await.unwrap(),
        billing::quote_all(&services, &bob).await.unwrap(),
    ] {
        assert_eq!((quote.documents, quote.credits), (1, 1), "what is private is not told of");
    }
    let refused = documents::read_again(&services, &world.eve, &[private, open]).await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::NotFound);
    assert_eq!(billing::quote_all(&services, &world.eve).await.unwrap().documents, 0);
    assert_eq!(documents::read_all_again(&services, &world.eve).await.unwrap_err().kind, ErrorKind::Conflict);
    let viewer = Member { role: Role::Viewer, ..world.ada.clone() };
    let refused = documents::read_again(&services, &viewer, &[open]).await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Forbidden);
    let member = Member { role: Role::Member, ..world.ada.clone() };
    assert_eq!(documents::read_all_again(&services, &member).await.unwrap_err().kind, ErrorKind::Forbidden);
    assert_eq!(billing::quote_all(&services, &member).await.unwrap_err().kind, ErrorKind::Forbidden);
    assert_eq!(number(&world, "select count(*) from document where state = 'read'").await, 2, "nothing has begun");

    assert_eq!(documents::read_all_again(&services, &bob).await.unwrap().documents, 1);
    let worker = Worker::start(&sold(&world.workers), Registry::new().register::<ReadAllAgain>());
    until(&world, "select count(*) from job where kind = 'read_all_again' and state = 'done'", 1).await;
    worker.stop().await;
    let state = async |id| documents::state_of(&services, &world.ada, id).await.unwrap();
    assert_eq!((state(open).await, state(private).await), (DocumentState::Waiting, DocumentState::Read));
    agrees(&world).await;
}

#[tokio::test]
async fn none_and_too_many_are_refused() {
    let world = World::at_noon().await;
    let none = documents::read_again(&world.services, &world.ada, &[]).await.unwrap_err();
    assert_eq!(none.field.as_deref(), Some("documents"));
    let many: Vec<DocumentId> = (0..501).map(|_| world.services.clock.id()).collect();
    let many = documents::read_again(&world.services, &world.ada, &many).await.unwrap_err();
    assert_eq!(many.kind, ErrorKind::LimitReached);
}

/// Documents of Ada's that were read, with what is said of each besides.
async fn read(world: &World, services: &Services, names: &[&str], with: &str) -> Vec<DocumentId> {
    let mut ids = Vec::new();
    for name in names {
        ids.push(uploaded(services, &world.ada, name, false).await);
    }
    rest(world, with).await;
    ids
}

/// Has every document read, as if nobody had used anything for that.
async fn rest(world: &World, with: &str) {
    let read = format!("update document set state = 'read', read_at = created_at, {with} where state = 'waiting'");
    change(world, &read).await;
    for settled in ["delete from job", "delete from credit_hold", "update tenant_meter set held = 0"] {
        change(world, settled).await;
    }
}

async fn uploaded(services: &Services, member: &Member, name: &str, private: bool) -> DocumentId {
    let content = bytes::Bytes::copy_from_slice(name.as_bytes());
    let source = futures::stream::iter([Ok::<_, domain::Error>(content)]);
    let options = UploadOptions { keep_both: false, private };
    let Upload::Accepted { document, .. } =
        documents::upload_with(services, member, name, options, source).await.unwrap()
    else {
        panic!("{name} was here already")
    };
    document
}
