//! What Stripe sends: only what it signed, each event once, and nothing that is sent is an error. No Stripe runs here: an event
//! only has it asked later.

use aws_lc_rs::hmac;
use chrono::TimeDelta;
use domain::{
    Services,
    billing::{self, Stripe, StripeSettings},
    error::ErrorKind,
    id::TenantId,
};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Executor, Row};

use crate::world::World;

const OLD: &str = "whsec_old";
const NEW: &str = "whsec_new";

/// A world in which Acme is a customer of Stripe, at an address where nobody answers.
struct Inbox {
    world: World,
    services: Services,
}

impl Inbox {
    async fn new() -> Self {
        let world = World::at_noon().await;
        let settings = StripeSettings {
            key: "sk_test_inbox".into(),
            url: "http://127.0.0.1:9".parse().unwrap(),
            webhook_secrets: vec![NEW.into(), OLD.into()],
        };
        let services = Services { stripe: Some(Stripe::new(settings).unwrap()), ..world.services.clone() };
        let inbox = Self { world, services };
        let acme = inbox.world.acme;
        inbox.change(&format!("update subscription set stripe_customer = 'cus_acme' where tenant_id = '{acme}'")).await;
        inbox
    }

    async fn change(&self, statement: &str) {
        self.world.superuser().await.execute(AssertSqlSafe(statement.to_owned())).await.unwrap();
    }

    /// The jobs that are to ask about a tenant.
    async fn jobs(&self, tenant: TenantId) -> i64 {
        let count = "select count(*) from job where kind = 'sync_subscription' and tenant_id = $1";
        let row = sqlx::query(count).bind(tenant.0).fetch_one(&mut self.world.superuser().await).await.unwrap();
        row.get(0)
    }

    /// What is kept: of each event, its id, its state and its note.
    async fn kept(&self) -> Vec<(String, String, Option<String>)> {
        let select = "select id, state, note from stripe_event order by id";
        let rows = sqlx::query(select).fetch_all(&mut self.world.superuser().await).await.unwrap();
        rows.iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect()
    }

    async fn receive(&self, event: &Value) -> domain::Result<()> {
        let body = event.to_string();
        billing::receive(&self.services, body.as_bytes(), &self.sign(OLD, &body)).await
    }

    fn sign(&self, secret: &str, body: &str) -> String {
        let at = self.services.clock.now().timestamp();
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), format!("{at}.{body}").as_bytes());
        let digits: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        format!("t={at},v1={digits}")
    }
}

fn event(id: &str, kind: &str, customer: &str) -> Value {
    json!({
        "id": id, "object": "event", "type": kind, "created": 1_795_262_400, "api_version": "2026-09-30.endive",
        "data": { "object": { "object": "invoice", "customer": customer } },
    })
}

#[tokio::test]
async fn an_event_is_kept_once_and_has_its_workspace_looked_at() {
    let inbox = Inbox::new().await;
    let paid = event("evt_1", "invoice.paid", "cus_acme");
    inbox.receive(&paid).await.unwrap();
    inbox.receive(&paid).await.unwrap();
    inbox.receive(&event("evt_2", "customer.subscription.updated", "cus_acme")).await.unwrap();
    assert_eq!(inbox.kept().await.iter().filter(|(_, state, _)| state == "received").count(), 2);
    assert_eq!(inbox.jobs(inbox.world.acme).await, 1, "one that waits asks later than both");
    assert_eq!(inbox.jobs(inbox.world.globex).await, 0);
}

#[tokio::test]
async fn what_comes_while_stripe_is_being_asked_has_it_asked_again() {
    let inbox = Inbox::new().await;
    inbox.receive(&event("evt_1", "invoice.paid", "cus_acme")).await.unwrap();
    inbox.change(
        "update job set state = 'running', attempt = 1, worker = gen_random_uuid(), lease_token = gen_random_uuid(),
                        lease_until = now() + interval '1 minute'
         where kind = 'sync_subscription'",
    )
    .await;
    for number in 2..6 {
        inbox.receive(&event(&format!("evt_{number}"), "invoice.paid", "cus_acme")).await.unwrap();
    }
    assert_eq!(inbox.jobs(inbox.world.acme).await, 2);
}

#[tokio::test]
async fn what_nobody_knows_is_kept_and_nothing_follows_from_it() {
    let inbox = Inbox::new().await;
    inbox.receive(&event("evt_1", "invoice.paid", "cus_nobody")).await.unwrap();
    inbox.receive(&event("evt_2", "a_kind.of_a_later.version", "cus_acme")).await.unwrap();
    let mut other = event("evt_3", "invoice.paid", "cus_acme");
    other["api_version"] = json!("2031-01-01.later");
    inbox.receive(&other).await.unwrap();
    let kept = inbox.kept().await;
    let states: Vec<&str> = kept.iter().map(|(_, state, _)| state.as_str()).collect();
    assert_eq!(states, ["unknown", "ignored", "received"]);
    assert!(kept[2].2.as_deref().unwrap().contains("2031-01-01.later"));
    assert_eq!(inbox.jobs(inbox.world.acme).await, 1);
}

#[tokio::test]
async fn what_is_of_a_workspace_that_is_gone_is_nobodys() {
    let inbox = Inbox::new().await;
    let acme = inbox.world.acme;
    inbox.change(&format!("update subscription set stripe_customer = null where tenant_id = '{acme}'")).await;
    inbox.receive(&event("evt_1", "customer.subscription.deleted", "cus_acme")).await.unwrap();
    assert_eq!(inbox.kept().await[0].1, "unknown");
    assert_eq!(inbox.jobs(acme).await, 0);
}

#[tokio::test]
async fn what_comes_for_a_workspace_that_was_deleted_is_kept_as_nobodys_and_nothing_is_asked() {
    let inbox = Inbox::new().await;
    let acme = inbox.world.acme;
    inbox.receive(&event("evt_1", "invoice.paid", "cus_acme")).await.unwrap();
    inbox.change(&format!("delete from tenant where tenant_id = '{acme}'")).await;
    assert!(inbox.kept().await.is_empty(), "what Stripe has told of it went with it");
    inbox.receive(&event("evt_1", "invoice.paid", "cus_acme")).await.unwrap();
    inbox.receive(&event("evt_2", "customer.subscription.deleted", "cus_acme")).await.unwrap();
    let kept = inbox.kept().await;
    let states: Vec<&str> = kept.iter().map(|(_, state, _)| state.as_str()).collect();
    assert_eq!(states, ["unknown", "unknown"]);
    assert_eq!(inbox.jobs(acme).await, 0);
    // Stripe is away here, and would be missed if it were asked.
    let workers = Services { stripe: inbox.services.stripe.clone(), ..inbox.world.workers.clone() };
    assert!(!billing::sync(&workers, acme).await.unwrap());
}

#[tokio::test]
async fn what_is_not_signed_or_too_old_or_no_event_is_not_kept() {
    let inbox = Inbox::new().await;
    let body = event("evt_1", "invoice.paid", "cus_acme").to_string();
    let refused = async |body: &str, signature: &str| {
        billing::receive(&inbox.services, body.as_bytes(), signature).await.unwrap_err().kind
    };
    let good = inbox.sign(NEW, &body);
    assert_eq!(refused(&body, "").await, ErrorKind::Forbidden);
    assert_eq!(refused(&body, &inbox.sign("whsec_other", &body)).await, ErrorKind::Forbidden);
    assert_eq!(refused(&body.replace("cus_acme", "cus_globex"), &good).await, ErrorKind::Forbidden);
    for nothing in ["", "{}", "[1]", "nothing"] {
        assert_eq!(refused(nothing, &inbox.sign(NEW, nothing)).await, ErrorKind::Invalid);
    }
    inbox.services.clock.advance(TimeDelta::seconds(301));
    assert_eq!(refused(&body, &good).await, ErrorKind::Forbidden, "caught, and sent again later");
    assert!(inbox.kept().await.is_empty());
    let without = billing::receive(&inbox.world.services, body.as_bytes(), &inbox.sign(NEW, &body)).await;
    assert_eq!(without.unwrap_err().kind, ErrorKind::NotFound, "where nothing is sold, there is no such door");
}

#[tokio::test]
async fn customers_of_whom_nothing_was_heard_are_looked_at() {
    let inbox = Inbox::new().await;
    let workers = Services { stripe: inbox.services.stripe.clone(), ..inbox.world.workers.clone() };
    assert_eq!(billing::sweep_subscriptions(&workers).await.unwrap(), 1);
    assert_eq!(billing::sweep_subscriptions(&workers).await.unwrap(), 1);
    assert_eq!(inbox.jobs(inbox.world.acme).await, 1);
    let heard = workers.clock.now() - TimeDelta::hours(5);
    inbox.change(&format!("update subscription set synced_at = '{heard}'")).await;
    assert_eq!(billing::sweep_subscriptions(&workers).await.unwrap(), 0);
    inbox.services.clock.advance(TimeDelta::hours(2));
    assert_eq!(billing::sweep_subscriptions(&workers).await.unwrap(), 1);
    assert_eq!(billing::sweep_subscriptions(&inbox.world.workers).await.unwrap(), 0, "nothing is sold there");
}

#[tokio::test]
async fn what_was_sent_long_ago_is_forgotten_unless_it_is_still_to_be_looked_into() {
    let inbox = Inbox::new().await;
    let (services, workers) = (&inbox.services, &inbox.world.workers);
    let (acme, now) = (inbox.world.acme, services.clock.now());
    // More than one transaction takes, of every kind, and whosever they are.
    inbox
        .change(&format!(
            "insert into stripe_event (id, type, body, created_at, received_at, state, tenant_id)
             select 'evt_' || state || '_' || age || '_' || number, 'invoice.paid', '{{}}', at, at, state,
                    case when state in ('done', 'received') then '{acme}'::uuid end
             from unnest(array['done', 'ignored', 'unknown', 'received']) as state, unnest(array[89, 91]) as age,
                  generate_series(1, 200) as number
             cross join lateral (select '{now}'::timestamptz - age * interval '1 day') as sent (at)"
        ))
        .await;
    assert!(billing::forget_events(services).await.is_err(), "the web server forgets nothing");
    assert_eq!(billing::forget_events(workers).await.unwrap(), 600);
    assert_eq!(billing::forget_events(workers).await.unwrap(), 0);
    let kept = inbox.kept().await;
    let count = |beginning: &str| kept.iter().filter(|(id, _, _)| id.starts_with(beginning)).count();
    assert_eq!(["evt_done_89", "evt_ignored_89", "evt_unknown_89", "evt_received_89"].map(count), [200; 4]);
    assert_eq!(["evt_done_91", "evt_ignored_91", "evt_unknown_91", "evt_received_91"].map(count), [0, 0, 0, 200]);
}

#[tokio::test]
async fn what_was_forgotten_and_is_sent_again_is_refused_by_its_age_and_harmless_where_it_is_signed_anew() {
    let inbox = Inbox::new().await;
    let paid = event("evt_1", "invoice.paid", "cus_nobody");
    let (body, signature) = (paid.to_string(), inbox.sign(NEW, &paid.to_string()));
    inbox.receive(&paid).await.unwrap();
    inbox.services.clock.advance(TimeDelta::days(91));
    assert_eq!(billing::forget_events(&inbox.world.workers).await.unwrap(), 1);
    let again = billing::receive(&inbox.services, body.as_bytes(), &signature).await;
    assert_eq!(again.unwrap_err().kind, ErrorKind::Forbidden, "caught, and sent again later");
    assert!(inbox.kept().await.is_empty());
    inbox.receive(&paid).await.unwrap();
    assert_eq!(inbox.kept().await.len(), 1, "Stripe is asked what is so, and not believed what was");
}
