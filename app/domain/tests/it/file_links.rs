//! Links to files: good for their time, for their session, for their bytes, and for the keys that are there.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use chrono::TimeDelta;
use domain::{
    ErrorKind, Services,
    accounts::TokenKeys,
    actor::Member,
    documents::{self, FileLink, LinkedFile, Upload},
    id::DocumentId,
};

use crate::{workshop::change, world::World};

#[tokio::test]
async fn a_link_is_good_for_five_minutes_and_then_for_nothing() {
    let (world, id) = acme().await;
    let link = documents::link(&world.services, &world.ada, id, LinkedFile::Original).await.unwrap();
    assert_eq!((link.name.as_str(), link.until), ("original.txt", world.services.clock.now() + TimeDelta::minutes(5)));
    let followed = documents::follow(&world.services, &link.token, &link.name, None).await.unwrap();
    assert_eq!((followed.member.account, followed.member.tenant), (world.ada.account, world.acme));
    assert_eq!((followed.document.id, followed.file), (id, LinkedFile::Original));
    world.services.clock.advance(TimeDelta::seconds(299));
    assert!(leads(&world.services, &link).await);
    world.services.clock.advance(TimeDelta::seconds(2));
    assert!(!leads(&world.services, &link).await, "it is over");
}

#[tokio::test]
async fn whoever_may_not_read_makes_no_link() {
    let (world, id) = acme().await;
    for (member, file) in [
        (&world.eve, LinkedFile::Original),
        (&world.ada, LinkedFile::Page(0)),
        (&world.ada, LinkedFile::Page(1)),
        (&world.ada, LinkedFile::Page(u32::MAX)),
    ] {
        let refused = documents::link(&world.services, member, id, file).await.unwrap_err();
        assert_eq!(refused.kind, ErrorKind::NotFound, "{file:?}");
    }
}

#[tokio::test]
async fn a_link_is_opened_by_the_key_that_has_sealed_it_alone() {
    let (world, id) = acme().await;
    let key = || TokenKeys::generate().unwrap();
    let (old, new) = (key(), key());
    let with = |keys: &[Vec<u8>]| Services { keys: Arc::new(TokenKeys::new(keys).unwrap()), ..world.services.clone() };
    let link = documents::link(&with(std::slice::from_ref(&old)), &world.ada, id, LinkedFile::Original).await.unwrap();
    assert!(leads(&with(&[new.clone(), old.clone()]), &link).await, "a key that was rotated still opens");
    assert!(!leads(&with(&[new]), &link).await, "one that was retired does not");
    // What is sealed for something else opens no file.
    let services = with(std::slice::from_ref(&old));
    let sealed = URL_SAFE_NO_PAD.decode(&link.token).unwrap();
    let said = services.keys.open(&sealed, "a link to a file").unwrap();
    let token = URL_SAFE_NO_PAD.encode(services.keys.seal(&said, "a form").unwrap());
    assert!(!leads(&services, &FileLink { token, ..link.clone() }).await);
    // No byte of it can be another one.
    for place in 0..link.token.len() {
        let mut token = link.token.clone().into_bytes();
        token[place] = if token[place] == b'A' { b'B' } else { b'A' };
        let changed = FileLink { token: String::from_utf8(token).unwrap(), ..link.clone() };
        // Of the last character, some bits stand for nothing; they must be none.
        assert!(!leads(&services, &changed).await, "at {place}");
    }
    for token in ["", "A", "…", &"A".repeat(2_000), &link.token[1..], &format!("{}A", link.token)] {
        assert!(!leads(&services, &FileLink { token: token.to_owned(), ..link.clone() }).await, "{token}");
    }
    for name in ["", "original", "original.pdf", "page-1.png", "original.txt/"] {
        assert!(!leads(&services, &FileLink { name: name.to_owned(), ..link.clone() }).await, "{name}");
    }
    assert!(leads(&services, &link).await);
}

#[tokio::test]
async fn a_link_ends_with_what_its_maker_may_read() {
    let (world, id) = acme().await;
    let (ada, acme) = (world.ada.account, world.acme);
    // Each with what puts it back for the next.
    let ends = [
        (
            "update document set sha256 = decode(repeat('00', 32), 'hex')",
            "update document set sha256 = sha256(convert_to('the harbour plan', 'UTF8'))",
            "the bytes are others",
        ),
        (
            "update document set trashed_at = created_at",
            "update document set trashed_at = null",
            "it lies in the trash",
        ),
        (
            &format!("update session set revoked_at = created_at where account_id = '{ada}'"),
            "update session set revoked_at = null",
            "they have signed out",
        ),
        (
            &format!("update account set session_version = session_version + 1 where id = '{ada}'"),
            &format!("update account set session_version = session_version - 1 where id = '{ada}'"),
            "everywhere",
        ),
        (
            &format!("update tenant set suspended_at = created_at where tenant_id = '{acme}'"),
            "update tenant set suspended_at = null",
            "it is suspended",
        ),
        (
            &format!("delete from membership where account_id = '{ada}'"),
            &format!(
                "insert into membership (tenant_id, account_id, role, created_at)
                 values ('{acme}', '{ada}', 'owner', now())"
            ),
            "they are no member",
        ),
    ];
    for (end, back, why) in ends {
        ends_by(&world, id, end, why).await;
        change(&world, back).await;
    }
    ends_by(&world, id, "delete from document", "it is deleted").await;
}

async fn ends_by(world: &World, id: DocumentId, end: &str, why: &str) {
    let link = documents::link(&world.services, &world.ada, id, LinkedFile::Original).await.unwrap();
    assert!(leads(&world.services, &link).await, "before {why}");
    change(world, end).await;
    assert!(!leads(&world.services, &link).await, "{why}");
}

/// Ada with a session that stands, and a document of hers.
async fn acme() -> (World, DocumentId) {
    let world = World::at_noon().await;
    stands(&world, &world.ada).await;
    let content = futures::stream::iter([Ok(Bytes::from_static(b"the harbour plan"))]);
    let uploaded = documents::upload(&world.services, &world.ada, "Plan.TXT", false, content).await.unwrap();
    let Upload::Accepted { document, .. } = uploaded else { panic!("it is new") };
    (world, document)
}

async fn stands(world: &World, member: &Member) {
    let (session, account, tenant) = (member.session, member.account, member.tenant);
    let insert = format!(
        "insert into session (id, account_id, tenant_id, secret_hash, rotated_at, user_agent, created_at, last_seen_at, expires_at)
         values ('{session}', '{account}', '{tenant}', sha256('x'), '2026-11-21', '', '2026-11-21', '2026-11-21', '2030-01-01')"
    );
    change(world, &insert).await;
}

/// Whether a link leads anywhere. It is refused in no other way than that there is nothing.
async fn leads(services: &Services, link: &FileLink) -> bool {
    match documents::follow(services, &link.token, &link.name, None).await {
        Ok(_) => true,
        Err(error) => {
            assert_eq!(error.kind, ErrorKind::NotFound, "{error}");
            false
        }
    }
}
