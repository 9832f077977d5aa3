//! What is sold, made at Stripe as the plan file has it: products, prices, the meter, and the pages of the portal.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Stripe, form::Form, json::Read, meter, portal, prices};
use crate::{
    Services,
    billing::{Currency, Plan},
    error::{Error, Result},
};

/// Makes what is missing, and says what that was, and which price is other than the plan file has it: Stripe changes no price, so
/// that the plan needs a new version. To do it again makes nothing.
pub async fn set_up(services: &Services) -> Result<Vec<String>> {
    let stripe = Stripe::of(services)?;
    let mut told = Vec::new();
    let meter = meter(stripe, &mut told).await?;
    let sold: Vec<&Plan> = Plan::all().iter().filter(|plan| !plan.is_free()).collect();
    let keys: Vec<String> = sold.iter().flat_map(|plan| [plan.lookup_key(), plan.overage_lookup_key()]).collect();
    let found = prices::find(stripe, &keys).await?;
    for plan in sold {
        let product = match product_of(plan, &found) {
            Some(product) => product.to_owned(),
            None => product(stripe, plan, &mut told).await?,
        };
        for price in wanted(plan, &product, &meter) {
            make_price(stripe, &price, &found, &mut told).await?;
        }
    }
    make_portal(stripe, &services.settings.public_url, &mut told).await?;
    Ok(told)
}

/// A price as the plan file has it.
struct Wanted {
    lookup_key: String,
    form: Form,
    /// In cents, in the order of the currencies, and with how many digits after them.
    amounts: [String; 3],
}

async fn meter(stripe: &Stripe, told: &mut Vec<String>) -> Result<String> {
    if let Some(id) = meter::find(stripe).await? {
        return Ok(id);
    }
    let form = Form::new()
        .with("display_name", "Page credits beyond the included ones")
        .with("event_name", meter::EVENT)
        .with("default_aggregation[formula]", "sum")
        .with("customer_mapping[type]", "by_id")
        .with("customer_mapping[event_payload_key]", "stripe_customer_id")
        .with("value_settings[event_payload_key]", "value");
    stripe.post("/v1/billing/meters", &form, &key(&form)).await?;
    told.push(format!("Made the meter {}.", meter::EVENT));
    meter::id(stripe).await
}

/// The one that the prices which are there are of: all versions of a plan are one product.
fn product_of<'a>(plan: &Plan, found: &'a BTreeMap<String, Value>) -> Option<&'a str> {
    let versions = Plan::all().iter().filter(|version| version.id == plan.id);
    let mut keys = versions.flat_map(|version| [version.lookup_key(), version.overage_lookup_key()]);
    keys.find_map(|key| found.get(&key)?.id("/product"))
}

async fn product(stripe: &Stripe, plan: &Plan, told: &mut Vec<String>) -> Result<String> {
    let id = format!("sheaf_{}", plan.id.as_str());
    match stripe.get(&format!("/v1/products/{id}"), &Form::new()).await {
        Ok(_) => return Ok(id),
        Err(failure) if failure.is_missing() => {}
        Err(failure) => return Err(failure.into()),
    }
    let name = format!("Sheaf {}", plan.id.label());
    let form = Form::new().with("id", &id).with("name", &name).with("metadata[sheaf]", plan.id.as_str());
    let made = stripe.post("/v1/products", &form, &key(&form)).await?;
    told.push(format!("Made the product {name}."));
    Ok(id_of(&made)?.to_owned())
}

fn wanted(plan: &Plan, product: &str, meter: &str) -> Vec<Wanted> {
    let base = |lookup_key: &str, name: &str| {
        Form::new()
            .with("product", product)
            .with("lookup_key", lookup_key)
            .with("nickname", name)
            .with("tax_behavior", "exclusive")
            .with("recurring[interval]", "month")
    };
    let label = plan.id.label();
    let (month, credits) = (plan.lookup_key(), plan.overage_lookup_key());
    let form = base(&month, &format!("{label}, a month"));
    let amounts = Currency::ALL.map(|currency| plan.month(currency).cents.to_string());
    let mut wanted = vec![Wanted { lookup_key: month, form: with_amounts(form, &amounts), amounts }];
    if prices::sells_credits(plan) {
        let form = base(&credits, &format!("{label}, a page credit beyond the included ones"))
            .with("recurring[usage_type]", "metered")
            .with("recurring[meter]", meter);
        let thousand = |currency| plan.thousand_credits(currency).map_or(0, |money| money.cents);
        let amounts = Currency::ALL.map(|currency| thousandth(thousand(currency)));
        wanted.push(Wanted { lookup_key: credits, form: with_amounts(form, &amounts), amounts });
    }
    wanted
}

/// The first currency is the price's own, and the others are beside it.
fn with_amounts(form: Form, amounts: &[String; 3]) -> Form {
    let mut form = form.with("currency", Currency::ALL[0].as_str()).with("unit_amount_decimal", &amounts[0]);
    for (currency, amount) in Currency::ALL.into_iter().zip(amounts).skip(1) {
        form.set(format!("currency_options[{}][unit_amount_decimal]", currency.as_str()), amount);
        form.set(format!("currency_options[{}][tax_behavior]", currency.as_str()), "exclusive");
    }
    form
}

async fn make_price(
    stripe: &Stripe,
    wanted: &Wanted,
    found: &BTreeMap<String, Value>,
    told: &mut Vec<String>,
) -> Result<()> {
    if let Some(price) = found.get(&wanted.lookup_key) {
        told.extend(differences(price, wanted));
        return Ok(());
    }
    let made = stripe.post("/v1/prices", &wanted.form, &key(&wanted.form)).await?;
    prices::remember(stripe, &wanted.lookup_key, id_of(&made)?);
    told.push(format!("Made the price {}.", wanted.lookup_key));
    Ok(())
}

/// What a price costs otherwise at Stripe. A currency that Stripe does not tell is not compared.
fn differences(price: &Value, wanted: &Wanted) -> Vec<String> {
    let amount = |currency: Currency| match currency == Currency::ALL[0] {
        true => price.text("/unit_amount_decimal"),
        false => price.text(&format!("/currency_options/{}/unit_amount_decimal", currency.as_str())),
    };
    let other = Currency::ALL.into_iter().zip(&wanted.amounts).filter_map(|(currency, wanted)| {
        let amount = amount(currency)?;
        (normal(amount) != normal(wanted)).then_some((currency, amount, wanted))
    });
    let told = other.map(|(currency, amount, meant)| {
        let (key, currency) = (&wanted.lookup_key, currency.as_str());
        format!("The price {key} is {amount} {currency} cents at Stripe, and {meant} in the plan file.")
    });
    told.collect()
}

async fn make_portal(stripe: &Stripe, address: &str, told: &mut Vec<String>) -> Result<()> {
    if portal::find(stripe).await?.is_some() {
        return Ok(());
    }
    let form = Form::new()
        .with("default_return_url", format!("{address}/settings/billing"))
        .with("metadata[sheaf]", portal::NAME)
        .with("features[customer_update][enabled]", true)
        .with("features[customer_update][allowed_updates][0]", "email")
        .with("features[customer_update][allowed_updates][1]", "name")
        .with("features[customer_update][allowed_updates][2]", "address")
        .with("features[customer_update][allowed_updates][3]", "tax_id")
        .with("features[invoice_history][enabled]", true)
        .with("features[payment_method_update][enabled]", true)
        .with("features[subscription_cancel][enabled]", true)
        .with("features[subscription_cancel][mode]", "at_period_end")
        // Another plan is chosen on our page, which says what it costs and what it grants.
        .with("features[subscription_update][enabled]", false);
    stripe.post("/v1/billing_portal/configurations", &form, &key(&form)).await?;
    told.push("Made the pages on which customers look after their card and their bills.".into());
    Ok(())
}

/// A thousandth of an amount in cents, as a decimal: 1200 is 1.2.
fn thousandth(cents: i64) -> String {
    normal(&format!("{}.{:03}", cents / 1_000, cents % 1_000)).to_owned()
}

/// Without zeros that say nothing.
fn normal(decimal: &str) -> &str {
    match decimal.contains('.') {
        true => decimal.trim_end_matches('0').trim_end_matches('.'),
        false => decimal,
    }
}

/// Nothing of this is a tenant's, and each is made once.
fn key(form: &Form) -> String {
    format!("set_up/{}", form.fingerprint())
}

fn id_of(made: &Value) -> Result<&str> {
    made.text("/id").ok_or_else(|| Error::internal("stripe: something was made without an id"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::billing::PlanId;

    #[test]
    fn a_credit_costs_a_thousandth_of_a_thousand() {
        let costs = [1_200, 1_000, 900, 50, 0, 1_234].map(thousandth);
        assert_eq!(costs, ["1.2", "1", "0.9", "0.05", "0", "1.234"]);
    }

    #[test]
    fn each_plan_that_is_sold_has_two_prices_in_every_currency() {
        let wanted = wanted(Plan::newest(PlanId::Team), "sheaf_team", "mtr_1");
        let keys: Vec<&str> = wanted.iter().map(|price| price.lookup_key.as_str()).collect();
        assert_eq!(keys, ["sheaf_team_v1", "sheaf_team_v1_credits"]);
        assert_eq!(wanted[0].amounts, ["4900", "5400", "4200"]);
        assert_eq!(wanted[1].amounts, ["1.2", "1.3", "1"]);
        let text = wanted[1].form.to_text();
        assert!(text.contains("currency_options%5Busd%5D%5Bunit_amount_decimal%5D=1.3"), "{text}");
        assert!(text.contains("recurring%5Bmeter%5D=mtr_1"), "{text}");
    }

    #[test]
    fn a_price_that_is_other_than_in_the_plan_file_is_told() {
        let wanted = &wanted(Plan::newest(PlanId::Team), "sheaf_team", "mtr_1")[0];
        let price = |usd: &str| {
            json!({
                "unit_amount_decimal": "4900.0", "currency_options": { "usd": { "unit_amount_decimal": usd } },
            })
        };
        assert!(differences(&price("5400"), wanted).is_empty());
        let told = differences(&price("5000"), wanted);
        assert!(told.len() == 1 && told[0].contains("5000 usd") && told[0].contains("5400"), "{told:?}");
    }
}
