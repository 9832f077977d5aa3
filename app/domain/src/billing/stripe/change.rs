//! Another plan: what it will cost, as Stripe counts it, and the change itself.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{
    Stripe,
    cancel::{end_with_period, go_on},
    client::once,
    customer::{self, Known},
    form::Form,
    json::Read,
    live::{self, Ending, LiveSubscription},
    prices::{self, PlanPrices},
    schedule, sync,
};
use crate::{
    Services,
    actor::{Action, Member},
    audit::{self, Act},
    billing::{ChangePreview, Money, Plan, PlanId, PreviewLine, SubscriptionStatus, roll_up_of},
    error::{Error, ErrorKind, Result},
    live as changes,
};

/// How long a person may look at a price before they say yes to it.
const GOOD_FOR: TimeDelta = TimeDelta::hours(1);

/// How much earlier a clock of ours may be than the one that counted it.
const EARLY: TimeDelta = TimeDelta::minutes(1);

/// What is to become of a subscription.
struct Change {
    known: Known,
    live: LiveSubscription,
    from: &'static Plan,
    to: &'static Plan,
}

/// What the change costs now and each month, counted for this second. "Conflict" where there is no subscription, and "invalid"
/// where the plan is the same.
pub async fn preview_change(services: &Services, member: &Member, plan: PlanId) -> Result<ChangePreview> {
    member.require(Action::ManageBilling)?;
    let stripe = Stripe::of(services)?;
    let change = find(services, stripe, member, plan).await?;
    if change.is_dearer() {
        roll_up_of(services, member.tenant).await?;
    }
    let at = services.clock.now().timestamp();
    let (due_now, lines) = match change.is_dearer() {
        true => due_now(stripe, &change, at).await?,
        false => (Money::new(0, change.live.currency), Vec::new()),
    };
    Ok(ChangePreview {
        plan,
        begins_at: (!change.is_dearer()).then_some(change.live.period_end),
        due_now,
        lines,
        month: change.to.month(change.live.currency),
        at,
    })
}

/// Changes the plan: to a dearer one at once, and what is left of the month is paid as it was counted for the second `at`, which
/// the preview told; to a cheaper one when the month is over; and to the free one by ending the subscription then. Nothing is
/// changed where the payment fails.
pub async fn change_plan(services: &Services, member: &Member, plan: PlanId, at: i64) -> Result<()> {
    member.require(Action::ManageBilling)?;
    let stripe = Stripe::of(services)?;
    let change = find(services, stripe, member, plan).await?;
    if change.to.is_free() {
        end_with_period(stripe, member, &change.known, &change.live).await?;
    } else if change.is_dearer() {
        check_time(services, &change, at)?;
        // What was used until now is billed at the price that it had.
        roll_up_of(services, member.tenant).await?;
        let raised = raise(stripe, member, &change, at).await;
        if raised.as_ref().is_err_and(|error| error.is(ErrorKind::Conflict)) {
            // A card that is declined now may pay later.
            customer::count_on(services, member).await?;
        }
        raised?;
    } else {
        lower(stripe, member, &change).await?;
    }
    let detail = json!({ "from": change.from.id, "to": plan });
    finish(services, member, Act::PlanChangeAsked, detail).await
}

/// Records what was done at Stripe, then looks at what has become of it.
pub(super) async fn finish(services: &Services, member: &Member, act: Act, detail: Value) -> Result<()> {
    let mut tx = services.db.tenant(member).await?;
    audit::record_detail(&mut tx, &services.clock, act, member.tenant.0, detail).await?;
    changes::announce(&mut tx, "billing", member.tenant).await?;
    tx.commit().await?;
    // It is done, and an event tells of it too; where Stripe is away now, that is what brings the copy up to date.
    if let Err(error) = sync(services, member.tenant).await {
        tracing::warn!(tenant.id = %member.tenant, error = %error, "could not look at a subscription that was changed");
    }
    Ok(())
}

/// The subscription that is changed. "Conflict" where there is none.
pub(super) async fn subscribed(
    services: &Services,
    stripe: &Stripe,
    member: &Member,
) -> Result<(Known, LiveSubscription)> {
    let known = customer::require(services, member).await?;
    let live = live::subscriptions(stripe, &known.customer).await?.live;
    let none = || Error::conflict("This workspace has no plan that it pays for. Choose one first.");
    Ok((known, live.ok_or_else(none)?))
}

async fn find(services: &Services, stripe: &Stripe, member: &Member, plan: PlanId) -> Result<Change> {
    let (known, live) = subscribed(services, stripe, member).await?;
    let from = live
        .plan
        .ok_or_else(|| Error::conflict("Your plan was made for you and cannot be changed here. Please write to us."))?;
    let to = Plan::newest(plan);
    if to == from {
        return Err(Error::invalid("plan", format!("{} is your plan already.", plan.label())));
    }
    Ok(Change { known, live, from, to })
}

impl Change {
    fn is_dearer(&self) -> bool {
        self.to.month(self.live.currency).cents > self.from.month(self.live.currency).cents
    }
}

fn check_time(services: &Services, change: &Change, at: i64) -> Result<()> {
    let now = services.clock.now();
    let counted = (now - GOOD_FOR).timestamp()..=(now + EARLY).timestamp();
    if counted.contains(&at) && at >= change.live.period_start.timestamp() {
        return Ok(());
    }
    Err(Error::conflict("This price was counted a while ago. Please look at it once more."))
}

async fn due_now(stripe: &Stripe, change: &Change, at: i64) -> Result<(Money, Vec<PreviewLine>)> {
    let prices = prices::of_plan(stripe, change.to).await?;
    let mut form = Form::new().with("customer", &change.known.customer).with("subscription", &change.live.id);
    let details = |name: &str| format!("subscription_details[{name}]");
    set_items(&mut form, &details("items"), &change.live, &prices)?;
    set_proration(&mut form, details, &change.live, at);
    let invoice = stripe.post("/v1/invoices/create_preview", &form, &once_a_second(change, at, &form)).await?;
    read(&invoice, change).ok_or_else(|| Error::internal("stripe: a preview without an amount"))
}

/// A preview changes nothing, so any key will do that is not another form's.
fn once_a_second(change: &Change, at: i64, form: &Form) -> String {
    format!("preview/{}/{at}/{}", change.live.id, form.fingerprint())
}

async fn raise(stripe: &Stripe, member: &Member, change: &Change, at: i64) -> Result<()> {
    let (known, live) = (&change.known, &change.live);
    let prices = prices::of_plan(stripe, change.to).await?;
    let mut form = Form::new();
    set_items(&mut form, "items", live, &prices)?;
    set_proration(&mut form, str::to_owned, live, at);
    go_on(&mut form, live.ending);
    form.set("payment_behavior", "error_if_incomplete");
    update(stripe, member, known, live, "raise", &form).await?;
    // Whoever has paid for more wants neither less nor the end any more. Where the payment fails, all stays as it was.
    schedule::release(stripe, member.tenant, known.revision, live).await
}

async fn lower(stripe: &Stripe, member: &Member, change: &Change) -> Result<()> {
    let (known, live) = (&change.known, &change.live);
    let [from, to] = [prices::of_plan(stripe, change.from).await?, prices::of_plan(stripe, change.to).await?];
    schedule::release(stripe, member.tenant, known.revision, live).await?;
    if live.ending != Ending::No {
        let mut form = Form::new();
        go_on(&mut form, live.ending);
        update(stripe, member, known, live, "lower", &form).await?;
    }
    schedule::lower(stripe, member.tenant, known.revision, live, &from, &to).await
}

pub(super) async fn update(
    stripe: &Stripe,
    member: &Member,
    known: &Known,
    live: &LiveSubscription,
    act: &str,
    form: &Form,
) -> Result<()> {
    let key = once(member.tenant, act, known.revision, form);
    stripe.post(&format!("/v1/subscriptions/{}", live.id), form, &key).await?;
    Ok(())
}

/// Both items with other prices: each stays the item that it is.
fn set_items(form: &mut Form, name: &str, live: &LiveSubscription, prices: &PlanPrices) -> Result<()> {
    let month = live.month_item.as_deref().ok_or_else(|| Error::internal("stripe: a subscription without a month"))?;
    form.set(format!("{name}[0][id]"), month);
    form.set(format!("{name}[0][price]"), &prices.month);
    match (&live.credits_item, &prices.credits) {
        (Some(item), Some(price)) => {
            form.set(format!("{name}[1][id]"), item);
            form.set(format!("{name}[1][price]"), price);
        }
        (Some(item), None) => {
            form.set(format!("{name}[1][id]"), item);
            form.set(format!("{name}[1][deleted]"), true);
        }
        (None, Some(price)) => form.set(format!("{name}[1][price]"), price),
        (None, None) => {}
    }
    Ok(())
}

/// What was paid for the rest of the month counts for what it costs now, and the difference is billed at once. A trial ends: what
/// is tried is the plan that was bought, and not a dearer one.
fn set_proration(form: &mut Form, name: impl Fn(&str) -> String, live: &LiveSubscription, at: i64) {
    form.set(name("proration_behavior"), "always_invoice");
    if live.status == SubscriptionStatus::Trialing {
        form.set(name("trial_end"), "now");
    } else {
        form.set(name("proration_date"), at);
    }
}

/// What is due, and lines that add up to it.
fn read(invoice: &Value, change: &Change) -> Option<(Money, Vec<PreviewLine>)> {
    let currency = change.live.currency;
    let money = |cents| Money::new(cents, currency);
    let line = |line: &Value| {
        Some(PreviewLine {
            text: line.text("/description").unwrap_or(change.to.id.label()).to_owned(),
            amount: money(line.whole("/amount")?),
        })
    };
    let mut lines: Vec<PreviewLine> = invoice.list("/lines/data").iter().filter_map(line).collect();
    let sum = |pointer: &str| invoice.list(pointer).iter().filter_map(|part| part.whole("/amount")).sum::<i64>();
    let total = invoice.whole("/total")?;
    // Below zero it is kept for the next bill, and what is due is nothing.
    let due = if total < 0 { total } else { invoice.whole("/amount_due").unwrap_or(total) };
    let more = [
        ("Discount", -sum("/total_discount_amounts")),
        ("Tax", sum("/total_taxes")),
        ("From earlier bills", due - total),
    ];
    let more = more.into_iter().filter(|(_, cents)| *cents != 0);
    lines.extend(more.map(|(text, cents)| PreviewLine { text: text.into(), amount: money(cents) }));
    Some((money(due), lines))
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::billing::Currency;

    fn change(status: SubscriptionStatus) -> Change {
        let [from, to] = [PlanId::Team, PlanId::Business].map(Plan::newest);
        let live = LiveSubscription {
            id: "sub_1".into(),
            status,
            plan: Some(from),
            currency: Currency::Eur,
            period_start: DateTime::UNIX_EPOCH,
            period_end: DateTime::UNIX_EPOCH + TimeDelta::days(31),
            ending: Ending::No,
            month_item: Some("si_1".into()),
            credits_item: Some("si_2".into()),
            schedule: None,
            next_price: None,
            payment_method: None,
        };
        Change { known: Known { customer: "cus_1".into(), revision: 3 }, live, from, to }
    }

    #[test]
    fn the_lines_of_a_preview_add_up_to_what_is_due() {
        let preview = json!({
            "total": 8_425, "amount_due": 8_325,
            "lines": { "data": [
                { "description": "Unused time on Team after 15 Jan 2026", "amount": -2_450 },
                { "description": "Remaining time on Business after 15 Jan 2026", "amount": 9_950 },
            ] },
            "total_discount_amounts": [{ "amount": 420 }], "total_taxes": [{ "amount": 1_345 }],
        });
        let (due, lines) = read(&preview, &change(SubscriptionStatus::Active)).unwrap();
        assert_eq!(due.cents, 8_325);
        assert_eq!(lines.iter().map(|line| line.amount.cents).sum::<i64>(), due.cents);
        assert_eq!(lines.len(), 5);
        let owed = json!({ "total": -500, "amount_due": 0, "lines": { "data": [{ "amount": -500 }] } });
        let (due, lines) = read(&owed, &change(SubscriptionStatus::Active)).unwrap();
        assert_eq!((due.cents, lines.len()), (-500, 1));
    }

    #[test]
    fn both_items_change_their_price_at_the_second_that_was_shown() {
        let prices = PlanPrices { month: "price_3".into(), credits: Some("price_4".into()) };
        let mut form = Form::new();
        let active = change(SubscriptionStatus::Active).live;
        set_items(&mut form, "items", &active, &prices).unwrap();
        set_proration(&mut form, str::to_owned, &active, 77);
        let expected = Form::new()
            .with("items[0][id]", "si_1")
            .with("items[0][price]", "price_3")
            .with("items[1][id]", "si_2")
            .with("items[1][price]", "price_4")
            .with("proration_behavior", "always_invoice")
            .with("proration_date", 77);
        assert_eq!(form, expected);
        let mut form = Form::new();
        set_proration(&mut form, str::to_owned, &change(SubscriptionStatus::Trialing).live, 77);
        assert_eq!(form, Form::new().with("proration_behavior", "always_invoice").with("trial_end", "now"));
    }

    #[test]
    fn what_costs_more_is_dearer() {
        let mut change = change(SubscriptionStatus::Active);
        assert!(change.is_dearer());
        change.to = Plan::newest(PlanId::Free);
        assert!(!change.is_dearer());
    }
}
