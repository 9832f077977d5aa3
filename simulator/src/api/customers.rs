//! Customers, and their tax numbers.

use serde_json::json;

use super::{Answer, has, is_asked_for, page, payment_methods};
use crate::{
    engine::cancel,
    failure::Failure,
    objects::{Customer, TaxId},
    params::Params,
    state::State,
};

pub fn create(state: &mut State, params: &Params) -> Answer {
    let id = state.customers.next_id();
    let mut customer = Customer { id: id.clone(), created: state.now, next_invoice: 1, ..Customer::default() };
    customer.test_clock = params.owned("test_clock");
    fill(&mut customer, params)?;
    state.customers.put(customer);
    for tax_id in params.parts("tax_id_data") {
        add_tax_id(state, &id, &tax_id)?;
    }
    keep_card(state, &id, params)?;
    let json = state.customer_json(state.customers.find(&id)?);
    state.emit("customer.created", json.clone());
    Ok(json)
}

fn fill(customer: &mut Customer, params: &Params) -> Result<(), Failure> {
    let fields = [
        ("email", &mut customer.email),
        ("name", &mut customer.name),
        ("phone", &mut customer.phone),
        ("description", &mut customer.description),
        ("tax_exempt", &mut customer.tax_exempt),
    ];
    for (key, field) in fields {
        if params.has(key) {
            *field = params.owned(key);
        }
    }
    customer.balance = params.whole("balance")?.unwrap_or(customer.balance);
    params.merge("address", &mut customer.address);
    params.merge("metadata", &mut customer.metadata);
    Ok(())
}

/// `payment_method` is kept; `invoice_settings[default_payment_method]` is what pays from then on.
fn keep_card(state: &mut State, id: &str, params: &Params) -> Result<(), Failure> {
    if let Some(card) = params.text("payment_method") {
        payment_methods::keep(state, card, id)?;
    }
    if let Some(card) = params.text("invoice_settings.default_payment_method") {
        let card = payment_methods::of_customer(state, card, id)?;
        state.customers.find_mut(id)?.default_payment_method = Some(card);
    }
    Ok(())
}

pub fn list(state: &State, params: &Params) -> Answer {
    let mut rows = Vec::new();
    for row in state.customers.newest().filter(|row| !row.deleted) {
        if has(params.text("email"), row.email.as_deref()) && is_asked_for(params, row.created)? {
            rows.push(row);
        }
    }
    page("/v1/customers", params, rows.into_iter().map(|row| state.customer_json(row)))
}

/// One that was deleted is answered too, and says so.
pub fn get(state: &State, id: &str) -> Answer {
    Ok(state.customer_json(state.customers.find(id)?))
}

pub fn update(state: &mut State, id: &str, params: &Params) -> Answer {
    let before = state.customer_json(living(state, id)?);
    fill(state.customers.find_mut(id)?, params)?;
    keep_card(state, id, params)?;
    let json = state.customer_json(state.customers.find(id)?);
    state.emit_change("customer.updated", json.clone(), Some(&before));
    Ok(json)
}

/// With a customer go the subscriptions, at once.
pub fn delete(state: &mut State, id: &str) -> Answer {
    let json = state.customer_json(living(state, id)?);
    let rows = state.subscriptions.oldest().filter(|row| row.customer == id && !row.status.is_over());
    let subscriptions: Vec<String> = rows.map(|row| row.id.clone()).collect();
    for subscription in subscriptions {
        let ending = cancel::Ending { bills_usage: false, prorates: false, at_once: true };
        cancel::end(state, &subscription, ending)?;
    }
    state.customers.find_mut(id)?.deleted = true;
    state.emit("customer.deleted", json);
    Ok(json!({ "id": id, "object": "customer", "deleted": true }))
}

/// A customer that was not deleted.
pub fn living<'a>(state: &'a State, id: &str) -> Result<&'a Customer, Failure> {
    state.customers.get(id).filter(|row| !row.deleted).ok_or_else(|| Failure::missing("customer", id))
}

pub fn create_tax_id(state: &mut State, customer: &str, params: &Params) -> Answer {
    living(state, customer)?;
    let row = add_tax_id(state, customer, params)?;
    state.emit("customer.tax_id.created", row.json());
    Ok(row.json())
}

fn add_tax_id(state: &mut State, customer: &str, params: &Params) -> Result<TaxId, Failure> {
    let row = TaxId {
        id: state.tax_ids.next_id(),
        customer: customer.to_owned(),
        kind: params.required("type")?.to_owned(),
        value: params.required("value")?.to_owned(),
        created: state.now,
    };
    if row.kind == "eu_vat"
        && !row.value.get(..2).is_some_and(|land| land.bytes().all(|byte| byte.is_ascii_uppercase()))
    {
        return Err(Failure::invalid("value", "Invalid value for eu_vat.").with_code("tax_id_invalid"));
    }
    state.tax_ids.put(row.clone());
    Ok(row)
}

pub fn list_tax_ids(state: &State, customer: &str, params: &Params) -> Answer {
    let rows = state.tax_ids.newest().filter(|row| row.customer == customer);
    page(&format!("/v1/customers/{customer}/tax_ids"), params, rows.map(TaxId::json))
}

pub fn get_tax_id(state: &State, id: &str) -> Answer {
    Ok(state.tax_ids.find(id)?.json())
}

pub fn delete_tax_id(state: &mut State, id: &str) -> Answer {
    let row = state.tax_ids.remove(id).ok_or_else(|| Failure::missing("tax id", id))?;
    state.emit("customer.tax_id.deleted", row.json());
    Ok(json!({ "id": id, "object": "tax_id", "deleted": true }))
}
