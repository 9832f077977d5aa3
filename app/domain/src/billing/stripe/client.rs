//! Calling Stripe: one connection pool, limits of time and size, and attempts that do nothing twice.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use reqwest::{
    Client, Method, Response, Url,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue},
    redirect::Policy,
};
use serde_json::Value;
use tokio::time::{Instant, sleep, timeout_at};
use tracing::{Instrument, field::Empty};

use super::{
    failure::{Failure, Refused},
    form::Form,
};
use crate::{
    clock::Clock,
    error::{Error, Result},
    id::TenantId,
    metrics, trace,
};

/// What this code was written for. Stripe keeps every version, so nothing changes before this does.
pub(super) const API_VERSION: &str = "2026-09-30.endive";

/// Stripe's own.
const LIVE_URL: &str = "https://api.stripe.com/";

const CONNECT: Duration = Duration::from_secs(3);

/// Of one attempt. A payment takes Stripe a few seconds; one that takes longer is waited for by the next attempt.
const ATTEMPT: Duration = Duration::from_secs(6);

/// Of a call with all its attempts: a person waits, for 20 seconds at most.
const CALL: Duration = Duration::from_secs(10);

/// Attempts after the first.
const RETRIES: u32 = 3;

/// The longest pause before the second attempt; it doubles with each.
const PAUSE: Duration = Duration::from_millis(500);

/// Of an answer, in bytes. A page of a hundred invoices with their lines has less than one.
const MAX_ANSWER: usize = 8 * 1024 * 1024;

/// What the operator decides.
pub struct StripeSettings {
    /// The secret key, or a restricted one.
    pub key: String,
    /// Where the API is.
    pub url: Url,
    /// Those that sign what Stripe sends here; two while one takes the place of another.
    pub webhook_secrets: Vec<String>,
}

/// The way to Stripe. Cheap to clone.
#[derive(Clone)]
pub struct Stripe {
    inner: Arc<Inner>,
}

struct Inner {
    client: Client,
    url: Url,
    authorization: HeaderValue,
    webhook_secrets: Vec<String>,
    is_test_mode: bool,
    /// Ids of what `set_up` has made there, by names of ours. They never change, so nothing invalidates them.
    ids: Mutex<HashMap<String, String>>,
}

struct Call<'a> {
    method: Method,
    path: &'a str,
    form: &'a Form,
    /// Under which it is done once.
    key: Option<&'a str>,
}

impl Stripe {
    /// Nothing is connected yet. Fails where a setting cannot be what it is meant to be; no message names the key.
    pub fn new(settings: StripeSettings) -> Result<Self> {
        let StripeSettings { key, url, webhook_secrets } = settings;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(Error::internal("the address of Stripe is not one of http or https"));
        }
        let mut authorization = HeaderValue::from_str(&format!("Bearer {}", key.trim()))
            .map_err(|_| Error::internal("the key of Stripe holds characters that no key has"))?;
        authorization.set_sensitive(true);
        let is_test_mode = key.contains("k_test_") || url.as_str() != LIVE_URL;
        let builder = Client::builder()
            .connect_timeout(CONNECT)
            .timeout(ATTEMPT)
            .redirect(Policy::none())
            .user_agent(concat!("sheaf/", env!("CARGO_PKG_VERSION")));
        // Without encryption nobody's certificate is asked for, and the machine need not have any.
        let builder = if url.scheme() == "http" { builder.tls_certs_only([]) } else { builder };
        let client = builder.build().map_err(|error| Error::internal(format!("the client for Stripe: {error}")))?;
        let inner = Inner { client, url, authorization, webhook_secrets, is_test_mode, ids: Mutex::default() };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Whether Stripe answers at all, whatever it says: nobody's key goes along.
    pub async fn is_reachable(&self) -> bool {
        let answer = self.inner.client.get(self.inner.url.clone()).send().await;
        answer.is_ok_and(|answer| !answer.status().is_server_error())
    }

    /// Whether no real money moves.
    pub fn is_test_mode(&self) -> bool {
        self.inner.is_test_mode
    }

    pub(super) fn webhook_secrets(&self) -> &[String] {
        &self.inner.webhook_secrets
    }

    /// Reads. The form is the query.
    pub(super) async fn get(&self, path: &str, form: &Form) -> Result<Value, Failure> {
        self.call(&Call { method: Method::GET, path, form, key: None }).await
    }

    /// Changes something, once for each key.
    pub(super) async fn post(&self, path: &str, form: &Form, key: &str) -> Result<Value, Failure> {
        self.call(&Call { method: Method::POST, path, form, key: Some(key) }).await
    }

    /// Ends something. To do it twice is harmless. The form is the query.
    pub(super) async fn delete(&self, path: &str, form: &Form) -> Result<Value, Failure> {
        self.call(&Call { method: Method::DELETE, path, form, key: None }).await
    }

    /// The id that was kept under this name.
    pub(super) fn known(&self, name: &str) -> Option<String> {
        self.inner.ids.lock().expect("no thread panics while it holds this lock").get(name).cloned()
    }

    pub(super) fn keep(&self, name: impl Into<String>, id: &str) {
        let mut ids = self.inner.ids.lock().expect("no thread panics while it holds this lock");
        ids.insert(name.into(), id.to_owned());
    }

    async fn call(&self, call: &Call<'_>) -> Result<Value, Failure> {
        let asked = Instant::now();
        let span = tracing::info_span!("stripe", http.method = %call.method, stripe.outcome = Empty);
        let answered = self.try_until_answered(call).instrument(span.clone()).await;
        let outcome = answered.as_ref().map_or_else(Failure::outcome, |_| "done");
        span.record("stripe.outcome", outcome);
        metrics::STRIPE_SECONDS.took(asked.elapsed(), [("outcome", outcome)]);
        answered
    }

    async fn try_until_answered(&self, call: &Call<'_>) -> Result<Value, Failure> {
        let (deadline, mut attempt) = (Instant::now() + CALL, 0_u32);
        loop {
            let answered = timeout_at(deadline, self.attempt(call)).await;
            let refused = match answered.unwrap_or_else(|_| Err(Refused::no_answer("no answer in time"))) {
                Ok(answer) => return Ok(answer),
                Err(refused) => refused,
            };
            let pause = refused.after.unwrap_or_else(|| jitter(PAUSE.saturating_mul(1 << attempt)));
            if !refused.may_pass || attempt >= RETRIES || Instant::now() + pause >= deadline {
                return Err(refused.failure);
            }
            sleep(pause).await;
            attempt += 1;
        }
    }

    async fn attempt(&self, call: &Call<'_>) -> Result<Value, Refused> {
        let mut url = self.inner.url.clone();
        url.set_path(call.path);
        let is_query = call.method != Method::POST && !call.form.is_empty();
        url.set_query(is_query.then(|| call.form.to_text()).as_deref());
        let mut request = self
            .inner
            .client
            .request(call.method.clone(), url)
            .header(AUTHORIZATION, self.inner.authorization.clone())
            .header("Stripe-Version", API_VERSION);
        if let Some(key) = call.key {
            request = request.header("Idempotency-Key", key);
        }
        if call.method == Method::POST {
            request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(call.form.to_text());
        }
        if let Some(place) = trace::current() {
            request = request.header("traceparent", place.to_traceparent());
        }
        let response = request.send().await.map_err(|error| Refused::no_answer(error.without_url()))?;
        answer(response).await
    }
}

/// The key under which an act of a tenant is done once. The version is that of the subscription which the act found, so that
/// the same act is another one after it; the form tells two apart that differ in what they ask.
pub(super) fn once(tenant: TenantId, act: &str, version: i64, form: &Form) -> String {
    format!("{tenant}/{act}/{version}/{}", form.fingerprint())
}

async fn answer(mut response: Response) -> Result<Value, Refused> {
    let (status, headers) = (response.status(), response.headers().clone());
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| Refused::no_answer(error.without_url()))? {
        if body.len() + chunk.len() > MAX_ANSWER {
            return Err(Refused::no_json(status, "the answer is too long"));
        }
        body.extend_from_slice(&chunk);
    }
    let answer: Value = serde_json::from_slice(&body).map_err(|error| Refused::no_json(status, error))?;
    if status.is_success() { Ok(answer) } else { Err(Refused::answered(status, &headers, &answer)) }
}

/// A random part of the pause, so that what failed together does not come back together.
fn jitter(longest: Duration) -> Duration {
    let random = u32::from_le_bytes(Clock::system().random());
    longest.mul_f64(f64::from(random) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn stripe(key: &str, url: &str) -> Result<Stripe> {
        Stripe::new(StripeSettings { key: key.into(), url: url.parse().unwrap(), webhook_secrets: Vec::new() })
    }

    #[test]
    fn real_money_moves_with_a_real_key_at_stripe_alone() {
        assert!(stripe("sk_test_1", "https://api.stripe.com").unwrap().is_test_mode());
        assert!(stripe("rk_test_1", "https://api.stripe.com").unwrap().is_test_mode());
        assert!(stripe("sk_live_1", "http://127.0.0.1:12111").unwrap().is_test_mode());
        assert!(!stripe("sk_live_1", "https://api.stripe.com").unwrap().is_test_mode());
    }

    #[test]
    fn a_setting_that_cannot_be_is_refused_and_the_key_is_not_told() {
        let error = stripe("sk_live_\u{7}secret", "https://api.stripe.com").err().unwrap();
        assert!(!error.to_string().contains("secret"));
        assert!(stripe("sk_test_1", "file:///etc/passwd").is_err());
    }

    #[test]
    fn a_key_is_of_a_tenant_an_act_a_version_and_a_form() {
        let (tenant, form) = (TenantId(Uuid::from_u128(7)), Form::new().with("plan", "team"));
        let key = once(tenant, "cancel", 3, &form);
        assert_eq!(key, once(tenant, "cancel", 3, &form));
        assert_ne!(key, once(tenant, "cancel", 4, &form));
        assert_ne!(key, once(tenant, "cancel", 3, &Form::new()));
        assert!(key.len() <= 255, "Stripe takes no longer one");
    }
}
