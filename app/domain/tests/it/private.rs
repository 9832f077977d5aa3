//! Private documents: whoever uploaded one sees it, and whom it was shared with; nobody else at Acme does, be it the owner.
//! What keeps them is the database, so it is asked past the product as well.

use std::{collections::BTreeSet, pin::pin, time::Duration};

use bytes::Bytes;
use domain::{
    ErrorKind,
    actor::{Member, Role},
    db::setup::{APP, WORKER},
    documents::{self, ListQuery, Upload, UploadOptions, Visibility, reading::ImageSize},
    files,
    id::{AccountId, DocumentId},
    reports::{self, NewReport, Scope},
    search,
};
use futures::{Stream, StreamExt};
use sqlx::{AssertSqlSafe, Executor};

use crate::{
    probe::Probe,
    world::{World, bob},
};

/// On the page of each document, so that a search for it finds all that one may see.
pub const WORD: &str = "harbour";

#[tokio::test]
async fn nobody_else_reaches_a_private_document_by_any_door() {
    let world = World::new().await;
    let bob = bob(&world, Role::Admin).await;
    let id = upload(&world, &world.ada, "plan.txt", true).await;
    let key = files::page_image_key(world.acme, id, 1, ImageSize::Page.as_str());
    world.services.files.put(&key, Bytes::from_static(b"image")).await.unwrap();
    assert_eq!(reached(&world, &world.ada, id).await, EVERY_DOOR);
    assert_eq!(reached(&world, &bob, id).await, NO_DOOR);
    assert_eq!(reached(&world, &world.eve, id).await, NO_DOOR);

    share(&world, id, &[bob.account]).await;
    assert_eq!(reached(&world, &bob, id).await, EVERY_DOOR);
    assert_eq!(reached(&world, &world.eve, id).await, NO_DOOR);

    share(&world, id, &[]).await;
    assert_eq!(reached(&world, &bob, id).await, NO_DOOR);

    documents::set_visibility(&world.services, &world.ada, id, Visibility::Workspace).await.unwrap();
    assert_eq!(reached(&world, &bob, id).await, EVERY_DOOR);
    assert_eq!(reached(&world, &world.eve, id).await, NO_DOOR);
}

#[tokio::test]
async fn nobody_else_changes_a_private_document() {
    let world = World::new().await;
    let (services, bob) = (&world.services, bob(&world, Role::Owner).await);
    let id = upload(&world, &world.ada, "plan.txt", true).await;
    assert_eq!(documents::trash(services, &bob, &[id]).await.unwrap(), 0);
    for refused in [
        documents::cancel(services, &bob, id).await,
        documents::retry(services, &bob, id).await.map(|_| ()),
        documents::read_again(services, &bob, &[id]).await.map(|_| ()),
        documents::set_visibility(services, &bob, id, Visibility::Workspace).await,
        documents::sharing(services, &bob, id).await.map(|_| ()),
    ] {
        assert_eq!(refused.unwrap_err().kind, ErrorKind::NotFound);
    }
    documents::trash(services, &world.ada, &[id]).await.unwrap();
    assert_eq!(documents::restore(services, &bob, &[id]).await.unwrap(), 0);
    assert_eq!(documents::delete(services, &bob, &[id]).await.unwrap(), 0);
    assert_eq!(documents::restore(services, &world.ada, &[id]).await.unwrap(), 1);
}

#[tokio::test]
async fn the_same_bytes_tell_nobody_what_is_private() {
    let world = World::new().await;
    let bob = bob(&world, Role::Member).await;
    let adas = upload(&world, &world.ada, "plan.txt", true).await;
    let bobs = upload(&world, &bob, "plan.txt", false).await;
    assert_ne!(adas, bobs, "Bob's is kept, as if it were the first");
    let source = futures::stream::iter([Ok(Bytes::from_static(b"plan.txt"))]);
    let again = documents::upload(&world.services, &world.ada, "plan.txt", false, source).await.unwrap();
    assert!(matches!(again, Upload::AlreadyHere { document, .. } if document == adas), "{again:?}");
}

#[tokio::test]
async fn whoever_uploaded_it_and_the_admins_choose_among_the_members() {
    let world = World::new().await;
    let (services, bob) = (&world.services, bob(&world, Role::Member).await);
    let id = upload(&world, &world.ada, "plan.txt", false).await;
    let only_bob = || Visibility::Private { readers: BTreeSet::from([bob.account]) };
    let refused = documents::set_visibility(services, &bob, id, only_bob()).await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Forbidden);
    let viewer = Member { role: Role::Viewer, ..world.ada.clone() };
    let refused = documents::set_visibility(services, &viewer, id, only_bob()).await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Forbidden);
    let strangers = Visibility::Private { readers: BTreeSet::from([world.eve.account]) };
    let refused = documents::set_visibility(services, &world.ada, id, strangers).await.unwrap_err();
    assert_eq!((refused.kind, refused.field.as_deref()), (ErrorKind::Invalid, Some("readers")));

    // An admin who makes it private stays among its readers, and whoever uploaded it sees it without being one.
    let admin = Member { role: Role::Admin, ..bob.clone() };
    documents::set_visibility(services, &admin, id, Visibility::only_me()).await.unwrap();
    let sharing = documents::sharing(services, &world.ada, id).await.unwrap();
    assert!(sharing.private && sharing.may_change && sharing.uploaded_by == "Ada");
    let readers: Vec<_> = sharing.members.iter().map(|reader| (reader.name.as_str(), reader.reads)).collect();
    assert_eq!(readers, [("Bob", true)]);
    let sharing = documents::sharing(services, &bob, id).await.unwrap();
    assert!(!sharing.may_change, "as a member he sees it, and does not choose");
}

#[tokio::test]
async fn a_report_shows_what_whoever_asked_for_it_may_see() {
    let world = World::new().await;
    let (services, bob) = (&world.services, bob(&world, Role::Admin).await);
    let private = upload(&world, &world.ada, "plan.txt", true).await;
    let open = upload(&world, &world.ada, "notes.txt", false).await;
    let chosen = |ids: &[DocumentId]| NewReport::parse("Plans", Scope::Documents(ids.to_vec())).unwrap();
    let nothing = reports::ask(services, &bob, chosen(&[private])).await.unwrap_err();
    assert_eq!((nothing.kind, nothing.field.as_deref()), (ErrorKind::Invalid, Some("documents")));
    let (bobs, _) = reports::ask(services, &bob, chosen(&[private, open])).await.unwrap();
    let bobs = reports::find(services, &world.ada, bobs).await.unwrap();
    assert_eq!((bobs.scope, bobs.private), (Scope::Documents(vec![open]), false));

    let (adas, _) = reports::ask(services, &world.ada, chosen(&[private, open])).await.unwrap();
    assert!(reports::find(services, &world.ada, adas).await.unwrap().private);
    let searched = NewReport::parse("Harbour", Scope::Search(WORD.into())).unwrap();
    let (searched, _) = reports::ask(services, &world.ada, searched).await.unwrap();
    for hidden in [adas, searched] {
        assert_eq!(reports::find(services, &bob, hidden).await.unwrap_err().kind, ErrorKind::NotFound);
        assert!(reports::download(services, &bob, hidden).await.is_err());
        assert_eq!(reports::delete(services, &bob, hidden).await.unwrap_err().kind, ErrorKind::NotFound);
    }
    let listed = reports::list(services, &bob).await.unwrap();
    assert_eq!(listed.iter().map(|report| report.id).collect::<Vec<_>>(), [bobs.id]);
    assert_eq!(reports::list(services, &world.ada).await.unwrap().len(), 3);
}

#[tokio::test]
async fn a_change_of_a_private_document_is_told_to_its_readers() {
    let world = World::new().await;
    let bob = bob(&world, Role::Member).await;
    let live = &world.services.live;
    let mut adas = pin!(live.subscribe(world.acme, world.ada.account));
    let mut bobs = pin!(live.subscribe(world.acme, bob.account));
    // Nobody knows when the listening begins; from the first change that is heard on, each is.
    let mut number = 0;
    while heard(&mut bobs, Duration::from_millis(100)).await.is_none() {
        number += 1;
        upload(&world, &world.ada, &format!("{number}.txt"), false).await;
    }
    let private = upload(&world, &world.ada, "plan.txt", true).await.to_string();
    let end = upload(&world, &bob, "end.txt", false).await.to_string();
    assert!(until(&mut adas, &end).await.contains(&private));
    assert!(!until(&mut bobs, &end).await.contains(&private));
}

#[tokio::test]
async fn what_is_answered_is_what_the_rule_says() {
    let world = World::new().await;
    let bob = bob(&world, Role::Admin).await;
    let people = [&world.ada, &bob];
    let mut kept = Vec::new();
    for number in 0..24 {
        let [uploader, kind] = world.services.clock.random::<2>();
        let uploader = people[usize::from(uploader % 2)];
        let id = upload(&world, uploader, &format!("{number}.txt"), kind & 1 == 1).await;
        let mut seers = BTreeSet::from([uploader.account]);
        if kind & 2 == 2 {
            let readers: BTreeSet<AccountId> =
                people.iter().filter(|_| kind & 4 == 4).map(|person| person.account).collect();
            seers.extend(&readers);
            documents::set_visibility(&world.services, uploader, id, Visibility::Private { readers }).await.unwrap();
        } else if kind & 1 == 0 {
            seers.extend(people.iter().map(|person| person.account));
        }
        kept.push((id, seers));
    }
    for person in people {
        let expected: BTreeSet<DocumentId> =
            kept.iter().filter(|(_, seers)| seers.contains(&person.account)).map(|(id, _)| *id).collect();
        let listing = documents::list(&world.services, person, &ListQuery::default()).await.unwrap();
        assert_eq!(listing.documents.iter().map(|document| document.id).collect::<BTreeSet<_>>(), expected);
        assert_eq!(listing.total, i64::try_from(expected.len()).unwrap());
        for document in listing.documents {
            let (_, seers) = kept.iter().find(|(id, _)| *id == document.id).unwrap();
            assert!(document.private || seers.len() == people.len(), "{}", document.name);
        }
        let found = search::search(&world.services, person, WORD).await.unwrap();
        assert_eq!(found.pages, i64::try_from(expected.len()).unwrap(), "one page each");
        assert!(found.documents.iter().all(|document| expected.contains(&document.id)));
        for (id, seers) in &kept {
            let page = documents::page(&world.services, person, *id, 1, Some(WORD)).await;
            assert_eq!(page.is_ok(), seers.contains(&person.account));
        }
    }
    assert_eq!(documents::list(&world.services, &world.eve, &ListQuery::default()).await.unwrap().total, 0);
}

#[tokio::test]
async fn whoever_leaves_loses_it_and_what_they_leave_is_the_owners() {
    let world = World::new().await;
    let bob = bob(&world, Role::Member).await;
    let shared = upload(&world, &world.ada, "plan.txt", true).await;
    share(&world, shared, &[bob.account]).await;
    let left = upload(&world, &bob, "left.txt", true).await;
    documents::sweep(&world.workers, world.acme).await.unwrap();
    assert!(documents::find(&world.services, &world.ada, left).await.is_err(), "Bob is a member");

    let leave = format!("delete from membership where account_id = '{}'", bob.account);
    world.superuser().await.execute(AssertSqlSafe(leave)).await.unwrap();
    assert!(documents::find(&world.services, &bob, shared).await.is_err());
    documents::sweep(&world.workers, world.acme).await.unwrap();
    assert!(documents::find(&world.services, &world.ada, left).await.unwrap().private);
    assert_eq!(reached(&world, &world.eve, left).await, NO_DOOR);
}

#[tokio::test]
async fn the_database_itself_keeps_it_from_other_members() {
    let world = World::new().await;
    let bob = bob(&world, Role::Owner).await;
    let id = upload(&world, &world.ada, "plan.txt", true).await;
    share(&world, id, &[]).await;
    for role in [APP, WORKER] {
        let mut bobs = as_person(&world, "", role, &bob).await;
        for nothing in [
            "select name from document",
            "select text from page",
            "select account_id from document_reader",
            "update document set visibility = 'workspace' returning name",
            "delete from document returning name",
            "delete from page returning text",
        ] {
            assert_eq!(bobs.rows(nothing).await, [""; 0], "{role}: {nothing}");
        }
        let join = format!("insert into document_reader values ('{}', '{id}', '{}')", world.acme, bob.account);
        assert_eq!(bobs.refusal(&join).await, "42501", "{role} shares it with himself");
        drop(bobs);
        assert_eq!(as_person(&world, "", role, &world.ada).await.rows("select name from document").await, ["plan.txt"]);
    }
    // Sheaf itself: a worker sees all, and the web server what is everybody's.
    let names = "select name from document";
    assert_eq!(Probe::after(&world, "", WORKER, world.acme).await.rows(names).await, ["plan.txt"]);
    assert_eq!(Probe::after(&world, "", APP, world.acme).await.rows(names).await, [""; 0]);

    for (open, question) in [
        ("alter policy document_select on document using (tenant_id = current_tenant())", names),
        ("alter policy page_select on page using (tenant_id = current_tenant())", "select text from page"),
        ("alter policy document_select on document using (tenant_id = current_tenant())", "select text from page"),
    ] {
        assert_eq!(as_person(&world, open, APP, &bob).await.rows(question).await.len(), 1, "{open}");
    }
}

/// What [`reached`] says of somebody who sees the document, and of somebody who does not.
const EVERY_DOOR: [&str; 11] =
    ["list", "count", "search", "pages found", "find", "page", "pages with", "text", "image", "digest", "original"];
const NO_DOOR: [&str; 0] = [];

/// The doors through which a person reaches a document, which is the only one at Acme.
async fn reached(world: &World, member: &Member, id: DocumentId) -> Vec<&'static str> {
    let services = &world.services;
    let listing = documents::list(services, member, &ListQuery::default()).await.unwrap();
    let found = search::search(services, member, WORD).await.unwrap();
    let pages = documents::pages_with(services, member, id, WORD).await.unwrap();
    [
        ("list", !listing.documents.is_empty()),
        ("count", listing.total > 0),
        ("search", !found.documents.is_empty()),
        ("pages found", found.pages > 0),
        ("find", documents::find(services, member, id).await.is_ok()),
        ("page", documents::page(services, member, id, 1, Some(WORD)).await.is_ok()),
        ("pages with", !pages.is_empty()),
        ("text", documents::text_of(services, member, id).await.is_ok()),
        ("image", documents::page_image(services, member, (id, 1, ImageSize::Page), None).await.is_ok()),
        ("digest", documents::images_digest(services, member, id, 1).await.is_ok()),
        ("original", documents::original(services, member, id, None).await.is_ok()),
    ]
    .into_iter()
    .filter_map(|(door, opens)| opens.then_some(door))
    .collect()
}

/// A document whose content is its name, with a page that was read.
pub async fn upload(world: &World, member: &Member, name: &str, private: bool) -> DocumentId {
    let source = futures::stream::iter([Ok(Bytes::from(name.to_owned()))]);
    let options = UploadOptions { keep_both: false, private };
    let uploaded = documents::upload_with(&world.services, member, name, options, source).await.unwrap();
    let Upload::Accepted { document, .. } = uploaded else { panic!("{name} was here already") };
    let page = format!(
        "insert into page (tenant_id, document_id, number, text, word_count, config, tsv)
         values ('{}', '{document}', 1, '{WORD}', 1, 'sheaf_english',
                 to_tsvector('sheaf_english', '{WORD}') || array_to_tsvector(array['sheaf_english']))",
        member.tenant
    );
    world.superuser().await.execute(AssertSqlSafe(page)).await.unwrap();
    document
}

/// Shares a document of Ada's.
async fn share(world: &World, id: DocumentId, readers: &[AccountId]) {
    let visibility = Visibility::Private { readers: readers.iter().copied().collect() };
    documents::set_visibility(&world.services, &world.ada, id, visibility).await.unwrap();
}

/// A transaction in which a person acts at Acme, after a change that the superuser makes in it.
async fn as_person(world: &World, change: &str, role: &str, member: &Member) -> Probe {
    let mut probe = Probe::after(world, change, role, world.acme).await;
    probe.rows(&format!("select set_config('app.account_id', '{}', true)", member.account)).await;
    probe
}

async fn heard(changes: &mut (impl Stream<Item = domain::live::Change> + Unpin), within: Duration) -> Option<String> {
    tokio::time::timeout(within, changes.next()).await.ok().flatten().map(|change| change.id)
}

/// The ids that are told before, and with, this one.
async fn until(changes: &mut (impl Stream<Item = domain::live::Change> + Unpin), end: &str) -> Vec<String> {
    let mut ids = Vec::new();
    while ids.last().is_none_or(|id| id != end) {
        ids.push(heard(changes, Duration::from_secs(10)).await.expect("the change is told"));
    }
    ids
}
