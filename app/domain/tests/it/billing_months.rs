//! Two years of many workspaces, which try, buy, grow, shrink, leave and come back, whose cards fail and whose coupons end: every
//! invoice is what a reference counts, to the cent, on every day each workspace may do what it has paid for, and the figures of
//! every month that the operator is shown are those of another reference.
//!
//! SHEAF_MONTHS_WORKSPACES says how many there are: a few in every run of the tests, and 200 in `make test-months`. SHEAF_SEED
//! repeats a run.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use domain::{
    ErrorKind,
    actor::Member,
    billing::{self, CheckoutForm, Currency, Plan, PlanId},
    id::TenantId,
    revenue::Month,
};
use serde_json::Value;

use crate::{
    billing_figures::{self, Known, NIGHTS},
    billing_lab::{Lab, number_of},
    billing_reference::{Bill, Coupon, DAY, Expected, HOUR, Reference},
    billing_side::{BAD_CARD, number, text},
    figures,
    queue_model::random::{Random, seed},
    world::{noon, operator, person},
};

/// Where nobody says how many.
const FEW: usize = 6;

const DAYS: i64 = 730;

/// The last of them are made then.
const ALL_MADE: i64 = 60;

/// When Stripe is told what an hour used, after it.
const TOLD_AFTER: i64 = 5 * 60;

/// Codes that people type.
const COUPONS: [(&str, Coupon); 3] = [
    ("WELCOME", Coupon { hundredths: 2_000, months: Some(0) }),
    ("SPRING", Coupon { hundredths: 2_550, months: Some(3) }),
    ("FRIENDS", Coupon { hundredths: 1_000, months: None }),
];

const CAPS: [i64; 5] = [0, 500, 5_000, 100_000, 1_000_000];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Uses(i64),
    Buys(PlanId, Option<usize>),
    Raises(PlanId),
    Lowers(PlanId),
    Cancels,
    GoesOn,
    BreaksCard,
    MendsCard,
    SetsCap(i64),
}

#[tokio::test(flavor = "multi_thread")]
async fn two_years_of_invoices_are_what_a_reference_counts() {
    let seed = seed();
    let few = std::env::var("SHEAF_MONTHS_WORKSPACES").map_or(FEW, |number| number.parse().unwrap());
    println!("SHEAF_SEED={seed}, 24 months of {few} workspaces");
    let began = Instant::now();
    let mut years = Years::begin(seed, few).await;
    for day in 0..DAYS {
        years.live(day).await;
    }
    // The last drafts become final.
    years.advance(years.now() + 3 * HOUR).await;
    let invoices = years.compare_invoices().await;
    let months = years.reconcile().await;
    println!("{invoices} invoices and {months} months of books in {:.0?}", began.elapsed());
    figures::note("invoices_compared", invoices);
    assert!(invoices > 6 * few, "{invoices}");
    println!("{}", years.compare_figures().await);
}

struct Workspace {
    name: String,
    member: Member,
    /// Stripe's name, once it has one.
    customer: Option<String>,
    reference: Reference,
    random: Random,
}

struct Years {
    lab: Lab,
    seed: u64,
    random: Random,
    few: usize,
    workspaces: Vec<Workspace>,
    /// Those that have used more than was included, until Stripe was told, by when that is.
    untold: BTreeMap<usize, i64>,
    /// The newest event that was looked at.
    heard: u64,
    /// What the operator's figures took to count.
    counting: Duration,
}

impl Years {
    async fn begin(seed: u64, few: usize) -> Self {
        let lab = Lab::start().await;
        for (code, Coupon { hundredths, months }) in COUPONS {
            lab.side.new_coupon(code, hundredths, months);
        }
        let heard = lab.newest_event();
        let random = Random::new(seed);
        let (workspaces, untold, counting) = (Vec::new(), BTreeMap::new(), Duration::ZERO);
        Self { lab, seed, random, few, workspaces, untold, heard, counting }
    }

    fn now(&self) -> i64 {
        self.lab.world.services.clock.now().timestamp()
    }

    async fn live(&mut self, day: i64) {
        let midnight = self.now() - self.now().rem_euclid(DAY) + DAY;
        self.advance(midnight).await;
        if NIGHTS.contains(&time(midnight).day()) {
            self.count_figures().await;
        }
        let due = day * self.few as i64 / ALL_MADE;
        while self.workspaces.len() < self.few && self.workspaces.len() as i64 <= due {
            self.make().await;
        }
        let evening = midnight + DAY - 1;
        for (at, who, act) in self.plan_of_the_day(evening) {
            self.advance(at).await;
            self.does(who, act).await;
        }
        self.advance(evening).await;
        for who in 0..self.workspaces.len() {
            self.check(who).await;
        }
    }

    async fn make(&mut self) {
        let number = self.workspaces.len();
        // Months begin at any time of the day.
        let at = self.now() + seconds(&mut self.random, 600);
        self.advance(at).await;
        let (name, reference) = (format!("Months{number}"), Reference::new(self.now()));
        let member = person(&self.lab.world.services, &name, &name).await;
        let random = self.random.fork();
        self.workspaces.push(Workspace { name, member, customer: None, reference, random });
        // The first month begins with what the trial brings.
        self.does(number, Act::Uses(1)).await;
    }

    /// What everybody does until the evening, in order.
    fn plan_of_the_day(&mut self, evening: i64) -> Vec<(i64, usize, Act)> {
        let now = self.now();
        let mut acts = Vec::new();
        for (who, Workspace { reference, random, .. }) in self.workspaces.iter_mut().enumerate() {
            reference.advance(now);
            let mut plan = |at: i64, act| acts.push((at.clamp(now + 1, evening - 1), who, act));
            if let Some(act) = choose(reference, random) {
                let at = now + seconds(random, evening - now);
                plan(at, act);
                // Shortly before a change, within its hour or not.
                if matches!(act, Act::Raises(_)) {
                    plan(at - seconds(random, 4_000), Act::Uses(amount(reference, random, 60)));
                }
            }
            if random.percent(if reference.is_subscribed() { 22 } else { 8 }) {
                plan(now + seconds(random, evening - now), Act::Uses(amount(reference, random, 25)));
            }
            // Shortly before a month ends, and shortly after.
            let end = reference.month_ends();
            for at in [end - seconds(random, 5_000), end + seconds(random, 3_000)] {
                if (now + 1..evening).contains(&at) && random.percent(60) {
                    plan(at, Act::Uses(amount(reference, random, 60)));
                }
            }
        }
        acts.sort_by_key(|(at, who, _)| (*at, *who));
        acts
    }

    async fn does(&mut self, who: usize, act: Act) {
        let now = self.now();
        let about = format!("SHEAF_SEED={}: {} {act:?} at {}", self.seed, self.workspaces[who].name, time(now));
        self.workspaces[who].reference.advance(now);
        if !is_possible(&self.workspaces[who].reference, act) {
            return;
        }
        match act {
            // Stripe hears of it later.
            Act::Uses(credits) => return self.uses(who, credits, &about).await,
            Act::Buys(plan, coupon) => self.buys(who, plan, coupon, &about).await,
            Act::Raises(plan) => self.raises(who, plan, &about).await,
            _ => self.does_a_little(who, act, &about).await,
        }
        self.settle().await;
    }

    async fn uses(&mut self, who: usize, credits: i64, about: &str) {
        let now = self.now();
        let Self { lab, workspaces, untold, .. } = self;
        let Workspace { reference, member, .. } = &mut workspaces[who];
        let used = lab.uses(member.tenant, credits).await;
        assert_eq!(used, reference.uses(credits), "{about}");
        if reference.expected().cap > 0 {
            untold.insert(who, now - now.rem_euclid(HOUR) + HOUR + TOLD_AFTER);
        }
    }

    async fn buys(&mut self, who: usize, plan: PlanId, coupon: Option<usize>, about: &str) {
        let Self { lab, workspaces, random, .. } = self;
        let Workspace { reference, member, customer, .. } = &mut workspaces[who];
        let currency = reference.currency().unwrap_or_else(|| random.pick(&Currency::ALL));
        let form = CheckoutForm { plan, currency, coupon: coupon.map(|coupon| COUPONS[coupon].0.to_owned()) };
        let services = &lab.world.services;
        if let Some(customer) = customer {
            lab.side.mends(customer);
        }
        let page =
            billing::checkout(services, member, &form).await.unwrap_or_else(|error| panic!("{about}: {error:?}"));
        let session = lab.side.pays_at(&page).await;
        // Whoever closes the page comes back by the event alone.
        if random.percent(50) {
            billing::checkout_returned(services, member, &session).await.unwrap();
        }
        *customer = Some(lab.customer_of(member.tenant).await);
        reference.buys(plan, currency, coupon.map(|coupon| COUPONS[coupon].1));
    }

    async fn raises(&mut self, who: usize, plan: PlanId, about: &str) {
        let Self { lab, workspaces, .. } = self;
        let Workspace { reference, member, .. } = &mut workspaces[who];
        let services = &lab.world.services;
        let preview = billing::preview_change(services, member, plan).await.unwrap();
        assert_eq!(preview.due_now.cents, reference.price_of_raising(plan), "{about}: {:?}", preview.lines);
        let sum: i64 = preview.lines.iter().map(|line| line.amount.cents).sum();
        assert_eq!(sum, preview.due_now.cents, "{about}: the lines add up");
        let changed = billing::change_plan(services, member, plan, preview.at).await;
        if reference.has_good_card() {
            changed.unwrap_or_else(|error| panic!("{about}: {error:?}"));
            reference.raises(plan);
        } else {
            assert_eq!(changed.unwrap_err().kind, ErrorKind::Conflict, "{about}: nothing is changed that is not paid");
        }
    }

    async fn does_a_little(&mut self, who: usize, act: Act, about: &str) {
        let Self { lab, workspaces, .. } = self;
        let Workspace { reference, member, customer, .. } = &mut workspaces[who];
        let (services, customer) = (&lab.world.services, customer.as_deref().unwrap_or_default());
        let done = match act {
            Act::Lowers(plan) => {
                reference.lowers(plan);
                billing::change_plan(services, member, plan, services.clock.now().timestamp()).await
            }
            Act::Cancels => {
                reference.cancels();
                billing::cancel(services, member).await
            }
            Act::GoesOn => {
                reference.goes_on();
                billing::undo_cancel(services, member).await
            }
            Act::SetsCap(cap) => {
                reference.sets_cap(cap);
                billing::set_cap(services, member, cap).await
            }
            Act::BreaksCard => {
                reference.breaks_card();
                lab.side.pay_with(customer, BAD_CARD);
                Ok(())
            }
            Act::MendsCard => {
                reference.mends_card();
                lab.side.mends(customer);
                Ok(())
            }
            Act::Uses(_) | Act::Buys(..) | Act::Raises(_) => Ok(()),
        };
        done.unwrap_or_else(|error| panic!("{about}: {error:?}"));
    }

    /// Lets time pass, for Stripe and for Sheaf. While there is use that Stripe was not told, it is told five minutes after each
    /// hour, as by the schedule.
    async fn advance(&mut self, to: i64) {
        while let Some(first) = self.untold.values().copied().min() {
            let stop = first.min(next_stop(self.now()));
            if stop > to {
                break;
            }
            self.lab.advance_to(stop);
            self.settle().await;
            self.tell().await;
        }
        if to > self.now() {
            self.lab.advance_to(to);
            self.settle().await;
        }
    }

    async fn tell(&mut self) {
        let now = self.now();
        for who in self.untold.keys() {
            let tenant = self.workspaces[*who].member.tenant;
            billing::roll_up_of(&self.lab.world.workers, tenant).await.unwrap();
        }
        self.untold.retain(|_, until| *until > now);
    }

    /// What happened at Stripe comes to Sheaf: in any order, some of it twice, and some of it only because somebody looks.
    async fn settle(&mut self) {
        let mut events = self.lab.events_after(self.heard);
        let Some(newest) = events.last() else { return };
        self.heard = number_of(newest);
        let touched: BTreeSet<usize> = events.iter().filter_map(|event| self.whose(event)).collect();
        for at in (1..events.len()).rev() {
            events.swap(at, self.random.below(at + 1));
        }
        for event in &events {
            // Lost, told once, or told twice.
            for _ in 0..self.random.pick(&[0, 1, 1, 1, 1, 1, 1, 2]) {
                self.lab.hears(event).await;
            }
        }
        for who in touched {
            self.lab.looks(self.workspaces[who].member.tenant).await;
        }
    }

    fn whose(&self, event: &Value) -> Option<usize> {
        let object = &event["data"]["object"];
        let customer = object["customer"].as_str().or_else(|| object["id"].as_str())?;
        self.workspaces.iter().position(|workspace| workspace.customer.as_deref() == Some(customer))
    }

    /// What the workspace may do is what it has paid for.
    async fn check(&mut self, who: usize) {
        let now = self.now();
        let workspace = &mut self.workspaces[who];
        workspace.reference.advance(now);
        let found = billing::entitlements(&self.lab.world.workers, workspace.member.tenant).await.unwrap();
        let is_trial = found.trial_ends_at.is_some();
        let found_short = Expected { plan: found.plan, cap: found.cap, standing: found.standing, is_trial };
        let about = format!("SHEAF_SEED={}: {} on {}", self.seed, workspace.name, time(now));
        assert_eq!(found_short, workspace.reference.expected(), "{about}");
        assert_eq!(found.limits, Plan::newest(found.plan).limits, "{about}");
    }

    /// Each invoice of each workspace, also those of nothing. Says how many there were of something.
    async fn compare_invoices(&mut self) -> usize {
        let (now, mut compared) = (self.now(), 0);
        for workspace in &mut self.workspaces {
            // A month may have ended since the last evening.
            workspace.reference.advance(now);
            let Some(customer) = &workspace.customer else { continue };
            let mut found: Vec<Bill> = self.lab.side.invoices(customer).iter().map(bill).collect();
            found.sort_by_key(|bill| (bill.at, bill.cents));
            let mut counted = workspace.reference.bills.clone();
            counted.sort_by_key(|bill| (bill.at, bill.cents));
            assert_eq!(found, counted, "SHEAF_SEED={}: {}, {customer}", self.seed, workspace.name);
            compared += found.iter().filter(|bill| bill.cents != 0).count();
        }
        compared
    }

    /// The books of each month of each workspace agree. Says how many were looked at.
    async fn reconcile(&mut self) -> usize {
        let (today, mut looked_at) = (self.lab.world.services.clock.now().date_naive(), 0);
        for workspace in &self.workspaces {
            // No month is shorter.
            for weeks in (0..DAYS / 7).step_by(4) {
                let day = today - TimeDelta::weeks(weeks);
                let tenant = workspace.member.tenant;
                let found = billing::reconcile(&self.lab.world.workers, tenant, day).await.unwrap();
                assert!(found.is_empty(), "SHEAF_SEED={}: {} on {day}: {found:?}", self.seed, workspace.name);
                looked_at += 1;
            }
        }
        looked_at
    }

    fn tenants(&self) -> Vec<TenantId> {
        self.workspaces.iter().map(|workspace| workspace.member.tenant).collect()
    }

    async fn count_figures(&mut self) {
        let began = Instant::now();
        billing_figures::count(&self.lab, &self.tenants()).await;
        self.counting += began.elapsed();
    }

    /// Every figure of every month is what another reference counts: as it was counted while the months passed, and as it is
    /// when all are counted anew at their end. Says how much that was.
    async fn compare_figures(&mut self) -> String {
        // Of the month that is not over, everything until now.
        self.count_figures().await;
        let (began, now) = (Instant::now(), self.lab.world.services.clock.now());
        let months = billing_figures::months(Month::of(noon()), Month::of(now));
        let bob = operator(&self.lab.world).await;
        let known: Vec<Known<'_>> = self.workspaces.iter().map(|one| (one.member.tenant, &one.reference)).collect();
        let about = format!("SHEAF_SEED={}", self.seed);
        let compared = billing_figures::compare(&self.lab, &bob, &known, &months, &about).await;
        billing_figures::recount(&self.lab, &self.tenants(), &months).await;
        let about = format!("{about}, counted anew");
        billing_figures::compare(&self.lab, &bob, &known, &months, &about).await;
        let took = self.counting + began.elapsed();
        figures::note("figures_compared", compared.figures);
        format!("{compared} in {took:.1?}")
    }
}

/// What a workspace does today, if anything.
fn choose(reference: &Reference, random: &mut Random) -> Option<Act> {
    let Some(plan) = reference.bought_plan() else {
        let coupon = random.percent(30).then(|| random.below(COUPONS.len()));
        let plan = random.pick(&[PlanId::Team, PlanId::Team, PlanId::Business, PlanId::Enterprise]);
        return random.percent(5).then_some(Act::Buys(plan, coupon));
    };
    let (dearer, cheaper) = match plan {
        PlanId::Enterprise => (None, Some(random.pick(&[PlanId::Team, PlanId::Business]))),
        PlanId::Business => (Some(PlanId::Enterprise), Some(PlanId::Team)),
        PlanId::Team | PlanId::Free => (Some(random.pick(&[PlanId::Business, PlanId::Enterprise])), None),
    };
    match random.below(1_000) {
        0..15 => dearer.map(Act::Raises),
        15..27 => cheaper.map(Act::Lowers),
        27..35 => Some(Act::Cancels),
        35..75 if reference.changes_with_the_month() => Some(Act::GoesOn),
        75..85 if reference.has_good_card() => Some(Act::BreaksCard),
        75..155 if !reference.has_good_card() => Some(Act::MendsCard),
        155..175 => Some(Act::SetsCap(random.pick(&CAPS))),
        _ => None,
    }
}

/// Whether that can be done still: a month may have ended since it was planned.
fn is_possible(reference: &Reference, act: Act) -> bool {
    let plan = reference.bought_plan();
    match act {
        // Nobody who has not paid has anything read.
        Act::Uses(_) => reference.expected().standing.may_change(),
        Act::Buys(..) => plan.is_none(),
        Act::Raises(to) => plan.is_some_and(|plan| plan < to),
        Act::Lowers(to) => plan.is_some_and(|plan| plan > to),
        Act::GoesOn => reference.changes_with_the_month(),
        Act::Cancels | Act::BreaksCard | Act::MendsCard | Act::SetsCap(_) => plan.is_some(),
    }
}

/// One at least.
fn seconds(random: &mut Random, most: i64) -> i64 {
    1 + random.below(usize::try_from(most).unwrap()) as i64
}

/// At most so many per cent of what the plan brings.
fn amount(reference: &Reference, random: &mut Random, most: usize) -> i64 {
    let credits = Plan::newest(reference.expected().plan).limits.credits;
    (credits * random.between(1, most) as i64 / 100).max(1)
}

/// Five minutes after an hour.
fn next_stop(now: i64) -> i64 {
    now - (now - TOLD_AFTER).rem_euclid(HOUR) + HOUR
}

fn bill(invoice: &Value) -> Bill {
    let status = text(invoice, "/status");
    Bill {
        at: number(invoice, "/created"),
        cents: number(invoice, "/total"),
        is_draft: status == "draft",
        paid_at: invoice.pointer("/status_transitions/paid_at").and_then(Value::as_i64),
        // Of what is paid, the last attempt has not failed.
        has_failed: number(invoice, "/attempt_count") > i64::from(status == "paid"),
    }
}

fn time(at: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(at, 0).unwrap()
}
