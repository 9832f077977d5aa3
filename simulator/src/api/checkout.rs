//! Checkout sessions: pages on which somebody subscribes.

use serde_json::json;

use super::{Answer, has, page, subscriptions};
use crate::{
    engine::create,
    failure::Failure,
    objects::{CheckoutSession, Metadata, SessionStatus},
    params::Params,
    state::{Due, State},
};

/// For how long a session is open, if nothing is said.
const OPEN_SECONDS: i64 = 24 * 3_600;

pub fn create(state: &mut State, params: &Params) -> Answer {
    if params.text("mode").unwrap_or("payment") != "subscription" {
        return Err(Failure::invalid("mode", "Only sessions of the mode subscription are simulated."));
    }
    let customer = params.owned("customer");
    if let Some(customer) = &customer {
        super::customers::living(state, customer)?;
    }
    let mut session = new(state, params, customer)?;
    price_it(state, &mut session)?;
    state.plan(session.expires_at, Due::Session(session.id.clone()));
    let json = session.json(&state.base);
    state.sessions.put(session);
    Ok(json)
}

fn new(state: &State, params: &Params, customer: Option<String>) -> Result<CheckoutSession, Failure> {
    let items = subscriptions::items_of(params, "line_items")?;
    let prices = create::prices_of(state, &items)?;
    let first = prices.first().ok_or_else(|| Failure::missing_param("line_items"))?;
    let currency = params.text("currency").map_or_else(|| first.currency.clone(), str::to_lowercase);
    if let Some(price) = prices.iter().find(|price| price.in_currency(&currency).is_none()) {
        let message = format!("The price `{}` is not sold in {currency}.", price.id);
        return Err(Failure::invalid("currency", message));
    }
    let (mut metadata, mut subscription_metadata) = (Metadata::new(), Metadata::new());
    params.merge("metadata", &mut metadata);
    params.merge("subscription_data.metadata", &mut subscription_metadata);
    Ok(CheckoutSession {
        id: state.sessions.next_id(),
        status: SessionStatus::Open,
        customer,
        customer_email: params.owned("customer_email"),
        client_reference_id: params.owned("client_reference_id"),
        currency,
        items: items.into_iter().map(|item| (item.price, item.quantity)).collect(),
        success_url: params.required("success_url")?.to_owned(),
        cancel_url: params.owned("cancel_url"),
        allow_promotion_codes: params.flag("allow_promotion_codes")?.unwrap_or(false),
        collects_tax_id: params.flag("tax_id_collection.enabled")?.unwrap_or(false),
        always_asks_for_card: params.text("payment_method_collection") != Some("if_required"),
        coupon: params.owned("discounts.0.coupon"),
        promotion_code: params.owned("discounts.0.promotion_code"),
        trial_end: subscriptions::trial_end(state.now, params, "subscription_data.")?,
        without_card: subscriptions::without_card(params, "subscription_data."),
        subscription_metadata,
        metadata,
        automatic_tax: params.flag("automatic_tax.enabled")?.unwrap_or(false),
        created: state.now,
        expires_at: params.whole("expires_at")?.unwrap_or(state.now + OPEN_SECONDS),
        subscription: None,
        invoice: None,
        subtotal: 0,
        total: 0,
        is_paid: false,
    })
}

/// Counts what is due on the page, by beginning the subscription on a scratch.
pub fn price_it(state: &State, session: &mut CheckoutSession) -> Result<(), Failure> {
    let customer = session.customer.clone().unwrap_or_default();
    let mut scratch = state.scratch(&customer);
    let id = crate::pages::begin(&mut scratch, session, None)?;
    let invoice = scratch.subscriptions.find(&id)?.latest_invoice.clone();
    if let Some(invoice) = invoice.and_then(|id| scratch.invoices.get(&id)) {
        (session.subtotal, session.total) = (invoice.subtotal(), invoice.total());
    }
    Ok(())
}

pub fn list(state: &State, params: &Params) -> Answer {
    let rows = state.sessions.newest().filter(|row| {
        has(params.text("customer"), row.customer.as_deref())
            && has(params.text("subscription"), row.subscription.as_deref())
            && has(params.text("status"), Some(row.status.word()))
    });
    page("/v1/checkout/sessions", params, rows.map(|row| row.json(&state.base)))
}

pub fn get(state: &State, id: &str) -> Answer {
    Ok(state.sessions.find(id)?.json(&state.base))
}

pub fn line_items(state: &State, id: &str) -> Answer {
    let row = state.sessions.find(id)?;
    let items = row.items.iter().map(|(price, quantity)| {
        json!({
            "object": "item",
            "currency": row.currency,
            "price": state.prices.get(price).map(crate::objects::Price::json),
            "quantity": quantity,
        })
    });
    page(&format!("/v1/checkout/sessions/{id}/line_items"), &Params::default(), items)
}

pub fn expire(state: &mut State, id: &str) -> Answer {
    let base = state.base.clone();
    let row = state.sessions.find_mut(id)?;
    if row.status != SessionStatus::Open {
        return Err(Failure::invalid("", "Only Checkout Sessions with a status of open can be expired."));
    }
    row.status = SessionStatus::Expired;
    let json = row.json(&base);
    state.emit("checkout.session.expired", json.clone());
    Ok(json)
}
