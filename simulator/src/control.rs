//! What a test does with the simulator that nobody does with Stripe: in Rust, and for stories in the browser under `/_simulator`.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::{
    Simulator, api,
    engine::{change_subscription, cycle, pay},
    failure::Failure,
    faults::{ApiFault, FaultKind},
    objects::{InvoiceStatus, Outcome},
    params::Params,
    simulator::{Inner, Shared},
    state::State,
    webhooks::{WebhookFault, signature},
};

/// The acts of a test.
impl Simulator {
    /// The time of the simulator, in seconds since 1970.
    pub fn now(&self) -> i64 {
        self.shared.lock().state.now
    }

    /// Moves time to a later second: everything that is due until then happens, each at its own time.
    pub fn advance(&self, to: i64) {
        self.shared.change(|inner| inner.advance(to));
    }

    /// Makes the next requests go wrong.
    pub fn fault(&self, fault: ApiFault) {
        self.shared.lock().fault(fault);
    }

    /// Makes the next webhooks go wrong, one after the other.
    pub fn webhook_fault(&self, fault: WebhookFault, times: usize) {
        self.shared.lock().webhook_fault(fault, times);
    }

    /// Takes all faults back that have not happened yet.
    pub fn clear_faults(&self) {
        self.shared.lock().clear_faults();
    }

    /// Everything that happened in the last 30 days, the oldest first, as Stripe's events.
    pub fn events(&self) -> Vec<Value> {
        self.shared.lock().state.events.oldest().map(crate::objects::Event::json).collect()
    }

    /// What happened after this event, the oldest first; everything that is kept where it is not kept any more.
    pub fn events_after(&self, event: &str) -> Vec<Value> {
        let inner = self.shared.lock();
        let fresh = inner.state.events.newest().take_while(|kept| kept.id != event);
        let mut events: Vec<Value> = fresh.map(crate::objects::Event::json).collect();
        events.reverse();
        events
    }

    /// The id of what happened last; none where nothing did.
    pub fn newest_event(&self) -> Option<String> {
        self.shared.lock().state.events.newest().next().map(|event| event.id.clone())
    }

    /// A body and its `Stripe-Signature`, for whoever takes events in without HTTP.
    pub fn signed(&self, event: &Value, secret: &str) -> (Vec<u8>, String) {
        let body = event.to_string().into_bytes();
        let header = signature(secret, self.shared.lock().signed_at(), &body);
        (body, header)
    }

    /// Sends webhooks to this address from now on, and nowhere else.
    pub fn set_webhook(&self, url: &str, secret: &str) {
        self.shared.change(|inner| inner.set_webhook(url, secret));
    }

    /// Forgets the webhooks that were not sent yet.
    pub fn forget_pending(&self) {
        self.shared.lock().forget_pending();
    }

    /// From now on none of a customer's cards pays.
    pub fn fail_card(&self, customer: &str) {
        self.shared.change(|inner| set_cards(&mut inner.state, customer, Outcome::AttachesAndFails));
    }

    /// From now on each of them pays.
    pub fn mend_card(&self, customer: &str) {
        self.shared.change(|inner| set_cards(&mut inner.state, customer, Outcome::Pays));
    }

    /// Tries to be paid for all that is open, and answers how many bills were.
    pub fn pay_open(&self, customer: &str) -> usize {
        self.shared.change(|inner| pay_open(&mut inner.state, customer))
    }

    /// Ends the period of a subscription now, bills the next one, and tries to be paid at once. False where there is none to renew.
    pub fn renew(&self, subscription: &str) -> bool {
        self.shared.change(|inner| renew(&mut inner.state, subscription).is_ok())
    }

    /// The bills of a customer, the oldest first.
    pub fn invoices_of(&self, customer: &str) -> Vec<Value> {
        let inner = self.shared.lock();
        let rows = inner.state.invoices.oldest().filter(|row| row.customer == customer);
        rows.map(|row| inner.state.invoice_json(row)).collect()
    }

    /// The subscriptions of a customer, the oldest first.
    pub fn subscriptions_of(&self, customer: &str) -> Vec<Value> {
        let inner = self.shared.lock();
        let rows = inner.state.subscriptions.oldest().filter(|row| row.customer == customer);
        rows.map(|row| inner.state.subscription_json(row)).collect()
    }

    /// A request as with HTTP, as in `call("POST", "customers", "name=Acme")`.
    ///
    /// # Errors
    /// Stripe's, as JSON.
    pub fn call(&self, method: &str, path: &str, form: &str) -> Result<Value, Value> {
        let params = Params::parse(form.as_bytes());
        let answer = self.shared.change(|inner| api::call(&mut inner.state, method, path, &params));
        answer.map_err(|failure| failure.json())
    }
}

impl Simulator {
    /// Sends all webhooks that wait, in their order, and answers how many were taken with 2xx. One that was not is lost.
    pub async fn deliver_pending(&self) -> usize {
        self.shared.deliver(true).await
    }
}

impl Shared {
    /// Changes something, and does what follows from it.
    pub fn change<T>(&self, change: impl FnOnce(&mut Inner) -> T) -> T {
        let mut inner = self.lock();
        let answer = change(&mut inner);
        self.changed(&mut inner);
        answer
    }
}

fn set_cards(state: &mut State, customer: &str, outcome: Outcome) {
    let cards = state.payment_methods.newest().filter(|card| card.customer.as_deref() == Some(customer));
    let ids: Vec<String> = cards.map(|card| card.id.clone()).collect();
    for id in ids {
        if let Some(card) = state.payment_methods.get_mut(&id) {
            card.outcome = outcome;
        }
    }
}

fn pay_open(state: &mut State, customer: &str) -> usize {
    let open = state.invoices.oldest().filter(|row| row.customer == customer && row.status == InvoiceStatus::Open);
    let ids: Vec<String> = open.map(|row| row.id.clone()).collect();
    ids.iter().filter(|id| matches!(pay::attempt(state, id, None), Ok(None))).count()
}

fn renew(state: &mut State, id: &str) -> Result<(), Failure> {
    let now = state.now;
    if !state.subscriptions.find(id)?.status.is_billed() {
        return Err(Failure::missing("subscription", id));
    }
    change_subscription(state, id, |row| {
        row.period_end = now;
        row.anchor = now;
    })?;
    cycle::renew(state, id, None)
}

/// The same acts for whoever has HTTP alone: `POST /_simulator/advance` with `by=86400`. Answers a status and JSON.
pub async fn answer(shared: &Arc<Shared>, act: &str, form: &Params) -> (u16, Value) {
    if act == "deliver" {
        return (200, json!({ "delivered": shared.deliver(true).await }));
    }
    match shared.change(|inner| apply(inner, act, form)) {
        Ok(answer) => (200, answer),
        Err(failure) => (failure.status, failure.json()),
    }
}

fn apply(inner: &mut Inner, act: &str, form: &Params) -> Result<Value, Failure> {
    match act {
        "now" => {}
        "advance" => {
            let by = form.whole("by")?.map(|seconds| inner.state.now + seconds);
            let to = form.whole("to")?.or(by).ok_or_else(|| Failure::missing_param("to"))?;
            inner.advance(to);
        }
        "fault" => inner.fault(ApiFault {
            kind: word::<FaultKind>(form, "kind")?,
            method: form.owned("method"),
            path: form.owned("path").unwrap_or_default(),
            times: u32::try_from(form.whole("times")?.unwrap_or(1)).unwrap_or(1),
        }),
        "webhook_fault" => {
            let fault = match form.whole("delay")? {
                Some(milliseconds) => WebhookFault::Delay(milliseconds.unsigned_abs()),
                None => word(form, "kind")?,
            };
            inner.webhook_fault(fault, usize::try_from(form.whole("times")?.unwrap_or(1)).unwrap_or(1));
        }
        "clear_faults" => inner.clear_faults(),
        "webhook" => inner.set_webhook(form.required("url")?, form.required("secret")?),
        "fail_card" => set_cards(&mut inner.state, form.required("customer")?, Outcome::AttachesAndFails),
        "mend_card" => set_cards(&mut inner.state, form.required("customer")?, Outcome::Pays),
        "pay_open" => {
            pay_open(&mut inner.state, form.required("customer")?);
        }
        "renew" => renew(&mut inner.state, form.required("subscription")?)?,
        other => return Err(Failure::invalid("", format!("There is no act “{other}”.")).with_status(404)),
    }
    Ok(json!({ "now": inner.state.now }))
}

/// A word of an enum, as in `too_many_requests`.
fn word<T: serde::de::DeserializeOwned>(form: &Params, key: &str) -> Result<T, Failure> {
    let text = form.required(key)?;
    serde_json::from_value(Value::from(text)).map_err(|_| Failure::invalid(key, format!("Unknown word “{text}”.")))
}
