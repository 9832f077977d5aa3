//! Products.

use super::{Answer, page};
use crate::{
    failure::Failure,
    objects::{Metadata, Product},
    params::Params,
    state::State,
};

pub fn create(state: &mut State, params: &Params) -> Answer {
    let product = new(state, params, "name")?;
    let json = product.json();
    state.products.insert(product.id.clone(), product);
    state.emit("product.created", json.clone());
    Ok(json)
}

/// A product that was not there; `name` is the parameter that has its name.
pub fn new(state: &State, params: &Params, name: &str) -> Result<Product, Failure> {
    let mut metadata = Metadata::new();
    params.merge("metadata", &mut metadata);
    Ok(Product {
        id: new_id(state, params)?,
        name: params.required(name)?.to_owned(),
        description: params.owned("description"),
        active: params.flag("active")?.unwrap_or(true),
        tax_code: params.owned("tax_code"),
        unit_label: params.owned("unit_label"),
        metadata,
        created: state.now,
        updated: state.now,
    })
}

/// The one that was chosen, or the next number.
fn new_id(state: &State, params: &Params) -> Result<String, Failure> {
    let id = params.owned("id").unwrap_or_else(|| format!("prod_{}", state.products.len() + 1));
    if state.products.contains_key(&id) {
        let message = format!("Product already exists with ID {id}.");
        return Err(Failure::invalid("id", message).with_code("resource_already_exists"));
    }
    Ok(id)
}

/// The product with an id.
pub fn find<'a>(state: &'a State, id: &str) -> Result<&'a Product, Failure> {
    state.products.get(id).ok_or_else(|| Failure::missing("product", id))
}

pub fn list(state: &State, params: &Params) -> Answer {
    let (active, ids) = (params.flag("active")?, params.texts("ids"));
    let rows =
        state.products.values().rev().filter(|row| {
            active.is_none_or(|active| row.active == active) && (ids.is_empty() || ids.contains(&row.id))
        });
    page("/v1/products", params, rows.map(Product::json))
}

pub fn get(state: &State, id: &str) -> Answer {
    Ok(find(state, id)?.json())
}

pub fn update(state: &mut State, id: &str, params: &Params) -> Answer {
    let now = state.now;
    let row = state.products.get_mut(id).ok_or_else(|| Failure::missing("product", id))?;
    let before = row.json();
    if let Some(name) = params.text("name") {
        name.clone_into(&mut row.name);
    }
    row.active = params.flag("active")?.unwrap_or(row.active);
    if params.has("description") {
        row.description = params.owned("description");
    }
    params.merge("metadata", &mut row.metadata);
    row.updated = now;
    let json = row.json();
    state.emit_change("product.updated", json.clone(), Some(&before));
    Ok(json)
}
