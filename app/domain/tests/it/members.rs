//! Who is in a workspace: invitations, roles, and the ways out.

use std::time::Duration;

use chrono::TimeDelta;
use domain::{
    Error, ErrorKind, Result,
    accounts::{self, Profile, SignIn, SignedIn},
    actor::Member,
    id::{InviteId, TenantId},
    members::{self, InvitationState, NewMember},
    roles::Role,
};
use sqlx::{AssertSqlSafe, Executor};
use tokio::time::sleep;

use crate::world::{World, person};

const PASSWORD: &str = "correct horse battery";

#[tokio::test]
async fn an_invitation_brings_somebody_in_once() {
    let world = World::at_noon().await;
    members::invite(&world.services, &world.ada, " Bob@Acme.example ", Role::Viewer).await.unwrap();
    let mail = world.mail_to("bob@acme.example").await.unwrap();
    assert_eq!(mail.subject, "Ada invites you to Acme on Sheaf");
    let token = token_mailed_to(&world, "bob@acme.example").await;
    let invitation = members::invitation(&world.services, &token).await.unwrap();
    assert_eq!((invitation.workspace.as_str(), invitation.role), ("Acme", Role::Viewer));
    assert_eq!((invitation.state, invitation.has_account), (InvitationState::Open, false));

    let bob = new_member(&world, &token, "Bob").await.unwrap();
    assert_eq!((bob.member.tenant, bob.member.role), (world.acme, Role::Viewer));
    let profile = authenticate(&world, &bob).await.unwrap();
    assert_eq!((profile.name.as_str(), profile.tenant_name.as_str()), ("Bob", "Acme"));
    assert_eq!(profile.workspaces.len(), 1, "he has no workspace of his own");
    assert!(sign_in(&world, "bob@acme.example").await.is_ok(), "the mail has proved his address");

    let again = new_member(&world, &token, "Bob").await.err().unwrap();
    assert_eq!(again.kind, ErrorKind::Conflict, "{again}");
    assert!(again.message.contains("used already"), "{again}");
    let people = members::list(&world.services, &world.ada).await.unwrap();
    assert_eq!((people.members.len(), people.invites.len()), (2, 0));
}

#[tokio::test]
async fn of_two_who_use_a_link_at_once_one_comes_in() {
    let world = World::new().await;
    members::invite(&world.services, &world.ada, "bob@acme.example", Role::Member).await.unwrap();
    let token = token_mailed_to(&world, "bob@acme.example").await;
    let (one, other) = tokio::join!(new_member(&world, &token, "Bob"), new_member(&world, &token, "Bob"));
    assert_eq!([one, other].iter().filter(|joined| joined.is_ok()).count(), 1);
    assert_eq!(members::list(&world.services, &world.ada).await.unwrap().members.len(), 2);
}

#[tokio::test]
async fn somebody_with_an_account_comes_in_with_it() {
    let world = World::at_noon().await;
    let bob = signed_in_person(&world).await;
    members::invite(&world.services, &world.ada, "bob@initech.example", Role::Member).await.unwrap();
    let token = token_mailed_to(&world, "bob@initech.example").await;
    assert!(members::invitation(&world.services, &token).await.unwrap().has_account);
    let as_new = new_member(&world, &token, "Bob").await.err().unwrap();
    assert!(as_new.message.contains("has an account"), "{as_new}");

    let acme = members::accept(&world.services, &bob.member, &token).await.unwrap();
    assert_eq!(acme, world.acme);
    let there = accounts::switch(&world.services, &bob.member, acme).await.unwrap();
    assert_eq!((there.member.tenant, there.member.role), (world.acme, Role::Member));
    let profile = authenticate(&world, &there).await.unwrap();
    let names: Vec<_> = profile.workspaces.iter().map(|workspace| workspace.name.as_str()).collect();
    assert_eq!(names, ["Initech", "Acme"]);
    assert!(authenticate(&world, &bob).await.is_err(), "the session is in one workspace at a time");

    // Invited once more, he is told.
    let member = members::invite(&world.services, &world.ada, "bob@initech.example", Role::Member).await.unwrap_err();
    assert_eq!(member.field.as_deref(), Some("email"), "{member}");
}

#[tokio::test]
async fn a_link_grows_old_is_replaced_and_is_withdrawn() {
    let world = World::at_noon().await;
    let (services, ada) = (&world.services, &world.ada);
    let id = members::invite(services, ada, "bob@acme.example", Role::Member).await.unwrap();
    let first = token_mailed_to(&world, "bob@acme.example").await;
    let soon = members::send_again(services, ada, id).await.unwrap_err();
    assert_eq!(soon.kind, ErrorKind::RateLimited);

    services.clock.advance(members::INVITE_TTL);
    let old = new_member(&world, &first, "Bob").await.err().unwrap();
    assert!(old.message.contains("too old"), "{old}");
    assert!(members::list(services, ada).await.unwrap().invites[0].expired);

    members::send_again(services, ada, id).await.unwrap();
    let second = token_mailed_to(&world, "bob@acme.example").await;
    assert_ne!(first, second);
    assert_eq!(members::invitation(services, &first).await.unwrap_err().field.as_deref(), Some("token"));
    assert_eq!(members::invitation(services, &second).await.unwrap().state, InvitationState::Open);

    members::withdraw(services, ada, id).await.unwrap();
    let withdrawn = new_member(&world, &second, "Bob").await.err().unwrap();
    assert!(withdrawn.message.contains("withdrawn"), "{withdrawn}");
    services.clock.advance(TimeDelta::minutes(2));
    assert_eq!(members::send_again(services, ada, id).await.unwrap_err().kind, ErrorKind::Conflict);
    assert_eq!(members::withdraw(services, ada, id).await.unwrap_err().kind, ErrorKind::Conflict);
    // The address may be invited anew.
    members::invite(services, ada, "bob@acme.example", Role::Member).await.unwrap();
}

#[tokio::test]
async fn a_link_is_good_for_its_workspace_and_its_address_alone() {
    let world = World::at_noon().await;
    members::invite(&world.services, &world.ada, "bob@acme.example", Role::Owner).await.unwrap();
    let token = token_mailed_to(&world, "bob@acme.example").await;
    let (_, secret) = token.split_once('.').unwrap();
    let before = rows(&world).await;

    let nobody = world.services.clock.id::<TenantId>();
    for tenant in [world.globex, nobody] {
        let forged = format!("{}.{secret}", tenant.0.simple());
        assert_eq!(members::invitation(&world.services, &forged).await.unwrap_err().field.as_deref(), Some("token"));
        assert!(members::accept(&world.services, &world.eve, &forged).await.is_err());
        assert!(new_member(&world, &forged, "Eve").await.is_err());
    }
    for nonsense in ["", ".", "nonsense", &token[..40], &format!("{token}A")] {
        assert!(members::invitation(&world.services, nonsense).await.is_err(), "{nonsense:?}");
    }
    let others = members::accept(&world.services, &world.eve, &token).await.unwrap_err();
    assert_eq!(others.kind, ErrorKind::Forbidden, "{others}");
    let weak = NewMember { token: &token, name: "Bob", password: "short", from: None, user_agent: "" };
    assert_eq!(members::accept_as_new(&world.services, weak).await.err().unwrap().field.as_deref(), Some("password"));

    assert_eq!(rows(&world).await, before, "nothing was changed");
    assert!(new_member(&world, &token, "Bob").await.is_ok(), "and the link is still good");
}

#[tokio::test]
async fn a_wrong_invitation_is_told_at_its_field() {
    let world = World::at_noon().await;
    let (services, ada) = (&world.services, &world.ada);
    let field = |error: Error| error.field.unwrap_or_default();
    assert_eq!(field(members::invite(services, ada, "bob@", Role::Member).await.unwrap_err()), "email");
    assert_eq!(field(members::invite(services, ada, "ada@acme.example", Role::Member).await.unwrap_err()), "email");
    members::invite(services, ada, "bob@acme.example", Role::Member).await.unwrap();
    assert_eq!(field(members::invite(services, ada, "BOB@acme.example", Role::Viewer).await.unwrap_err()), "email");
    let admin = joined(&world, "bob1@acme.example", Role::Admin).await;
    assert_eq!(field(members::invite(services, &admin, "bob2@acme.example", Role::Owner).await.unwrap_err()), "role");
    assert_eq!(members::list(services, ada).await.unwrap().invites.len(), 1);
}

#[tokio::test]
async fn each_role_has_the_powers_of_the_table() {
    let world = World::at_noon().await;
    for actor in Role::ALL {
        let by = joined(&world, &format!("bob-{}@acme.example", actor.as_str()), actor).await;
        for from in Role::ALL {
            let email = format!("bob-{}-{}@acme.example", actor.as_str(), from.as_str());
            let subject = joined(&world, &email, from).await.account;
            for to in Role::ALL {
                let changed = members::change_role(&world.services, &by, subject, to).await;
                assert_eq!(changed.is_ok(), members::may_change(actor, from, to), "{actor:?}: {from:?} to {to:?}");
                if changed.is_err() {
                    assert_eq!(role_of(&world, &email).await, Some(from), "{actor:?}: {from:?} stays");
                }
                let back = format!("update membership set role = '{}' where account_id = '{subject}'", from.as_str());
                world.superuser().await.execute(AssertSqlSafe(back)).await.unwrap();
            }
            let removed = members::remove(&world.services, &by, subject).await;
            assert_eq!(removed.is_ok(), members::may_remove(actor, from), "{actor:?} removes {from:?}");
        }
        let mut invited = Vec::new();
        for role in Role::ALL {
            let email = format!("eve-{}-{}@acme.example", actor.as_str(), role.as_str());
            if members::invite(&world.services, &by, &email, role).await.is_ok() {
                invited.push(role);
            }
        }
        assert_eq!(invited, members::roles_to_give(actor).collect::<Vec<_>>(), "{actor:?}");
        let transferred = members::transfer_ownership(&world.services, &by, world.ada.account).await;
        assert_eq!(transferred.is_ok(), actor == Role::Owner, "{actor:?} hands over");
    }
}

#[tokio::test]
async fn somebody_who_lost_a_role_cannot_give_it_back_to_themselves() {
    let world = World::at_noon().await;
    let bob = joined(&world, "bob@acme.example", Role::Owner).await;
    members::change_role(&world.services, &world.ada, bob.account, Role::Member).await.unwrap();
    // A server that has not heard of it yet takes him for an owner.
    assert_eq!(bob.role, Role::Owner);
    for role in [Role::Owner, Role::Admin] {
        let refused = members::change_role(&world.services, &bob, bob.account, role).await.unwrap_err();
        assert_eq!(refused.kind, ErrorKind::Forbidden);
    }
    assert!(members::remove(&world.services, &bob, world.ada.account).await.is_err());
    assert!(members::invite(&world.services, &bob, "eve@globex.example", Role::Viewer).await.is_err());
    assert!(members::transfer_ownership(&world.services, &bob, world.ada.account).await.is_err());
}

#[tokio::test]
async fn the_last_owner_stays_until_there_is_another() {
    let world = World::at_noon().await;
    let (services, ada) = (&world.services, &world.ada);
    let bob = joined(&world, "bob@acme.example", Role::Member).await;
    let leave = members::leave(services, ada).await.unwrap_err();
    assert_eq!(leave.kind, ErrorKind::Conflict, "{leave}");
    let demoted = members::change_role(services, ada, ada.account, Role::Admin).await.unwrap_err();
    assert_eq!(demoted.kind, ErrorKind::Conflict, "{demoted}");
    assert!(members::transfer_ownership(services, ada, ada.account).await.is_err());
    assert!(members::transfer_ownership(services, ada, world.eve.account).await.is_err());

    members::transfer_ownership(services, ada, bob.account).await.unwrap();
    assert_eq!(role_of(&world, "ada@acme.example").await, Some(Role::Admin));
    assert_eq!(role_of(&world, "bob@acme.example").await, Some(Role::Owner));
    members::leave(services, ada).await.unwrap();
    assert_eq!(role_of(&world, "ada@acme.example").await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_owners_who_leave_at_once_one_stays() {
    let world = World::new().await;
    let mut owners = vec![world.ada.clone()];
    for number in 1..=4 {
        owners.push(joined(&world, &format!("bob{number}@acme.example"), Role::Owner).await);
    }
    let left = futures::future::join_all(owners.iter().map(|owner| members::leave(&world.services, owner))).await;
    let refused: Vec<_> = left.into_iter().filter_map(|left| left.err()).collect();
    assert_eq!(refused.len(), 1, "{refused:?}");
    assert_eq!(refused[0].kind, ErrorKind::Conflict, "{refused:?}");
}

#[tokio::test]
async fn whoever_becomes_the_only_owner_cannot_leave_at_the_same_moment() {
    let world = World::at_noon().await;
    let bob = joined(&world, "bob@acme.example", Role::Admin).await;
    // Both come while somebody else is at it: she hands over first, and he leaves behind her.
    let mut superuser = world.superuser().await;
    let held = format!("begin; select from membership where account_id = '{}' for update", world.ada.account);
    superuser.execute(AssertSqlSafe(held)).await.unwrap();
    let (services, ada, heir) = (world.services.clone(), world.ada.clone(), bob.account);
    let handed = tokio::spawn(async move { members::transfer_ownership(&services, &ada, heir).await });
    waiting(&world, 1).await;
    let services = world.services.clone();
    let left = tokio::spawn(async move { members::leave(&services, &bob).await });
    waiting(&world, 2).await;
    superuser.execute("commit").await.unwrap();

    handed.await.unwrap().unwrap();
    assert_eq!(left.await.unwrap().unwrap_err().kind, ErrorKind::Conflict);
    assert_eq!(role_of(&world, "bob@acme.example").await, Some(Role::Owner));
}

#[tokio::test]
async fn whoever_is_removed_goes_on_in_another_workspace_or_signs_in_to_a_new_one() {
    let world = World::at_noon().await;
    let bob = signed_in_person(&world).await;
    members::invite(&world.services, &world.ada, "bob@initech.example", Role::Member).await.unwrap();
    let token = token_mailed_to(&world, "bob@initech.example").await;
    members::accept(&world.services, &bob.member, &token).await.unwrap();
    let there = accounts::switch(&world.services, &bob.member, world.acme).await.unwrap();
    members::remove(&world.services, &world.ada, bob.member.account).await.unwrap();
    assert_eq!(authenticate(&world, &there).await.unwrap_err().kind, ErrorKind::Unauthenticated);
    let renewed = accounts::refresh(&world.services, bob.refresh.as_deref().unwrap()).await.unwrap();
    assert_eq!(authenticate(&world, &renewed).await.unwrap().tenant_name, "Initech");
    assert_eq!(
        accounts::switch(&world.services, &renewed.member, world.acme).await.err().unwrap().kind,
        ErrorKind::NotFound
    );

    // Somebody who was nowhere else.
    members::invite(&world.services, &world.ada, "bob@acme.example", Role::Member).await.unwrap();
    let token = token_mailed_to(&world, "bob@acme.example").await;
    let other = new_member(&world, &token, "Bob").await.unwrap();
    members::remove(&world.services, &world.ada, other.member.account).await.unwrap();
    let ended = accounts::refresh(&world.services, other.refresh.as_deref().unwrap()).await.err().unwrap();
    assert_eq!(ended.kind, ErrorKind::Unauthenticated);
    world.services.clock.advance(TimeDelta::seconds(1));
    accounts::forgot_password(&world.services, "bob@acme.example", "").await.unwrap();
    let mail = world.mail_to("bob@acme.example").await.unwrap();
    assert_eq!(mail.subject, "Choose a new password for Sheaf");
    let again = sign_in(&world, "bob@acme.example").await.unwrap();
    let profile = authenticate(&world, &again).await.unwrap();
    assert_eq!((profile.tenant_name.as_str(), profile.role), ("Bob's workspace", Role::Owner));
    assert_eq!(profile.workspaces.len(), 1, "the mail and the sign-in found one workspace between them");
}

#[tokio::test]
async fn whoever_is_removed_is_told_by_mail_each_time() {
    let world = World::at_noon().await;
    let (services, email) = (&world.services, "bob@acme.example");
    let bob = joined(&world, email, Role::Member).await;
    let viewer = joined(&world, "bob1@acme.example", Role::Viewer).await;
    assert!(members::remove(services, &viewer, bob.account).await.is_err());
    assert_eq!(removals_mailed_to(&world, email).await.len(), 0, "nothing came of it");

    members::remove(services, &world.ada, bob.account).await.unwrap();
    let mails = removals_mailed_to(&world, email).await;
    assert_eq!(mails.len(), 1);
    for told in ["Hello Bob,", "Ada has removed you from “Acme”."] {
        assert!(mails[0].contains(told), "{}", mails[0]);
    }
    services.clock.advance(TimeDelta::seconds(1));
    members::invite(services, &world.ada, email, Role::Member).await.unwrap();
    let token = token_mailed_to(&world, email).await;
    let again = sign_in(&world, email).await.unwrap();
    members::accept(services, &again.member, &token).await.unwrap();
    members::remove(services, &world.ada, bob.account).await.unwrap();
    assert_eq!(removals_mailed_to(&world, email).await.len(), 2);

    // Whoever leaves knows it.
    members::leave(services, &viewer).await.unwrap();
    assert_eq!(removals_mailed_to(&world, "bob1@acme.example").await.len(), 0);
}

#[tokio::test]
async fn a_person_makes_another_workspace_and_goes_there() {
    let world = World::at_noon().await;
    let ada = sign_in(&world, "ada@acme.example").await.unwrap();
    let nameless = accounts::make_workspace(&world.services, &ada.member, " ").await.err().unwrap();
    assert_eq!(nameless.field.as_deref(), Some("name"));
    let made = accounts::make_workspace(&world.services, &ada.member, "Bindery").await.unwrap();
    let profile = authenticate(&world, &made).await.unwrap();
    assert_eq!((profile.tenant_name.as_str(), profile.role), ("Bindery", Role::Owner));
    assert_eq!(profile.workspaces.len(), 2);
}

#[tokio::test]
async fn eve_sees_and_changes_nobody_of_acme() {
    let world = World::at_noon().await;
    let bob = joined(&world, "bob@acme.example", Role::Member).await;
    let invite = members::invite(&world.services, &world.ada, "bob1@acme.example", Role::Member).await.unwrap();
    let before = rows(&world).await;
    let (services, eve) = (&world.services, &world.eve);
    let people = members::list(services, eve).await.unwrap();
    assert_eq!((people.members.len(), people.invites.len()), (1, 0));
    let told = |result: Result<()>| result.unwrap_err().kind;
    assert_eq!(told(members::change_role(services, eve, bob.account, Role::Viewer).await), ErrorKind::NotFound);
    assert_eq!(told(members::remove(services, eve, bob.account).await), ErrorKind::NotFound);
    assert_eq!(told(members::transfer_ownership(services, eve, bob.account).await), ErrorKind::NotFound);
    let nobodys = services.clock.id::<InviteId>();
    for id in [invite, nobodys] {
        assert_eq!(told(members::send_again(services, eve, id).await), ErrorKind::NotFound);
        assert_eq!(told(members::withdraw(services, eve, id).await), ErrorKind::NotFound);
    }
    assert_eq!(rows(&world).await, before);
    // Nor does a viewer of Acme see who is invited.
    let viewer = joined(&world, "bob2@acme.example", Role::Viewer).await;
    assert_eq!(members::list(services, &viewer).await.unwrap().invites, []);
}

/// Somebody who came to Acme by an invitation of Ada's.
async fn joined(world: &World, email: &str, role: Role) -> Member {
    // Mails of one moment have no order.
    world.services.clock.advance(TimeDelta::seconds(1));
    // What was handed over in a test is given back, so that she may invite whomever it asks for.
    let again = format!("update membership set role = 'owner' where account_id = '{}'", world.ada.account);
    world.superuser().await.execute(AssertSqlSafe(again)).await.unwrap();
    members::invite(&world.services, &world.ada, email, role).await.unwrap();
    let token = token_mailed_to(world, email).await;
    new_member(world, &token, "Bob").await.unwrap().member
}

/// Bob, with a workspace of his own.
async fn signed_in_person(world: &World) -> SignedIn {
    person(&world.services, "Bob", "Initech").await;
    sign_in(world, "bob@initech.example").await.unwrap()
}

async fn new_member(world: &World, token: &str, name: &str) -> Result<SignedIn> {
    let form = NewMember { token, name, password: PASSWORD, from: None, user_agent: "a browser" };
    members::accept_as_new(&world.services, form).await
}

async fn sign_in(world: &World, email: &str) -> Result<SignedIn> {
    world.services.clock.advance(TimeDelta::seconds(1));
    let form = SignIn { email, password: PASSWORD, address: "192.0.2.1", user_agent: "a browser", picked: None };
    accounts::sign_in(&world.services, form).await
}

async fn authenticate(world: &World, signed_in: &SignedIn) -> Result<Profile> {
    let claims = world.services.keys.check(&signed_in.access, world.services.clock.now()).unwrap();
    accounts::authenticate(&world.services, &claims).await
}

async fn token_mailed_to(world: &World, address: &str) -> String {
    let mail = world.mail_to(address).await.unwrap();
    let (_, rest) = mail.text_body.split_once("token=").unwrap();
    rest.split_whitespace().next().unwrap().to_owned()
}

/// What the mails say that tell somebody of their removal.
async fn removals_mailed_to(world: &World, address: &str) -> Vec<String> {
    let mails = domain::mail::mailbox(&world.services, address).await.unwrap();
    let told = mails.into_iter().filter(|mail| mail.subject == "You are not in Acme on Sheaf any more");
    told.map(|mail| mail.text_body).collect()
}

/// Returns once so many transactions wait for another.
async fn waiting(world: &World, transactions: i64) {
    let mut superuser = world.superuser().await;
    let waiting =
        "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()";
    while sqlx::query_scalar::<_, i64>(waiting).fetch_one(&mut superuser).await.unwrap() < transactions {
        sleep(Duration::from_millis(10)).await;
    }
}

async fn role_of(world: &World, email: &str) -> Option<Role> {
    let mut superuser = world.superuser().await;
    let role =
        "select m.role from membership m join account a on a.id = m.account_id where m.tenant_id = $1 and a.email = $2";
    let role: Option<String> =
        sqlx::query_scalar(role).bind(world.acme.0).bind(email).fetch_optional(&mut superuser).await.unwrap();
    role.map(|role| Role::parse(&role).unwrap())
}

/// A digest of who is where and who is asked.
async fn rows(world: &World) -> (i64, i64, String) {
    let digest = "select (select count(*) from account), (select count(*) from tenant),
                         (select md5(string_agg(r, ' ' order by r)) from (
                              select m::text as r from membership m union all select i::text from invite i) as all_rows)";
    sqlx::query_as(digest).fetch_one(&mut world.superuser().await).await.unwrap()
}
