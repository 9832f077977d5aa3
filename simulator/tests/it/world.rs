//! A shop with two plans, and Ada, who buys.

use serde_json::Value;
use stripe_simulator::{Options, Simulator};

/// 1 January 2026, 00:00 UTC.
pub const START: i64 = 1_767_225_600;
pub const DAY: i64 = 86_400;

pub struct World {
    pub stripe: Simulator,
    /// Ada's customer, with a card that pays.
    pub ada: String,
}

impl World {
    pub async fn new() -> Self {
        let options = Options { start: Some(START), delivers: false, ..Options::default() };
        let stripe = Simulator::start(options).await.unwrap();
        let world = Self { stripe, ada: "cus_1".to_owned() };
        world.sell("team", 4_900, "1.2");
        world.sell("business", 19_900, "0.9");
        world.post("customers", "name=Ada&email=ada@acme.example");
        world.post("customers/cus_1", "invoice_settings[default_payment_method]=pm_card_visa");
        world
    }

    /// A plan with a price a month and one for each credit.
    fn sell(&self, plan: &str, month: i64, credit: &str) {
        if self.get("billing/meters", "")["data"].as_array().unwrap().is_empty() {
            let form = "display_name=Credits&event_name=credits&default_aggregation[formula]=sum";
            self.post("billing/meters", form);
        }
        let product = text(&self.post("products", &format!("name={plan}"))["id"]);
        let form = format!(
            "product={product}&currency=eur&unit_amount={month}&recurring[interval]=month&lookup_key={plan}\
             &currency_options[usd][unit_amount]={}",
            month + 500
        );
        self.post("prices", &form);
        let form = format!(
            "product={product}&currency=eur&unit_amount_decimal={credit}&recurring[interval]=month\
             &recurring[usage_type]=metered&recurring[meter]=mtr_1&lookup_key={plan}_credits\
             &currency_options[usd][unit_amount_decimal]={credit}"
        );
        self.post("prices", &form);
    }

    /// The id of a price by its lookup key.
    pub fn price(&self, key: &str) -> String {
        text(&self.get("prices", &format!("lookup_keys[]={key}"))["data"][0]["id"])
    }

    /// Ada subscribes to a plan.
    pub fn subscribe(&self, plan: &str, more: &str) -> Value {
        let (month, credits) = (self.price(plan), self.price(&format!("{plan}_credits")));
        let form = format!("customer={}&items[0][price]={month}&items[1][price]={credits}{more}", self.ada);
        self.post("subscriptions", &form)
    }

    /// The form that changes both items of the first subscription to those of a plan, with this before each key.
    pub fn to_plan(&self, plan: &str, below: &str) -> String {
        let subscription = &self.stripe.subscriptions_of(&self.ada)[0];
        let (month, credits) = (self.price(plan), self.price(&format!("{plan}_credits")));
        let item = |index: usize| text(&subscription["items"]["data"][index]["id"]);
        let key = |index: usize, name: &str| match below {
            "" => format!("items[{index}][{name}]"),
            below => format!("{below}[items][{index}][{name}]"),
        };
        format!(
            "{}={}&{}={month}&{}={}&{}={credits}",
            key(0, "id"),
            item(0),
            key(0, "price"),
            key(1, "id"),
            item(1),
            key(1, "price")
        )
    }

    pub fn use_credits(&self, credits: i64, at: i64) {
        let form = format!(
            "event_name=credits&payload[stripe_customer_id]={}&payload[value]={credits}&timestamp={at}&identifier=at-{at}",
            self.ada
        );
        self.post("billing/meter_events", &form);
    }

    /// Totals of all bills, the oldest first.
    pub fn totals(&self) -> Vec<i64> {
        self.stripe.invoices_of(&self.ada).iter().map(|bill| bill["total"].as_i64().unwrap()).collect()
    }

    pub fn status(&self) -> String {
        text(&self.stripe.subscriptions_of(&self.ada)[0]["status"])
    }

    pub fn post(&self, path: &str, form: &str) -> Value {
        self.stripe.call("POST", path, form).unwrap()
    }

    pub fn get(&self, path: &str, query: &str) -> Value {
        self.stripe.call("GET", path, query).unwrap()
    }
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}
