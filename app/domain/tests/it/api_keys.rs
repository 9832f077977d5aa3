//! Keys of programs: who makes them, as whom they act, and when they end.

use std::{pin::pin, time::Duration};

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    Error, ErrorKind, Result, Services,
    actor::{Action, Member, Role},
    api_keys::{self, KeyForm, MadeKey},
    audit::{self, Act, AuditQuery},
    billing::{self, UsageQuery},
    documents::{self, ListQuery, Upload, UploadOptions},
    members,
};
use futures::{StreamExt, future::join_all};
use tokio::time::timeout;

use crate::{
    ledger::{sold, use_up},
    workshop::{change, number, within},
    world::{World, bob, noon},
};

#[tokio::test]
async fn a_key_acts_as_its_maker_in_the_lesser_role() {
    let world = World::at_noon().await;
    let (services, bob) = (&world.services, bob(&world, Role::Admin).await);
    let made = make(services, &bob, "member", "30").await;
    let program = comes_in(services, &made).await.unwrap();
    assert_eq!((program.tenant, program.account, program.role), (world.acme, bob.account, Role::Member));
    assert_eq!(program.through.as_ref().map(|through| (through.id, through.name.as_str())), Some((made.id, "Import")));
    assert!(program.may(Action::UploadDocuments) && !program.may(Action::ManageKeys));
    assert_eq!(program.require_account().unwrap_err().kind, ErrorKind::Forbidden, "it has borrowed the account");

    // It sees what is private to its maker, and nothing that is private to somebody else.
    let private = UploadOptions { private: true, ..UploadOptions::default() };
    let source = || futures::stream::iter([Ok::<_, Error>(Bytes::from_static(b"the plan"))]);
    documents::upload_with(services, &world.ada, "adas.txt", private, source()).await.unwrap();
    let own = documents::upload_with(services, &program, "bobs.txt", private, source()).await.unwrap();
    assert!(matches!(own, Upload::Accepted { .. }));
    for actor in [&program, &bob] {
        let listed = documents::list(services, actor, &ListQuery::default()).await.unwrap().documents;
        assert_eq!(listed.into_iter().map(|document| document.name).collect::<Vec<_>>(), ["bobs.txt"]);
    }

    // Whoever is less than the key is as much as it can be, and may be more again.
    for (role, acts_as) in [(Role::Viewer, Role::Viewer), (Role::Owner, Role::Member)] {
        members::change_role(services, &world.ada, bob.account, role).await.unwrap();
        assert_eq!(comes_in(services, &made).await.unwrap().role, acts_as);
    }
    let looks = make(services, &bob, "viewer", "never").await;
    let program = comes_in(services, &looks).await.unwrap();
    assert_eq!(program.role, Role::Viewer);
    let refused = documents::upload_with(services, &program, "a.txt", private, source()).await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Forbidden);
}

#[tokio::test]
async fn whatever_is_wrong_with_a_key_is_refused_in_the_same_words() {
    let world = World::at_noon().await;
    let (services, bob) = (&world.services, bob(&world, Role::Admin).await);
    let made = make(services, &world.ada, "member", "30").await;
    let other = make(services, &world.eve, "member", "30").await;
    // The secret of one key behind the name of another; the name of one that is not there; and what is none at all.
    let named = |key: &str| key[..key.len() - 43].to_owned();
    let secret = |key: &str| key[key.len() - 43..].to_owned();
    let mixed = format!("{}{}", named(&made.key), secret(&other.key));
    let cut = made.key[..20].to_owned();
    for wrong in [mixed, cut, String::new(), "sheaf_".into(), made.key.replace("sheaf_", "sk_")] {
        is_refused(services, &MadeKey { key: wrong, ..made.clone() }).await;
    }

    let bobs = make(services, &bob, "member", "never").await;
    comes_in(services, &bobs).await.unwrap();
    members::remove(services, &world.ada, bob.account).await.unwrap();
    is_refused(services, &bobs).await;
    let again = format!(
        "insert into membership (tenant_id, account_id, role, created_at) values ('{}', '{}', 'admin', now())",
        world.acme, bob.account
    );
    change(&world, &again).await;
    is_refused(services, &bobs).await;

    change(&world, "update tenant set suspended_at = now() where name = 'Acme'").await;
    is_refused(services, &made).await;
    comes_in(services, &other).await.unwrap();
    change(&world, "update tenant set suspended_at = null").await;
    comes_in(services, &made).await.unwrap();

    services.clock.advance(TimeDelta::days(30));
    is_refused(services, &made).await;
    assert!(api_keys::list(services, &world.ada).await.unwrap()[0].expired);
    let revoked = make(services, &world.ada, "member", "never").await;
    comes_in(services, &revoked).await.unwrap();
    api_keys::revoke(services, &world.ada, revoked.id).await.unwrap();
    is_refused(services, &revoked).await;
    assert_eq!(api_keys::revoke(services, &world.ada, revoked.id).await.unwrap_err().kind, ErrorKind::NotFound);
}

#[tokio::test]
async fn who_runs_the_workspace_makes_and_ends_keys_and_nobody_else_knows_of_them() {
    let world = World::at_noon().await;
    let services = &world.services;
    let made = make(services, &world.ada, "viewer", "365").await;
    for role in [Role::Viewer, Role::Member] {
        let bob = Member { role, ..world.ada.clone() };
        let asked = KeyForm { name: "", role: "", expires: "" };
        let (list, revoked) = (api_keys::list(services, &bob).await, api_keys::revoke(services, &bob, made.id).await);
        let refused = [api_keys::make(services, &bob, asked).await.err(), list.err(), revoked.err()];
        assert!(refused.iter().flatten().filter(|error| error.is(ErrorKind::Forbidden)).count() == 3, "{role:?}");
    }
    for (name, role, expires, field) in [
        ("  ", "viewer", "30", "name"),
        ("Import", "admin", "30", "role"),
        ("Import", "owner", "30", "role"),
        ("Import", "viewer", "31", "expires"),
    ] {
        let refused = api_keys::make(services, &world.ada, KeyForm { name, role, expires }).await.err().unwrap();
        assert_eq!(refused.field.as_deref(), Some(field));
    }
    assert!(api_keys::list(services, &world.eve).await.unwrap().is_empty());
    assert_eq!(api_keys::revoke(services, &world.eve, made.id).await.unwrap_err().kind, ErrorKind::NotFound);
    let listed = api_keys::list(services, &world.ada).await.unwrap();
    let key = &listed[0];
    assert_eq!((key.id, key.name.as_str(), key.made_by.as_str()), (made.id, "Import", "Ada"));
    assert_eq!(key.expires_at, Some(services.clock.now() + TimeDelta::days(365)));
    assert!(made.key.starts_with(&key.beginning) && key.beginning.len() == 18, "{}", key.beginning);
    let secret = &made.key[50..];
    let kept = format!(
        "select count(*) from api_key
         where position('{secret}' in api_key::text) > 0
            or rtrim(encode(secret_hash, 'base64'), '=') = translate('{secret}', '-_', '+/')"
    );
    assert_eq!(number(&world, &kept).await, 0, "the secret is kept nowhere");
}

#[tokio::test]
async fn of_keys_that_are_made_at_once_none_is_one_too_many() {
    let world = World::at_noon().await;
    let services = &world.services;
    let all_but_one = format!(
        "insert into api_key (tenant_id, id, name, role, secret_hash, made_by, created_at)
         select '{}', gen_random_uuid(), 'Import', 'viewer', sha256(convert_to(n::text, 'UTF8')), '{}', now()
         from generate_series(1, 99) as n",
        world.acme, world.ada.account
    );
    assert_eq!(change(&world, &all_but_one).await, 99);
    let asked = KeyForm { name: "Import", role: "viewer", expires: "30" };
    let made = join_all((0..6).map(|_| api_keys::make(services, &world.ada, asked))).await;
    let refused: Vec<_> = made.into_iter().filter_map(|made| made.err().map(|error| error.kind)).collect();
    assert_eq!(refused, [ErrorKind::LimitReached; 5]);
    assert_eq!(api_keys::list(services, &world.ada).await.unwrap().len(), 100);
    make(services, &world.eve, "viewer", "30").await;
}

#[tokio::test]
async fn who_was_taken_out_a_moment_ago_makes_no_key() {
    let world = World::at_noon().await;
    let (services, bob) = (&world.services, bob(&world, Role::Admin).await);
    members::remove(services, &world.ada, bob.account).await.unwrap();
    let asked = KeyForm { name: "Import", role: "member", expires: "never" };
    let refused = api_keys::make(services, &bob, asked).await.err().unwrap();
    assert_eq!(refused.kind, ErrorKind::Unauthenticated, "a server may remember them as a member");
    assert!(api_keys::list(services, &world.ada).await.unwrap().is_empty());
}

#[tokio::test]
async fn who_looks_at_the_keys_is_told_of_those_that_ended_with_their_maker() {
    let world = World::at_noon().await;
    let (services, bob) = (&world.services, bob(&world, Role::Admin).await);
    make(services, &bob, "viewer", "30").await;
    within(Duration::from_secs(10), "it listens", async || services.live.is_listening()).await;
    let mut changes = pin!(services.live.subscribe(world.acme, world.ada.account));
    members::remove(services, &world.ada, bob.account).await.unwrap();
    let acme = world.acme.to_string();
    let told =
        async { while changes.next().await.is_none_or(|change| change.kind != "api_key" || change.id != acme) {} };
    timeout(Duration::from_secs(10), told).await.expect("it is told");
}

#[tokio::test]
async fn the_log_names_the_key_and_its_last_use_is_told_to_the_minute() {
    let world = World::at_noon().await;
    let services = &world.services;
    let made = make(services, &world.ada, "member", "90").await;
    assert_eq!(last_used(&world).await, None);
    let program = comes_in(services, &made).await.unwrap();
    let first = last_used(&world).await;
    assert!(first.is_some_and(|at| at > noon()));
    services.clock.advance(TimeDelta::seconds(59));
    comes_in(services, &made).await.unwrap();
    assert_eq!(last_used(&world).await, first);
    services.clock.advance(TimeDelta::seconds(1));
    comes_in(services, &made).await.unwrap();
    assert_eq!(last_used(&world).await, first.map(|at| at + TimeDelta::minutes(1)));

    let source = futures::stream::iter([Ok::<_, Error>(Bytes::from_static(b"notes"))]);
    documents::upload(services, &program, "notes.txt", false, source).await.unwrap();
    api_keys::revoke(services, &world.ada, made.id).await.unwrap();
    let entries = audit::list(services, &world.ada, &AuditQuery::default()).await.unwrap().entries;
    let of = |act: Act| entries.iter().find(|entry| entry.act == act.as_str()).unwrap();
    let uploaded = of(Act::DocumentUploaded);
    assert_eq!(uploaded.account, Some(world.ada.account));
    assert_eq!(uploaded.facts, [("through key".to_owned(), "Import".to_owned())]);
    assert!(of(Act::KeyMade).facts.contains(&("role".into(), "member".into())));
    assert_eq!(of(Act::KeyRevoked).facts, [("name".to_owned(), "Import".to_owned())]);
    let named = format!("select count(*) from audit_entry where detail ->> 'api_key' = '{}'", made.id);
    assert_eq!(number(&world, &named).await, 1);
}

#[tokio::test]
async fn what_a_key_causes_says_so_and_what_people_do_does_not() {
    let world = World::at_noon().await;
    let services = &world.services;
    let made = make(services, &world.ada, "member", "90").await;
    let program = comes_in(services, &made).await.unwrap();
    for (actor, name) in [(&program, "program.txt"), (&world.ada, "browser.txt")] {
        let source = futures::stream::iter([Ok::<_, Error>(Bytes::copy_from_slice(name.as_bytes()))]);
        documents::upload(services, actor, name, false, source).await.unwrap();
    }
    let with_key = format!(
        "select count(*) from document d join job j on j.id = d.job_id
         where d.name = 'program.txt' and d.api_key_id = '{0}' and j.api_key_id = '{0}'",
        made.id
    );
    assert_eq!(number(&world, &with_key).await, 1);
    let without = "select count(*) from document d join job j on j.id = d.job_id
                   where d.name = 'browser.txt' and d.api_key_id is null and j.api_key_id is null";
    assert_eq!(number(&world, without).await, 1);
}

#[tokio::test]
async fn what_was_used_through_each_key_adds_up_to_the_ledger() {
    let world = World::at_noon().await;
    let services = sold(&world.services);
    let made = make(&services, &world.ada, "member", "90").await;
    for credits in [7, 5, 3] {
        use_up(&world, credits).await;
    }
    let through = format!("update ledger_entry set api_key_id = '{}' where kind = 'use' and credits > 3", made.id);
    assert_eq!(change(&world, &through).await, 2);
    let usage = billing::usage(&services, &world.ada, &UsageQuery::default()).await.unwrap();
    let sums: Vec<_> = usage.keys.iter().map(|sum| (sum.name.as_str(), sum.credits)).collect();
    assert_eq!((sums, usage.total), (vec![("Import", 12), ("In the browser", 3)], 15));
    // A key that is revoked still says what it has used.
    api_keys::revoke(&services, &world.ada, made.id).await.unwrap();
    let again = billing::usage(&services, &world.ada, &UsageQuery::default()).await.unwrap();
    assert_eq!(again.keys, usage.keys);
    let lines = billing::ledger(&services, &world.ada, None).await.unwrap().lines;
    assert_eq!(lines.iter().filter(|line| line.through.as_deref() == Some("Import")).count(), 2);
    let globex = billing::usage(&services, &world.eve, &UsageQuery::default()).await.unwrap();
    assert!(globex.keys.is_empty());
}

async fn make(services: &Services, member: &Member, role: &str, expires: &str) -> MadeKey {
    api_keys::make(services, member, KeyForm { name: " Import ", role, expires }).await.unwrap()
}

async fn comes_in(services: &Services, made: &MadeKey) -> Result<Member> {
    api_keys::authenticate(services, &made.key, None).await
}

async fn is_refused(services: &Services, made: &MadeKey) {
    let error = comes_in(services, made).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unauthenticated);
    assert_eq!(error.message, "This key is not known, or is good no more.");
}

async fn last_used(world: &World) -> Option<DateTime<Utc>> {
    api_keys::list(&world.services, &world.ada).await.unwrap()[0].last_used_at
}
