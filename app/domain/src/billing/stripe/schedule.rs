//! A cheaper plan begins when the month that was paid is over: Stripe keeps that as a schedule of the subscription.

use serde_json::Value;

use super::{Stripe, client::once, form::Form, json::Read, live::LiveSubscription, prices::PlanPrices};
use crate::{
    error::{Error, Result},
    id::TenantId,
};

/// Lets the subscription go on as it is: what was to become of it is forgotten. Nothing where nothing was.
pub(super) async fn release(stripe: &Stripe, tenant: TenantId, revision: i64, live: &LiveSubscription) -> Result<()> {
    let Some(schedule) = &live.schedule else { return Ok(()) };
    let form = Form::new();
    let act = format!("release/{schedule}");
    let path = format!("/v1/subscription_schedules/{schedule}/release");
    stripe.post(&path, &form, &once(tenant, &act, revision, &form)).await?;
    Ok(())
}

/// Has these prices take the place of those when the month is over, and the subscription go on by itself a month later. It must
/// have no schedule.
pub(super) async fn lower(
    stripe: &Stripe,
    tenant: TenantId,
    revision: i64,
    live: &LiveSubscription,
    from: &PlanPrices,
    to: &PlanPrices,
) -> Result<()> {
    let form = Form::new().with("from_subscription", &live.id);
    let made = stripe.post("/v1/subscription_schedules", &form, &once(tenant, "schedule", revision, &form)).await?;
    let id = made.text("/id").ok_or_else(|| Error::internal("stripe: a schedule without an id"))?;
    let form = phases(&made, live, from, to);
    let key = once(tenant, &format!("phases/{id}"), revision, &form);
    stripe.post(&format!("/v1/subscription_schedules/{id}"), &form, &key).await?;
    Ok(())
}

fn phases(made: &Value, live: &LiveSubscription, from: &PlanPrices, to: &PlanPrices) -> Form {
    let now = made.list("/phases").first();
    let begun = now.and_then(|phase| phase.whole("/start_date")).unwrap_or(live.period_start.timestamp());
    let mut form = Form::new()
        .with("end_behavior", "release")
        .with("phases[0][start_date]", begun)
        .with("phases[0][end_date]", live.period_end.timestamp())
        .with("phases[0][proration_behavior]", "none")
        .with("phases[1][start_date]", live.period_end.timestamp())
        .with("phases[1][duration][interval]", "month")
        .with("phases[1][duration][interval_count]", 1)
        .with("phases[1][proration_behavior]", "none");
    for (phase, prices) in [from, to].into_iter().enumerate() {
        form.set(format!("phases[{phase}][items][0][price]"), &prices.month);
        form.set(format!("phases[{phase}][items][0][quantity]"), 1);
        if let Some(credits) = &prices.credits {
            form.set(format!("phases[{phase}][items][1][price]"), credits);
        }
        // A phase that names none has none.
        for (index, (name, id)) in now.into_iter().flat_map(discounts).enumerate() {
            form.set(format!("phases[{phase}][discounts][{index}][{name}]"), id);
        }
    }
    if let Some(end) = now.and_then(|phase| phase.whole("/trial_end")) {
        form.set("phases[0][trial_end]", end);
    }
    form
}

fn discounts(phase: &Value) -> Vec<(&'static str, &str)> {
    phase.list("/discounts").iter().filter_map(discount).collect()
}

/// By the first name that it has.
fn discount(discount: &Value) -> Option<(&'static str, &str)> {
    let names = [("discount", "/discount"), ("promotion_code", "/promotion_code"), ("coupon", "/coupon")];
    names.into_iter().find_map(|(name, pointer)| Some((name, discount.id(pointer)?)))
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};
    use serde_json::json;

    use super::*;
    use crate::billing::{Currency, SubscriptionStatus, stripe::live::Ending};

    #[test]
    fn a_cheaper_plan_begins_with_the_next_month_and_coupons_stay() {
        let live = LiveSubscription {
            id: "sub_1".into(),
            status: SubscriptionStatus::Active,
            plan: None,
            currency: Currency::Eur,
            period_start: DateTime::UNIX_EPOCH,
            period_end: DateTime::UNIX_EPOCH + TimeDelta::seconds(200),
            ending: Ending::No,
            month_item: None,
            credits_item: None,
            schedule: None,
            next_price: None,
            payment_method: None,
        };
        let prices = |month: &str, credits: &str| PlanPrices { month: month.into(), credits: Some(credits.into()) };
        let made = json!({ "phases": [{ "start_date": 100, "trial_end": null, "discounts": [
            { "discount": null, "coupon": { "id": "FRIENDS" }, "promotion_code": null },
        ] }] });
        let text = phases(&made, &live, &prices("p1", "p2"), &prices("p3", "p4")).to_text();
        for pair in [
            "phases[0][start_date]=100",
            "phases[0][end_date]=200",
            "phases[1][start_date]=200",
            "phases[1][items][0][price]=p3",
            "phases[1][items][1][price]=p4",
            "phases[0][discounts][0][coupon]=FRIENDS",
            "phases[1][discounts][0][coupon]=FRIENDS",
        ] {
            assert!(text.contains(&pair.replace('[', "%5B").replace(']', "%5D")), "{pair} in {text}");
        }
        assert!(!text.contains("trial_end"));
    }
}
