//! What was changed at Stripe and no event told of: the sweep finds it and counts it, and counts nothing else.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use chrono::TimeDelta;
use domain::{
    actor::Member,
    billing::{self, CheckoutForm, Currency, PlanId, SyncSubscription},
    metrics::ENTITLEMENT_DRIFT,
    queue::Registry,
};
use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit};

use crate::{
    billing_lab::Lab,
    billing_side::text,
    workshop::{Worker, number, within},
};

/// For a loaded machine; a test that passes waits a fraction of it.
const PATIENCE: Duration = Duration::from_secs(60);

/// Longer than the sweep leaves a workspace alone.
const SILENCE: TimeDelta = TimeDelta::hours(7);

/// Keeps the one figure. It is the whole process's, and no other test here has a sweep's work done.
struct Figures(Arc<AtomicU64>);

impl Recorder for Figures {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        if key.name() == ENTITLEMENT_DRIFT.name { Counter::from_arc(self.0.clone()) } else { Counter::noop() }
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_event_has_told_of_is_counted_and_what_one_tells_is_not() {
    let drift = Arc::new(AtomicU64::new(0));
    assert!(metrics::set_global_recorder(Figures(drift.clone())).is_ok());
    let drift = || drift.load(Ordering::SeqCst);
    let lab = Lab::start().await;
    let (ada, eve) = (&lab.world.ada, &lab.world.eve);
    buys(&lab, ada).await;
    lab.advance(SILENCE);
    sweeps(&lab).await;
    assert_eq!(drift(), 0, "both have the same");

    lab.advance(SILENCE);
    ends(&lab, ada).await;
    sweeps(&lab).await;
    assert_eq!((drift(), status(&lab, ada).await.as_str()), (1, "none"));
    lab.advance(SILENCE);
    sweeps(&lab).await;
    assert_eq!(drift(), 1, "it is put right");

    buys(&lab, eve).await;
    let before = lab.newest_event();
    let path = format!("subscriptions/{}", live(&lab, eve).await);
    lab.side.post(&path, &[("cancel_at_period_end", "true")]);
    hears_since(&lab, before).await;
    works(&lab).await;
    let cancelled = "select count(*) from subscription where cancels_at is not null";
    assert_eq!((drift(), number(&lab.world, cancelled).await), (1, 1), "an event told of it");

    // The sweep has it asked, and before that is done an event tells why.
    lab.advance(SILENCE);
    let before = lab.newest_event();
    ends(&lab, eve).await;
    billing::sweep_subscriptions(&lab.world.workers).await.unwrap();
    hears_since(&lab, before).await;
    works(&lab).await;
    assert_eq!((drift(), status(&lab, eve).await.as_str()), (1, "none"));
}

async fn buys(lab: &Lab, member: &Member) {
    let form = CheckoutForm { plan: PlanId::Team, currency: Currency::Gbp, coupon: None };
    let page = billing::checkout(&lab.world.services, member, &form).await.unwrap();
    let session = lab.side.pays_at(&page).await;
    billing::checkout_returned(&lab.world.services, member, &session).await.unwrap();
}

/// Ends the subscription at Stripe. Nobody is sent an event of it.
async fn ends(lab: &Lab, member: &Member) {
    lab.side.delete(&format!("subscriptions/{}", live(lab, member).await));
}

/// Stripe's name of the subscription.
async fn live(lab: &Lab, member: &Member) -> String {
    let customer = lab.customer_of(member.tenant).await;
    text(&lab.side.live(&customer).unwrap(), "/id").to_owned()
}

async fn hears_since(lab: &Lab, event: u64) {
    for event in lab.events_after(event) {
        lab.hears(&event).await;
    }
}

async fn sweeps(lab: &Lab) {
    assert!(billing::sweep_subscriptions(&lab.world.workers).await.unwrap() > 0);
    works(lab).await;
}

/// Has a worker do what waits.
async fn works(lab: &Lab) {
    let worker = Worker::start(&lab.world.workers, Registry::new().register::<SyncSubscription>());
    let waiting = "select count(*) from job where kind = 'sync_subscription' and finished_at is null";
    within(PATIENCE, "Stripe is asked", async || number(&lab.world, waiting).await == 0).await;
    worker.stop().await;
}

/// As Sheaf knows it.
async fn status(lab: &Lab, member: &Member) -> String {
    let status = sqlx::query_scalar("select status from subscription where tenant_id = $1");
    status.bind(member.tenant.0).fetch_one(&mut lab.world.superuser().await).await.unwrap()
}
