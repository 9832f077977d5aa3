//! Credits on their way: set aside, charged once, given back, expired; and the meter, which is always what the ledger adds up to.

use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Months, TimeDelta, Utc};
use domain::{
    Error, ErrorKind, Result, Services,
    actor::{Member, Role},
    billing::{
        self, Currency, Entitlements, EntryKind, PlanId, Stripe, StripeSettings, Subscription, SubscriptionStatus,
        UsageQuery, counter,
    },
    documents::{self, DocumentState, ResumeHeld, Upload},
    id::{DocumentId, JobId},
    operators::Reason,
    queue::Registry,
};
use futures::{TryStreamExt, future::join_all};
use tokio::time::{Instant, sleep};

use crate::{
    workshop::{Worker, change, number, open},
    world::{World, noon, operator},
};

/// What the trial grants.
pub const TRIAL: i64 = 5_000;

#[tokio::test]
async fn of_twenty_uploads_at_the_last_credit_exactly_one_passes() {
    let world = World::at_noon().await;
    let services = sold(&world.services);
    use_up(&world, TRIAL - 1).await;
    let uploads = (0..20).map(|number| {
        let (services, ada) = (services.clone(), world.ada.clone());
        tokio::spawn(async move { upload(&services, &ada, &format!("{number}.txt")).await })
    });
    let done: Vec<Result<Upload>> = join_all(uploads).await.into_iter().map(|done| done.unwrap()).collect();
    let (kept, refused): (Vec<_>, Vec<_>) = done.into_iter().partition(Result::is_ok);
    assert_eq!((kept.len(), refused.len()), (1, 19));
    for refused in refused {
        let error = refused.unwrap_err();
        let limit = error.limit.clone().unwrap();
        assert_eq!((error.kind, limit.limit.as_str(), limit.allowed), (ErrorKind::PaymentRequired, "credits", TRIAL));
        assert!(error.message.contains("An owner can choose the Business plan."), "{error}");
    }
    let left: Vec<_> = services.files.list(&world.acme.to_string()).try_collect().await.unwrap();
    assert_eq!(left.len(), 1, "what was refused leaves no file: {left:?}");
    agrees(&world).await;
}

#[tokio::test]
async fn a_file_that_the_plan_has_no_storage_for_is_refused() {
    let world = World::at_noon().await;
    let e = Entitlements { trial_ends_at: None, ..trial(&world).await };
    let full = e.limits.storage_bytes;
    let mut tx = open(&world, world.acme).await;
    let (first, second) = (world.services.clock.id::<DocumentId>(), world.services.clock.id::<DocumentId>());
    counter::take_in(&mut tx, &world.services.clock, &e, first, 1, full).await.unwrap();
    let error = counter::take_in(&mut tx, &world.services.clock, &e, second, 1, 1).await.unwrap_err();
    assert_eq!(error.limit.unwrap().limit, "storage");
    // The transaction goes on: nothing of the second is set aside.
    tx.commit().await.unwrap();
    assert_eq!(number(&world, "select count(*) from credit_hold").await, 1);
}

#[tokio::test]
async fn what_is_left_expires_with_the_month_and_the_next_is_granted() {
    let world = World::at_noon().await;
    let services = sold(&world.services);
    use_up(&world, 100).await;
    let waiting = world.services.clock.id();
    counter::hold(&world.workers, world.acme, &trial(&world).await, waiting, 7).await.unwrap();
    world.services.clock.advance(TimeDelta::days(32));
    let meter = billing::meter(&services, &world.ada).await.unwrap();
    assert_eq!((meter.granted, meter.used, meter.held, meter.remaining()), (200, 0, 7, 193));
    assert_eq!(meter.period_start, noon() + Months::new(1));
    let lines =
        "grant plan available 5000, use available used 100, expiry available expired 4900, grant plan available 200";
    assert_eq!(ledger_of(&world).await, lines);
    // Whoever looks again finds it done.
    billing::begin_months(&sold(&world.workers)).await.unwrap();
    billing::meter(&services, &world.ada).await.unwrap();
    assert_eq!(ledger_of(&world).await, lines);
    agrees(&world).await;
    let before = UsageQuery { month: UsageQuery::time(&noon().date_naive().to_string()) };
    let usage = billing::usage(&services, &world.ada, &before).await.unwrap();
    assert_eq!((usage.period_start, usage.period_end, usage.total), (noon(), noon() + Months::new(1), 100));
    assert_eq!(usage.months, [noon() + Months::new(1), noon()]);
    let ever = UsageQuery { month: Some(noon() - TimeDelta::days(400)) };
    assert!(billing::usage(&services, &world.ada, &ever).await.unwrap_err().is(ErrorKind::NotFound));
}

#[tokio::test]
async fn work_is_charged_once_however_often_it_is_told() {
    let world = World::at_noon().await;
    let e = trial(&world).await;
    let (document, job) = (world.services.clock.id::<DocumentId>(), world.services.clock.id::<JobId>());
    counter::hold(&world.workers, world.acme, &e, document, 3).await.unwrap();
    let told = (0..10).map(|_| {
        let (workers, acme) = (world.workers.clone(), world.acme);
        tokio::spawn(async move { counter::charge(&workers, acme, &e, document, job, 12).await.unwrap() })
    });
    let charged: i64 = join_all(told).await.into_iter().map(|charged| charged.unwrap()).sum();
    assert_eq!(charged, 12);
    assert_eq!(ledger_of(&world).await, "grant plan available 5000, use available used 12");
    assert_eq!(number(&world, "select count(*) from credit_hold").await, 0);
    agrees(&world).await;
}

#[tokio::test]
async fn what_is_beyond_the_included_credits_is_billed_up_to_the_cap_and_not_beyond() {
    let world = World::at_noon().await;
    use_up(&world, TRIAL - 4).await;
    let e = Entitlements { cap: 10, trial_ends_at: None, ..trial(&world).await };
    let (document, job) = (world.services.clock.id(), world.services.clock.id());
    assert_eq!(counter::charge(&world.workers, world.acme, &e, document, job, 9).await.unwrap(), 9);
    let (other, later) = (world.services.clock.id(), world.services.clock.id());
    assert_eq!(counter::charge(&world.workers, world.acme, &e, other, later, 9).await.unwrap(), 5);
    let error = counter::hold(&world.workers, world.acme, &e, world.services.clock.id(), 1).await.unwrap_err();
    assert!(error.message.contains("An owner can raise the cap"), "{error}");
    assert_eq!(number(&world, "select overage from tenant_meter where used > 0").await, 10);
    // What comes back of both goes where it came from, once.
    for back in [9, 0] {
        assert_eq!(counter::credit_back(&world.workers, world.acme, &e, document, job).await.unwrap(), back);
    }
    assert_eq!(number(&world, "select overage from tenant_meter where used > 0").await, 5);
    agrees(&world).await;
}

#[tokio::test]
async fn what_comes_back_of_a_month_that_is_over_comes_into_this_one() {
    let world = World::at_noon().await;
    let (document, job) = (world.services.clock.id(), world.services.clock.id());
    let e = trial(&world).await;
    counter::charge(&world.workers, world.acme, &e, document, job, 30).await.unwrap();
    world.services.clock.advance(TimeDelta::days(32));
    assert_eq!(counter::credit_back(&world.workers, world.acme, &e, document, job).await.unwrap(), 30);
    let meter = billing::meter(&sold(&world.services), &world.ada).await.unwrap();
    assert_eq!((meter.granted, meter.used), (230, 0));
    agrees(&world).await;
}

#[tokio::test]
async fn a_larger_plan_in_the_middle_of_a_month_adds_and_a_smaller_takes_nothing() {
    let world = World::at_noon().await;
    let services = sold(&world.services);
    use_up(&world, 40).await;
    let granted = async || billing::meter(&services, &world.ada).await.unwrap().granted;
    for (plan, expected) in
        [(PlanId::Business, 30_000), (PlanId::Business, 30_000), (PlanId::Team, 30_000), (PlanId::Enterprise, 200_000)]
    {
        counter::roll_over(&world.workers, world.acme, &subscribed(plan, noon())).await.unwrap();
        assert_eq!(granted().await, expected, "{plan:?}");
        agrees(&world).await;
    }
    // What people were told under the smaller plan does not hold any more.
    change(&world, "update tenant_meter set warned_credits = 100, warned_storage = 80").await;
    counter::roll_over(&world.workers, world.acme, &subscribed(PlanId::Enterprise, noon())).await.unwrap();
    let warned = "select (warned_credits + warned_storage)::bigint from tenant_meter where used > 0";
    assert_eq!(number(&world, warned).await, 0);
    change(&world, "update tenant_meter set warned_storage = 100").await;
    billing::begin_months(&sold(&world.workers)).await.unwrap();
    assert_eq!(number(&world, warned).await, 0, "nor what was said before something was deleted");
    // Another month begins when Stripe says so.
    world.services.clock.advance(TimeDelta::days(3));
    let later = subscribed(PlanId::Team, world.services.clock.now());
    counter::roll_over(&world.workers, world.acme, &later).await.unwrap();
    assert_eq!(granted().await, 5_000);
    agrees(&world).await;
}

#[tokio::test]
async fn a_month_that_begins_before_stripe_tells_of_it_has_what_was_chosen_for_it() {
    let world = World::at_noon().await;
    let services = sold(&world.services);
    let business = subscribed(PlanId::Business, noon());
    let cheaper = Subscription { next_plan: Some(PlanId::Team), ..business.clone() };
    let cancelled = Subscription { cancels_at: Some(business.period_end), ..business };
    let asked = [(&world.ada, cheaper, 5_000), (&world.eve, cancelled, 200)];
    for (member, asked, _) in &asked {
        counter::roll_over(&world.workers, member.tenant, asked).await.unwrap();
        assert_eq!(billing::meter(&services, member).await.unwrap().granted, 30_000);
    }
    world.services.clock.advance(TimeDelta::days(32));
    for (member, asked, expected) in &asked {
        counter::roll_over(&world.workers, member.tenant, asked).await.unwrap();
        assert_eq!(billing::meter(&services, member).await.unwrap().granted, *expected);
    }
    agrees(&world).await;
}

#[tokio::test]
async fn without_billing_use_is_counted_and_nothing_is_refused() {
    let world = World::at_noon().await;
    let e = Entitlements::unmetered();
    for _ in 0..30 {
        let (document, job) = (world.services.clock.id(), world.services.clock.id());
        assert_eq!(counter::charge(&world.workers, world.acme, &e, document, job, 1_000).await.unwrap(), 1_000);
    }
    upload(&world.services, &world.ada, "notes.txt").await.unwrap();
    let meter = billing::meter(&world.services, &world.ada).await.unwrap();
    assert_eq!((meter.granted, meter.used, meter.overage, meter.held), (0, 30_000, 0, 0));
    assert_eq!(meter.stored_bytes, "notes.txt".len() as i64);
    agrees(&world).await;
    // When billing begins in the middle of a month, what was used before costs nothing.
    let meter = billing::meter(&sold(&world.services), &world.ada).await.unwrap();
    assert_eq!((meter.overage, meter.overage_cost().cents), (0, 0));
}

#[tokio::test]
async fn the_lists_of_a_month_add_up_and_eve_sees_none_of_it() {
    let world = World::at_noon().await;
    let services = sold(&world.services);
    let Upload::Accepted { document, .. } = upload(&services, &world.ada, "notes.txt").await.unwrap() else { panic!() };
    for (pause, credits) in [(TimeDelta::seconds(1), 5), (TimeDelta::days(1), 7), (TimeDelta::seconds(1), 11)] {
        world.services.clock.advance(pause);
        let (e, job) = (trial(&world).await, world.services.clock.id());
        counter::charge(&world.workers, world.acme, &e, document, job, credits).await.unwrap();
    }
    let usage = billing::usage(&services, &world.ada, &UsageQuery::default()).await.unwrap();
    assert_eq!((usage.total, usage.overage, usage.days.len()), (23, 0, 31));
    assert_eq!(usage.days.iter().map(|(_, credits)| credits).sum::<i64>(), 23);
    assert_eq!((usage.kinds[0].name.as_str(), usage.kinds[0].credits), ("Reading", 23));
    assert_eq!(usage.members.iter().map(|sum| sum.credits).sum::<i64>(), 23);
    let lines = billing::ledger(&services, &world.ada, None).await.unwrap().lines;
    assert_eq!((lines.len(), lines[0].kind, lines[0].credits), (4, EntryKind::Use, -11));
    assert_eq!((lines[0].document, lines[0].document_name.as_deref()), (Some(document), Some("notes.txt")));
    assert_eq!((lines[3].kind, lines[3].credits), (EntryKind::Grant, TRIAL));
    let table = csv(&services, &world.ada).await;
    assert_eq!(table.lines().count(), 5, "{table}");

    assert_eq!(billing::usage(&services, &world.eve, &UsageQuery::default()).await.unwrap().total, 0);
    assert!(billing::ledger(&services, &world.eve, None).await.unwrap().lines.iter().all(|line| line.credits > 0));
    assert!(!csv(&services, &world.eve).await.contains("notes.txt"));
    let viewer = Member { role: Role::Viewer, ..world.ada.clone() };
    assert!(billing::usage(&services, &viewer, &UsageQuery::default()).await.unwrap_err().is(ErrorKind::Forbidden));
    assert!(billing::ledger(&services, &viewer, None).await.unwrap_err().is(ErrorKind::Forbidden));
    agrees(&world).await;
}

#[tokio::test]
async fn pages_of_the_ledger_meet_without_gap_or_repetition() {
    let world = World::at_noon().await;
    let services = sold(&world.services);
    for _ in 0..60 {
        use_up(&world, 1).await;
    }
    let first = billing::ledger(&services, &world.ada, None).await.unwrap();
    let rest = billing::ledger(&services, &world.ada, first.next.as_deref()).await.unwrap();
    assert_eq!((first.lines.len(), rest.lines.len(), rest.next), (50, 11, None));
    let mut ids: Vec<_> = first.lines.iter().chain(&rest.lines).map(|line| line.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 61);
    let nowhere = billing::ledger(&services, &world.ada, Some("nowhere")).await.unwrap_err();
    assert_eq!(nowhere.field.as_deref(), Some("after"));
}

#[tokio::test]
async fn what_waits_for_credits_goes_on_when_there_are_some() {
    let world = World::new().await;
    let services = sold(&world.services);
    let e = trial(&world).await;
    let (spent, job) = (world.services.clock.id(), world.services.clock.id());
    counter::charge(&world.workers, world.acme, &e, spent, job, TRIAL).await.unwrap();
    let mut held = Vec::new();
    for (name, pages) in [("large.pdf", 4_000), ("small.pdf", 3)] {
        // Without billing, it is only put into the queue.
        let Upload::Accepted { document, .. } = upload(&world.services, &world.ada, name).await.unwrap() else {
            panic!()
        };
        let waits =
            format!("update document set state = 'held', format = 'pdf', pages = {pages} where id = '{document}'");
        change(&world, &waits).await;
        held.push(document);
    }
    change(&world, "delete from job").await;
    assert!(documents::retry(&services, &world.ada, held[1]).await.unwrap_err().is(ErrorKind::PaymentRequired));
    let worker = Worker::start(&sold(&world.workers), Registry::new().register::<ResumeHeld>());
    billing::begin_months(&sold(&world.workers)).await.unwrap();
    until(&world, "select count(*) from job where kind = 'resume_held' and state = 'done'", 1).await;
    assert_eq!(documents::state_of(&services, &world.ada, held[1]).await.unwrap(), DocumentState::Held);
    // Now there are 99. The large one takes 100, as no more of its pages are read here.
    change(&world, "delete from job").await;
    counter::credit_back(&world.workers, world.acme, &e, spent, job).await.unwrap();
    use_up(&world, TRIAL - 99).await;
    billing::begin_months(&sold(&world.workers)).await.unwrap();
    until(&world, "select count(*) from job where kind = 'resume_held' and state = 'done'", 1).await;
    worker.stop().await;
    let state = async |id| documents::state_of(&services, &world.ada, id).await.unwrap();
    assert_eq!((state(held[0]).await, state(held[1]).await), (DocumentState::Held, DocumentState::Waiting));
    assert_eq!(number(&world, "select count(*) from job where kind = 'read_document'").await, 1);
    assert_eq!(number(&world, "select sum(credits)::int8 from credit_hold").await, 3);
    // One that is cancelled while it waits gives back what was set aside for it.
    documents::cancel(&services, &world.ada, held[1]).await.unwrap();
    assert_eq!(number(&world, "select count(*) from credit_hold").await, 0);
    agrees(&world).await;
}

#[tokio::test]
async fn what_comes_back_from_the_trash_asks_whether_there_are_credits_by_now() {
    let world = World::new().await;
    let Upload::Accepted { document, .. } = upload(&world.services, &world.ada, "notes.txt").await.unwrap() else {
        panic!()
    };
    change(&world, "update document set state = 'held'").await;
    change(&world, "delete from job").await;
    documents::trash(&world.services, &world.ada, &[document]).await.unwrap();
    billing::begin_months(&sold(&world.workers)).await.unwrap();
    let resumed = "select count(*) from job where kind = 'resume_held'";
    assert_eq!(number(&world, resumed).await, 0, "nothing waits outside of the trash");
    documents::restore(&world.services, &world.ada, &[document]).await.unwrap();
    assert_eq!(number(&world, resumed).await, 1);
}

#[tokio::test]
async fn what_is_deleted_is_stored_no_more() {
    let world = World::at_noon().await;
    let services = sold(&world.services);
    let Upload::Accepted { document, .. } = upload(&services, &world.ada, "notes.txt").await.unwrap() else { panic!() };
    documents::trash(&services, &world.ada, &[document]).await.unwrap();
    let meter = billing::meter(&services, &world.ada).await.unwrap();
    assert_eq!((meter.held, meter.stored_bytes), (1, 9), "it may come back");
    documents::delete(&services, &world.ada, &[document]).await.unwrap();
    let meter = billing::meter(&services, &world.ada).await.unwrap();
    assert_eq!((meter.held, meter.stored_bytes), (0, 0));
    let Upload::Accepted { document, .. } = upload(&services, &world.ada, "more.txt").await.unwrap() else { panic!() };
    documents::trash(&services, &world.ada, &[document]).await.unwrap();
    world.services.clock.advance(TimeDelta::days(31));
    documents::sweep(&sold(&world.workers), world.acme).await.unwrap();
    assert_eq!(billing::meter(&services, &world.ada).await.unwrap().stored_bytes, 0);
    agrees(&world).await;
}

#[tokio::test]
async fn an_owner_sets_the_cap_of_a_plan_that_sells_credits() {
    let world = World::at_noon().await;
    let services = sold(&world.services);
    let admin = Member { role: Role::Admin, ..world.ada.clone() };
    assert!(billing::set_cap(&services, &admin, 10).await.unwrap_err().is(ErrorKind::Forbidden));
    assert!(
        billing::set_cap(&services, &world.ada, 10).await.unwrap_err().is(ErrorKind::Conflict),
        "a trial sells none"
    );
    let bought = format!("update subscription set status = 'active', plan = 'team' where tenant_id = '{}'", world.acme);
    change(&world, &bought).await;
    for cap in [-1, 1_000_000_001] {
        assert_eq!(billing::set_cap(&services, &world.ada, cap).await.unwrap_err().field.as_deref(), Some("cap"));
    }
    billing::meter(&services, &world.ada).await.unwrap();
    change(&world, "update tenant_meter set warned_credits = 100").await;
    billing::set_cap(&services, &world.ada, 10).await.unwrap();
    let warned = format!("select warned_credits::bigint from tenant_meter where tenant_id = '{}'", world.acme);
    assert_eq!(number(&world, &warned).await, 0, "there is more");
    let meter = billing::meter(&services, &world.ada).await.unwrap();
    assert_eq!((meter.entitlements.cap, meter.remaining()), (10, TRIAL + 10));
    assert_eq!(billing::meter(&services, &world.eve).await.unwrap().entitlements.cap, 0);
    assert_eq!(number(&world, "select count(*) from audit_entry where act = 'billing.cap_changed'").await, 1);
}

#[tokio::test]
async fn a_run_is_quoted_before_it_begins() {
    let world = World::at_noon().await;
    let services = sold(&world.services);
    let Upload::Accepted { document, .. } = upload(&services, &world.ada, "notes.txt").await.unwrap() else { panic!() };
    change(&world, "update document set format = 'pdf', pages = 41, state = 'read'").await;
    let quote = billing::quote(&services, &world.ada, &[document, document]).await.unwrap();
    assert_eq!((quote.documents, quote.credits, quote.overage, quote.cost.cents), (1, 41, 0, 0));
    assert_eq!((quote.remains, quote.cost.currency), (TRIAL - 1 - 41, Currency::Eur));
    assert_eq!(billing::quote(&services, &world.eve, &[document]).await.unwrap().documents, 0, "Eve learns nothing");
    let viewer = Member { role: Role::Viewer, ..world.ada.clone() };
    assert!(billing::quote(&services, &viewer, &[document]).await.unwrap_err().is(ErrorKind::Forbidden));
}

#[tokio::test]
async fn an_operator_puts_credits_right_and_says_why() {
    let world = World::at_noon().await;
    let services = sold(&world.services);
    let bob = operator(&world).await;
    let reason = Reason::parse("reason", "The scanner sent everything twice.").unwrap();
    let adjust = async |credits| billing::adjust(&services, &bob, world.acme, credits, &reason).await;
    adjust(500).await.unwrap();
    world.services.clock.advance(TimeDelta::seconds(1));
    adjust(-100).await.unwrap();
    for wrong in [0, -5_401, i64::from(i32::MAX)] {
        assert_eq!(adjust(wrong).await.unwrap_err().field.as_deref(), Some("credits"), "{wrong}");
    }
    let meter = billing::meter(&services, &world.ada).await.unwrap();
    assert_eq!((meter.granted, meter.remaining()), (5_400, 5_400));
    let line = billing::ledger(&services, &world.ada, None).await.unwrap().lines.remove(0);
    assert_eq!((line.kind, line.note.as_deref()), (EntryKind::Adjustment, Some(reason.as_str())));
    assert_eq!(number(&world, "select count(*) from audit_entry where act = 'billing.credits_adjusted'").await, 2);
    assert_eq!(number(&world, "select count(*) from operator_act where act = 'billing.adjusted'").await, 2);
    agrees(&world).await;
}

#[tokio::test]
async fn a_meter_that_was_tampered_with_is_found() {
    let world = World::at_noon().await;
    use_up(&world, 5).await;
    agrees(&world).await;
    change(&world, "update tenant_meter set used = used + 1, stored_bytes = 3").await;
    let told = counter::check(&world.workers, world.acme).await.unwrap();
    assert_eq!(
        told,
        ["credits used: the meter says 6, counted are 5", "bytes stored: the meter says 3, counted are 0"]
    );
}

/// The same where plans are sold. Nothing here asks Stripe.
pub fn sold(services: &Services) -> Services {
    let settings = StripeSettings {
        key: "sk_test_nobody".into(),
        url: "http://127.0.0.1:9/".parse().unwrap(),
        webhook_secrets: vec!["whsec_nobody".into()],
    };
    Services { stripe: Some(Stripe::new(settings).unwrap()), ..services.clone() }
}

async fn trial(world: &World) -> Entitlements {
    billing::entitlements(&sold(&world.workers), world.acme).await.unwrap()
}

/// Uses so many credits of Acme's.
pub async fn use_up(world: &World, credits: i64) {
    let (document, job) = (world.services.clock.id(), world.services.clock.id());
    let charged = counter::charge(&world.workers, world.acme, &trial(world).await, document, job, credits).await;
    assert_eq!(charged.unwrap(), credits);
}

fn subscribed(plan: PlanId, at: DateTime<Utc>) -> Subscription {
    Subscription {
        plan,
        plan_version: 1,
        currency: Currency::Eur,
        status: SubscriptionStatus::Active,
        trial_ends_at: at,
        period_start: at,
        period_end: at + Months::new(1),
        cancels_at: None,
        next_plan: None,
        unpaid_since: None,
        cap: 0,
        is_customer: true,
    }
}

/// A text that says its own name.
async fn upload(services: &Services, member: &Member, name: &str) -> Result<Upload> {
    let source = futures::stream::iter([Ok::<_, Error>(Bytes::copy_from_slice(name.as_bytes()))]);
    documents::upload(services, member, name, false, source).await
}

async fn csv(services: &Services, member: &Member) -> String {
    let stream = billing::usage_csv(services, member, &UsageQuery::default()).await.unwrap();
    let parts: Vec<Bytes> = stream.try_collect().await.unwrap();
    String::from_utf8(parts.concat()).unwrap()
}

/// The meter is what the ledger, what is set aside and the documents add up to, in both workspaces.
pub async fn agrees(world: &World) {
    for tenant in [world.acme, world.globex] {
        assert_eq!(counter::check(&world.workers, tenant).await.unwrap(), [""; 0]);
    }
}

/// Acme's lines, the oldest first.
async fn ledger_of(world: &World) -> String {
    let lines = sqlx::query_scalar(
        "select string_agg(concat_ws(' ', kind, debit, credit, credits), ', ' order by at, credits desc)
         from ledger_entry where tenant_id = $1",
    );
    lines.bind(world.acme.0).fetch_one(&mut world.superuser().await).await.unwrap()
}

pub async fn until(world: &World, query: &str, expected: i64) {
    let begun = Instant::now();
    while number(world, query).await != expected {
        assert!(begun.elapsed() < Duration::from_secs(20), "in vain: {query}");
        sleep(Duration::from_millis(20)).await;
    }
}
