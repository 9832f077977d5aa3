//! Whatever becomes of Stripe's events on their way, Sheaf knows in the end what Stripe has: for histories that chance writes,
//! their events come in any order, twice, late or not at all, among looks at Stripe that happen at any time.
//!
//! A run tries thousands of cases; SHEAF_ORDER_ROUNDS says how often each length of a history is tried, and SHEAF_SEED repeats
//! one.

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    billing::{self, Plan, PlanId, Standing},
    id::TenantId,
};
use futures::{StreamExt, stream};
use serde_json::Value;
use sqlx::{PgConnection, Row};
use tokio::time::sleep;

use crate::{
    billing_lab::Lab,
    billing_side::{BAD_CARD, GOOD_CARD, number, text},
    figures,
    queue_model::random::{Random, seed},
    world::person,
};

/// The most events that are sent of one history.
const LONGEST: usize = 7;

/// Orders that are tried of one history: all of them up to five events, and so many by chance of more.
const ORDERS: usize = 150;

/// How often each length is tried, where nobody says.
const ROUNDS: usize = 4;

/// Workspaces that are at it at once. Each has a connection, and Sheaf's own verbs another.
const TOGETHER: usize = 4;

/// Steps of a history that is told while it happens.
const STEPS: usize = 40;

/// What happens at Stripe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Buys(PlanId),
    ChangesTo(PlanId),
    CancelsWithTheMonth,
    GoesOn,
    CancelsAtOnce,
    BreaksTheCard,
    MendsTheCard,
    LetsAMonthPass,
}

const SOLD: [PlanId; 3] = [PlanId::Team, PlanId::Business, PlanId::Enterprise];

/// What Sheaf knows, or should.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Known {
    plan: PlanId,
    status: String,
    /// Of the month that is paid; nothing without a subscription.
    period: Option<(DateTime<Utc>, DateTime<Utc>)>,
    cancels_at: Option<DateTime<Utc>>,
    is_unpaid: bool,
    subscription: Option<String>,
}

#[tokio::test(flavor = "multi_thread")]
async fn events_in_any_order_twice_or_not_at_all_lead_to_what_stripe_has() {
    let seed = seed();
    println!("SHEAF_SEED={seed}");
    let rounds = std::env::var("SHEAF_ORDER_ROUNDS").map_or(ROUNDS, |rounds| rounds.parse().unwrap());
    let (mut random, began) = (Random::new(seed), Instant::now());
    let lab = Lab::start().await;
    let mut histories = Vec::new();
    for number in 0..rounds * LONGEST {
        let mut random = random.fork();
        let customer = Customer::new(&lab, &format!("Order{number}")).await;
        // Histories share the time at Stripe, so they are written one after the other.
        let events = customer.live_through(&lab, &mut random, 1 + number % LONGEST);
        histories.push((customer, events, random));
    }
    let told = stream::iter(histories).map(|(customer, events, random)| tell(&lab, customer, events, random));
    let cases: usize = told.buffer_unordered(TOGETHER).collect::<Vec<_>>().await.into_iter().sum();
    println!("{cases} cases in {:.1?}", began.elapsed());
    figures::note("orders_of_events", cases);
    assert!(cases >= rounds * 450, "{cases}");
}

#[tokio::test(flavor = "multi_thread")]
async fn looks_at_stripe_while_its_events_are_late_know_what_it_had_then() {
    let seed = seed();
    println!("SHEAF_SEED={seed}");
    let mut random = Random::new(seed);
    let lab = Lab::start().await;
    let eyes = &mut lab.world.superuser().await;
    for number in 0..6 {
        let customer = Customer::new(&lab, &format!("Late{number}")).await;
        let mut pending = Vec::new();
        for step in 0..STEPS {
            let about = format!("SHEAF_SEED={seed}, customer {number}, step {step}");
            match random.below(4) {
                0 => pending.extend(customer.lives(&lab, &mut random)),
                1 if !pending.is_empty() => {
                    // Any of those that are on their way; some go on being on it, and come again.
                    let at = random.below(pending.len());
                    let event = if random.percent(20) { pending[at].clone() } else { pending.swap_remove(at) };
                    lab.hears(&event).await;
                }
                2 => {
                    // Two workers ask while something happens, and none of them is to know less than it did.
                    let moment = Duration::from_millis(random.below(10) as u64);
                    let happens = async {
                        sleep(moment).await;
                        customer.lives(&lab, &mut random)
                    };
                    let looks = || lab.looks(customer.tenant);
                    let ((), events, ()) = tokio::join!(looks(), happens, looks());
                    pending.extend(events);
                    lab.looks(customer.tenant).await;
                    customer.knows_what_stripe_has(&lab, eyes, &about).await;
                }
                _ => {
                    lab.looks(customer.tenant).await;
                    customer.knows_what_stripe_has(&lab, eyes, &about).await;
                }
            }
        }
        lab.looks(customer.tenant).await;
        customer.knows_what_stripe_has(&lab, eyes, "in the end").await;
    }
}

/// Tells the events in many orders. Says in how many.
async fn tell(lab: &Lab, customer: Customer, events: Vec<Value>, mut random: Random) -> usize {
    let orders = orders(events.len(), &mut random);
    let eyes = &mut lab.world.superuser().await;
    for order in &orders {
        let about = format!("{} hears {order:?} of {:?}", customer.id, kinds(&events));
        customer.forget(lab, eyes).await;
        let mut is_told = false;
        for at in with_faults(order, &mut random) {
            lab.hears(&events[at]).await;
            is_told = true;
            if random.percent(25) {
                lab.looks(customer.tenant).await;
                customer.knows_what_stripe_has(lab, eyes, &about).await;
            }
        }
        if is_told {
            let waits = customer.unheard(eyes).await > 0;
            assert!(!waits || customer.jobs(eyes).await > 0, "{about}: what waits is looked into by somebody");
            lab.looks(customer.tenant).await;
            customer.knows_what_stripe_has(lab, eyes, &about).await;
            assert_eq!(customer.unheard(eyes).await, 0, "{about}: each is done");
        }
        // The sweep asks whether or not anybody was told.
        lab.looks(customer.tenant).await;
        customer.knows_what_stripe_has(lab, eyes, &about).await;
    }
    orders.len()
}

/// All orders of so few, or as many by chance.
fn orders(length: usize, random: &mut Random) -> Vec<Vec<usize>> {
    let all: usize = (1..=length).product();
    if all <= ORDERS {
        return permutations((0..length).collect());
    }
    let shuffled = |random: &mut Random| {
        let mut order: Vec<usize> = (0..length).collect();
        for at in (1..length).rev() {
            order.swap(at, random.below(at + 1));
        }
        order
    };
    (0..ORDERS).map(|_| shuffled(random)).collect()
}

fn permutations(items: Vec<usize>) -> Vec<Vec<usize>> {
    if items.len() <= 1 {
        return vec![items];
    }
    let mut all = Vec::new();
    for (at, first) in items.iter().enumerate() {
        let others = items.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, item)| *item).collect();
        all.extend(permutations(others).into_iter().map(|rest| [vec![*first], rest].concat()));
    }
    all
}

/// The same order, in which some come again later and some are lost.
fn with_faults(order: &[usize], random: &mut Random) -> Vec<usize> {
    let mut told: Vec<usize> = order.iter().copied().filter(|_| !random.percent(15)).collect();
    for at in (0..told.len()).rev() {
        if random.percent(20) {
            told.insert(random.between(at + 1, told.len()), told[at]);
        }
    }
    told
}

fn kinds(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| text(event, "/type")).collect()
}

/// A workspace that is a customer.
struct Customer {
    tenant: TenantId,
    id: String,
}

impl Customer {
    async fn new(lab: &Lab, name: &str) -> Self {
        let member = person(&lab.world.services, name, name).await;
        let id = lab.side.new_customer(GOOD_CARD);
        lab.is_customer(member.tenant, &id).await;
        Self { tenant: member.tenant, id }
    }

    /// Does things until there are as many events, and answers so many of them, the newest among them.
    fn live_through(&self, lab: &Lab, random: &mut Random, length: usize) -> Vec<Value> {
        let mut events = Vec::new();
        while events.len() < length || random.percent(60) {
            events.extend(self.lives(lab, random));
        }
        while events.len() > length {
            events.remove(random.below(events.len() - 1));
        }
        events
    }

    /// Does one thing, and answers what Stripe says of it, in order.
    fn lives(&self, lab: &Lab, random: &mut Random) -> Vec<Value> {
        let before = lab.newest_event();
        let live = lab.side.live(&self.id);
        let act = choose(live.as_ref(), random);
        self.does(lab, act, live.as_ref());
        let of_this = |event: &Value| event.to_string().contains(&format!("\"{}\"", self.id));
        lab.events_after(before).into_iter().filter(of_this).collect()
    }

    fn does(&self, lab: &Lab, act: Act, live: Option<&Value>) {
        let side = &lab.side;
        let path = live.map(|live| format!("subscriptions/{}", text(live, "/id"))).unwrap_or_default();
        match act {
            Act::Buys(plan) => {
                let [month, credits] = side.prices(plan);
                let fields = [
                    ("customer", self.id.as_str()),
                    ("items[0][price]", month.as_str()),
                    ("items[1][price]", credits.as_str()),
                    ("payment_behavior", "error_if_incomplete"),
                ];
                // A card that does not pay begins nothing.
                drop(side.try_post("subscriptions", &fields));
            }
            Act::ChangesTo(plan) => {
                let [month, credits] = side.prices(plan);
                let item = |at| text(live.unwrap(), &format!("/items/data/{at}/id")).to_owned();
                let (first, second) = (item(0), item(1));
                let fields = [
                    ("items[0][id]", first.as_str()),
                    ("items[0][price]", month.as_str()),
                    ("items[1][id]", second.as_str()),
                    ("items[1][price]", credits.as_str()),
                    ("proration_behavior", "always_invoice"),
                ];
                side.post(&path, &fields);
            }
            Act::CancelsWithTheMonth => drop(side.post(&path, &[("cancel_at_period_end", "true")])),
            Act::GoesOn => drop(side.post(&path, &[("cancel_at_period_end", "false")])),
            Act::CancelsAtOnce => drop(side.delete(&path)),
            Act::BreaksTheCard => drop(side.pay_with(&self.id, BAD_CARD)),
            Act::MendsTheCard => side.mends(&self.id),
            Act::LetsAMonthPass => lab.advance(TimeDelta::days(31)),
        }
    }

    async fn knows_what_stripe_has(&self, lab: &Lab, eyes: &mut PgConnection, about: &str) {
        let (known, had) = (self.known(eyes).await, self.had(lab));
        assert_eq!(known, had, "{about}");
        let entitlements = billing::entitlements(&lab.world.workers, self.tenant).await.unwrap();
        let now = lab.world.services.clock.now();
        // The trial is Sheaf's own, and ends by itself.
        let plan = match (had.subscription.is_some(), entitlements.trial_ends_at) {
            (false, Some(_)) => billing::TRIAL_PLAN,
            _ => had.plan,
        };
        assert_eq!((entitlements.plan, entitlements.limits), (plan, Plan::newest(plan).limits), "{about}");
        assert_eq!(entitlements.standing == Standing::Good, !had.is_unpaid, "{about} at {now}");
    }

    /// What Sheaf has written down.
    async fn known(&self, eyes: &mut PgConnection) -> Known {
        let row = sqlx::query(
            "select plan, status, period_start, period_end, cancels_at, unpaid_since, stripe_subscription
             from subscription where tenant_id = $1",
        );
        let row = row.bind(self.tenant.0).fetch_one(eyes).await.unwrap();
        let subscription: Option<String> = row.get("stripe_subscription");
        let unpaid_since: Option<DateTime<Utc>> = row.get("unpaid_since");
        Known {
            plan: PlanId::parse(row.get("plan")).unwrap(),
            status: row.get("status"),
            period: subscription.is_some().then(|| (row.get("period_start"), row.get("period_end"))),
            cancels_at: row.get("cancels_at"),
            is_unpaid: unpaid_since.is_some(),
            subscription,
        }
    }

    /// The same, read from what Stripe answers now.
    fn had(&self, lab: &Lab) -> Known {
        let Some(live) = lab.side.live(&self.id) else {
            return Known {
                plan: PlanId::Free,
                status: "none".into(),
                period: None,
                cancels_at: None,
                is_unpaid: false,
                subscription: None,
            };
        };
        let items = live["items"]["data"].as_array().unwrap();
        let month = items.iter().find(|item| item["price"]["recurring"]["usage_type"] == "licensed").unwrap();
        let key = text(month, "/price/lookup_key");
        let plan = PlanId::ALL.into_iter().find(|plan| Plan::newest(*plan).lookup_key() == key).unwrap();
        let at = |value: &Value, pointer: &str| DateTime::from_timestamp(number(value, pointer), 0).unwrap();
        let status = text(&live, "/status").to_owned();
        Known {
            plan,
            period: Some((at(month, "/current_period_start"), at(month, "/current_period_end"))),
            cancels_at: (!live["cancel_at"].is_null()).then(|| at(&live, "/cancel_at")),
            is_unpaid: ["past_due", "unpaid"].contains(&status.as_str()),
            subscription: Some(text(&live, "/id").to_owned()),
            status,
        }
    }

    /// As if Sheaf had never heard of what was bought, nor of any event.
    async fn forget(&self, lab: &Lab, eyes: &mut PgConnection) {
        for statement in [
            "update subscription
             set plan = 'free', plan_version = 1, status = 'none', cancels_at = null, next_plan = null, unpaid_since = null,
                 stripe_subscription = null
             where tenant_id = $1",
            "delete from stripe_event where tenant_id = $1",
            "delete from job where tenant_id = $1 and kind = 'sync_subscription'",
        ] {
            sqlx::query(statement).bind(self.tenant.0).execute(&mut *eyes).await.unwrap();
        }
        lab.world.workers.db.epochs().bump(self.tenant, "billing");
    }

    /// Jobs that would ask Stripe.
    async fn jobs(&self, eyes: &mut PgConnection) -> i64 {
        self.count(eyes, "select count(*) from job where tenant_id = $1 and kind = 'sync_subscription'").await
    }

    /// Events that nobody has looked into.
    async fn unheard(&self, eyes: &mut PgConnection) -> i64 {
        self.count(eyes, "select count(*) from stripe_event where tenant_id = $1 and state = 'received'").await
    }

    async fn count(&self, eyes: &mut PgConnection, query: &'static str) -> i64 {
        let query = sqlx::query_scalar(query).bind(self.tenant.0);
        query.fetch_one(eyes).await.unwrap()
    }
}

/// What can happen to a customer who has this subscription, or none.
fn choose(live: Option<&Value>, random: &mut Random) -> Act {
    let Some(live) = live else {
        return match random.below(8) {
            0 => Act::BreaksTheCard,
            1 => Act::MendsTheCard,
            _ => Act::Buys(random.pick(&SOLD)),
        };
    };
    let cancels = live["cancel_at_period_end"] == true;
    match random.below(10) {
        0..3 => Act::ChangesTo(random.pick(&SOLD)),
        3 | 4 if cancels => Act::GoesOn,
        3 | 4 => Act::CancelsWithTheMonth,
        5 => Act::CancelsAtOnce,
        6 => Act::BreaksTheCard,
        7 => Act::MendsTheCard,
        _ => Act::LetsAMonthPass,
    }
}
