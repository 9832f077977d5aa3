//! Whoever dies between work, ledger, what is written down for Stripe, and Stripe: when it was done again, all books agree, and what
//! was used is billed once.

use std::{process::Stdio, time::Duration};

use chrono::TimeDelta;
use domain::{
    actor::Member,
    billing::{self, Plan, PlanId},
};
use sqlx::ConnectOptions;
use tokio::process::Command;

use crate::{
    billing_lab::Lab,
    billing_side::{GOOD_CARD, number, text},
    chaos::was_killed,
    world::person,
};

/// Beyond what is included.
const FIRST: i64 = 700;
const SECOND: i64 = 300;

/// Where a process dies, and how often it passes there before. None is nowhere.
const USES: [Option<&str>; 3] = [None, Some("charge.before_commit:1"), Some("charge.after_commit:1")];
const TELLS: [Option<&str>; 4] =
    [None, Some("roll_up.after_insert:1"), Some("roll_up.after_send:1"), Some("roll_up.after_send:2")];

#[tokio::test(flavor = "multi_thread")]
async fn whoever_dies_in_between_all_books_agree() {
    let lab = Lab::start().await;
    for (number, (uses, tells)) in USES.iter().flat_map(|uses| TELLS.map(|tells| (*uses, tells))).enumerate() {
        let about = format!("{uses:?} and {tells:?}");
        let business = Business::new(&lab, &format!("Crash{number}")).await;
        business.uses(&lab, uses, FIRST, &about).await;
        lab.advance(TimeDelta::hours(1));
        business.uses(&lab, None, SECOND, &about).await;
        assert_eq!(business.overage(&lab).await, FIRST + SECOND, "{about}: once");
        lab.advance(TimeDelta::hours(2));
        business.tells(&lab, tells, &about).await;
        business.agrees(&lab, &about).await;
        business.is_billed_once(&lab, &about).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stripe_was_told_by_somebody_who_died_long_ago_is_not_told_again() {
    let lab = Lab::start().await;
    let business = Business::new(&lab, "Late").await;
    business.uses(&lab, None, FIRST + SECOND, "late").await;
    lab.advance(TimeDelta::hours(2));
    assert!(business.dies(&lab, "roll_up.after_send:1", &["roll-up"]).await);
    // Stripe promises to know an identifier for a day.
    lab.advance(TimeDelta::hours(30));
    business.tells(&lab, None, "after 30 hours").await;
    business.agrees(&lab, "after 30 hours").await;
    business.is_billed_once(&lab, "after 30 hours").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stripe_was_told_before_the_database_was_set_back_is_not_told_again() {
    let lab = Lab::start().await;
    let business = Business::new(&lab, "Back").await;
    business.uses(&lab, None, FIRST + SECOND, "set back").await;
    lab.advance(TimeDelta::hours(2));
    business.tells(&lab, None, "set back").await;
    let back = "update meter_event set tried_at = null, sent_at = null";
    sqlx::query(back).execute(&mut lab.world.superuser().await).await.unwrap();
    lab.advance(TimeDelta::hours(30));
    business.tells(&lab, None, "after 30 hours").await;
    business.agrees(&lab, "after 30 hours").await;
    business.is_billed_once(&lab, "after 30 hours").await;
}

/// A workspace that pays for its Team plan, and has used what is included.
struct Business {
    member: Member,
    customer: String,
}

impl Business {
    async fn new(lab: &Lab, name: &str) -> Self {
        let member = person(&lab.world.services, name, name).await;
        let customer = lab.side.new_customer(GOOD_CARD);
        let [month, credits] = lab.side.prices(PlanId::Team);
        let items = [
            ("customer", customer.as_str()),
            ("items[0][price]", month.as_str()),
            ("items[1][price]", credits.as_str()),
        ];
        lab.side.post("subscriptions", &items);
        lab.is_customer(member.tenant, &customer).await;
        lab.looks(member.tenant).await;
        billing::set_cap(&lab.world.services, &member, 10_000).await.unwrap();
        let business = Self { member, customer };
        business.uses(lab, None, Plan::newest(PlanId::Team).limits.credits, "what is included").await;
        business
    }

    /// A worker has read something, and is asked again where it died.
    async fn uses(&self, lab: &Lab, fault: Option<&str>, credits: i64, about: &str) {
        let clock = &lab.world.services.clock;
        let (document, job) = (clock.id::<uuid::Uuid>().to_string(), clock.id::<uuid::Uuid>().to_string());
        let credits = credits.to_string();
        self.does(lab, fault, &["use", &document, &job, &credits], about).await;
    }

    async fn tells(&self, lab: &Lab, fault: Option<&str>, about: &str) {
        self.does(lab, fault, &["roll-up"], about).await;
    }

    /// Does it until it is done, and once more.
    async fn does(&self, lab: &Lab, fault: Option<&str>, act: &[&str], about: &str) {
        if let Some(fault) = fault {
            assert!(self.dies(lab, fault, act).await, "{about}: it comes to {fault}");
        }
        for _ in 0..2 {
            assert!(!self.dies(lab, "nowhere:1", act).await, "{about}");
        }
    }

    /// Whether a process died of it; else it has done what it was to do.
    async fn dies(&self, lab: &Lab, fault: &str, act: &[&str]) -> bool {
        let mut command = Command::new(program());
        command.arg(act[0]).arg(self.member.tenant.to_string()).args(&act[1..]);
        command
            .env("SHEAF_FAULT", fault)
            .env("SHEAF_CHAOS_DATABASE", lab.world.admin.to_url_lossy().as_str())
            .env("SHEAF_CHAOS_STRIPE", lab.side.url())
            .env("SHEAF_CHAOS_NOW", lab.world.services.clock.now().timestamp().to_string())
            .stdin(Stdio::null())
            .kill_on_drop(true);
        let status = tokio::time::timeout(Duration::from_secs(60), command.status()).await.unwrap().unwrap();
        assert!(status.success() || was_killed(status), "{act:?}: {status}");
        !status.success()
    }

    /// In the ledger, beyond what is included.
    async fn overage(&self, lab: &Lab) -> i64 {
        let sum =
            "select coalesce(sum(credits), 0)::bigint from ledger_entry where tenant_id = $1 and debit = 'overage'";
        let sum = sqlx::query_scalar(sum).bind(self.member.tenant.0);
        sum.fetch_one(&mut lab.world.superuser().await).await.unwrap()
    }

    async fn agrees(&self, lab: &Lab, about: &str) {
        let today = lab.world.services.clock.now().date_naive();
        let found = billing::reconcile(&lab.world.workers, self.member.tenant, today).await.unwrap();
        assert!(found.is_empty(), "{about}: {found:?}");
        let unsent = "select count(*) from meter_event where tenant_id = $1 and sent_at is null";
        let unsent = sqlx::query_scalar::<_, i64>(unsent).bind(self.member.tenant.0);
        assert_eq!(unsent.fetch_one(&mut lab.world.superuser().await).await.unwrap(), 0, "{about}");
    }

    /// The month ends, and its invoice has the credits.
    async fn is_billed_once(&self, lab: &Lab, about: &str) {
        let today = lab.world.services.clock.now().date_naive();
        lab.advance(TimeDelta::days(33));
        lab.looks(self.member.tenant).await;
        let invoices = lab.side.invoices(&self.customer);
        let lines = invoices.iter().flat_map(|invoice| invoice["lines"]["data"].as_array().unwrap());
        let team = lab.side.prices(PlanId::Team);
        let billed = lines.filter(|line| text(line, "/pricing/price_details/price") == team[1]);
        let billed: Vec<_> = billed.map(|line| (number(line, "/quantity"), number(line, "/amount"))).collect();
        assert_eq!(billed.iter().filter(|(credits, _)| *credits > 0).collect::<Vec<_>>(), [&(1_000, 1_200)], "{about}");
        let found = billing::reconcile(&lab.world.workers, self.member.tenant, today).await.unwrap();
        assert!(found.is_empty(), "{about}, when it was billed: {found:?}");
    }
}

/// Cargo builds the examples before it runs all tests, and not where it is asked for these alone.
fn program() -> std::path::PathBuf {
    let tests = std::env::current_exe().unwrap();
    let path = tests.parent().and_then(|folder| folder.parent()).unwrap().join("examples/billing_chaos");
    let build = "cargo build -p domain --features server --example billing_chaos";
    assert!(std::fs::exists(&path).unwrap(), "build it first: {build}");
    path
}
