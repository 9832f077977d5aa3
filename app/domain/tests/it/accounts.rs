//! Signing up, signing in, and the life of a session.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use chrono::TimeDelta;
use domain::{
    ErrorKind, Services,
    accounts::{self, Profile, SignIn, SignUp, SignedIn},
};
use sqlx::Executor;
use tokio::time::sleep;

use crate::{workshop::number, world::World};

const PASSWORD: &str = "correct horse battery";

#[tokio::test]
async fn signing_up_takes_a_mail_that_is_followed() {
    let world = World::at_noon().await;
    sign_up(&world, "bob@acme.example").await;
    let refused = sign_in(&world, "bob@acme.example", PASSWORD).await.err().unwrap();
    assert!(refused.message.contains("confirm your address"), "{refused}");
    let token = token_in_mail(&world, "bob@acme.example").await;
    let bob = accounts::verify_email(&world.services, &token, "a browser", "").await.unwrap();
    let profile = authenticate(&world, &bob).await.unwrap();
    assert_eq!((profile.name.as_str(), profile.tenant_name.as_str()), ("Bob", "Bob's"));
    assert!(accounts::verify_email(&world.services, &token, "", "").await.is_err(), "a link works once");
    assert!(sign_in(&world, "bob@acme.example", PASSWORD).await.is_ok());
}

#[tokio::test]
async fn whoever_signs_up_twice_gets_the_link_again() {
    let world = World::at_noon().await;
    sign_up(&world, "bob@acme.example").await;
    let first = token_in_mail(&world, "bob@acme.example").await;
    world.services.clock.advance(TimeDelta::seconds(1));
    sign_up(&world, "bob@acme.example").await;
    let second = token_in_mail(&world, "bob@acme.example").await;
    assert!(accounts::verify_email(&world.services, &first, "", "").await.is_err(), "the newer one has replaced it");
    accounts::verify_email(&world.services, &second, "", "").await.unwrap();
    assert!(sign_in(&world, "bob@acme.example", PASSWORD).await.is_ok());
}

#[tokio::test]
async fn nobody_knows_the_password_of_an_account_that_somebody_else_proves() {
    let world = World::at_noon().await;
    let (services, email, eves) = (&world.services, "bob@acme.example", "eve knows this one");
    // Eve signs up with Bob's address, and he comes later.
    let form = SignUp::parse("Eve", "Globex", email, eves).unwrap();
    accounts::sign_up(services, form, "192.0.2.9").await.unwrap();
    let first = token_in_mail(&world, email).await;
    services.clock.advance(TimeDelta::seconds(1));
    sign_up(&world, email).await;
    assert_eq!(world.mail_to(email).await.unwrap().subject, "Choose a password for Sheaf");
    assert!(accounts::verify_email(services, &first, "", "").await.is_err(), "that one would prove it for her");
    // Nor does she get him a link that does, by signing in or by signing up once more.
    let refused = sign_in(&world, email, eves).await.err().unwrap();
    assert!(refused.message.contains("do not belong together"), "{refused}");
    let form = SignUp::parse("Eve", "Globex", email, eves).unwrap();
    accounts::sign_up(services, form, "192.0.2.9").await.unwrap();
    assert_eq!(world.mail_to(email).await.unwrap().subject, "Choose a password for Sheaf");

    let token = token_in_mail(&world, email).await;
    accounts::reset_password(services, &token, "a new long password").await.unwrap();
    assert!(sign_in(&world, email, eves).await.is_err());
    assert!(sign_in(&world, email, PASSWORD).await.is_err());
    let bob = sign_in(&world, email, "a new long password").await.unwrap();
    assert_eq!(authenticate(&world, &bob).await.unwrap().email, email);
}

#[tokio::test]
async fn a_known_address_is_not_told() {
    let world = World::at_noon().await;
    // Ada has an account: the answer is the same as for anybody, and she is told by mail.
    sign_up(&world, "ada@acme.example").await;
    assert!(world.mail_to("ada@acme.example").await.unwrap().subject.contains("already"));
    let asked = Instant::now();
    accounts::forgot_password(&world.services, "nobody@nowhere.example", "").await.unwrap();
    assert!(asked.elapsed() >= Duration::from_millis(200), "longer than it takes to keep a mail");
    let unknown = sign_in(&world, "nobody@nowhere.example", PASSWORD).await.err().unwrap();
    let wrong = sign_in(&world, "ada@acme.example", "wrong password").await.err().unwrap();
    assert_eq!(unknown, wrong);
}

#[tokio::test]
async fn too_many_attempts_on_one_account_are_refused() {
    let world = World::at_noon().await;
    for _ in 0..10 {
        sign_in(&world, "ada@acme.example", "wrong password").await.err().unwrap();
    }
    let refused = sign_in(&world, "ada@acme.example", PASSWORD).await.err().unwrap();
    assert_eq!(refused.kind, ErrorKind::RateLimited);
    assert!(sign_in(&world, "eve@globex.example", PASSWORD).await.is_ok(), "others are not kept out");
}

#[tokio::test]
async fn a_forgotten_password_is_replaced_and_every_session_ends() {
    let world = World::at_noon().await;
    let before = sign_in(&world, "ada@acme.example", PASSWORD).await.unwrap();
    let first = async || number(&world, "select count(*) from job where kind = 'send_mail' and priority > 0").await;
    let others = first().await;
    accounts::forgot_password(&world.services, "ada@acme.example", "").await.unwrap();
    assert_eq!(first().await, others + 1, "it goes before all that the workspace sends otherwise");
    let token = token_in_mail(&world, "ada@acme.example").await;
    assert!(accounts::reset_password(&world.services, &token, "short").await.is_err());
    accounts::reset_password(&world.services, &token, "a new long password").await.unwrap();
    assert!(accounts::reset_password(&world.services, &token, "another new password").await.is_err());
    assert!(accounts::refresh(&world.services, before.refresh.as_deref().unwrap()).await.is_err());
    assert!(sign_in(&world, "ada@acme.example", PASSWORD).await.is_err());
    assert!(sign_in(&world, "ada@acme.example", "a new long password").await.is_ok());
}

#[tokio::test]
async fn a_password_that_is_replaced_at_that_moment_opens_and_changes_nothing() {
    let world = World::at_noon().await;
    let here = sign_in(&world, "ada@acme.example", PASSWORD).await.unwrap();
    let (mut superuser, mut watching) = (world.superuser().await, world.superuser().await);
    let replaced = "begin; update account set password_hash = password_hash || 'A' where email = 'ada@acme.example'";
    superuser.execute(replaced).await.unwrap();
    // What is replaced and not committed is still what her password is checked against.
    let services = world.services.clone();
    let signing_in = tokio::spawn(async move { sign_in_to(&services, "ada@acme.example", PASSWORD).await });
    let services = world.services.clone();
    let changing = tokio::spawn(async move {
        accounts::change_password(&services, &here.member, PASSWORD, "a new long password").await
    });
    let waiting =
        "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()";
    while sqlx::query_scalar::<_, i64>(waiting).fetch_one(&mut watching).await.unwrap() < 2 {
        assert!(!signing_in.is_finished() && !changing.is_finished(), "one did not wait for what replaces it");
        sleep(Duration::from_millis(10)).await;
    }
    superuser.execute("commit").await.unwrap();

    assert_eq!(signing_in.await.unwrap().err().unwrap().kind, ErrorKind::Conflict);
    assert_eq!(changing.await.unwrap().unwrap_err().field.as_deref(), Some("old_password"));
    let sessions = "select count(*) from session";
    assert_eq!(sqlx::query_scalar::<_, i64>(sessions).fetch_one(&mut watching).await.unwrap(), 1);
}

#[tokio::test]
async fn no_hash_is_made_for_a_link_that_is_none() {
    let world = World::at_noon().await;
    // More than may wait for a hash: whoever signs in meanwhile would be refused.
    let resets = (0..250).map(|_| accounts::reset_password(&world.services, "no link", "a new long password"));
    for reset in futures::future::join_all(resets).await {
        assert_eq!(reset.unwrap_err().field.as_deref(), Some("token"));
    }
}

#[tokio::test]
async fn a_mail_about_an_account_is_kept_where_it_is_sent_from() {
    let world = World::at_noon().await;
    let ada = sign_in(&world, "ada@acme.example", PASSWORD).await.unwrap();
    accounts::make_workspace(&world.services, &ada.member, "Bindery").await.unwrap();
    let mut superuser = world.superuser().await;
    // Nothing is sent for a workspace that is suspended. Where all of them are, it waits at home.
    for (suspended, keeps) in [
        ("update tenant set suspended_at = null", "Acme"),
        ("update tenant set suspended_at = now() where name = 'Acme'", "Bindery"),
        ("update tenant set suspended_at = now()", "Acme"),
    ] {
        superuser.execute(suspended).await.unwrap();
        world.services.clock.advance(TimeDelta::seconds(1));
        accounts::forgot_password(&world.services, "ada@acme.example", "").await.unwrap();
        let kept =
            "select t.name from mail m join tenant t on t.tenant_id = m.tenant_id order by m.created_at desc limit 1";
        let kept: String = sqlx::query_scalar(kept).fetch_one(&mut superuser).await.unwrap();
        assert_eq!(kept, keeps, "{suspended}");
    }
}

#[tokio::test]
async fn links_in_mails_grow_old() {
    let world = World::at_noon().await;
    accounts::forgot_password(&world.services, "ada@acme.example", "").await.unwrap();
    let token = token_in_mail(&world, "ada@acme.example").await;
    world.services.clock.advance(TimeDelta::minutes(61));
    assert!(accounts::reset_password(&world.services, &token, "a new long password").await.is_err());
}

#[tokio::test]
async fn a_refresh_token_rotates_and_a_replay_ends_the_session() {
    let world = World::at_noon().await;
    let first = sign_in(&world, "ada@acme.example", PASSWORD).await.unwrap().refresh.unwrap();
    let second = accounts::refresh(&world.services, &first).await.unwrap().refresh.unwrap();
    assert_ne!(first, second);
    // Another tab, or the same one after the answer before was given up.
    world.services.clock.advance(TimeDelta::seconds(29));
    assert_eq!(accounts::refresh(&world.services, &first).await.unwrap().refresh, Some(second.clone()));
    assert!(accounts::recognize(&world.services, &first).await.unwrap().refresh.is_none(), "an upload");
    let third = accounts::refresh(&world.services, &second).await.unwrap().refresh.unwrap();
    world.services.clock.advance(TimeDelta::seconds(31));
    assert!(accounts::refresh(&world.services, &second).await.is_err(), "a replay after the grace");
    assert!(accounts::refresh(&world.services, &third).await.is_err(), "and the session is gone");
}

#[tokio::test]
async fn fifty_tabs_refresh_at_once_and_none_is_signed_out() {
    let world = World::at_noon().await;
    let token = sign_in(&world, "ada@acme.example", PASSWORD).await.unwrap().refresh.unwrap();
    let refreshes = (0..50).map(|_| accounts::refresh(&world.services, &token));
    let renewed = futures::future::join_all(refreshes).await;
    let tokens: BTreeSet<String> = renewed.into_iter().map(|tab| tab.unwrap().refresh.unwrap()).collect();
    assert_eq!(tokens.len(), 1, "one new token, and fifty access tokens");
    let next = tokens.first().unwrap();
    world.services.clock.advance(TimeDelta::minutes(6));
    assert!(accounts::refresh(&world.services, next).await.is_ok(), "whichever of the answers came through");
}

#[tokio::test]
async fn signing_out_is_obeyed() {
    let world = World::at_noon().await;
    let here = sign_in(&world, "ada@acme.example", PASSWORD).await.unwrap();
    let there = sign_in(&world, "ada@acme.example", PASSWORD).await.unwrap();
    assert_eq!(accounts::list_sessions(&world.services, &here.member).await.unwrap().len(), 2);
    accounts::sign_out(&world.services, &here.member).await.unwrap();
    assert!(!stands(&world, &here).await);
    assert!(stands(&world, &there).await);
    accounts::sign_out_everywhere(&world.services, &there.member).await.unwrap();
    assert!(!stands(&world, &there).await);
    assert!(accounts::refresh(&world.services, there.refresh.as_deref().unwrap()).await.is_err());
}

#[tokio::test]
async fn a_changed_password_ends_the_other_sessions() {
    let world = World::at_noon().await;
    let here = sign_in(&world, "ada@acme.example", PASSWORD).await.unwrap();
    let there = sign_in(&world, "ada@acme.example", PASSWORD).await.unwrap();
    let change = |old, new| accounts::change_password(&world.services, &here.member, old, new);
    assert_eq!(change("wrong", "a new long password").await.unwrap_err().field.as_deref(), Some("old_password"));
    assert_eq!(change(PASSWORD, "short").await.unwrap_err().field.as_deref(), Some("new_password"));
    change(PASSWORD, "a new long password").await.unwrap();
    assert!(stands(&world, &here).await);
    assert!(!stands(&world, &there).await);
}

async fn sign_up(world: &World, email: &str) {
    let form = SignUp::parse("Bob", "Bob's", email, PASSWORD).unwrap();
    accounts::sign_up(&world.services, form, "192.0.2.1").await.unwrap();
}

async fn sign_in(world: &World, email: &str, password: &str) -> domain::Result<SignedIn> {
    // Mails of one moment have no order.
    world.services.clock.advance(TimeDelta::seconds(1));
    sign_in_to(&world.services, email, password).await
}

async fn sign_in_to(services: &Services, email: &str, password: &str) -> domain::Result<SignedIn> {
    let form = SignIn { email, password, address: "192.0.2.1", user_agent: "a browser", picked: None };
    accounts::sign_in(services, form).await
}

async fn stands(world: &World, signed_in: &SignedIn) -> bool {
    authenticate(world, signed_in).await.is_ok()
}

async fn authenticate(world: &World, signed_in: &SignedIn) -> domain::Result<Profile> {
    let claims = world.services.keys.check(&signed_in.access, world.services.clock.now()).unwrap();
    accounts::authenticate(&world.services, &claims).await
}

async fn token_in_mail(world: &World, address: &str) -> String {
    let mail = world.mail_to(address).await.unwrap();
    let (_, rest) = mail.text_body.split_once("token=").unwrap();
    rest.split_whitespace().next().unwrap().to_owned()
}
