//! `expand[]=data.customer`: objects in the place of their ids.

use serde_json::{Value, json};

use crate::{
    failure::Failure,
    objects::{Discount, list},
    state::State,
};

/// Stripe follows a path no further than that.
const DEEPEST: usize = 4;

/// Puts the objects of these paths into an answer.
pub fn expand(state: &State, answer: &mut Value, paths: &[String]) -> Result<(), Failure> {
    for path in paths {
        let keys: Vec<&str> = path.split('.').collect();
        if keys.len() > DEEPEST {
            let message = format!("You cannot expand more than {DEEPEST} levels of a property. Property: {path}");
            return Err(Failure::invalid("expand", message));
        }
        follow(state, answer, &keys, path)?;
    }
    Ok(())
}

fn follow(state: &State, at: &mut Value, keys: &[&str], path: &str) -> Result<(), Failure> {
    let Some((key, rest)) = keys.split_first() else { return Ok(()) };
    if let Value::Array(items) = at {
        return items.iter_mut().try_for_each(|item| follow(state, item, keys, path));
    }
    if !at.is_object() {
        return Ok(());
    }
    if at.get(*key).is_none() {
        let more = included(state, at, key);
        let message = format!("This property cannot be expanded ({path}).");
        at[*key] = more.ok_or_else(|| Failure::invalid("expand", message))?;
    }
    let field = &mut at[*key];
    replace(state, key, field);
    follow(state, field, rest, path)
}

/// An id, or a list of them, becomes what has it.
fn replace(state: &State, key: &str, field: &mut Value) {
    match field {
        Value::String(id) => {
            if let Some(object) = object(state, key, id) {
                *field = object;
            }
        }
        Value::Array(items) => {
            items.iter_mut().filter(|item| item.is_string()).for_each(|item| replace(state, key, item));
        }
        _ => {}
    }
}

fn object(state: &State, key: &str, id: &str) -> Option<Value> {
    if key == "coupon" {
        return state.coupons.get(id).map(|row| row.json(state.now));
    }
    if let Some(row) = state.schedules.get(id) {
        return Some(row.json(state.now));
    }
    if let Some(row) = state.subscriptions.get(id) {
        return Some(state.subscription_json(row));
    }
    if let Some(row) = state.invoices.get(id) {
        return Some(state.invoice_json(row));
    }
    if let Some(row) = state.customers.get(id) {
        return Some(state.customer_json(row));
    }
    let simple = [
        state.products.get(id).map(|row| row.json()),
        state.prices.get(id).map(|row| row.json()),
        state.payment_methods.get(id).map(|row| row.json()),
        state.promotion_codes.get(id).map(|row| row.json(state.now)),
        state.tax_ids.get(id).map(|row| row.json()),
        state.invoice_items.get(id).map(|row| row.json()),
        state.clocks.get(id).map(|row| row.json(state.now)),
        discount(state, id).map(Discount::json),
    ];
    simple.into_iter().flatten().next()
}

fn discount<'a>(state: &'a State, id: &str) -> Option<&'a Discount> {
    if !id.starts_with("di_") {
        return None;
    }
    let of_subscriptions = state.subscriptions.oldest().flat_map(|row| &row.discounts);
    let of_invoices = state.invoices.oldest().flat_map(|row| &row.discounts);
    of_subscriptions.chain(of_invoices).find(|discount| discount.id == id)
}

/// What an object shows only where it is asked for.
fn included(state: &State, at: &Value, key: &str) -> Option<Value> {
    let id = at["id"].as_str()?;
    match (at["object"].as_str()?, key) {
        ("price", "currency_options") => state.prices.get(id).map(|row| row.currency_options_json()),
        ("customer", "tax_ids") => {
            let rows = state.tax_ids.newest().filter(|row| row.customer == id);
            Some(list(&format!("/v1/customers/{id}/tax_ids"), rows.map(|row| row.json()).collect()))
        }
        ("customer", "subscriptions") => {
            let rows = state.subscriptions.newest().filter(|row| row.customer == id && !row.status.is_over());
            let rows = rows.map(|row| state.subscription_json(row)).collect();
            Some(list(&format!("/v1/customers/{id}/subscriptions"), rows))
        }
        ("checkout.session", "line_items") => {
            let session = state.sessions.get(id)?;
            let items = session.items.iter().map(|(price, quantity)| {
                json!({
                    "object": "item",
                    "price": state.prices.get(price).map(|row| row.json()),
                    "quantity": quantity,
                    "currency": session.currency,
                })
            });
            Some(list(&format!("/v1/checkout/sessions/{id}/line_items"), items.collect()))
        }
        ("invoice", "payments") => {
            let invoice = state.invoices.get(id)?;
            let payment = json!({
                "object": "invoice_payment",
                "amount_paid": invoice.amount_paid,
                "amount_requested": invoice.amount_due,
                "currency": invoice.currency,
                "invoice": id,
                "status": if invoice.paid_at.is_some() { "paid" } else { "open" },
            });
            let payments = if invoice.attempt_count > 0 { vec![payment] } else { Vec::new() };
            Some(list("/v1/invoice_payments", payments))
        }
        _ => None,
    }
}
