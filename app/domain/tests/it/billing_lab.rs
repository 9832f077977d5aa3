//! A world in which something is sold: Sheaf, a Stripe beside it, and one time for both.

use chrono::TimeDelta;
use domain::{
    billing::{self, Stripe, StripeSettings},
    id::TenantId,
};
use serde_json::Value;
use stripe_simulator::{KEY, Options, Simulator};

use crate::{
    billing_side::{Side, text},
    world::World,
};

/// What signs the webhooks.
const SECRET: &str = "whsec_lab";

pub struct Lab {
    pub world: World,
    pub side: Side,
    simulator: Simulator,
}

impl Lab {
    /// At noon, with everything for sale. Nothing is sent to Sheaf but what a test sends.
    pub async fn start() -> Self {
        let mut world = World::at_noon().await;
        let start = Some(world.services.clock.now().timestamp());
        let simulator = Simulator::start(Options { start, ..Options::default() }).await.unwrap();
        let stripe = Stripe::new(StripeSettings {
            key: KEY.into(),
            url: simulator.url().parse().unwrap(),
            webhook_secrets: vec![SECRET.into()],
        });
        let stripe = stripe.unwrap();
        world.services.stripe = Some(stripe.clone());
        world.workers.stripe = Some(stripe);
        billing::set_up(&world.workers).await.unwrap();
        Self { world, side: Side::new(simulator.clone()), simulator }
    }

    /// The simulator's own acts.
    pub fn simulator(&self) -> &Simulator {
        &self.simulator
    }

    pub fn advance(&self, by: TimeDelta) {
        self.world.services.clock.advance(by);
        self.simulator.advance(self.world.services.clock.now().timestamp());
    }

    /// To a second of the future.
    pub fn advance_to(&self, to: i64) {
        self.advance(TimeDelta::seconds(to - self.world.services.clock.now().timestamp()));
    }

    /// The number of the newest event.
    pub fn newest_event(&self) -> u64 {
        self.simulator.newest_event().as_deref().map(number_in).unwrap_or_default()
    }

    /// Those after an event, in order. Stripe forgets what is older than a month.
    pub fn events_after(&self, event: u64) -> Vec<Value> {
        self.simulator.events_after(&format!("evt_{event}"))
    }

    /// Sheaf is sent an event.
    pub async fn hears(&self, event: &Value) {
        let (body, signature) = self.simulator.signed(event, SECRET);
        billing::receive(&self.world.services, &body, &signature).await.unwrap();
    }

    /// A worker asks Stripe what a workspace has.
    pub async fn looks(&self, tenant: TenantId) {
        billing::sync(&self.world.workers, tenant).await.unwrap();
    }

    /// A worker has read something that costs so many credits. Answers how many were charged.
    pub async fn uses(&self, tenant: TenantId, credits: i64) -> i64 {
        let (workers, clock) = (&self.world.workers, &self.world.services.clock);
        let e = billing::entitlements(workers, tenant).await.unwrap();
        billing::counter::charge(workers, tenant, &e, clock.id(), clock.id(), credits).await.unwrap()
    }

    /// Has a workspace be somebody whom Stripe knows already.
    pub async fn is_customer(&self, tenant: TenantId, customer: &str) {
        let named = sqlx::query("update subscription set stripe_customer = $2 where tenant_id = $1");
        named.bind(tenant.0).bind(customer).execute(&mut self.world.superuser().await).await.unwrap();
    }

    /// Stripe's name of a workspace that it knows.
    pub async fn customer_of(&self, tenant: TenantId) -> String {
        let customer = sqlx::query_scalar("select stripe_customer from subscription where tenant_id = $1");
        customer.bind(tenant.0).fetch_one(&mut self.world.superuser().await).await.unwrap()
    }
}

/// Events are counted from one.
pub fn number_of(event: &Value) -> u64 {
    number_in(text(event, "/id"))
}

fn number_in(id: &str) -> u64 {
    id.trim_start_matches("evt_").parse().unwrap()
}
