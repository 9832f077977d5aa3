//! What Stripe is told of use, as far as our own books go: each hour once, whatever comes late.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    ErrorKind, Services,
    billing::{self, Difference, Stripe, StripeSettings},
    clock::Clock,
};
use sqlx::Executor;

use crate::world::{World, noon};

/// Acme and Globex are Stripe's customers, and Stripe is away.
struct Books {
    world: World,
    workers: Services,
}

impl Books {
    async fn new() -> Self {
        let world = World::at(Clock::manual(noon())).await;
        let settings = StripeSettings {
            key: "sk_test_nobody".into(),
            url: "http://127.0.0.1:1".parse().unwrap(),
            webhook_secrets: Vec::new(),
        };
        let workers = Services { stripe: Some(Stripe::new(settings).unwrap()), ..world.workers.clone() };
        let customers = "update subscription set stripe_customer = 'cus_' || tenant_id";
        world.superuser().await.execute(customers).await.unwrap();
        let books = Self { world, workers };
        // The month of both begins.
        books.rolls_up().await;
        books
    }

    /// Credits of Acme's beyond the included ones, so many minutes after noon; below zero where they came back.
    async fn uses(&self, minute: i64, credits: i64) {
        let (kind, debit, credit) =
            if credits > 0 { ("use", "overage", "used") } else { ("credit_back", "used", "overage") };
        sqlx::query(
            "insert into ledger_entry (tenant_id, id, kind, debit, credit, credits, key, period_start, plan, price_version, at)
             select tenant_id, gen_random_uuid(), $2, $3, $4, $5, gen_random_uuid()::text, period_start, 'team', 1, $6
             from tenant_meter where tenant_id = $1",
        )
        .bind(self.world.acme.0)
        .bind(kind)
        .bind(debit)
        .bind(credit)
        .bind(credits.abs())
        .bind(noon() + TimeDelta::minutes(minute))
        .execute(&mut self.world.superuser().await)
        .await
        .unwrap();
    }

    async fn rolls_up(&self) {
        for tenant in [self.world.acme, self.world.globex] {
            if let Err(error) = billing::roll_up_of(&self.workers, tenant).await {
                assert!(error.is(ErrorKind::Unavailable), "{error}");
            }
        }
    }

    /// The same, so many minutes after noon.
    async fn rolls_up_at(&self, minute: i64) {
        let clock = &self.workers.clock;
        clock.advance(noon() + TimeDelta::minutes(minute) - clock.now());
        self.rolls_up().await;
    }

    /// Seconds after noon, and credits, of what was written down.
    async fn written(&self) -> Vec<(i64, i64)> {
        let rows: Vec<(DateTime<Utc>, i64)> = sqlx::query_as("select hour, credits from meter_event order by hour")
            .fetch_all(&mut self.world.superuser().await)
            .await
            .unwrap();
        rows.into_iter().map(|(hour, credits)| ((hour - noon()).num_seconds(), credits)).collect()
    }

    /// What does not agree, but for the meter, of which nobody has told these tests' entries.
    async fn differences(&self) -> Vec<Difference> {
        let alone = Services { stripe: None, ..self.workers.clone() };
        let found = billing::reconcile(&alone, self.world.acme, noon().date_naive()).await.unwrap();
        found.into_iter().filter(|difference| !matches!(difference, Difference::Meter(_))).collect()
    }
}

#[tokio::test]
async fn each_hour_is_written_once_and_what_comes_late_is_written_behind_it() {
    let books = Books::new().await;
    books.uses(10, 5).await;
    books.uses(50, 2).await;
    books.rolls_up_at(55).await;
    assert_eq!(books.written().await, [], "the hour is not over");
    books.rolls_up_at(60).await;
    assert_eq!(books.written().await, [(0, 7)]);

    books.uses(59, 1).await;
    books.uses(65, 4).await;
    books.uses(66, -6).await;
    books.rolls_up_at(90).await;
    assert_eq!(books.written().await, [(0, 7), (1, 1)]);
    for minute in [120, 121] {
        books.rolls_up_at(minute).await;
        assert_eq!(books.written().await, [(0, 7), (1, 1), (3_600, -2)], "{minute}");
    }
    assert_eq!(books.differences().await, []);
}

#[tokio::test]
async fn what_nobody_was_told_is_a_difference() {
    let books = Books::new().await;
    books.uses(10, 5).await;
    books.rolls_up_at(60).await;
    assert_eq!(books.differences().await, []);
    books.uses(20, 3).await;
    assert_eq!(books.differences().await, [Difference::Hour { hour: noon(), ledger: 8, written: 5 }]);
    books.rolls_up_at(60).await;
    assert_eq!(books.differences().await, []);
    // Stripe is still away.
    books.rolls_up_at(6 * 60).await;
    let unsent = |seconds, credits| Difference::Unsent { hour: noon() + TimeDelta::seconds(seconds), credits };
    assert_eq!(books.differences().await, [unsent(0, 5), unsent(1, 3)]);
}

#[tokio::test]
async fn every_customer_of_stripe_is_visited() {
    let books = Books::new().await;
    let (acme, globex) = (books.world.acme, books.world.globex);
    let mut both = [acme, globex];
    both.sort();
    assert_eq!(billing::customers(&books.workers, None).await.unwrap(), both);
    assert_eq!(billing::customers(&books.workers, Some(both[0])).await.unwrap(), [both[1]]);
    let left = format!("update subscription set stripe_customer = null where tenant_id = '{globex}'");
    books.world.superuser().await.execute(sqlx::AssertSqlSafe(left)).await.unwrap();
    assert_eq!(billing::customers(&books.workers, None).await.unwrap(), [acme]);
}
