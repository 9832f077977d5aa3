//! What a workspace may do by its plan and its bills, and what happens where it may not.

use std::time::{Duration, Instant};

use bytes::Bytes;
use chrono::TimeDelta;
use domain::{
    Error, ErrorKind, Result,
    accounts::{self, Profile, SignIn, SignedIn},
    actor::Member,
    billing::{self, PlanId, Standing, Stripe, StripeSettings, TellUsage},
    documents::{self, ListQuery, Upload},
    exports,
    id::{InviteId, TenantId},
    members::{self, NewMember},
    queue::{Enqueue, Registry},
    roles::{Action, Role},
    tenants::{self, NewSettings, SettingsForm},
};
use sqlx::{AssertSqlSafe, Executor};

use crate::{
    workshop::{Worker, put},
    world::World,
};

const PASSWORD: &str = "correct horse battery";

/// For a loaded machine; a test that passes waits a fraction of it.
const PATIENCE: Duration = Duration::from_secs(20);

#[tokio::test]
async fn where_nothing_is_sold_nothing_is_limited() {
    let world = World::at_noon().await;
    let found = billing::entitlements(&world.services, world.acme).await.unwrap();
    assert!(!found.is_metered && found.trial_ends_at.is_none());
    pay_no_more(&world, world.acme, 30).await;
    for number in 0..5 {
        members::invite(&world.services, &world.ada, &format!("bob{number}@acme.example"), Role::Member).await.unwrap();
    }
    let ada = signed_in(&world).await;
    assert_eq!(profile(&world, &ada).await.billing, billing::BillingNotice::default());
    assert_eq!(billing::tend(&world.workers).await.unwrap(), 0);
}

#[tokio::test]
async fn a_workspace_tries_a_plan_and_is_then_on_the_free_one() {
    let world = sold().await;
    let plan = async || billing::entitlements(&world.services, world.acme).await.unwrap();
    assert_eq!((plan().await.plan, plan().await.trial_ends_at.is_some()), (PlanId::Team, true));
    let ada = signed_in(&world).await;
    assert!(profile(&world, &ada).await.billing.trial_ends_at.is_some());
    assert!(profile(&world, &ada).await.billing.is_test_mode);
    world.services.clock.advance(TimeDelta::days(15));
    assert_eq!((plan().await.plan, plan().await.trial_ends_at), (PlanId::Free, None));
}

#[tokio::test]
async fn what_is_bought_elsewhere_counts_within_ten_seconds_and_at_once_where_it_is_heard_of() {
    let world = sold().await;
    let plan = async || billing::entitlements(&world.services, world.acme).await.unwrap().plan;
    assert_eq!(plan().await, PlanId::Team);
    buy(&world, world.acme, "business").await;
    world.services.clock.advance(TimeDelta::seconds(9));
    assert_eq!(plan().await, PlanId::Team, "it is remembered");
    world.services.clock.advance(TimeDelta::seconds(1));
    assert_eq!(plan().await, PlanId::Business);
    buy(&world, world.acme, "enterprise").await;
    world.services.db.epochs().bump(world.acme, "billing");
    assert_eq!(plan().await, PlanId::Enterprise);
    let eves = billing::entitlements(&world.services, world.globex).await.unwrap();
    assert_eq!((eves.plan, eves.trial_ends_at.is_some()), (PlanId::Team, true));
}

#[tokio::test]
async fn while_the_database_is_away_what_was_known_counts_for_ten_minutes() {
    let world = sold().await;
    let ask = async |tenant| billing::entitlements(&world.services, tenant).await;
    assert!(ask(world.acme).await.is_ok());
    world.services.db.close().await;
    world.services.clock.advance(TimeDelta::minutes(9));
    assert_eq!(ask(world.acme).await.unwrap().plan, PlanId::Team);
    assert!(ask(world.globex).await.unwrap_err().is(ErrorKind::Unavailable), "nobody has asked for it before");
    world.services.clock.advance(TimeDelta::minutes(1));
    assert!(ask(world.acme).await.unwrap_err().is(ErrorKind::Unavailable));
}

#[tokio::test]
async fn of_many_who_are_invited_at_once_as_many_are_as_the_plan_has_room_for() {
    let world = sold().await;
    world.services.clock.advance(TimeDelta::days(15));
    let invited = futures::future::join_all((0..20).map(|number| invite(&world, number))).await;
    let refused: Vec<Error> = invited.into_iter().filter_map(Result::err).collect();
    assert_eq!(refused.len(), 18, "Ada is one of three");
    for error in refused {
        assert_eq!(error.kind, ErrorKind::PaymentRequired, "{error}");
        let limit = error.limit.unwrap();
        assert_eq!((limit.limit.as_str(), limit.used, limit.allowed), ("members", 3, 3));
        assert_eq!((limit.plan.as_str(), limit.upgrade.as_deref()), ("free", Some("team")));
        assert!(error.message.contains("Settings, Billing"), "{}", error.message);
    }
    // Whoever is withdrawn makes room again.
    let people = members::list(&world.services, &world.ada).await.unwrap();
    members::withdraw(&world.services, &world.ada, people.invites[0].id).await.unwrap();
    assert!(invite(&world, 20).await.is_ok());
}

#[tokio::test]
async fn whoever_was_invited_under_a_larger_plan_comes_in_as_far_as_the_smaller_has_room() {
    let world = sold().await;
    let addresses: Vec<String> = (0..4).map(|number| format!("bob{number}@acme.example")).collect();
    let mut tokens = Vec::new();
    for address in &addresses {
        members::invite(&world.services, &world.ada, address, Role::Member).await.unwrap();
        tokens.push(token_mailed_to(&world, address).await);
    }
    // The trial is over, and the invitations are not.
    let over = "update subscription set trial_ends_at = '2026-11-21 12:00:00Z'";
    world.superuser().await.execute(over).await.unwrap();
    let joined = futures::future::join_all(tokens.iter().map(|token| new_member(&world, token))).await;
    let refused: Vec<Error> = joined.into_iter().filter_map(Result::err).collect();
    assert_eq!(refused.len(), 2);
    assert!(refused.iter().all(|error| error.is(ErrorKind::PaymentRequired)), "{refused:?}");
    assert_eq!(members::list(&world.services, &world.ada).await.unwrap().members.len(), 3);
}

#[tokio::test]
async fn the_trash_keeps_no_longer_than_the_plan_says() {
    let world = sold().await;
    keep_trash(&world, 90).await.unwrap();
    world.services.clock.advance(TimeDelta::days(15));
    keep_trash(&world, 60).await.unwrap();
    let refused = keep_trash(&world, 61).await.unwrap_err();
    assert_eq!((refused.kind, refused.field.as_deref()), (ErrorKind::PaymentRequired, Some("trash_days")));
    assert_eq!(tenants::settings(&world.services, &world.ada).await.unwrap().trash_days, 60);
}

#[tokio::test]
async fn who_does_not_pay_may_read_for_a_while_and_then_pay_or_take_everything_out() {
    let world = sold().await;
    let signed_in = signed_in(&world).await;
    let ada = async || {
        let billing = profile(&world, &signed_in).await.billing;
        Member { standing: billing.standing, ..world.ada.clone() }
    };
    let list = async |member: &Member| documents::list(&world.services, member, &ListQuery::default()).await;
    upload(&world, &ada().await, "a.txt").await.unwrap();
    for (days, standing, uploads, reads) in [
        (6, Standing::Grace, true, true),
        (8, Standing::ReadOnly, false, true),
        (22, Standing::Suspended, false, false),
    ] {
        pay_no_more(&world, world.acme, days).await;
        let ada = ada().await;
        assert_eq!(ada.standing, standing);
        let refused = |result: Option<Error>| result.map(|error| error.kind);
        let expected = |is_allowed: bool| (!is_allowed).then_some(ErrorKind::PaymentRequired);
        let uploaded = upload(&world, &ada, &format!("{days}.txt")).await;
        assert_eq!(refused(uploaded.err()), expected(uploads), "{standing:?}");
        assert_eq!(refused(list(&ada).await.err()), expected(reads), "{standing:?}");
        assert!(ada.require(Action::ManageBilling).is_ok(), "{standing:?}");
    }
    let ada_shut_out = ada().await;
    let (archive, _) = exports::ask(&world.services, &ada_shut_out).await.unwrap();
    assert_eq!(exports::list(&world.services, &ada_shut_out).await.unwrap()[0].id, archive);
    let admin = Member { role: Role::Admin, ..ada_shut_out.clone() };
    assert_eq!(exports::list(&world.services, &admin).await.unwrap_err().kind, ErrorKind::Forbidden);
    assert_eq!(exports::list(&world.services, &world.eve).await.unwrap(), [], "Eve sees nothing of it");
    // Eve's workspace has nothing to do with it.
    upload(&world, &world.eve, "eves.txt").await.unwrap();
    let paid = "update subscription set unpaid_since = null";
    world.superuser().await.execute(paid).await.unwrap();
    upload(&world, &ada().await, "b.txt").await.unwrap();
    assert_eq!(list(&ada().await).await.unwrap().documents.len(), 3, "nothing was deleted");
}

#[tokio::test]
async fn a_role_is_refused_by_its_name_before_a_payment_is() {
    let world = sold().await;
    let viewer = Member { role: Role::Viewer, standing: Standing::Suspended, ..world.ada.clone() };
    assert_eq!(upload(&world, &viewer, "a.txt").await.unwrap_err().kind, ErrorKind::Forbidden);
    assert_eq!(viewer.require(Action::ManageBilling).unwrap_err().kind, ErrorKind::Forbidden);
}

#[tokio::test]
async fn nothing_leaves_the_trash_for_good_while_a_payment_is_missing() {
    let world = sold().await;
    let Upload::Accepted { document, .. } = upload(&world, &world.ada, "a.txt").await.unwrap() else {
        panic!("it was here already")
    };
    documents::trash(&world.services, &world.ada, &[document]).await.unwrap();
    world.services.clock.advance(TimeDelta::days(40));
    pay_no_more(&world, world.acme, 30).await;
    let in_trash = async || {
        documents::sweep(&world.workers, world.acme).await.unwrap();
        let trash = ListQuery { trash: true, ..ListQuery::default() };
        documents::list(&world.services, &world.ada, &trash).await.unwrap().documents.len()
    };
    assert_eq!(in_trash().await, 1);
    world.superuser().await.execute("update subscription set unpaid_since = null").await.unwrap();
    assert_eq!(in_trash().await, 0);
}

#[tokio::test]
async fn the_owners_are_told_of_each_step_once() {
    let world = sold().await;
    // The share of the workers that a new workspace has is looked at as well.
    billing::tend(&world.workers).await.unwrap();
    assert_eq!(billing::tend(&world.workers).await.unwrap(), 0, "there is nothing to do");
    for (days, subject) in [
        (1, "A payment for Acme has failed"),
        (7, "Acme can only be read until it is paid"),
        (21, "Acme is closed until it is paid"),
    ] {
        pay_no_more(&world, world.acme, days).await;
        assert_eq!(billing::tend(&world.workers).await.unwrap(), 1);
        assert_eq!(billing::tend(&world.workers).await.unwrap(), 0, "nobody is told twice");
        assert_eq!(mails(&world, "ada@acme.example", subject).await, 1, "{subject}");
    }
    world.superuser().await.execute("update subscription set unpaid_since = null").await.unwrap();
    assert_eq!(billing::tend(&world.workers).await.unwrap(), 0, "who has paid is told by whoever hears of it");
    for told in ["%payment%", "%paid%", "%Acme%"] {
        assert_eq!(mails(&world, "eve@globex.example", told).await, 0, "{told}");
    }
}

#[tokio::test]
async fn the_lanes_have_the_share_of_the_plan() {
    let world = sold().await;
    let lanes = async || {
        let lanes = "select distinct weight, max_running from job_lane where tenant_id = $1";
        let mut superuser = world.superuser().await;
        sqlx::query_as::<_, (f32, i32)>(lanes).bind(world.acme.0).fetch_all(&mut superuser).await.unwrap()
    };
    upload(&world, &world.ada, "a.txt").await.unwrap();
    billing::tend(&world.workers).await.unwrap();
    assert_eq!(lanes().await, [(2.0, 8)], "a trial of Team");
    world.services.clock.advance(TimeDelta::days(15));
    assert_eq!(billing::tend(&world.workers).await.unwrap(), 2, "both trials are over");
    assert_eq!(lanes().await, [(1.0, 2)], "the lane of the mail that tells of it is new");
    assert_eq!(billing::tend(&world.workers).await.unwrap(), 0);
}

#[tokio::test]
async fn the_owners_are_told_once_a_month_of_what_is_used_up() {
    let world = sold().await;
    buy(&world, world.acme, "team").await;
    let worker = Worker::start(&world.workers, Registry::new().register::<TellUsage>());
    for (used, credits, subject) in [
        (3_999, 0, "%page credits%"),
        (4_000, 80, "Acme has used most of its page credits of this month"),
        (5_000, 100, "Acme has used all its page credits of this month"),
    ] {
        let meter = format!(
            "update tenant_meter set granted = 5000, used = {used}, included = {used}, period_end = '2026-12-20',
                    stored_bytes = 45000000000 where tenant_id = '{}'",
            world.acme
        );
        world.superuser().await.execute(AssertSqlSafe(meter)).await.unwrap();
        // Twice, as two uploads at once do.
        for _ in 0..2 {
            put(&world, world.acme, &TellUsage {}, Enqueue::default()).await.unwrap();
        }
        until_done(&world).await;
        assert_eq!(warned(&world).await, (credits, 80));
        assert_eq!(mails(&world, "ada@acme.example", subject).await, i64::from(credits > 0), "{subject}");
    }
    worker.stop().await;
    assert_eq!(mails(&world, "ada@acme.example", "The storage of Acme is nearly full").await, 1);
    let ada = signed_in(&world).await;
    let notice = profile(&world, &ada).await.billing;
    assert_eq!((notice.warned_credits, notice.warned_storage), (100, 80));
    world.services.clock.advance(TimeDelta::days(30));
    let ada = signed_in(&world).await;
    assert_eq!(profile(&world, &ada).await.billing.warned_credits, 0, "that month is over");
    for told in ["%credits%", "%storage%", "%Acme%"] {
        assert_eq!(mails(&world, "eve@globex.example", told).await, 0, "{told}");
    }
}

/// A world in which plans are sold. Nobody answers where its Stripe would be.
async fn sold() -> World {
    let mut world = World::at_noon().await;
    let settings = StripeSettings {
        key: "sk_test_entitlements".into(),
        url: "http://127.0.0.1:9".parse().unwrap(),
        webhook_secrets: vec!["whsec_test".into()],
    };
    let stripe = Stripe::new(settings).unwrap();
    (world.services.stripe, world.workers.stripe) = (Some(stripe.clone()), Some(stripe));
    world
}

/// As if Stripe had told of it.
async fn buy(world: &World, tenant: TenantId, plan: &str) {
    let bought = format!("update subscription set plan = '{plan}', status = 'active' where tenant_id = '{tenant}'");
    world.superuser().await.execute(AssertSqlSafe(bought)).await.unwrap();
}

/// As if Stripe had told that a payment has been missing for so many days.
async fn pay_no_more(world: &World, tenant: TenantId, days: i64) {
    let since = world.services.clock.now() - TimeDelta::days(days);
    let unpaid = format!(
        "update subscription set plan = 'team', status = 'past_due', unpaid_since = '{since}' where tenant_id = '{tenant}'"
    );
    world.superuser().await.execute(AssertSqlSafe(unpaid)).await.unwrap();
}

async fn upload(world: &World, member: &Member, name: &str) -> Result<Upload> {
    let source = futures::stream::iter([Ok(Bytes::from(name.to_owned()))]);
    documents::upload(&world.services, member, name, false, source).await
}

async fn invite(world: &World, number: usize) -> Result<InviteId> {
    members::invite(&world.services, &world.ada, &format!("bob{number}@acme.example"), Role::Member).await
}

async fn keep_trash(world: &World, days: i32) -> Result<()> {
    let settings = tenants::settings(&world.services, &world.ada).await.unwrap();
    let form = SettingsForm {
        name: settings.name.clone(),
        slug: settings.slug.clone(),
        time_zone: settings.time_zone.clone(),
        language: settings.language.code().into(),
        document_language: String::new(),
        trash_days: days.to_string(),
    };
    tenants::change_settings(&world.services, &world.ada, &NewSettings::parse(&form).unwrap()).await
}

async fn signed_in(world: &World) -> SignedIn {
    let form = SignIn {
        email: "ada@acme.example",
        password: PASSWORD,
        address: "192.0.2.1",
        user_agent: "a browser",
        picked: None,
    };
    accounts::sign_in(&world.services, form).await.unwrap()
}

async fn profile(world: &World, signed_in: &SignedIn) -> Profile {
    let claims = world.services.keys.check(&signed_in.access, world.services.clock.now()).unwrap();
    accounts::authenticate(&world.services, &claims).await.unwrap()
}

async fn new_member(world: &World, token: &str) -> Result<SignedIn> {
    let form = NewMember { token, name: "Bob", password: PASSWORD, from: None, user_agent: "a browser" };
    members::accept_as_new(&world.services, form).await
}

async fn token_mailed_to(world: &World, address: &str) -> String {
    let mail = world.mail_to(address).await.unwrap();
    let (_, rest) = mail.text_body.split_once("token=").unwrap();
    rest.split_whitespace().next().unwrap().to_owned()
}

/// How many mails to an address have a subject like this.
async fn mails(world: &World, address: &str, subject: &str) -> i64 {
    sqlx::query_scalar("select count(*) from mail where recipient = $1 and subject like $2")
        .bind(address)
        .bind(subject)
        .fetch_one(&mut world.superuser().await)
        .await
        .unwrap()
}

async fn warned(world: &World) -> (i32, i32) {
    sqlx::query_as("select warned_credits, warned_storage from tenant_meter where tenant_id = $1")
        .bind(world.acme.0)
        .fetch_one(&mut world.superuser().await)
        .await
        .unwrap()
}

/// Waits until nobody is to be told anything any more.
async fn until_done(world: &World) {
    let open = "select count(*) from job where kind = 'tell_usage' and finished_at is null";
    let started = Instant::now();
    while sqlx::query_scalar::<_, i64>(open).fetch_one(&mut world.superuser().await).await.unwrap() > 0 {
        assert!(started.elapsed() < PATIENCE, "the owners are told in vain");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
