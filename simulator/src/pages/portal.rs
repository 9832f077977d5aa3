//! The customer portal: card, bills, cancellation, address.

use super::{Page, html};
use crate::{
    amount::{day, money},
    api::{self, card_of_number, keep},
    failure::Failure,
    objects::{Customer, PortalSession, Subscription},
    params::Params,
    state::State,
};

pub fn show(state: &State, id: &str) -> Page {
    match state.portals.get(id) {
        Some(session) => view(state, session, 200, None),
        None => html::not_found(),
    }
}

fn view(state: &State, session: &PortalSession, status: u16, error: Option<&str>) -> Page {
    let Some(customer) = state.customers.get(&session.customer) else { return html::not_found() };
    let mut body = html::error(error);
    if let Some(subscription) = living(state, &session.customer) {
        body.push_str(&plan(state, session, subscription));
    }
    body.push_str(&card(state, session, customer));
    body.push_str(&bills(state, session));
    body.push_str(&details(session, customer));
    if let Some(url) = &session.return_url {
        body.push_str(&format!("<p><a href=\"{}\">Return to Sheaf</a></p>", html::escaped(url)));
    }
    html::page(status, "Your subscription", &body)
}

fn living<'a>(state: &'a State, customer: &str) -> Option<&'a Subscription> {
    state.subscriptions.newest().find(|row| row.customer == customer && !row.status.is_over())
}

fn plan(state: &State, session: &PortalSession, subscription: &Subscription) -> String {
    let items = subscription.items.iter().filter_map(|item| state.prices.get(&item.price));
    let names: Vec<&str> =
        items.filter_map(|price| state.products.get(&price.product)).map(|product| product.name.as_str()).collect();
    let ends = subscription.ends_at();
    let when = match ends {
        Some(at) => format!("It ends on {}.", day(at)),
        None => format!("It renews on {}.", day(subscription.period_end)),
    };
    let act = match (ends, may_cancel(state, session)) {
        (Some(_), _) => button(session, "undo", "Do not cancel"),
        (None, true) => button(session, "cancel", "Cancel subscription"),
        (None, false) => String::new(),
    };
    let status = subscription.status.word();
    format!("<h2>Plan</h2><p>{} ({status}). {when}</p>{act}", html::escaped(&names.join(", ")))
}

/// Whether the portal's configuration lets people cancel.
fn may_cancel(state: &State, session: &PortalSession) -> bool {
    let configuration = session.configuration.as_ref().and_then(|id| state.configurations.get(id));
    configuration.is_none_or(|row| row.features["subscription_cancel"]["enabled"] == true)
}

fn button(session: &PortalSession, act: &str, label: &str) -> String {
    format!(
        "<form method=\"post\" action=\"/p/session/{}\"><button name=\"act\" value=\"{act}\">{label}</button></form>",
        session.id
    )
}

fn card(state: &State, session: &PortalSession, customer: &Customer) -> String {
    let of_subscription = living(state, &customer.id).and_then(|row| row.default_payment_method.as_ref());
    let card =
        of_subscription.or(customer.default_payment_method.as_ref()).and_then(|id| state.payment_methods.get(id));
    let now = card.map_or_else(|| "There is no card.".to_owned(), |card| format!("{} •••• {}", card.brand, card.last4));
    format!(
        "<h2>Payment method</h2><p>{now}</p><form method=\"post\" action=\"/p/session/{}\">{}<button name=\"act\" \
         value=\"card\">Save card</button></form>",
        session.id,
        html::card_fields()
    )
}

fn bills(state: &State, session: &PortalSession) -> String {
    let bills = state.invoices.newest().filter(|row| row.customer == session.customer && row.number.is_some());
    let rows: String = bills
        .take(24)
        .map(|row| {
            format!(
                "<tr><td><a href=\"/i/{}\">{}</a></td><td>{}</td><td>{}</td><td class=\"amount\">{}</td></tr>",
                row.id,
                html::escaped(row.number.as_deref().unwrap_or_default()),
                day(row.created),
                row.status.word(),
                money(row.total(), &row.currency)
            )
        })
        .collect();
    format!(
        "<h2>Bills</h2><table><tr><th>Number</th><th>Date</th><th>Status</th><th class=\"amount\">Total</th></tr>{rows}</table>"
    )
}

fn details(session: &PortalSession, customer: &Customer) -> String {
    let part = |key: &str| customer.address.get(key).map_or("", String::as_str);
    let fields = [
        html::field("email", "Email", customer.email.as_deref().unwrap_or_default(), "type=\"email\""),
        html::field("name", "Name", customer.name.as_deref().unwrap_or_default(), ""),
        html::field("line1", "Address", part("line1"), ""),
        html::field("postal_code", "Postal code", part("postal_code"), ""),
        html::field("city", "City", part("city"), ""),
        html::field("country", "Country (two letters)", part("country"), "maxlength=\"2\""),
        html::field("tax_id", "VAT number", "", "autocomplete=\"off\""),
    ];
    format!(
        "<h2>Billing information</h2><form method=\"post\" action=\"/p/session/{}\">{}<button name=\"act\" value=\"details\">\
         Save</button></form>",
        session.id,
        fields.concat()
    )
}

pub fn submit(state: &mut State, id: &str, sent: &Params) -> Page {
    let Some(session) = state.portals.get(id).cloned() else { return html::not_found() };
    let done = match sent.text("act") {
        Some("card") => change_card(state, &session, sent),
        Some("cancel") if may_cancel(state, &session) => set_ending(state, &session, true),
        Some("undo") => set_ending(state, &session, false),
        Some("details") => change_details(state, &session, sent),
        _ => Err(Failure::invalid("act", "That cannot be done here.")),
    };
    match done {
        Ok(()) => Page::to(format!("/p/session/{id}")),
        Err(failure) => view(state, &session, 402, Some(&failure.message)),
    }
}

/// The card pays from then on, whatever paid before. What is open is paid on the page of its bill.
fn change_card(state: &mut State, session: &PortalSession, sent: &Params) -> Result<(), Failure> {
    let card = card_of_number(state, sent.text("card").unwrap_or_default())?;
    if let Some(decline) = card.refusal() {
        return Err(Failure::declined(decline));
    }
    let id = card.id.clone();
    state.payment_methods.put(card);
    let id = keep(state, &id, &session.customer)?;
    let form = Params::parse(format!("invoice_settings[default_payment_method]={id}").as_bytes());
    api::call(state, "POST", &format!("customers/{}", session.customer), &form)?;
    let of_customer = state.subscriptions.oldest().filter(|row| row.customer == session.customer);
    let living: Vec<String> = of_customer.filter(|row| !row.status.is_over()).map(|row| row.id.clone()).collect();
    let form = Params::parse(format!("default_payment_method={id}").as_bytes());
    for subscription in living {
        api::call(state, "POST", &format!("subscriptions/{subscription}"), &form)?;
    }
    Ok(())
}

fn set_ending(state: &mut State, session: &PortalSession, ends: bool) -> Result<(), Failure> {
    let none = || Failure::invalid("act", "There is no subscription.");
    let subscription = living(state, &session.customer).ok_or_else(none)?.id.clone();
    let form = Params::parse(format!("cancel_at_period_end={ends}").as_bytes());
    api::call(state, "POST", &format!("subscriptions/{subscription}"), &form)?;
    Ok(())
}

fn change_details(state: &mut State, session: &PortalSession, sent: &Params) -> Result<(), Failure> {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    for key in ["email", "name"] {
        form.append_pair(key, sent.text(key).unwrap_or_default());
    }
    for key in ["line1", "postal_code", "city", "country"] {
        form.append_pair(&format!("address[{key}]"), sent.text(key).unwrap_or_default());
    }
    let customer = format!("customers/{}", session.customer);
    api::call(state, "POST", &customer, &Params::parse(form.finish().as_bytes()))?;
    if let Some(number) = sent.text("tax_id") {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("type", "eu_vat").append_pair("value", number);
        api::call(state, "POST", &format!("{customer}/tax_ids"), &Params::parse(form.finish().as_bytes()))?;
    }
    Ok(())
}
