//! Files on their way in, and the list of them.

use std::time::Duration;

use bytes::Bytes;
use domain::{
    Error, ErrorKind, Result,
    actor::Role,
    documents::{self, Cursor, DocumentState, Format, ListQuery, Sort, StateFilter, Upload},
    id::DocumentId,
};
use futures::{TryStreamExt, future::join_all};
use sqlx::Executor;

use crate::{
    workshop::{number, within},
    world::{World, bob},
};

#[tokio::test]
async fn an_upload_is_kept_with_its_job() {
    let world = World::new().await;
    let Upload::Accepted { document, job } = upload(&world, "notes.txt", b"hello").await.unwrap() else { panic!() };
    assert!(job.is_some());
    let found = documents::find(&world.services, &world.ada, document).await.unwrap();
    assert_eq!((found.state, found.format, found.bytes), (DocumentState::Waiting, Format::Text, 5));
    assert_eq!(found.sha256, "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
    let file = documents::original(&world.services, &world.ada, document, Some(1..4)).await.unwrap();
    let content: Vec<Bytes> = file.content.try_collect().await.unwrap();
    assert_eq!(content.concat(), b"ell");
}

#[tokio::test]
async fn a_format_that_is_not_read_is_stored_without_a_job() {
    let world = World::new().await;
    let Upload::Accepted { document, job } = upload(&world, "photo.pdf", b"\x89PNG\r\n\x1a\n\0").await.unwrap() else {
        panic!()
    };
    assert_eq!(job, None);
    let found = documents::find(&world.services, &world.ada, document).await.unwrap();
    assert_eq!((found.state, found.format), (DocumentState::Stored, Format::Other));
}

#[tokio::test]
async fn the_same_bytes_are_told_and_both_may_be_kept() {
    let world = World::new().await;
    let Upload::Accepted { document, .. } = upload(&world, "a.txt", b"same").await.unwrap() else { panic!() };
    let again = upload(&world, "b.txt", b"same").await.unwrap();
    assert_eq!(again, Upload::AlreadyHere { document, name: "a.txt".into() });
    let both = documents::upload(&world.services, &world.ada, "b.txt", true, chunks(&[b"same"])).await.unwrap();
    assert!(matches!(both, Upload::Accepted { .. }));
    // Eve's workspace knows nothing of it.
    let eves = documents::upload(&world.services, &world.eve, "c.txt", false, chunks(&[b"same"])).await.unwrap();
    assert!(matches!(eves, Upload::Accepted { .. }));
}

#[tokio::test]
async fn of_the_same_bytes_that_come_at_once_one_is_kept_and_the_others_are_told() {
    let world = World::new().await;
    let names: Vec<String> = (0..6).map(|number| format!("{number}.txt")).collect();
    let acmes = join_all(names.iter().map(|name| upload(&world, name, b"same")));
    let eves = documents::upload(&world.services, &world.eve, "eves.txt", false, chunks(&[b"same"]));
    let (acmes, eves) = tokio::join!(acmes, eves);
    let (mut kept, mut told) = (Vec::new(), Vec::new());
    for outcome in acmes {
        match outcome.unwrap() {
            Upload::Accepted { document, .. } => kept.push(document),
            Upload::AlreadyHere { document, .. } => told.push(document),
        }
    }
    assert_eq!((kept.len(), told), (1, vec![kept[0]; 5]));
    assert!(matches!(eves.unwrap(), Upload::Accepted { .. }), "Eve is told nothing of Acme's");
    let left: Vec<_> = world.services.files.list(&world.acme.to_string()).try_collect().await.unwrap();
    assert_eq!(left.len(), 1, "{left:?}");
    // Whoever keeps both does, also at once.
    let both = |name| documents::upload(&world.services, &world.ada, name, true, chunks(&[b"same"]));
    let (one, other) = tokio::join!(both("one.txt"), both("other.txt"));
    assert!(matches!((one, other), (Ok(Upload::Accepted { .. }), Ok(Upload::Accepted { .. }))));
}

#[tokio::test]
async fn nothing_is_half_kept() {
    let world = World::new().await;
    let empty = upload(&world, "empty.txt", b"").await.unwrap_err();
    assert_eq!((empty.kind, empty.field.as_deref()), (ErrorKind::Invalid, Some("file")));
    let large = vec![b'x'; 600_000];
    let too_large = documents::upload(&world.services, &world.ada, "large.txt", false, chunks(&[&large, &large])).await;
    assert_eq!(too_large.unwrap_err().kind, ErrorKind::LimitReached);
    let broken = futures::stream::iter([Ok(Bytes::from_static(b"half")), Err(Error::invalid("file", "broke off"))]);
    assert!(documents::upload(&world.services, &world.ada, "half.txt", false, broken).await.is_err());
    let left: Vec<_> = world.services.files.list(&world.acme.to_string()).try_collect().await.unwrap();
    assert!(left.is_empty(), "{left:?}");
    assert_eq!(list(&world, ListQuery::default()).await, [""; 0]);
}

#[tokio::test]
async fn a_database_that_is_away_leaves_no_file_behind() {
    let world = World::new().await;
    world.services.db.close().await;
    let error = upload(&world, "notes.txt", b"hello").await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unavailable);
    let left: Vec<_> = world.services.files.list(&world.acme.to_string()).try_collect().await.unwrap();
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test]
async fn what_has_just_been_read_is_not_cancelled_any_more() {
    let world = World::new().await;
    let Upload::Accepted { document, .. } = upload(&world, "a.txt", b"one").await.unwrap() else { panic!() };
    let mut worker = world.superuser().await;
    let read = "begin; update document set state = 'read'; update job set state = 'done', finished_at = now()";
    worker.execute(read).await.unwrap();
    let (services, ada) = (world.services.clone(), world.ada.clone());
    let cancelled = tokio::spawn(async move { documents::cancel(&services, &ada, document).await });
    let waits = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()";
    within(Duration::from_secs(10), "it waits for the worker", async || number(&world, waits).await == 1).await;
    worker.execute("commit").await.unwrap();
    assert_eq!(cancelled.await.unwrap().unwrap_err().kind, ErrorKind::Conflict);
    let state = documents::state_of(&world.services, &world.ada, document).await.unwrap();
    assert_eq!(state, DocumentState::Read);
}

#[tokio::test]
async fn the_list_sorts_filters_and_goes_on() {
    let world = World::new().await;
    for (name, content) in [("b.txt", "bb"), ("C.md", "c"), ("a.csv", "aaa")] {
        upload(&world, name, content.as_bytes()).await.unwrap();
    }
    let sorted = |sort| ListQuery { sort, ..ListQuery::default() };
    assert_eq!(list(&world, sorted(Sort::Newest)).await, ["a.csv", "C.md", "b.txt"]);
    assert_eq!(list(&world, sorted(Sort::Oldest)).await, ["b.txt", "C.md", "a.csv"]);
    assert_eq!(list(&world, sorted(Sort::Name)).await, ["a.csv", "b.txt", "C.md"]);
    assert_eq!(list(&world, sorted(Sort::NameDescending)).await, ["C.md", "b.txt", "a.csv"]);
    assert_eq!(list(&world, sorted(Sort::Largest)).await, ["a.csv", "b.txt", "C.md"]);
    assert_eq!(list(&world, sorted(Sort::Smallest)).await, ["C.md", "b.txt", "a.csv"]);
    let markdown = ListQuery { format: Some(Format::Markdown), ..ListQuery::default() };
    assert_eq!(list(&world, markdown).await, ["C.md"]);
    let read = ListQuery { state: Some(StateFilter::Read), ..ListQuery::default() };
    assert_eq!(list(&world, read).await, [""; 0]);
    let today = world.services.clock.now().date_naive();
    let from = ListQuery { added_from: Some(today), added_to: Some(today), ..ListQuery::default() };
    assert_eq!(list(&world, from).await.len(), 3);
    let before = ListQuery { added_to: today.pred_opt(), ..ListQuery::default() };
    assert_eq!(list(&world, before).await, [""; 0]);
}

#[tokio::test]
async fn pages_of_the_list_meet_without_gap_or_repetition() {
    let world = World::new().await;
    for number in 0..60 {
        let content = format!("document {number} {}", "x".repeat(number % 5));
        let source = futures::stream::iter([Ok(Bytes::from(content))]);
        documents::upload(&world.services, &world.ada, &format!("{number:02}.txt"), false, source).await.unwrap();
    }
    for sort in Sort::ALL {
        let first =
            documents::list(&world.services, &world.ada, &ListQuery { sort, ..Default::default() }).await.unwrap();
        assert_eq!((first.documents.len(), first.total), (50, 60));
        let after = first.next.clone();
        assert!(after.is_some());
        let query = ListQuery { sort, after, ..Default::default() };
        let rest = documents::list(&world.services, &world.ada, &query).await.unwrap();
        assert_eq!((rest.documents.len(), rest.next), (10, None));
        let mut names: Vec<_> = first.documents.iter().chain(&rest.documents).map(|found| &found.name).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), 60, "{sort:?}");
    }
    let after = Some(Cursor { value: "a\0".into(), id: world.services.clock.id() });
    let query = ListQuery { sort: Sort::Name, after, ..Default::default() };
    let nowhere = documents::list(&world.services, &world.ada, &query).await.unwrap_err();
    assert_eq!(nowhere.field.as_deref(), Some("after"));
}

#[tokio::test]
async fn a_filter_that_finds_more_than_a_page_says_how_many() {
    let world = World::new().await;
    let (services, ada) = (&world.services, &world.ada);
    let insert =
        "insert into document (tenant_id, id, name, format, bytes, sha256, object_key, state, uploaded_by, visibility,
                               created_at)
         select $1, gen_random_uuid(), n || '.txt', case when n <= 60 then 'text' else 'csv' end, 1,
                sha256(convert_to(n::text, 'UTF8')), n::text, 'read', $2,
                case when n = 1 then 'private' else 'workspace' end, now()
         from generate_series(1, 1100) as n";
    let mut superuser = world.superuser().await;
    sqlx::query(insert).bind(world.acme.0).bind(ada.account.0).execute(&mut superuser).await.unwrap();
    let of = |format| ListQuery { format: Some(format), ..ListQuery::default() };
    let texts = documents::list(services, ada, &of(Format::Text)).await.unwrap();
    assert_eq!((texts.documents.len(), texts.matching, texts.total), (50, Some(60), 1100));
    // Its last page and another order say the same, and what is all in view needs no count.
    let last = ListQuery { after: texts.next, ..of(Format::Text) };
    let last = documents::list(services, ada, &last).await.unwrap();
    assert_eq!((last.documents.len(), last.matching), (10, Some(60)));
    let by_name = ListQuery { sort: Sort::Name, ..of(Format::Text) };
    assert_eq!(documents::list(services, ada, &by_name).await.unwrap().matching, Some(60));
    for query in [of(Format::Pdf), ListQuery::default()] {
        assert_eq!(documents::list(services, ada, &query).await.unwrap().matching, None, "{query:?}");
    }
    let tables = documents::list(services, ada, &of(Format::Csv)).await.unwrap();
    assert_eq!(tables.matching, Some(documents::MOST_COUNTED + 1), "1,040 are more than are counted");
    // Bob sees nothing of what is private, and Eve nothing at all; what is thrown away is not counted any more.
    let bob = bob(&world, Role::Viewer).await;
    assert_eq!(documents::list(services, &bob, &of(Format::Text)).await.unwrap().matching, Some(59));
    let eves = documents::list(services, &world.eve, &of(Format::Text)).await.unwrap();
    assert_eq!((eves.documents.len(), eves.matching), (0, None));
    documents::trash(services, ada, &[last.documents[0].id]).await.unwrap();
    assert_eq!(documents::list(services, ada, &of(Format::Text)).await.unwrap().matching, Some(59));
}

#[tokio::test]
async fn what_a_filter_finds_goes_to_the_trash_together_and_nothing_that_came_meanwhile() {
    let world = World::new().await;
    let (services, ada) = (&world.services, &world.ada);
    for number in 0..4 {
        let name = format!("{number}.{}", if number < 3 { "txt" } else { "md" });
        upload(&world, &name, number.to_string().as_bytes()).await.unwrap();
    }
    let texts = ListQuery { format: Some(Format::Text), sort: Sort::Name, ..ListQuery::default() };
    let refused = documents::trash_matching(services, ada, &texts, 2).await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Conflict, "two were seen, and there are three");
    let viewer = bob(&world, Role::Viewer).await;
    let refused = documents::trash_matching(services, &viewer, &texts, 3).await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Forbidden);
    let nothing = documents::trash_matching(services, &world.eve, &texts, 3).await.unwrap();
    assert!(nothing.is_empty(), "Eve throws nothing of Acme's away");
    let moved = documents::trash_matching(services, ada, &texts, 3).await.unwrap();
    assert_eq!((moved.len(), list(&world, ListQuery::default()).await), (3, vec!["3.md".to_owned()]));
    assert_eq!(documents::restore(services, ada, &moved).await.unwrap(), 3);
    let all = documents::trash_matching(services, ada, &ListQuery::default(), 4).await.unwrap();
    assert_eq!((all.len(), list(&world, ListQuery::default()).await), (4, Vec::<String>::new()));
}

#[tokio::test]
async fn the_trash_gives_back_and_deletes_for_good() {
    let world = World::new().await;
    let Upload::Accepted { document, .. } = upload(&world, "a.txt", b"one").await.unwrap() else { panic!() };
    let (services, ada) = (&world.services, &world.ada);
    assert_eq!(documents::delete(services, ada, &[document]).await.unwrap(), 0, "only from the trash");
    assert_eq!(documents::trash(services, ada, &[document]).await.unwrap(), 1);
    assert_eq!(list(&world, ListQuery::default()).await, [""; 0]);
    assert_eq!(list(&world, ListQuery { trash: true, ..Default::default() }).await, ["a.txt"]);
    assert_eq!(documents::restore(services, ada, &[document]).await.unwrap(), 1);
    assert_eq!(list(&world, ListQuery::default()).await, ["a.txt"]);
    documents::trash(services, ada, &[document]).await.unwrap();
    assert_eq!(documents::delete(services, ada, &[document]).await.unwrap(), 1);
    assert_eq!(documents::find(services, ada, document).await.unwrap_err().kind, ErrorKind::NotFound);
    let left: Vec<_> = services.files.list(&world.acme.to_string()).try_collect().await.unwrap();
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test]
async fn the_sweeper_empties_the_trash_after_thirty_days_and_takes_orphans() {
    let world = World::new().await;
    let Upload::Accepted { document: kept, .. } = upload(&world, "kept.txt", b"kept").await.unwrap() else { panic!() };
    let Upload::Accepted { document: gone, .. } = upload(&world, "gone.txt", b"gone").await.unwrap() else { panic!() };
    documents::trash(&world.services, &world.ada, &[gone]).await.unwrap();
    documents::sweep(&world.workers, world.acme).await.unwrap();
    assert!(documents::find(&world.services, &world.ada, gone).await.is_ok(), "not yet");
    let orphan: DocumentId = world.services.clock.id();
    let key = domain::files::original_key(world.acme, orphan);
    world.services.files.put(&key, Bytes::from_static(b"orphan")).await.unwrap();
    let unfinished = domain::files::report_key(world.acme, world.services.clock.id());
    world.services.files.put(&unfinished, Bytes::from_static(b"orphan")).await.unwrap();
    let mut later = world.workers.clone();
    later.clock = domain::clock::Clock::manual(world.services.clock.now() + chrono::TimeDelta::days(31));
    documents::sweep(&later, world.acme).await.unwrap();
    domain::reports::sweep(&later, world.acme).await.unwrap();
    // It was another process, of which this one hears in a moment.
    let is_gone = async || documents::find(&world.services, &world.ada, gone).await.is_err();
    within(Duration::from_secs(1), "it is forgotten here", is_gone).await;
    assert!(documents::find(&world.services, &world.ada, kept).await.is_ok());
    let left: Vec<_> = world.services.files.list(&world.acme.to_string()).try_collect().await.unwrap();
    assert_eq!(left.len(), 1, "the file of the document that is kept: {left:?}");
}

async fn upload(world: &World, name: &str, content: &[u8]) -> Result<Upload> {
    documents::upload(&world.services, &world.ada, name, false, chunks(&[content])).await
}

fn chunks(content: &[&[u8]]) -> impl futures::Stream<Item = Result<Bytes>> + use<> {
    let chunks: Vec<_> = content.iter().map(|chunk| Ok(Bytes::copy_from_slice(chunk))).collect();
    futures::stream::iter(chunks)
}

async fn list(world: &World, query: ListQuery) -> Vec<String> {
    let listing = documents::list(&world.services, &world.ada, &query).await.unwrap();
    listing.documents.into_iter().map(|document| document.name).collect()
}
