//! The page on which somebody subscribes.

use super::{Page, html};
use crate::{
    amount::{day, money},
    api::{card_of_number, keep, price_session},
    engine::{
        create::{self, FirstPayment, New},
        discounts,
    },
    failure::Failure,
    objects::{CheckoutSession, Customer, PhaseItem, SessionStatus, TaxId},
    params::Params,
    state::State,
};

pub fn show(state: &State, id: &str) -> Page {
    match state.sessions.get(id) {
        Some(session) if session.status == SessionStatus::Open => form(state, session, 200, None),
        _ => html::not_found(),
    }
}

fn form(state: &State, session: &CheckoutSession, status: u16, error: Option<&str>) -> Page {
    let customer = session.customer.as_ref().and_then(|id| state.customers.get(id));
    let email = customer.and_then(|row| row.email.as_deref()).or(session.customer_email.as_deref()).unwrap_or_default();
    let name = customer.and_then(|row| row.name.as_deref()).unwrap_or_default();
    let mut body = html::error(error);
    body.push_str(&summary(state, session));
    body.push_str(&format!("<form method=\"post\" action=\"/c/pay/{}\">", session.id));
    if session.allow_promotion_codes && session.promotion_code.is_none() {
        body.push_str(&html::field("code", "Promotion code", "", "autocomplete=\"off\""));
        body.push_str("<button name=\"act\" value=\"apply\" formnovalidate>Apply</button>");
    }
    body.push_str(&html::field("email", "Email", email, "type=\"email\" required"));
    if asks_for_card(session) {
        body.push_str(&html::card_fields());
    }
    body.push_str(&html::field("name", "Name on the bill", name, "required"));
    body.push_str(&html::field("line1", "Address", "", ""));
    body.push_str(&html::field("postal_code", "Postal code", "", ""));
    body.push_str(&html::field("city", "City", "", ""));
    body.push_str(&html::field("country", "Country (two letters)", "DE", "maxlength=\"2\""));
    if session.collects_tax_id {
        body.push_str(&html::field("tax_id", "VAT number", "", "autocomplete=\"off\""));
    }
    let label = if session.trial_end.is_some() { "Start trial" } else { "Subscribe" };
    body.push_str(&format!("<button name=\"act\" value=\"pay\">{label}</button></form>"));
    if let Some(url) = &session.cancel_url {
        body.push_str(&format!("<p><a href=\"{}\">Back, without subscribing</a></p>", html::escaped(url)));
    }
    html::page(status, "Checkout", &body)
}

fn summary(state: &State, session: &CheckoutSession) -> String {
    let rows: String = session.items.iter().filter_map(|(id, quantity)| row(state, session, id, *quantity)).collect();
    let trial = session.trial_end.map(|end| format!("<p>Nothing is due before {}.</p>", day(end)));
    let discount = session.subtotal - session.total;
    let discount = if discount == 0 {
        String::new()
    } else {
        format!("<tr><td>Discount</td><td class=\"amount\">{}</td></tr>", money(-discount, &session.currency))
    };
    format!(
        "<table>{rows}{discount}<tr><th>Due today</th><th class=\"amount\">{}</th></tr></table>{}",
        money(session.total, &session.currency),
        trial.unwrap_or_default()
    )
}

fn row(state: &State, session: &CheckoutSession, price: &str, quantity: Option<i64>) -> Option<String> {
    let price = state.prices.get(price)?;
    let unit = price.in_currency(&session.currency)?;
    let name = state.products.get(&price.product).map_or("", |product| product.name.as_str());
    let amount = if price.is_metered() {
        format!("{} cents each, as used", unit.text())
    } else {
        format!("{} a {}", money(unit.times(quantity.unwrap_or(1)), &session.currency), price.interval.unit)
    };
    Some(format!("<tr><td>{}</td><td class=\"amount\">{amount}</td></tr>", html::escaped(name)))
}

fn asks_for_card(session: &CheckoutSession) -> bool {
    session.always_asks_for_card || session.total > 0
}

pub fn submit(state: &mut State, id: &str, sent: &Params) -> Page {
    let Some(session) = state.sessions.get(id).filter(|row| row.status == SessionStatus::Open).cloned() else {
        return html::not_found();
    };
    let done = if sent.text("act") == Some("apply") {
        apply_code(state, session.clone(), sent).map(|()| format!("/c/pay/{id}"))
    } else {
        complete(state, session.clone(), sent)
    };
    match done {
        Ok(location) => Page::to(location),
        Err(failure) => form(state, &session, 402, Some(&failure.message)),
    }
}

fn apply_code(state: &mut State, mut session: CheckoutSession, sent: &Params) -> Result<(), Failure> {
    let code = sent.text("code").unwrap_or_default();
    let found =
        state.promotion_codes.newest().find(|row| row.code.eq_ignore_ascii_case(code) && row.is_valid(state.now));
    let wrong = || Failure::invalid("code", "This promotion code is not valid.");
    session.promotion_code = Some(found.ok_or_else(wrong)?.id.clone());
    price_session(state, &mut session)?;
    state.sessions.put(session);
    Ok(())
}

/// Answers where the browser goes on.
fn complete(state: &mut State, mut session: CheckoutSession, sent: &Params) -> Result<String, Failure> {
    let card = if asks_for_card(&session) { Some(card(state, &session, sent)?) } else { None };
    if session.customer.is_none() {
        session.customer_email = sent.owned("email").or(session.customer_email);
    }
    let customer = customer_of(state, &mut session);
    let card = match card {
        Some(mut card) => {
            card.name = sent.owned("name");
            let id = card.id.clone();
            state.payment_methods.put(card);
            Some(keep(state, &id, &customer)?)
        }
        None => None,
    };
    fill_in(state, &customer, sent);
    let subscription = begin(state, &session, card)?;
    let invoice = state.subscriptions.find(&subscription)?.latest_invoice.clone();
    session.status = SessionStatus::Complete;
    session.subscription = Some(subscription);
    session.invoice = invoice;
    session.is_paid = true;
    let location = session.success_url.replace("{CHECKOUT_SESSION_ID}", &session.id);
    let json = session.json(&state.base);
    state.sessions.put(session);
    state.emit("checkout.session.completed", json);
    Ok(location)
}

/// A card that will do: nothing has happened yet if it does not.
fn card(state: &State, session: &CheckoutSession, sent: &Params) -> Result<crate::objects::PaymentMethod, Failure> {
    let card = card_of_number(state, sent.text("card").unwrap_or_default())?;
    let decline = if session.total > 0 { card.decline() } else { card.refusal() };
    decline.map_or(Ok(card), |decline| Err(Failure::declined(decline)))
}

fn customer_of(state: &mut State, session: &mut CheckoutSession) -> String {
    if let Some(customer) = &session.customer {
        return customer.clone();
    }
    let row = Customer {
        id: state.customers.next_id(),
        email: session.customer_email.clone(),
        created: state.now,
        next_invoice: 1,
        ..Customer::default()
    };
    let id = row.id.clone();
    let json = row.json(false);
    state.customers.put(row);
    state.emit("customer.created", json);
    session.customer = Some(id.clone());
    id
}

/// Name, address and tax number, as they were typed.
fn fill_in(state: &mut State, customer: &str, sent: &Params) {
    let now = state.now;
    let Some(row) = state.customers.get_mut(customer) else { return };
    row.name = sent.owned("name").or(row.name.take());
    row.email = row.email.take().or(sent.owned("email"));
    for key in ["line1", "postal_code", "city", "country"] {
        if let Some(text) = sent.text(key) {
            row.address.insert(key.to_owned(), text.to_owned());
        }
    }
    if let Some(value) = sent.owned("tax_id") {
        let id = state.tax_ids.next_id();
        let (customer, kind) = (customer.to_owned(), "eu_vat".to_owned());
        state.tax_ids.put(TaxId { id, customer, kind, value, created: now });
    }
    if let Some(json) = state.customers.get(customer).map(|row| state.customer_json(row)) {
        state.emit("customer.updated", json);
    }
}

/// Begins the subscription of a session. Without a card nothing is asked of one, which is how its price is counted.
pub fn begin(state: &mut State, session: &CheckoutSession, card: Option<String>) -> Result<String, Failure> {
    let customer = customer_of(state, &mut session.clone());
    let discounts = if session.coupon.is_some() || session.promotion_code.is_some() {
        let (coupon, code) = (session.coupon.as_deref(), session.promotion_code.as_deref());
        vec![discounts::redeem(state, coupon, code, &customer)?]
    } else {
        Vec::new()
    };
    let item = |(price, quantity): &(String, Option<i64>)| PhaseItem { price: price.clone(), quantity: *quantity };
    create::create(
        state,
        New {
            customer,
            items: session.items.iter().map(item).collect(),
            currency: Some(session.currency.clone()),
            trial_end: session.trial_end,
            without_card: session.without_card.clone(),
            discounts,
            payment: if card.is_some() { FirstPayment::MustSucceed } else { FirstPayment::MayFail },
            default_payment_method: card,
            cancel_at_period_end: false,
            description: None,
            automatic_tax: session.automatic_tax,
            metadata: session.subscription_metadata.clone(),
        },
    )
}
