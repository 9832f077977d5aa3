//! Months, changes in between, failures.

use crate::world::{DAY, START, World, text};

#[tokio::test]
async fn a_month_is_billed_in_advance_and_its_use_afterwards() {
    let world = World::new().await;
    let subscription = world.subscribe("team", "");
    assert_eq!(subscription["status"], "active");
    assert_eq!(subscription["items"]["data"][0]["current_period_end"], START + 31 * DAY);
    world.stripe.advance(START + 10 * DAY);
    world.use_credits(12_345, START + 9 * DAY);
    // Reported while the bill is a draft, but used before it.
    world.stripe.advance(START + 31 * DAY + 60);
    world.use_credits(2, START + 31 * DAY - 1);
    world.use_credits(1_000, START + 31 * DAY);
    world.stripe.advance(START + 32 * DAY);
    // 12,347 × 1.2 cents is 14,816.4.
    assert_eq!(world.totals(), [4_900, 4_900 + 14_816]);
    let bills = world.stripe.invoices_of(&world.ada);
    assert_eq!((&bills[1]["status"], &bills[1]["number"]), (&"paid".into(), &"CUS1-0002".into()));
    assert_eq!(bills[1]["lines"]["data"][1]["quantity"], 12_347);
}

#[tokio::test]
async fn a_preview_is_the_bill() {
    let world = World::new().await;
    world.subscribe("team", "");
    // A third of January is over, and a second.
    let at = START + 31 * DAY / 3 + 1;
    world.stripe.advance(at);
    let form = format!(
        "subscription=sub_1&{}&subscription_details[proration_behavior]=always_invoice\
         &subscription_details[proration_date]={at}",
        world.to_plan("business", "subscription_details")
    );
    let preview = world.post("invoices/create_preview", &form);
    assert_eq!(world.totals(), [4_900]);
    world.stripe.advance(at + 600);
    let form = format!("{}&proration_behavior=always_invoice&proration_date={at}", world.to_plan("business", ""));
    world.post("subscriptions/sub_1", &form);
    // 4,900 × 1,785,599 / 2,678,400 is 3,266.66; 19,900 of the same is 13,266.66.
    let bill = world.stripe.invoices_of(&world.ada)[1].clone();
    assert_eq!(bill["total"], 13_267 - 3_267);
    assert_eq!(bill["total"], preview["total"]);
    assert_eq!(bill["lines"]["data"][0]["amount"], -3_267);
    assert_eq!(bill["lines"]["data"][0]["parent"]["subscription_item_details"]["proration"], true);
    world.stripe.advance(START + 32 * DAY);
    assert_eq!(world.totals()[2], 19_900);
}

#[tokio::test]
async fn a_second_change_gives_back_what_the_first_one_billed() {
    let world = World::new().await;
    world.subscribe("team", "");
    world.stripe.advance(START + 10 * DAY);
    world.post("subscriptions/sub_1", &format!("{}&proration_behavior=always_invoice", world.to_plan("business", "")));
    world.post("subscriptions/sub_1", &world.to_plan("team", ""));
    // 19,900 × 21 / 31 and 4,900 × 21 / 31 are 13,480.6 and 3,319.4.
    assert_eq!(world.totals(), [4_900, 13_481 - 3_319]);
    world.stripe.advance(START + 32 * DAY);
    assert_eq!(world.totals()[2], 4_900 - 13_481 + 3_319);
    // What is below zero is kept for the months after.
    assert_eq!(world.get("customers/cus_1", "")["balance"], 4_900 - 13_481 + 3_319);
}

#[tokio::test]
async fn a_cheaper_plan_begins_with_the_next_month() {
    let world = World::new().await;
    world.subscribe("business", "");
    world.post("subscription_schedules", "from_subscription=sub_1");
    let form = format!(
        "phases[0][items][0][price]={0}&phases[0][items][1][price]={1}&phases[0][start_date]={START}&phases[0][end_date]={2}\
         &phases[1][items][0][price]={3}&phases[1][items][1][price]={4}&end_behavior=release",
        world.price("business"),
        world.price("business_credits"),
        START + 31 * DAY,
        world.price("team"),
        world.price("team_credits")
    );
    world.post("subscription_schedules/sub_sched_1", &form);
    let refused = world.stripe.call("POST", "subscriptions/sub_1", "cancel_at_period_end=true").unwrap_err();
    assert!(text(&refused["error"]["message"]).contains("managed by the subscription schedule"));
    world.stripe.advance(START + 30 * DAY);
    world.use_credits(1_000, START + 30 * DAY);
    world.stripe.advance(START + 32 * DAY);
    // The last month of Business is billed at the price of Business: 1,000 × 0.9.
    assert_eq!(world.totals(), [19_900, 4_900 + 900]);
    world.stripe.advance(START + 70 * DAY);
    let subscription = &world.stripe.subscriptions_of(&world.ada)[0];
    assert!(subscription["schedule"].is_null());
    assert_eq!(world.totals(), [19_900, 4_900 + 900, 4_900]);
}

#[tokio::test]
async fn a_bill_that_is_not_paid_is_tried_again_until_a_week_has_gone() {
    let world = World::new().await;
    world.subscribe("team", "");
    world.stripe.fail_card(&world.ada);
    let due = START + 31 * DAY + 3_600;
    let attempts = || world.stripe.invoices_of(&world.ada)[1]["attempt_count"].as_i64().unwrap();
    for (day, expected) in [(0, 1), (3, 2), (5, 3), (7, 4), (20, 4)] {
        world.stripe.advance(due + day * DAY);
        assert_eq!((attempts(), world.status().as_str()), (expected, "past_due"), "after {day} days");
    }
    let refused = world.stripe.call("POST", "invoices/in_2/pay", "").unwrap_err();
    assert_eq!(refused["error"]["code"], "card_declined");
    world.stripe.mend_card(&world.ada);
    world.post("invoices/in_2/pay", "");
    assert_eq!(world.status(), "active");
    assert_eq!(world.get("customers/cus_1", "")["delinquent"], false);
}

#[tokio::test]
async fn a_trial_without_a_card_ends_as_was_said() {
    let world = World::new().await;
    world.post("customers", "name=Bob");
    let form = format!(
        "customer=cus_2&items[0][price]={}&trial_period_days=14&trial_settings[end_behavior][missing_payment_method]=cancel",
        world.price("team")
    );
    assert_eq!(world.post("subscriptions", &form)["status"], "trialing");
    world.stripe.advance(START + 12 * DAY);
    let kinds: Vec<String> = world.stripe.events().iter().map(|event| text(&event["type"])).collect();
    assert!(kinds.contains(&"customer.subscription.trial_will_end".to_owned()));
    world.stripe.advance(START + 15 * DAY);
    assert_eq!(world.stripe.subscriptions_of("cus_2")[0]["status"], "canceled");
}

#[tokio::test]
async fn a_coupon_counts_as_long_as_it_says() {
    let world = World::new().await;
    world.post("coupons", "id=HALF&percent_off=50&duration=repeating&duration_in_months=2");
    world.post("coupons", "id=TEN&amount_off=1000&currency=eur&duration=once");
    world.subscribe("team", "&discounts[0][coupon]=HALF&discounts[1][coupon]=TEN");
    world.stripe.advance(START + 100 * DAY);
    assert_eq!(world.totals(), [2_450 - 1_000, 2_450, 4_900, 4_900]);
}

#[tokio::test]
async fn a_cancelled_month_is_used_up_and_then_billed_for_its_use() {
    let world = World::new().await;
    world.subscribe("team", "");
    let subscription = world.post("subscriptions/sub_1", "cancel_at_period_end=true");
    assert_eq!(subscription["cancel_at"], START + 31 * DAY);
    world.post("subscriptions/sub_1", "cancel_at_period_end=false");
    world.post("subscriptions/sub_1", "cancel_at_period_end=true");
    world.stripe.advance(START + 30 * DAY);
    world.use_credits(100, START + 30 * DAY);
    world.stripe.advance(START + 90 * DAY);
    assert_eq!((world.status().as_str(), world.totals()), ("canceled", vec![4_900, 120]));
}

#[tokio::test]
async fn a_card_that_says_no_changes_nothing_where_that_was_asked_for() {
    let world = World::new().await;
    world.subscribe("team", "");
    world.stripe.advance(START + DAY);
    world.stripe.fail_card(&world.ada);
    let form = format!(
        "{}&proration_behavior=always_invoice&payment_behavior=error_if_incomplete",
        world.to_plan("business", "")
    );
    let refused = world.stripe.call("POST", "subscriptions/sub_1", &form).unwrap_err();
    assert_eq!(refused["error"]["type"], "card_error");
    assert_eq!((world.status().as_str(), world.totals()), ("active", vec![4_900]));
}
