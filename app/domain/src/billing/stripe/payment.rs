//! How a workspace pays.

use serde_json::Value;

use super::{Stripe, customer, form::Form, json::Read, live};
use crate::{
    Services,
    actor::{Action, Member},
    billing::{Card, PaymentDetails},
    error::Result,
};

/// Nothing where the workspace never paid.
pub async fn payment_details(services: &Services, member: &Member) -> Result<PaymentDetails> {
    member.require(Action::ReadBilling)?;
    let Some(stripe) = &services.stripe else { return Ok(PaymentDetails::default()) };
    let Some(known) = customer::find(services, member).await? else { return Ok(PaymentDetails::default()) };
    let form = Form::new().with("expand[0]", "tax_ids").with("expand[1]", "invoice_settings.default_payment_method");
    let customer = match stripe.get(&format!("/v1/customers/{}", known.customer), &form).await {
        Ok(customer) => customer,
        Err(failure) if failure.is_missing() => return Ok(PaymentDetails::default()),
        Err(failure) => return Err(failure.into()),
    };
    let card = match card_of_subscription(stripe, &known.customer).await? {
        Some(card) => Some(card),
        None => customer.pointer("/invoice_settings/default_payment_method").and_then(card),
    };
    Ok(PaymentDetails { card, ..read(&customer) })
}

/// The subscription's own is charged before that of the customer.
async fn card_of_subscription(stripe: &Stripe, customer: &str) -> Result<Option<Card>> {
    let live = live::subscriptions(stripe, customer).await?.live;
    let Some(method) = live.and_then(|live| live.payment_method) else { return Ok(None) };
    match stripe.get(&format!("/v1/payment_methods/{method}"), &Form::new()).await {
        Ok(method) => Ok(card(&method)),
        Err(failure) if failure.is_missing() => Ok(None),
        Err(failure) => Err(failure.into()),
    }
}

fn read(customer: &Value) -> PaymentDetails {
    let text = |pointer: &str| customer.text(pointer).map(str::to_owned);
    let town =
        [text("/address/postal_code"), text("/address/city")].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let lines =
        [text("/address/line1"), text("/address/line2"), Some(town), text("/address/state"), text("/address/country")];
    PaymentDetails {
        card: None,
        email: text("/email"),
        name: text("/name"),
        address: lines.into_iter().flatten().filter(|line| !line.is_empty()).collect(),
        tax_id: text("/tax_ids/data/0/value"),
    }
}

/// None where it is no card: the page at Stripe shows what it is.
fn card(method: &Value) -> Option<Card> {
    Some(Card {
        brand: method.text("/card/brand")?.to_owned(),
        last_digits: method.text("/card/last4")?.to_owned(),
        expires_month: u8::try_from(method.whole("/card/exp_month")?).ok()?,
        expires_year: u16::try_from(method.whole("/card/exp_year")?).ok()?,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_card_and_an_address_are_read_as_people_write_them() {
        let customer = json!({
            "email": "ada@acme.example", "name": "Acme", "tax_ids": { "data": [{ "value": "DE123456789" }] },
            "address": { "line1": "Ring 1", "line2": null, "postal_code": "10115", "city": "Berlin", "country": "DE" },
        });
        let read = read(&customer);
        assert_eq!(read.address, ["Ring 1", "10115 Berlin", "DE"]);
        assert_eq!(read.tax_id.as_deref(), Some("DE123456789"));
        let method = json!({ "card": { "brand": "visa", "last4": "4242", "exp_month": 8, "exp_year": 2030 } });
        assert_eq!(card(&method).map(|card| card.last_digits).as_deref(), Some("4242"));
        assert_eq!(card(&json!({ "sepa_debit": {} })), None);
    }
}
