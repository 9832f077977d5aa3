//! What people, programs and Stripe do that nobody wants: forged ways back, switched currencies, prices that nobody knows; and a
//! Stripe that is busy, broken, silent, or has done what it says that it has not.

use chrono::TimeDelta;
use domain::{
    ErrorKind, Services,
    actor::{Member, Role},
    billing::{self, CheckoutForm, Currency, PlanId, Stripe, StripeSettings},
};
use stripe_simulator::{ApiFault, FaultKind, KEY, Options, Simulator};

use crate::{
    billing_lab::Lab,
    billing_side::{BAD_CARD, GOOD_CARD, text},
    world::person,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_way_back_that_is_another_s_or_nobody_s_leads_nowhere() {
    let lab = Lab::start().await;
    let (services, ada, eve) = (&lab.world.services, &lab.world.ada, &lab.world.eve);
    let page = billing::checkout(services, ada, &business(Currency::Eur)).await.unwrap();
    let session = lab.side.pays_at(&page).await;
    // Eve is a customer too, and has paid for nothing.
    billing::checkout(services, eve, &business(Currency::Eur)).await.unwrap();
    let forged =
        [session.as_str(), "cs_test_999", "cs_", "", "cus_1", "cs_test_1/expire", "cs_test_1?x=1", "../customers"];
    for forged in forged {
        let refused = billing::checkout_returned(services, eve, forged).await.unwrap_err();
        assert_eq!(refused.kind, ErrorKind::NotFound, "{forged:?}");
    }
    assert_eq!(plan(&lab, eve).await, PlanId::Team, "she goes on trying");
    billing::checkout_returned(services, ada, &session).await.unwrap();
    assert_eq!(plan(&lab, ada).await, PlanId::Business);
    // Twice is once.
    billing::checkout_returned(services, ada, &session).await.unwrap();
    assert_eq!(plan(&lab, ada).await, PlanId::Business);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_bought_is_refused_at_its_field() {
    let lab = Lab::start().await;
    let (services, ada) = (&lab.world.services, &lab.world.ada);
    let free = CheckoutForm { plan: PlanId::Free, ..business(Currency::Eur) };
    let unknown = CheckoutForm { coupon: Some("NOBODY".into()), ..business(Currency::Eur) };
    for (form, field) in [(free, "plan"), (unknown, "coupon")] {
        let refused = billing::checkout(services, ada, &form).await.unwrap_err();
        assert_eq!((refused.kind, refused.field.as_deref()), (ErrorKind::Invalid, Some(field)), "{form:?}");
    }
    for refused in [
        billing::preview_change(services, ada, PlanId::Business).await.map(drop),
        billing::cancel(services, ada).await,
        billing::undo_cancel(services, ada).await,
    ] {
        let kind = refused.unwrap_err().kind;
        assert!([ErrorKind::Conflict, ErrorKind::NotFound].contains(&kind), "{kind:?}: there is nothing to change yet");
    }
    buys(&lab, ada, Currency::Gbp).await;
    let second = billing::checkout(services, ada, &business(Currency::Gbp)).await.unwrap_err();
    assert_eq!(second.kind, ErrorKind::Conflict, "nobody pays twice");

    // What was paid in once is what is paid in.
    let customer = lab.customer_of(ada.tenant).await;
    lab.side.delete(&format!("subscriptions/{}", text(&lab.side.live(&customer).unwrap(), "/id")));
    lab.looks(ada.tenant).await;
    let switched = billing::checkout(services, ada, &business(Currency::Usd)).await.unwrap_err();
    assert_eq!((switched.kind, switched.field.as_deref()), (ErrorKind::Invalid, Some("currency")));
    buys(&lab, ada, Currency::Gbp).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_does_not_own_the_workspace_buys_and_cancels_nothing() {
    let lab = Lab::start().await;
    let services = &lab.world.services;
    buys(&lab, &lab.world.ada, Currency::Eur).await;
    for role in [Role::Viewer, Role::Member, Role::Admin] {
        let other = Member { role, ..lab.world.ada.clone() };
        for refused in [
            billing::checkout(services, &other, &business(Currency::Eur)).await.map(drop),
            billing::checkout_returned(services, &other, "cs_test_1").await,
            billing::portal(services, &other).await.map(drop),
            billing::preview_change(services, &other, PlanId::Enterprise).await.map(drop),
            billing::change_plan(services, &other, PlanId::Enterprise, 0).await,
            billing::cancel(services, &other).await,
            billing::undo_cancel(services, &other).await,
            billing::set_cap(services, &other, 1_000_000).await,
        ] {
            assert_eq!(refused.unwrap_err().kind, ErrorKind::Forbidden, "{role:?}");
        }
        let looks = [
            billing::overview(services, &other).await.map(drop),
            billing::invoices(services, &other).await.map(drop),
            billing::payment_details(services, &other).await.map(drop),
        ];
        for looked in looks {
            assert_eq!(looked.is_ok(), role == Role::Admin, "{role:?}: {looked:?}");
        }
    }
    assert_eq!(plan(&lab, &lab.world.ada).await, PlanId::Business);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_price_that_nobody_knows_and_a_customer_who_is_gone_break_nothing() {
    let lab = Lab::start().await;
    let ada = &lab.world.ada;
    buys(&lab, ada, Currency::Eur).await;
    let customer = lab.customer_of(ada.tenant).await;
    let live = lab.side.live(&customer).unwrap();
    let product = lab.side.post("products", &[("name", "Something else")]);
    let price = lab.side.post(
        "prices",
        &[
            ("product", text(&product, "/id")),
            ("currency", "eur"),
            ("unit_amount", "100"),
            ("recurring[interval]", "month"),
        ],
    );
    let items = [("items[0][id]", text(&live, "/items/data/0/id")), ("items[0][price]", text(&price, "/id"))];
    lab.side.post(&format!("subscriptions/{}", text(&live, "/id")), &items);
    lab.looks(ada.tenant).await;
    assert_eq!(plan(&lab, ada).await, PlanId::Business, "somebody pays, and loses nothing");
    let refused = billing::preview_change(&lab.world.services, ada, PlanId::Enterprise).await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Conflict, "{refused:?}");

    lab.side.delete(&format!("customers/{customer}"));
    lab.looks(ada.tenant).await;
    assert_ne!(plan(&lab, ada).await, PlanId::Business, "whoever is gone pays nothing");
    let refused = billing::portal(&lab.world.services, ada).await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::NotFound, "{refused:?}");
    // They buy again, as somebody new.
    buys(&lab, ada, Currency::Usd).await;
    let other = lab.customer_of(ada.tenant).await;
    assert_ne!(other, customer);
    assert!(billing::portal(&lab.world.services, ada).await.is_ok());
    assert!(lab.side.live(&other).is_some() && lab.side.live(&customer).is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn where_stripe_has_no_such_price_nothing_is_sold_until_it_is_made() {
    let lab = Lab::start().await;
    let ada = &lab.world.ada;
    let bare = Simulator::start(Options::default()).await.unwrap();
    let settings = StripeSettings { key: KEY.into(), url: bare.url().parse().unwrap(), webhook_secrets: Vec::new() };
    let stripe = Some(Stripe::new(settings).unwrap());
    let services = Services { stripe, ..lab.world.services.clone() };
    for _ in 0..2 {
        let refused = billing::checkout(&services, ada, &business(Currency::Eur)).await.unwrap_err();
        assert_eq!(refused.kind, ErrorKind::Unavailable, "{refused:?}");
    }
    billing::set_up(&services).await.unwrap();
    assert!(billing::checkout(&services, ada, &business(Currency::Eur)).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workspace_becomes_one_customer_although_stripe_failed_meanwhile() {
    let lab = Lab::start().await;
    let services = &lab.world.services;
    let faults = [
        FaultKind::TooManyRequests,
        FaultKind::ServerError,
        FaultKind::LateError,
        // It takes as long as an attempt is waited for.
        FaultKind::LateSuccess,
    ];
    for (number, kind) in (1..).zip(faults) {
        let ada = person(services, "Ada", &format!("Customer{number}")).await;
        lab.simulator().fault(ApiFault { kind, method: Some("POST".into()), path: "customers".into(), times: 1 });
        buys(&lab, &ada, Currency::Eur).await;
        let customers = lab.side.get("customers", &[("limit", "100")]);
        assert_eq!(customers["data"].as_array().map(Vec::len), Some(number), "{kind:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stripe_does_not_answer_now_is_known_once_it_does() {
    let lab = Lab::start().await;
    let (services, ada) = (&lab.world.services, &lab.world.ada);
    let page = billing::checkout(services, ada, &business(Currency::Eur)).await.unwrap();
    let session = lab.side.pays_at(&page).await;
    // More often than a call is tried, or for longer.
    for kind in [FaultKind::TooManyRequests, FaultKind::Timeout] {
        lab.simulator().fault(ApiFault { times: 100, ..ApiFault::next(kind) });
        for refused in [
            billing::checkout_returned(services, ada, &session).await,
            billing::sync(&lab.world.workers, ada.tenant).await.map(drop),
        ] {
            assert_eq!(refused.unwrap_err().kind, ErrorKind::Unavailable, "{kind:?}");
        }
        lab.simulator().clear_faults();
        assert_eq!(plan(&lab, ada).await, PlanId::Team, "they go on trying");
    }
    lab.looks(ada.tenant).await;
    assert_eq!(plan(&lab, ada).await, PlanId::Business);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stripe_did_although_it_failed_is_done_once() {
    let lab = Lab::start().await;
    let (services, ada) = (&lab.world.services, &lab.world.ada);
    buys(&lab, ada, Currency::Eur).await;
    let customer = lab.customer_of(ada.tenant).await;
    let faults = [
        FaultKind::TooManyRequests,
        FaultKind::Conflict,
        FaultKind::ServerError,
        FaultKind::LateError,
        // Each takes as long as an attempt is waited for.
        FaultKind::Timeout,
        FaultKind::LateSuccess,
    ];
    // Up and, by another way, down again.
    for kind in faults {
        let before = lab.side.invoices(&customer).len();
        let preview = billing::preview_change(services, ada, PlanId::Enterprise).await.unwrap();
        let fault = ApiFault { kind, method: Some("POST".into()), path: "subscriptions/".into(), times: 1 };
        lab.simulator().fault(fault);
        billing::change_plan(services, ada, PlanId::Enterprise, preview.at).await.unwrap();
        assert_eq!(lab.side.invoices(&customer).len(), before + 1, "{kind:?}: billed once");
        assert_eq!(plan(&lab, ada).await, PlanId::Enterprise, "{kind:?}");
        lab.simulator().clear_faults();
        lowers_at_once(&lab, &customer).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn while_stripe_is_away_everything_goes_on_as_it_was() {
    let lab = Lab::start().await;
    let (services, ada) = (&lab.world.services, &lab.world.ada);
    buys(&lab, ada, Currency::Eur).await;
    let customer = lab.customer_of(ada.tenant).await;
    let before = lab.side.invoices(&customer).len();
    lab.simulator().fault(ApiFault { times: 1_000, ..ApiFault::next(FaultKind::ServerError) });
    for refused in [
        billing::preview_change(services, ada, PlanId::Enterprise).await.map(drop),
        billing::cancel(services, ada).await,
        billing::portal(services, ada).await.map(drop),
        billing::invoices(services, ada).await.map(drop),
        billing::sync(&lab.world.workers, ada.tenant).await.map(drop),
    ] {
        let refused = refused.unwrap_err();
        assert_eq!(refused.kind, ErrorKind::Unavailable, "{refused:?}");
    }
    // What a workspace may do is never asked of Stripe, and what was used is counted.
    assert_eq!(plan(&lab, ada).await, PlanId::Business);
    assert!(billing::overview(services, ada).await.is_ok());
    assert_eq!(lab.uses(ada.tenant, 7).await, 7);
    lab.simulator().clear_faults();
    assert_eq!(lab.side.invoices(&customer).len(), before);
    billing::cancel(services, ada).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_price_that_was_counted_for_another_time_is_not_taken() {
    let lab = Lab::start().await;
    let (services, ada) = (&lab.world.services, &lab.world.ada);
    buys(&lab, ada, Currency::Eur).await;
    let now = services.clock.now().timestamp();
    for at in [0, i64::MIN, i64::MAX, now - 2 * 3_600, now + 3_600] {
        let refused = billing::change_plan(services, ada, PlanId::Enterprise, at).await.unwrap_err();
        assert_eq!(refused.kind, ErrorKind::Conflict, "{at}");
    }
    assert_eq!(plan(&lab, ada).await, PlanId::Business);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_that_was_declined_and_pays_by_now_is_asked_again() {
    let lab = Lab::start().await;
    let (services, ada) = (&lab.world.services, &lab.world.ada);
    // It is tried: the end of a trial is asked for in the same words each time.
    let team = CheckoutForm { plan: PlanId::Team, ..business(Currency::Eur) };
    let page = billing::checkout(services, ada, &team).await.unwrap();
    let session = lab.side.pays_at(&page).await;
    billing::checkout_returned(services, ada, &session).await.unwrap();
    let (customer, now) = (lab.customer_of(ada.tenant).await, services.clock.now().timestamp());
    lab.side.pay_with(&customer, BAD_CARD);
    let declined = billing::change_plan(services, ada, PlanId::Business, now).await.unwrap_err();
    assert_eq!((declined.kind, plan(&lab, ada).await), (ErrorKind::Conflict, PlanId::Team));
    // Nothing of it was told to Sheaf.
    lab.side.pay_with(&customer, GOOD_CARD);
    billing::change_plan(services, ada, PlanId::Business, now).await.unwrap();
    assert_eq!(plan(&lab, ada).await, PlanId::Business);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_workspace_used_is_told_although_stripe_fails_for_the_one_before_it() {
    let lab = Lab::start().await;
    for member in [&lab.world.ada, &lab.world.eve] {
        buys(&lab, member, Currency::Eur).await;
        billing::set_cap(&lab.world.services, member, 1_000).await.unwrap();
        assert_eq!(lab.uses(member.tenant, 30_100).await, 30_100);
    }
    lab.advance(TimeDelta::hours(1));
    // As often as a call is tried.
    let path = "billing/meter_events".into();
    lab.simulator().fault(ApiFault { kind: FaultKind::ServerError, method: None, path, times: 4 });
    assert_eq!(billing::roll_up(&lab.world.workers).await.unwrap().sent, 1, "the second one");
    assert_eq!(billing::roll_up(&lab.world.workers).await.unwrap().sent, 1, "the first one, the next time");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_given_up_as_unpaid_is_not_thanked_for_a_payment() {
    let lab = Lab::start().await;
    let ada = &lab.world.ada;
    buys(&lab, ada, Currency::Eur).await;
    let customer = lab.customer_of(ada.tenant).await;
    lab.side.pay_with(&customer, BAD_CARD);
    lab.advance(TimeDelta::days(31) + TimeDelta::hours(2));
    lab.looks(ada.tenant).await;
    let mail = lab.world.mail_to("ada@acme.example").await.unwrap();
    assert!(mail.text_body.contains("could not be collected"), "{}", mail.text_body);
    lab.advance(TimeDelta::minutes(1));
    lab.side.delete(&format!("subscriptions/{}", text(&lab.side.live(&customer).unwrap(), "/id")));
    lab.looks(ada.tenant).await;
    let mail = lab.world.mail_to("ada@acme.example").await.unwrap();
    assert!(mail.text_body.contains("has ended") && !mail.text_body.contains("arrived"), "{}", mail.text_body);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_pages_for_paying_the_later_one_alone_is_open() {
    let lab = Lab::start().await;
    let (services, ada) = (&lab.world.services, &lab.world.ada);
    let team = CheckoutForm { plan: PlanId::Team, ..business(Currency::Eur) };
    let first = billing::checkout(services, ada, &team).await.unwrap();
    assert_eq!(billing::checkout(services, ada, &team).await.unwrap(), first, "twice is once");
    let second = billing::checkout(services, ada, &business(Currency::Eur)).await.unwrap();
    let third = billing::checkout(services, ada, &team).await.unwrap();
    assert_ne!(first, third, "the first is closed");
    let sessions = lab.side.get("checkout/sessions", &[]);
    let states = sessions["data"].as_array().unwrap().iter().map(|session| text(session, "/status"));
    assert_eq!(states.collect::<Vec<_>>(), ["open", "expired", "expired"], "{second}");
    lab.side.pays_at(&third).await;
    assert!(lab.side.live(&lab.customer_of(ada.tenant).await).is_some());
}

/// It is paid at once: the trial is of another one.
fn business(currency: Currency) -> CheckoutForm {
    CheckoutForm { plan: PlanId::Business, currency, coupon: None }
}

async fn buys(lab: &Lab, member: &Member, currency: Currency) {
    let page = billing::checkout(&lab.world.services, member, &business(currency)).await.unwrap();
    let session = lab.side.pays_at(&page).await;
    billing::checkout_returned(&lab.world.services, member, &session).await.unwrap();
    assert_eq!(plan(lab, member).await, PlanId::Business);
}

async fn plan(lab: &Lab, member: &Member) -> PlanId {
    lab.world.services.db.epochs().bump(member.tenant, "billing");
    billing::entitlements(&lab.world.services, member.tenant).await.unwrap().plan
}

/// As nobody can in Sheaf, so that it can be raised again.
async fn lowers_at_once(lab: &Lab, customer: &str) {
    let live = lab.side.live(customer).unwrap();
    let [month, credits] = lab.side.prices(PlanId::Business);
    let item = |at| text(&live, &format!("/items/data/{at}/id")).to_owned();
    let (first, second) = (item(0), item(1));
    let items = [
        ("items[0][id]", first.as_str()),
        ("items[0][price]", month.as_str()),
        ("items[1][id]", second.as_str()),
        ("items[1][price]", credits.as_str()),
        ("proration_behavior", "none"),
    ];
    lab.side.post(&format!("subscriptions/{}", text(&live, "/id")), &items);
    lab.side.pay_with(customer, GOOD_CARD);
    lab.looks(lab.world.ada.tenant).await;
    assert_eq!(plan(lab, &lab.world.ada).await, PlanId::Business);
}
