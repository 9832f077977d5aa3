//! Everything that the simulator knows. It can be written down and read again.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{
    VERSION,
    objects::{
        CheckoutSession, Coupon, Customer, Endpoint, Event, Invoice, InvoiceItem, InvoiceStatus, Meter, PaymentMethod,
        PortalConfiguration, PortalSession, Price, Product, PromotionCode, Schedule, Subscription, TaxId, TestClock,
        Usage,
    },
    table::Table,
};

/// Stripe keeps events for as long.
const EVENTS_KEPT: i64 = 30 * 86_400;

/// So many are kept in any case, so that a test that moves time by months still finds them.
const EVENTS_LEAST: usize = 10_000;

/// What has to be looked at when a time has come. That it still holds is seen then.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Due {
    Finalize(String),
    Attempt(String),
    TrialWillEnd(String),
    Subscription(String),
    Session(String),
}

/// What was answered to a request with an idempotency key.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Answer {
    /// Method, path and parameters: the same key must not come with others.
    pub request: String,
    pub status: u16,
    pub body: Value,
    pub at: i64,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    pub now: i64,
    /// The address of the simulator itself, without a slash at its end.
    pub base: String,
    pub agenda: BTreeSet<(i64, Due)>,
    pub products: BTreeMap<String, Product>,
    pub prices: Table<Price>,
    pub customers: Table<Customer>,
    pub tax_ids: Table<TaxId>,
    pub payment_methods: Table<PaymentMethod>,
    pub coupons: BTreeMap<String, Coupon>,
    pub promotion_codes: Table<PromotionCode>,
    pub subscriptions: Table<Subscription>,
    pub schedules: Table<Schedule>,
    pub invoices: Table<Invoice>,
    pub invoice_items: Table<InvoiceItem>,
    pub meters: Table<Meter>,
    /// By customer.
    pub usage: BTreeMap<String, Vec<Usage>>,
    /// When the events of meters were reported, by their identifiers.
    pub reported: BTreeMap<String, i64>,
    pub sessions: Table<CheckoutSession>,
    pub configurations: Table<PortalConfiguration>,
    pub portals: Table<PortalSession>,
    pub clocks: Table<TestClock>,
    pub endpoints: Table<Endpoint>,
    pub events: Table<Event>,
    /// By idempotency key.
    pub answers: BTreeMap<String, Answer>,
    /// The last numbers of ids that are in no table.
    numbers: BTreeMap<String, u64>,
}

impl State {
    pub fn at(now: i64) -> Self {
        Self { now, ..Self::default() }
    }

    /// An id of something that is a part of another object, such as `si_1`.
    pub fn part_id(&mut self, prefix: &str) -> String {
        let number = self.numbers.entry(prefix.to_owned()).or_default();
        *number += 1;
        format!("{prefix}{number}")
    }

    pub fn plan(&mut self, at: i64, due: Due) {
        self.agenda.insert((at, due));
    }

    /// Says that something happened to an object.
    pub fn emit(&mut self, kind: &str, object: Value) {
        self.emit_change(kind, object, None);
    }

    /// The same, with what was otherwise before.
    pub fn emit_change(&mut self, kind: &str, object: Value, before: Option<&Value>) {
        let event = Event {
            id: self.events.next_id(),
            kind: kind.to_owned(),
            previous: before.map(|before| difference(before, &object)),
            object,
            api_version: VERSION.to_owned(),
            created: self.now,
        };
        self.events.put(event);
    }

    /// Forgets what Stripe forgets.
    pub fn forget_the_old(&mut self) {
        let oldest = self.now - EVENTS_KEPT;
        while self.events.count() > EVENTS_LEAST
            && self.events.oldest().next().is_some_and(|event| event.created < oldest)
        {
            self.events.forget_oldest();
        }
        // Keys count for a day at least.
        let oldest = self.now - 86_400;
        self.answers.retain(|_, answer| answer.at >= oldest);
    }

    /// As much as it takes to try something out for a customer. Nothing that is done to it happens.
    pub fn scratch(&self, customer: &str) -> Self {
        Self {
            now: self.now,
            base: self.base.clone(),
            agenda: BTreeSet::new(),
            products: self.products.clone(),
            prices: self.prices.clone(),
            customers: self.customers.only(|row| row.id == customer),
            tax_ids: Table::default(),
            payment_methods: self.payment_methods.only(|row| row.customer.as_deref() == Some(customer)),
            coupons: self.coupons.clone(),
            promotion_codes: self.promotion_codes.clone(),
            subscriptions: self.subscriptions.only(|row| row.customer == customer),
            schedules: self.schedules.only(|row| row.customer == customer),
            invoices: self.invoices.only(|row| row.customer == customer),
            invoice_items: self.invoice_items.only(|row| row.customer == customer && row.invoice.is_none()),
            meters: self.meters.clone(),
            usage: self.usage.get(customer).map(|usage| (customer.to_owned(), usage.clone())).into_iter().collect(),
            numbers: self.numbers.clone(),
            ..Self::default()
        }
    }

    pub fn subscription_json(&self, subscription: &Subscription) -> Value {
        subscription.json(|id| self.prices.get(id))
    }

    pub fn invoice_json(&self, invoice: &Invoice) -> Value {
        invoice.json(&self.base)
    }

    pub fn customer_json(&self, customer: &Customer) -> Value {
        let mut invoices = self.invoices.newest().filter(|invoice| invoice.customer == customer.id);
        let newest = invoices.find(|invoice| invoice.status != InvoiceStatus::Draft);
        let is_delinquent =
            newest.is_some_and(|invoice| invoice.status == InvoiceStatus::Open && invoice.attempt_count > 0);
        customer.json(is_delinquent)
    }
}

/// What of an object was otherwise before.
fn difference(before: &Value, after: &Value) -> Value {
    let (Some(before), Some(after)) = (before.as_object(), after.as_object()) else { return json!({}) };
    let changed = before.iter().filter(|(key, value)| after.get(key.as_str()) != Some(*value));
    Value::Object(changed.map(|(key, value)| (key.clone(), value.clone())).collect::<Map<_, _>>())
}
