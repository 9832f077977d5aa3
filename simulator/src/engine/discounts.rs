//! Discounts on a bill.

use crate::{
    failure::Failure,
    objects::{Discount, Duration, Invoice, Line},
    params::Params,
    state::State,
};

/// Takes the bill's discounts off its lines, each off what the ones before it left. One in per cent is rounded for each line; one
/// in cents is taken off the lines in their order, until it is used up.
pub fn take_off(invoice: &mut Invoice) {
    for line in &mut invoice.lines {
        line.discounts.clear();
    }
    let discounts = invoice.discounts.clone();
    for discount in &discounts {
        let mut left = discount.coupon.amount_off.unwrap_or(0);
        for line in invoice.lines.iter_mut().filter(|line| line.discountable && line.amount > 0) {
            let cents = cents_off(discount, line, left);
            left -= cents.min(left);
            line.discounts.push((discount.id.clone(), cents));
        }
    }
}

fn cents_off(discount: &Discount, line: &Line, left: i64) -> i64 {
    let open = line.net();
    if discount.coupon.percent_off.is_some() { discount.percent_of(open).min(open) } else { left.min(open) }
}

/// What is left of a part of a month that is billed in between: discounts in per cent count for it, those in cents do not.
pub fn net_of_percent(discounts: &[Discount], amount: i64) -> i64 {
    discounts.iter().fold(amount, |left, discount| left - discount.percent_of(left))
}

/// Those that a bill has used up: a coupon for one bill, which made it smaller.
pub fn used_up(invoice: &Invoice) -> Vec<String> {
    let once = invoice.discounts.iter().filter(|discount| discount.coupon.duration == Duration::Once);
    let amounts = invoice.discount_amounts();
    let has_counted = |id: &str| amounts.iter().any(|(discount, cents)| *discount == id && *cents > 0);
    once.filter(|discount| has_counted(&discount.id)).map(|discount| discount.id.clone()).collect()
}

/// From `discounts[0][coupon]`, `[promotion_code]` or `[discount]`; none where nothing is said of them. `kept` are those that a
/// subscription has already.
pub fn asked_for(
    state: &mut State,
    params: &Params,
    customer: &str,
    kept: &[Discount],
) -> Result<Option<Vec<Discount>>, Failure> {
    if !params.has("discounts") && params.text("coupon").is_none() && params.text("promotion_code").is_none() {
        return Ok(None);
    }
    let mut asked = params.parts("discounts");
    if asked.is_empty() && !params.has("discounts") {
        asked.push(params.clone());
    }
    let mut discounts = Vec::new();
    for one in &asked {
        let old = one.text("discount").and_then(|id| kept.iter().find(|discount| discount.id == id));
        match old {
            Some(old) => discounts.push(old.clone()),
            None => discounts.push(redeem(state, one.text("coupon"), one.text("promotion_code"), customer)?),
        }
    }
    Ok(Some(discounts))
}

/// Gives a coupon to a customer, by its own id or by that of a code for it.
pub fn redeem(
    state: &mut State,
    coupon: Option<&str>,
    code: Option<&str>,
    customer: &str,
) -> Result<Discount, Failure> {
    let now = state.now;
    let coupon_id = match code {
        Some(code) => {
            let code = state.promotion_codes.find_mut(code)?;
            let is_theirs = code.customer.as_deref().is_none_or(|owner| owner == customer);
            if !code.is_valid(now) || !is_theirs {
                return Err(
                    Failure::invalid("discounts", "This promotion code is not valid.").with_code("coupon_expired")
                );
            }
            code.times_redeemed += 1;
            code.coupon.clone()
        }
        None => coupon.ok_or_else(|| Failure::missing_param("discounts.0.coupon"))?.to_owned(),
    };
    let coupon = state.coupons.get_mut(&coupon_id).ok_or_else(|| Failure::missing("coupon", &coupon_id))?;
    if !coupon.is_valid(now) {
        return Err(Failure::invalid("discounts", "This coupon is not valid any more.").with_code("coupon_expired"));
    }
    coupon.times_redeemed += 1;
    let coupon = coupon.clone();
    Ok(Discount {
        id: state.part_id("di_"),
        coupon,
        promotion_code: code.map(str::to_owned),
        customer: customer.to_owned(),
        subscription: None,
        start: now,
    })
}
