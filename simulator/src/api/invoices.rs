//! Bills, and lines that wait for one.

use serde_json::json;

use super::{Answer, customers, has, is_asked_for, page};
use crate::{
    amount::Decimal,
    engine::pay,
    failure::Failure,
    objects::{InvoiceItem, InvoiceStatus, Metadata},
    params::Params,
    state::State,
};

pub fn list(state: &State, params: &Params) -> Answer {
    let mut rows = Vec::new();
    for row in state.invoices.newest() {
        let is_asked = has(params.text("customer"), Some(&row.customer))
            && has(params.text("subscription"), row.subscription.as_deref())
            && has(params.text("status"), Some(row.status.word()))
            && is_asked_for(params, row.created)?;
        if is_asked {
            rows.push(row);
        }
    }
    page("/v1/invoices", params, rows.into_iter().map(|row| state.invoice_json(row)))
}

pub fn get(state: &State, id: &str) -> Answer {
    let row = state.invoices.find(id)?;
    Ok(state.invoice_json(row))
}

pub fn lines(state: &State, id: &str, params: &Params) -> Answer {
    let row = state.invoices.find(id)?;
    page(&format!("/v1/invoices/{id}/lines"), params, row.lines.iter().map(|line| row.line_json(line)))
}

pub fn update(state: &mut State, id: &str, params: &Params) -> Answer {
    params.merge("metadata", &mut state.invoices.find_mut(id)?.metadata);
    get(state, id)
}

pub fn finalize(state: &mut State, id: &str) -> Answer {
    pay::finalize(state, id)?;
    pay::settle_if_nothing_is_due(state, id)?;
    get(state, id)
}

/// A card that says no is an error here, as somebody asked for it.
pub fn pay(state: &mut State, id: &str, params: &Params) -> Answer {
    if state.invoices.find(id)?.status == InvoiceStatus::Draft {
        pay::finalize(state, id)?;
    }
    match pay::attempt(state, id, params.text("payment_method"))? {
        None => get(state, id),
        Some("no_card") => {
            let message = "There is no payment method to pay this invoice with. Attach one to the customer first.";
            Err(Failure::invalid("payment_method", message).with_code("resource_missing"))
        }
        Some(decline) => Err(Failure::declined(decline)),
    }
}

pub fn void(state: &mut State, id: &str) -> Answer {
    pay::close(state, id, InvoiceStatus::Void)?;
    get(state, id)
}

pub fn write_off(state: &mut State, id: &str) -> Answer {
    pay::close(state, id, InvoiceStatus::Uncollectible)?;
    get(state, id)
}

pub fn create_item(state: &mut State, params: &Params) -> Answer {
    let customer = customers::living(state, params.required("customer")?)?.id.clone();
    let amount = params.whole("amount")?.ok_or_else(|| Failure::missing_param("amount"))?;
    let mut metadata = Metadata::new();
    params.merge("metadata", &mut metadata);
    let row = InvoiceItem {
        id: state.invoice_items.next_id(),
        customer,
        subscription: params.owned("subscription"),
        item: None,
        price: None,
        product: None,
        unit_amount: Decimal::of_cents(amount),
        quantity: 1,
        amount,
        currency: params.required("currency")?.to_lowercase(),
        description: params.owned("description").unwrap_or_default(),
        start: params.whole("period.start")?.unwrap_or(state.now),
        end: params.whole("period.end")?.unwrap_or(state.now),
        proration: false,
        discountable: params.flag("discountable")?.unwrap_or(amount > 0),
        metadata,
        created: state.now,
        invoice: None,
    };
    let json = row.json();
    state.invoice_items.put(row);
    state.emit("invoiceitem.created", json.clone());
    Ok(json)
}

pub fn list_items(state: &State, params: &Params) -> Answer {
    let pending = params.flag("pending")?;
    let rows = state.invoice_items.newest().filter(|row| {
        has(params.text("customer"), Some(&row.customer))
            && has(params.text("invoice"), row.invoice.as_deref())
            && pending.is_none_or(|pending| row.invoice.is_none() == pending)
    });
    page("/v1/invoiceitems", params, rows.map(InvoiceItem::json))
}

pub fn get_item(state: &State, id: &str) -> Answer {
    Ok(state.invoice_items.find(id)?.json())
}

pub fn delete_item(state: &mut State, id: &str) -> Answer {
    if state.invoice_items.find(id)?.invoice.is_some() {
        return Err(Failure::invalid("", "An invoice item that stands on an invoice cannot be deleted."));
    }
    state.invoice_items.remove(id);
    Ok(json!({ "id": id, "object": "invoiceitem", "deleted": true }))
}
