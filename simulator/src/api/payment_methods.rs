//! Cards.

use super::{Answer, customers, page};
use crate::{
    failure::Failure,
    objects::{CARDS, Metadata, Outcome, PaymentMethod},
    params::Params,
    state::State,
};

pub fn create(state: &mut State, params: &Params) -> Answer {
    if params.required("type")? != "card" {
        return Err(Failure::invalid("type", "Only cards are simulated."));
    }
    let mut card = match params.text("card.token") {
        Some(token) => card_of_token(state, token).ok_or_else(|| Failure::missing("token", token))?,
        None => card_of_number(state, params.required("card.number")?)?,
    };
    card.exp_month = params.whole("card.exp_month")?.unwrap_or(card.exp_month);
    card.exp_year = params.whole("card.exp_year")?.unwrap_or(card.exp_year);
    card.name = params.owned("billing_details.name");
    card.email = params.owned("billing_details.email");
    params.merge("metadata", &mut card.metadata);
    let json = card.json();
    state.payment_methods.put(card);
    Ok(json)
}

/// A card by what is typed; blanks do not count.
pub fn card_of_number(state: &State, number: &str) -> Result<PaymentMethod, Failure> {
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let known = CARDS.iter().find(|card| card.0 == digits).ok_or_else(|| Failure::declined("incorrect_number"))?;
    Ok(card(state, known.0, known.1, known.4))
}

fn card_of_token(state: &State, token: &str) -> Option<PaymentMethod> {
    let known = CARDS.iter().find(|card| card.2 == token || card.3 == token)?;
    Some(card(state, known.0, known.1, known.4))
}

fn card(state: &State, number: &str, brand: &str, outcome: Outcome) -> PaymentMethod {
    PaymentMethod {
        id: state.payment_methods.next_id(),
        customer: None,
        brand: brand.to_owned(),
        last4: number.get(number.len() - 4..).unwrap_or_default().to_owned(),
        exp_month: 12,
        exp_year: 2040,
        outcome,
        name: None,
        email: None,
        metadata: Metadata::new(),
        created: state.now,
    }
}

pub fn attach(state: &mut State, id: &str, params: &Params) -> Answer {
    let id = keep(state, id, params.required("customer")?)?;
    Ok(state.payment_methods.find(&id)?.json())
}

/// Attaches a card to a customer, and answers its id: `pm_card_visa` and the like become a card of their own.
pub fn keep(state: &mut State, id: &str, customer: &str) -> Result<String, Failure> {
    customers::living(state, customer)?;
    let mut card = match card_of_token(state, id) {
        Some(card) => card,
        None => state.payment_methods.find(id)?.clone(),
    };
    if let Some(decline) = card.refusal() {
        return Err(Failure::declined(decline));
    }
    if card.customer.as_deref().is_some_and(|owner| owner != customer) {
        let message = "The payment method you provided has already been attached to a customer.";
        return Err(Failure::invalid("", message));
    }
    card.customer = Some(customer.to_owned());
    let (id, json) = (card.id.clone(), card.json());
    state.payment_methods.put(card);
    state.emit("payment_method.attached", json);
    Ok(id)
}

/// A card that is the customer's already, or one of those that Stripe has ready.
pub fn of_customer(state: &mut State, id: &str, customer: &str) -> Result<String, Failure> {
    if card_of_token(state, id).is_some() {
        return keep(state, id, customer);
    }
    let card = state.payment_methods.find(id)?;
    if card.customer.as_deref() == Some(customer) {
        return Ok(card.id.clone());
    }
    let message =
        format!("The customer does not have a payment method with the ID {id}. The payment method must be attached.");
    Err(Failure::invalid("default_payment_method", message).with_code("resource_missing"))
}

pub fn detach(state: &mut State, id: &str) -> Answer {
    let card = state.payment_methods.find_mut(id)?;
    let owner = card.customer.take();
    let json = card.json();
    if let Some(row) = owner.as_deref().and_then(|owner| state.customers.get_mut(owner)) {
        row.default_payment_method = row.default_payment_method.take().filter(|card| card != id);
    }
    state.emit("payment_method.detached", json.clone());
    Ok(json)
}

pub fn list(state: &State, customer: Option<&str>, params: &Params) -> Answer {
    let customer = customer.ok_or_else(|| Failure::missing_param("customer"))?;
    let rows = state.payment_methods.newest().filter(|row| row.customer.as_deref() == Some(customer));
    page("/v1/payment_methods", params, rows.map(PaymentMethod::json))
}

pub fn get(state: &State, id: &str) -> Answer {
    Ok(state.payment_methods.find(id)?.json())
}
