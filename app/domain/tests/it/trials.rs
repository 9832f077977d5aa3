//! What the owners are told of a trial: that it ends, with a card or without, and that it is over; each once, and nobody else.

use chrono::TimeDelta;
use domain::{
    actor::Member,
    billing::{self, CheckoutForm, Currency, PlanId},
};

use crate::{billing_lab::Lab, billing_side::text};

const ENDS: &str = "The trial of Acme ends soon";
const FIRST_PAYMENT: &str = "The first payment for Acme is due soon";
const OVER: &str = "The trial of Acme is over";

/// A trial has 14 days, of which one second is over.
const UNTIL_TOLD: TimeDelta = TimeDelta::days(11);
const UNTIL_OVER: TimeDelta = TimeDelta::days(3);

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_without_a_card_is_told_of_before_its_end_and_after_it() {
    let lab = Lab::start().await;
    assert_eq!(tend(&lab).await, 2, "both workspaces are new");
    lab.advance(UNTIL_TOLD - TimeDelta::minutes(1));
    assert_eq!(tend(&lab).await, 0, "it goes on for more than three days");
    lab.advance(TimeDelta::minutes(1));
    assert_eq!(tend(&lab).await, 2);
    assert_eq!(tend(&lab).await, 0, "nobody is told twice");
    let mail = newest(&lab).await;
    for told in ["5 December 2026", "Free plan", "3 people", "1 GB", "200 page credits", "Nothing is deleted", "€49.00"]
    {
        assert!(mail.contains(told), "{told}: {mail}");
    }
    assert!(mail.contains("https://sheaf.example/settings/billing"), "{mail}");
    lab.advance(UNTIL_OVER);
    assert_eq!(tend(&lab).await, 2);
    assert_eq!(tend(&lab).await, 0, "nobody is told twice");
    let mail = newest(&lab).await;
    for told in ["5 December 2026", "nothing was charged", "3 people", "Nothing is deleted", "€49.00"] {
        assert!(mail.contains(told), "{told}: {mail}");
    }
    lab.advance(TimeDelta::days(60));
    assert_eq!(tend(&lab).await, 0);
    assert_eq!(told(&lab, "ada@acme.example").await, [(ENDS.to_owned(), 1), (OVER.to_owned(), 1)]);
    assert_eq!(told_of_acme(&lab, "eve@globex.example").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_bought_what_they_try_is_told_of_the_first_payment() {
    let lab = Lab::start().await;
    let (ada, eve) = (&lab.world.ada, &lab.world.eve);
    buys_what_is_tried(&lab, ada).await;
    tend(&lab).await;
    lab.advance(UNTIL_TOLD);
    assert_eq!(tend(&lab).await, 2);
    assert_eq!(tend(&lab).await, 0, "nobody is told twice");
    let mail = newest(&lab).await;
    for told in ["5 December 2026", "£42.00", "Cancel the plan", "nothing is charged", "Nothing is deleted"] {
        assert!(mail.contains(told), "{told}: {mail}");
    }
    // Eve was told that her trial ends, and buys in its last days: she is told of the payment too.
    buys_what_is_tried(&lab, eve).await;
    assert_eq!(tend(&lab).await, 1);
    assert_eq!(tend(&lab).await, 0);

    lab.advance(UNTIL_OVER + TimeDelta::hours(2));
    for member in [ada, eve] {
        lab.looks(member.tenant).await;
    }
    assert_eq!(tend(&lab).await, 0, "the trial is over, and the plan is paid");
    // Who ends a plan that was paid knows that the trial was over long ago.
    lab.advance(TimeDelta::days(40));
    let customer = lab.customer_of(ada.tenant).await;
    lab.side.delete(&format!("subscriptions/{}", text(&lab.side.live(&customer).unwrap(), "/id")));
    lab.looks(ada.tenant).await;
    assert_eq!(tend(&lab).await, 0);
    assert_eq!(told(&lab, "ada@acme.example").await, [(FIRST_PAYMENT.to_owned(), 1)]);
    let eves = ["The first payment for Globex is due soon", "The trial of Globex ends soon"];
    assert_eq!(told(&lab, "eve@globex.example").await, eves.map(|subject| (subject.to_owned(), 1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_cancels_what_they_try_pays_nothing_and_is_told_when_it_is_over() {
    let lab = Lab::start().await;
    let ada = &lab.world.ada;
    buys_what_is_tried(&lab, ada).await;
    billing::cancel(&lab.world.services, ada).await.unwrap();
    lab.advance(UNTIL_TOLD);
    tend(&lab).await;
    assert!(told(&lab, "ada@acme.example").await.is_empty(), "there is no payment to tell of");
    lab.advance(UNTIL_OVER);
    lab.looks(ada.tenant).await;
    tend(&lab).await;
    assert_eq!(tend(&lab).await, 0, "nobody is told twice");
    assert_eq!(told(&lab, "ada@acme.example").await, [(OVER.to_owned(), 1)]);
    assert_eq!(told_of_acme(&lab, "eve@globex.example").await, 0);
}

/// In how many workspaces there was something to do.
async fn tend(lab: &Lab) -> usize {
    billing::tend(&lab.world.workers).await.unwrap()
}

/// The rest of the trial is kept.
async fn buys_what_is_tried(lab: &Lab, member: &Member) {
    let form = CheckoutForm { plan: PlanId::Team, currency: Currency::Gbp, coupon: None };
    let page = billing::checkout(&lab.world.services, member, &form).await.unwrap();
    let session = lab.side.pays_at(&page).await;
    billing::checkout_returned(&lab.world.services, member, &session).await.unwrap();
    let status: String = sqlx::query_scalar("select status from subscription where tenant_id = $1")
        .bind(member.tenant.0)
        .fetch_one(&mut lab.world.superuser().await)
        .await
        .unwrap();
    assert_eq!(status, "trialing");
}

/// What the newest mail to Ada says.
async fn newest(lab: &Lab) -> String {
    lab.world.mail_to("ada@acme.example").await.unwrap().text_body
}

/// The subjects of the mails to an address that are about a trial, each with how many there are, in the order of the alphabet.
async fn told(lab: &Lab, address: &str) -> Vec<(String, i64)> {
    let subjects = "select subject, count(*) from mail
                    where recipient = $1 and (subject like '%trial%' or subject like '%first payment%')
                    group by subject order by subject";
    sqlx::query_as(subjects).bind(address).fetch_all(&mut lab.world.superuser().await).await.unwrap()
}

async fn told_of_acme(lab: &Lab, address: &str) -> i64 {
    sqlx::query_scalar("select count(*) from mail where recipient = $1 and subject like '%Acme%'")
        .bind(address)
        .fetch_one(&mut lab.world.superuser().await)
        .await
        .unwrap()
}
