//! Stripe from its other side: what customers, their banks and time do there, past Sheaf; and what it would send of that.

use domain::billing::{Plan, PlanId};
use reqwest::{Client, StatusCode, redirect::Policy};
use serde_json::Value;
use stripe_simulator::Simulator;
use url::form_urlencoded::Serializer;

/// The payment methods that a test Stripe has ready: one that pays, and one that can be kept and does not.
pub const GOOD_CARD: &str = "pm_card_visa";
pub const BAD_CARD: &str = "pm_card_chargeCustomerFail";

/// What is typed of the first.
const GOOD_NUMBER: &str = "4242 4242 4242 4242";

/// The simulator, asked as its dashboard asks Stripe.
pub struct Side {
    simulator: Simulator,
    http: Client,
}

impl Side {
    pub fn new(simulator: Simulator) -> Self {
        Self { simulator, http: Client::builder().redirect(Policy::none()).build().unwrap() }
    }

    pub fn url(&self) -> String {
        self.simulator.url()
    }

    pub fn get(&self, path: &str, query: &[(&str, &str)]) -> Value {
        self.simulator.call("GET", path, &form(query)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    pub fn post(&self, path: &str, fields: &[(&str, &str)]) -> Value {
        self.try_post(path, fields).unwrap_or_else(|error| panic!("{path} with {fields:?}: {error}"))
    }

    /// What is answered, or what it is refused with.
    pub fn try_post(&self, path: &str, fields: &[(&str, &str)]) -> Result<Value, Value> {
        self.simulator.call("POST", path, &form(fields))
    }

    pub fn delete(&self, path: &str) -> Value {
        self.simulator.call("DELETE", path, "").unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    pub fn invoices(&self, customer: &str) -> Vec<Value> {
        self.simulator.invoices_of(customer)
    }

    /// The subscription of a customer that is not over.
    pub fn live(&self, customer: &str) -> Option<Value> {
        let is_live = |status: &str| ["trialing", "active", "past_due", "unpaid"].contains(&status);
        let all = self.simulator.subscriptions_of(customer);
        all.into_iter().find(|subscription| is_live(text(subscription, "/status")))
    }

    /// A customer who pays with this card.
    pub fn new_customer(&self, card: &str) -> String {
        let customer = self.post("customers", &[("name", "Acme"), ("email", "ada@acme.example")]);
        let customer = text(&customer, "/id").to_owned();
        self.pay_with(&customer, card);
        customer
    }

    /// From now on everything is paid with this card. Answers its id.
    pub fn pay_with(&self, customer: &str, card: &str) -> String {
        let kept = self.post(&format!("payment_methods/{card}/attach"), &[("customer", customer)]);
        let kept = text(&kept, "/id").to_owned();
        self.post(&format!("customers/{customer}"), &[("invoice_settings[default_payment_method]", &kept)]);
        // One that was bought with a card of its own goes on with that, unless it is told.
        if let Some(live) = self.live(customer) {
            let path = format!("subscriptions/{}", text(&live, "/id"));
            self.post(&path, &[("default_payment_method", &kept)]);
        }
        kept
    }

    /// Pays with another card, and with it what is open.
    pub fn mends(&self, customer: &str) {
        let card = self.pay_with(customer, GOOD_CARD);
        for invoice in self.invoices(customer).iter().rev() {
            if text(invoice, "/status") == "open" {
                let path = format!("invoices/{}/pay", text(invoice, "/id"));
                self.post(&path, &[("payment_method", &card)]);
            }
        }
    }

    /// A code that people type: so many hundredths of a per cent off so many months; 0 is for one invoice, none for ever.
    pub fn new_coupon(&self, code: &str, hundredths: i64, months: Option<u32>) {
        let percent = format!("{}.{:02}", hundredths / 100, hundredths % 100);
        let months = months.map(|months| months.to_string());
        let duration = match months.as_deref() {
            None => vec![("duration", "forever")],
            Some("0") => vec![("duration", "once")],
            Some(months) => vec![("duration", "repeating"), ("duration_in_months", months)],
        };
        self.post("coupons", &[vec![("id", code), ("percent_off", percent.as_str())], duration].concat());
        let promotion = [("code", code), ("promotion[type]", "coupon"), ("promotion[coupon]", code)];
        self.post("promotion_codes", &promotion);
    }

    /// Fills in the page of a checkout, with a card that pays. Answers the session, with which the browser comes back.
    pub async fn pays_at(&self, page: &str) -> String {
        let typed = [
            ("act", "pay"),
            ("email", "ada@acme.example"),
            ("name", "Acme"),
            ("card", GOOD_NUMBER),
            ("expiry", "12 / 40"),
            ("cvc", "123"),
            ("country", "DE"),
        ];
        let sent = self.http.post(page).header("content-type", "application/x-www-form-urlencoded").body(form(&typed));
        let answer = sent.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{page}");
        let back = answer.headers()["location"].to_str().unwrap();
        let (_, session) = back.split_once("session=").unwrap_or_else(|| panic!("nobody comes back by {back}"));
        session.to_owned()
    }

    /// The prices of a plan: of the month, and of a credit beyond the included ones.
    pub fn prices(&self, plan: PlanId) -> [String; 2] {
        let plan = Plan::newest(plan);
        [plan.lookup_key(), plan.overage_lookup_key()].map(|key| {
            let found = self.get("prices", &[("lookup_keys[0]", &key)]);
            text(&found, "/data/0/id").to_owned()
        })
    }
}

/// The text at a place in what Stripe has answered, which has one there.
pub fn text<'a>(answer: &'a Value, pointer: &str) -> &'a str {
    let found = answer.pointer(pointer).and_then(Value::as_str);
    found.unwrap_or_else(|| panic!("there is no text at {pointer} in {answer:#}"))
}

/// The number there.
pub fn number(answer: &Value, pointer: &str) -> i64 {
    let found = answer.pointer(pointer).and_then(Value::as_i64);
    found.unwrap_or_else(|| panic!("there is no number at {pointer} in {answer:#}"))
}

fn form(fields: &[(&str, &str)]) -> String {
    Serializer::new(String::new()).extend_pairs(fields).finish()
}
