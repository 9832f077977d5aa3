//! What is used beyond the included credits: told to Stripe's meter, and what Stripe has made of it.

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use serde_json::Value;

use super::{Stripe, failure::Failure, form::Form, json::Read, prices};
use crate::error::{Error, Result};

/// The name of the events of the meter.
pub(super) const EVENT: &str = "sheaf_page_credits";

/// Under which its id is remembered.
const KNOWN: &str = "meter";

/// In one answer: the most that Stripe gives.
const PAGE: i64 = 100;

/// Pages of one question. Nobody has so many invoices, or hours in a month.
const PAGES: usize = 50;

/// Credits that stand on an invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BilledCredits {
    /// The beginning of the time in which they were used.
    pub since: DateTime<Utc>,
    pub credits: i64,
}

/// Tells the meter what a customer used. Under one identifier it counts once, however often it is told: Stripe remembers them
/// for a day at least, and what was sent is not sent again after that. So each time may have a key of its own, by when it is: to the
/// key of an earlier one Stripe would say for a day what it said then, also that it has failed.
pub(crate) async fn send_meter_event(
    stripe: &Stripe,
    customer: &str,
    identifier: &str,
    credits: i64,
    at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<()> {
    let form = Form::new()
        .with("event_name", EVENT)
        .with("identifier", identifier)
        .with("timestamp", at.timestamp())
        .with("payload[stripe_customer_id]", customer)
        .with("payload[value]", credits);
    let key = format!("{identifier}/{}", now.timestamp());
    match stripe.post("/v1/billing/meter_events", &form, &key).await {
        Ok(_) => Ok(()),
        Err(failure) if failure.is_duplicate_event() => Ok(()),
        Err(failure) => Err(failure.into()),
    }
}

/// What the meter counted for a customer from a time to another, to the minute. It counts with a delay of some minutes.
pub(crate) async fn credits_on_meter(
    stripe: &Stripe,
    customer: &str,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<i64> {
    let minute = |time: DateTime<Utc>| time.duration_trunc(TimeDelta::minutes(1)).map_err(Error::internal);
    let form = Form::new()
        .with("customer", customer)
        .with("start_time", minute(from)?.timestamp())
        .with("end_time", minute(to)?.timestamp());
    let path = format!("/v1/billing/meters/{}/event_summaries", id(stripe).await?);
    let summaries = all(stripe, &path, &form).await?;
    Ok(summaries.iter().filter_map(|summary| summary.whole("/aggregated_value")).sum())
}

/// The credits beyond the included ones that stand on a customer's invoices, of those that were used in this time.
pub(crate) async fn credits_on_invoices(
    stripe: &Stripe,
    customer: &str,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<Vec<BilledCredits>> {
    let prices = prices::of_credits(stripe).await?;
    // What was used in it is billed at its end, or earlier.
    let form = Form::new().with("customer", customer).with("created[gte]", from.timestamp());
    let mut billed = Vec::new();
    for invoice in all(stripe, "/v1/invoices", &form).await? {
        if matches!(invoice.text("/status"), Some("void") | None) {
            continue;
        }
        for line in lines(stripe, &invoice).await? {
            billed.extend(read(&line, &prices).filter(|one| from <= one.since && one.since < to));
        }
    }
    Ok(billed)
}

/// The id of the meter. "Unavailable" where Stripe has none yet.
pub(super) async fn id(stripe: &Stripe) -> Result<String> {
    let missing = || Error::unavailable("stripe: there is no meter of credits; run `sheaf billing setup`");
    match stripe.known(KNOWN) {
        Some(id) => Ok(id),
        None => find(stripe).await?.ok_or_else(missing),
    }
}

/// The id of the meter, if Stripe has it. It is remembered.
pub(super) async fn find(stripe: &Stripe) -> Result<Option<String>, Failure> {
    let form = Form::new().with("status", "active");
    let meters = all(stripe, "/v1/billing/meters", &form).await?;
    let meter = meters.iter().find(|meter| meter.text("/event_name") == Some(EVENT));
    let id = meter.and_then(|meter| meter.text("/id")).map(str::to_owned);
    if let Some(id) = &id {
        stripe.keep(KNOWN, id);
    }
    Ok(id)
}

/// Those that came with the invoice, or all where these are not all.
async fn lines(stripe: &Stripe, invoice: &Value) -> Result<Vec<Value>, Failure> {
    match invoice.text("/id") {
        Some(id) if invoice.flag("/lines/has_more") => {
            all(stripe, &format!("/v1/invoices/{id}/lines"), &Form::new()).await
        }
        _ => Ok(invoice.list("/lines/data").to_vec()),
    }
}

/// None where the line is of another price.
fn read(line: &Value, prices: &[String]) -> Option<BilledCredits> {
    let price = line.id("/pricing/price_details/price")?;
    if !prices.iter().any(|one| one == price) {
        return None;
    }
    Some(BilledCredits { since: line.time("/period/start")?, credits: line.whole("/quantity")? })
}

/// Every entry of a list, page by page.
async fn all(stripe: &Stripe, path: &str, form: &Form) -> Result<Vec<Value>, Failure> {
    let (mut entries, mut last) = (Vec::new(), None::<String>);
    for _ in 0..PAGES {
        let mut form = form.clone().with("limit", PAGE);
        if let Some(last) = &last {
            form.set("starting_after", last);
        }
        let answer = stripe.get(path, &form).await?;
        let page = answer.list("/data");
        last = page.last().and_then(|entry| entry.text("/id")).map(str::to_owned);
        entries.extend_from_slice(page);
        if last.is_none() || !answer.flag("/has_more") {
            break;
        }
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_credits_on_an_invoice_are_those_of_our_prices() {
        let line = |price: &str| {
            json!({
                "quantity": 1_500, "amount": 1_800, "period": { "start": 10, "end": 20 },
                "pricing": { "price_details": { "price": price } },
            })
        };
        let prices = ["price_1".to_owned()];
        let billed = read(&line("price_1"), &prices).unwrap();
        assert_eq!((billed.credits, billed.since.timestamp()), (1_500, 10));
        assert_eq!(read(&line("price_2"), &prices), None);
        assert_eq!(read(&json!({}), &prices), None);
    }
}
