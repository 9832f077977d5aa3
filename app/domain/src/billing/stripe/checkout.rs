//! Buying a plan: Stripe's own page takes the card, the address and the VAT number.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{
    Stripe,
    client::once,
    customer::{self, Known},
    failure::Failure,
    form::Form,
    json::{Read, is_id},
    live::{self, Subscriptions},
    prices, sync,
};
use crate::{
    Services,
    actor::{Action, Member},
    audit::{self, Act},
    billing::{self, CheckoutForm, Plan, TRIAL_PLAN},
    error::{Error, ErrorKind, Result},
    live as changes,
};

/// Pages that are open at once, at most: each is for a day, and the one before is closed.
const SESSIONS: i64 = 100;

/// Stripe takes no trial that ends sooner.
const SHORTEST_TRIAL: TimeDelta = TimeDelta::hours(48);

/// Begins the purchase of a plan, and answers the address of the page on which it goes on.
///
/// Whoever buys the plan that they are trying keeps the rest of the trial: the first payment is due when it ends. Fails at the
/// field that is wrong, and with "conflict" where there is a subscription: that is changed, and not bought twice.
pub async fn checkout(services: &Services, member: &Member, form: &CheckoutForm) -> Result<String> {
    member.require(Action::ManageBilling)?;
    let stripe = Stripe::of(services)?;
    let plan = Plan::newest(form.plan);
    if plan.is_free() {
        return Err(Error::invalid("plan", "The free plan costs nothing, so there is nothing to pay for."));
    }
    let known = customer::find_or_make(services, stripe, member).await?;
    let subscriptions = live::subscriptions(stripe, &known.customer).await?;
    check(&subscriptions, form)?;
    let asked = session(services, stripe, member, &known, form, plan, &subscriptions).await?;
    let key = once(member.tenant, "checkout", known.revision, &asked);
    let session = stripe.post("/v1/checkout/sessions", &asked, &key).await?;
    let page = session.text("/url").ok_or_else(|| Error::internal("stripe: a checkout without a page"))?.to_owned();
    close_others(services, stripe, member, &known, &session).await?;
    let mut tx = services.db.tenant(member).await?;
    let detail = json!({ "plan": form.plan, "currency": form.currency });
    audit::record_detail(&mut tx, &services.clock, Act::CheckoutBegun, member.tenant.0, detail).await?;
    changes::announce(&mut tx, "billing", member.tenant).await?;
    tx.commit().await?;
    Ok(page)
}

/// Looks at once at what was bought, for whoever comes back from the page of Stripe. "Not found" where the session is not one of
/// the workspace.
pub async fn checkout_returned(services: &Services, member: &Member, session: &str) -> Result<()> {
    member.require(Action::ManageBilling)?;
    let stripe = Stripe::of(services)?;
    let known = customer::find(services, member).await?.ok_or_else(Error::not_found)?;
    if !session.starts_with("cs_") || !is_id(session) {
        return Err(Error::not_found());
    }
    let found = stripe.get(&format!("/v1/checkout/sessions/{session}"), &Form::new()).await?;
    if found.id("/customer") != Some(known.customer.as_str()) {
        return Err(Error::not_found());
    }
    sync(services, member.tenant).await?;
    Ok(())
}

fn check(subscriptions: &Subscriptions, form: &CheckoutForm) -> Result<()> {
    if subscriptions.live.is_some() {
        return Err(Error::conflict("This workspace has a plan already. Change it instead of buying a second one."));
    }
    match subscriptions.currency {
        Some(paid) if paid != form.currency => Err(Error::invalid(
            "currency",
            format!("This workspace has paid in {} before, and Stripe takes no other currency of it.", paid.sign()),
        )),
        _ => Ok(()),
    }
}

async fn session(
    services: &Services,
    stripe: &Stripe,
    member: &Member,
    known: &Known,
    form: &CheckoutForm,
    plan: &Plan,
    subscriptions: &Subscriptions,
) -> Result<Form> {
    let prices = prices::of_plan(stripe, plan).await?;
    let (address, tenant) = (&services.settings.public_url, member.tenant);
    let mut asked = Form::new()
        .with("mode", "subscription")
        .with("customer", &known.customer)
        .with("client_reference_id", tenant)
        .with("currency", form.currency.as_str())
        .with("line_items[0][price]", prices.month)
        .with("line_items[0][quantity]", 1)
        .with("success_url", format!("{address}/settings/billing/return?session={{CHECKOUT_SESSION_ID}}"))
        .with("cancel_url", format!("{address}/settings/billing/plan"))
        // Bills name whoever pays, and a VAT number goes with a name and an address.
        .with("customer_update[name]", "auto")
        .with("customer_update[address]", "auto")
        .with("tax_id_collection[enabled]", true)
        .with("metadata[tenant_id]", tenant)
        .with("subscription_data[metadata][tenant_id]", tenant);
    if let Some(credits) = prices.credits {
        // What a meter counts has no quantity.
        asked.set("line_items[1][price]", credits);
    }
    match form.coupon.as_deref().map(str::trim).filter(|code| !code.is_empty()) {
        Some(code) => asked.set("discounts[0][promotion_code]", promotion(stripe, code).await?),
        None => asked.set("allow_promotion_codes", true),
    }
    if let Some(end) = trial_end(services, member, plan, subscriptions).await? {
        asked.set("subscription_data[trial_end]", end);
    }
    Ok(asked)
}

/// Of all pages on which a plan of the workspace can be bought, this one alone stays open: on two of them, two would be bought.
async fn close_others(
    services: &Services,
    stripe: &Stripe,
    member: &Member,
    known: &Known,
    session: &Value,
) -> Result<()> {
    let form = Form::new().with("customer", &known.customer).with("status", "open").with("limit", SESSIONS);
    let found = stripe.get("/v1/checkout/sessions", &form).await?;
    let open = found.list("/data").iter().filter_map(|one| one.text("/id"));
    let others: Vec<&str> = open.filter(|id| session.text("/id") != Some(*id)).collect();
    for id in &others {
        let form = Form::new();
        let key = once(member.tenant, &format!("expire/{id}"), known.revision, &form);
        stripe.post(&format!("/v1/checkout/sessions/{id}/expire"), &form, &key).await.map_err(is_paid_for)?;
    }
    // Who asks for one of these once more gets a new page.
    if others.is_empty() { Ok(()) } else { customer::count_on(services, member).await }
}

/// A page that cannot be closed is not open any more: somebody is paying on it.
fn is_paid_for(failure: Failure) -> Error {
    match Error::from(failure) {
        error if error.is(ErrorKind::Unavailable) => error,
        error => Error::conflict("A plan for this workspace is being paid for right now.").with_context(error),
    }
}

/// The id of the coupon that people know under this code.
async fn promotion(stripe: &Stripe, code: &str) -> Result<String> {
    let form = Form::new().with("code", code).with("active", true).with("limit", 1);
    let found = stripe.get("/v1/promotion_codes", &form).await?;
    let id = found.list("/data").first().and_then(|promotion| promotion.text("/id"));
    id.map(str::to_owned)
        .ok_or_else(|| Error::invalid("coupon", format!("There is no coupon “{code}”, or it is over.")))
}

/// In seconds, where what is tried is bought for the first time, and enough of the trial is left.
async fn trial_end(
    services: &Services,
    member: &Member,
    plan: &Plan,
    subscriptions: &Subscriptions,
) -> Result<Option<i64>> {
    if plan.id != TRIAL_PLAN || subscriptions.currency.is_some() {
        return Ok(None);
    }
    let mut tx = services.db.tenant(member).await?;
    let end = billing::subscription(&mut tx).await?.trial_ends_at;
    tx.commit().await?;
    Ok((end > services.clock.now() + SHORTEST_TRIAL).then(|| end.timestamp()))
}
