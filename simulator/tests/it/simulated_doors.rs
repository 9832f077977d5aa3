//! Through HTTP, as Sheaf and browsers come.

use serde_json::Value;
use stripe_simulator::{ApiFault, FaultKind, KEY};

use crate::world::{World, text};

async fn send(world: &World, path: &str, form: &str, key: &str) -> (u16, Value) {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = client.post(format!("{}{path}", world.stripe.url())).bearer_auth(KEY).header("idempotency-key", key);
    let request = request.header("content-type", "application/x-www-form-urlencoded").body(form.to_owned());
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

#[tokio::test]
async fn the_same_key_does_nothing_twice() {
    let world = World::new().await;
    let (_, first) = send(&world, "/v1/customers", "name=Bob", "a").await;
    let (_, again) = send(&world, "/v1/customers", "name=Bob", "a").await;
    assert_eq!((&first["id"], first == again), (&"cus_2".into(), true));
    let (status, other) = send(&world, "/v1/customers", "name=Eve", "a").await;
    assert_eq!((status, &other["error"]["type"]), (400, &"idempotency_error".into()));
}

#[tokio::test]
async fn requests_go_wrong_as_often_as_asked_for() {
    let world = World::new().await;
    world.stripe.fault(ApiFault { times: 2, ..ApiFault::next(FaultKind::TooManyRequests) });
    world.stripe.fault(ApiFault::next(FaultKind::LateError));
    let mut answers = Vec::new();
    for _ in 0..4 {
        answers.push(send(&world, "/v1/customers", "name=Bob", "a").await.0);
    }
    assert_eq!(answers, [429, 429, 500, 200]);
    assert_eq!(world.get("customers", "limit=100")["data"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn what_is_unknown_is_refused_in_stripes_words() {
    let world = World::new().await;
    let refused =
        |method: &str, path: &str, form: &str| world.stripe.call(method, path, form).unwrap_err()["error"].clone();
    let error = refused("GET", "customers/cus_9", "");
    assert_eq!((&error["code"], &error["message"]), (&"resource_missing".into(), &"No such customer: 'cus_9'".into()));
    assert_eq!(refused("POST", "subscriptions", "customer=cus_1")["code"], "parameter_missing");
    assert_eq!(refused("GET", "prices", "limit=101")["param"], "limit");
    let form = "customer=cus_1&items[0][price]=price_99";
    assert_eq!(refused("POST", "subscriptions", form)["message"], "No such price: 'price_99'");
    let message = text(&refused("GET", "customers/cus_1", "expand[]=nonsense")["message"]);
    assert_eq!(message, "This property cannot be expanded (nonsense).");
}

#[tokio::test]
async fn a_meter_event_counts_once_and_not_for_ever() {
    let world = World::new().await;
    let now = world.stripe.now();
    world.use_credits(3, now);
    let form = format!("event_name=credits&payload[stripe_customer_id]=cus_1&payload[value]=3&identifier=at-{now}");
    let refused = world.stripe.call("POST", "billing/meter_events", &form).unwrap_err();
    assert_eq!(refused["error"]["message"], format!("An event already exists with identifier at-{now}."));
    let late = format!("{form}-late&timestamp={}", now - 36 * 86_400);
    assert_eq!(
        world.stripe.call("POST", "billing/meter_events", &late).unwrap_err()["error"]["code"],
        "timestamp_too_far_in_past"
    );
    let query = format!("customer=cus_1&start_time={}&end_time={}", now - 60, now + 60);
    assert_eq!(world.get("billing/meters/mtr_1/event_summaries", &query)["data"][0]["aggregated_value"], 3);
}

#[tokio::test]
async fn objects_take_the_place_of_their_ids() {
    let world = World::new().await;
    world.subscribe("team", "");
    let paths = "expand[]=data.latest_invoice&expand[]=data.customer.tax_ids&expand[]=data.items.data.price\
                 &expand[]=data.schedule&expand[]=data.default_payment_method";
    let list = world.get("subscriptions", &format!("customer=cus_1&status=all&{paths}"));
    let row = &list["data"][0];
    assert_eq!(row["latest_invoice"]["lines"]["data"][0]["amount"], 4_900);
    assert_eq!(row["customer"]["tax_ids"]["object"], "list");
    assert_eq!(row["items"]["data"][0]["price"]["lookup_key"], "team");
    assert!(row["schedule"].is_null());
}

#[tokio::test]
async fn somebody_buys_on_the_page() {
    let world = World::new().await;
    world.post("coupons", "id=HALF&percent_off=50&duration=once");
    world.post("promotion_codes", "promotion[coupon]=HALF&promotion[type]=coupon&code=WELCOME");
    let form = format!(
        "mode=subscription&customer=cus_1&line_items[0][price]={}&line_items[0][quantity]=1&line_items[1][price]={}\
         &success_url=http://localhost/done?session={{CHECKOUT_SESSION_ID}}&cancel_url=http://localhost/back\
         &allow_promotion_codes=true",
        world.price("team"),
        world.price("team_credits")
    );
    let session = world.post("checkout/sessions", &form);
    assert_eq!(session["amount_total"], 4_900);
    let page = text(&session["url"]).replace(&world.stripe.url(), "");
    let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let submit = |form: &'static str| {
        let request = client.post(format!("{}{page}", world.stripe.url()));
        request.header("content-type", "application/x-www-form-urlencoded").body(form).send()
    };
    submit("act=apply&code=welcome").await.unwrap();
    let declined = submit("act=pay&email=ada@acme.example&card=4000000000000002").await.unwrap();
    assert_eq!(declined.status().as_u16(), 402);
    assert!(declined.text().await.unwrap().contains("Your card was declined."));
    let done = submit("act=pay&email=ada@acme.example&name=Ada&card=4242+4242+4242+4242").await.unwrap();
    assert_eq!(done.headers()["location"], "http://localhost/done?session=cs_test_1");
    assert_eq!(world.totals(), [2_450]);
    let session = world.get("checkout/sessions/cs_test_1", "");
    assert_eq!((&session["status"], &session["payment_status"]), (&"complete".into(), &"paid".into()));
}
