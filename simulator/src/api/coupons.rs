//! Coupons, and codes for them.

use serde_json::json;

use super::{Answer, has, page};
use crate::{
    amount::Decimal,
    failure::Failure,
    objects::{Coupon, Duration, Metadata, PromotionCode},
    params::Params,
    state::State,
};

pub fn create(state: &mut State, params: &Params) -> Answer {
    let id = params.owned("id").unwrap_or_else(|| format!("coupon_{}", state.coupons.len() + 1));
    if state.coupons.contains_key(&id) {
        return Err(Failure::invalid("id", "Coupon already exists.").with_code("resource_already_exists"));
    }
    let mut metadata = Metadata::new();
    params.merge("metadata", &mut metadata);
    let coupon = Coupon {
        id: id.clone(),
        name: params.owned("name"),
        percent_off: percent_off(params)?,
        amount_off: params.whole("amount_off")?,
        currency: params.text("currency").map(str::to_lowercase),
        duration: duration(params)?,
        max_redemptions: params.whole("max_redemptions")?,
        times_redeemed: 0,
        redeem_by: params.whole("redeem_by")?,
        metadata,
        created: state.now,
    };
    if coupon.percent_off.is_some() == coupon.amount_off.is_some() {
        return Err(Failure::invalid("percent_off", "Say one of percent_off and amount_off."));
    }
    if coupon.amount_off.is_some() && coupon.currency.is_none() {
        return Err(Failure::missing_param("currency"));
    }
    let json = coupon.json(state.now);
    state.coupons.insert(id, coupon);
    state.emit("coupon.created", json.clone());
    Ok(json)
}

/// In hundredths of a per cent.
fn percent_off(params: &Params) -> Result<Option<i64>, Failure> {
    let Some(text) = params.text("percent_off") else { return Ok(None) };
    let hundredths = Decimal::parse(text, "percent_off")?.times(100);
    if (1..=10_000).contains(&hundredths) {
        return Ok(Some(hundredths));
    }
    Err(Failure::invalid("percent_off", "Invalid percent_off: it must be above 0 and at most 100."))
}

fn duration(params: &Params) -> Result<Duration, Failure> {
    match params.text("duration") {
        None | Some("once") => Ok(Duration::Once),
        Some("forever") => Ok(Duration::Forever),
        Some("repeating") => {
            let months = params.whole("duration_in_months")?;
            months.map(Duration::Repeating).ok_or_else(|| Failure::missing_param("duration_in_months"))
        }
        Some(_) => Err(Failure::invalid("duration", "Invalid duration: must be one of forever, once, or repeating")),
    }
}

pub fn list(state: &State, params: &Params) -> Answer {
    page("/v1/coupons", params, state.coupons.values().map(|row| row.json(state.now)))
}

pub fn get(state: &State, id: &str) -> Answer {
    let coupon = state.coupons.get(id).ok_or_else(|| Failure::missing("coupon", id))?;
    Ok(coupon.json(state.now))
}

pub fn delete(state: &mut State, id: &str) -> Answer {
    state.coupons.remove(id).ok_or_else(|| Failure::missing("coupon", id))?;
    Ok(json!({ "id": id, "object": "coupon", "deleted": true }))
}

pub fn create_code(state: &mut State, params: &Params) -> Answer {
    let coupon = match params.text("promotion.coupon") {
        Some(coupon) => coupon,
        None => params.required("coupon")?,
    };
    if !state.coupons.contains_key(coupon) {
        return Err(Failure::missing("coupon", coupon));
    }
    let mut metadata = Metadata::new();
    params.merge("metadata", &mut metadata);
    let id = state.promotion_codes.next_id();
    let row = PromotionCode {
        code: params.owned("code").unwrap_or_else(|| id.to_uppercase().replace('_', "")),
        id,
        coupon: coupon.to_owned(),
        active: params.flag("active")?.unwrap_or(true),
        customer: params.owned("customer"),
        max_redemptions: params.whole("max_redemptions")?,
        times_redeemed: 0,
        expires_at: params.whole("expires_at")?,
        metadata,
        created: state.now,
    };
    let json = row.json(state.now);
    state.promotion_codes.put(row);
    state.emit("promotion_code.created", json.clone());
    Ok(json)
}

/// A code is found whether it is typed in capitals or not.
pub fn list_codes(state: &State, params: &Params) -> Answer {
    let (active, code) = (params.flag("active")?, params.text("code"));
    let rows = state.promotion_codes.newest().filter(|row| {
        code.is_none_or(|code| row.code.eq_ignore_ascii_case(code))
            && active.is_none_or(|active| row.is_valid(state.now) == active)
            && has(params.text("coupon"), Some(&row.coupon))
    });
    page("/v1/promotion_codes", params, rows.map(|row| row.json(state.now)))
}

pub fn get_code(state: &State, id: &str) -> Answer {
    Ok(state.promotion_codes.find(id)?.json(state.now))
}

pub fn update_code(state: &mut State, id: &str, params: &Params) -> Answer {
    let now = state.now;
    let row = state.promotion_codes.find_mut(id)?;
    row.active = params.flag("active")?.unwrap_or(row.active);
    params.merge("metadata", &mut row.metadata);
    Ok(row.json(now))
}
