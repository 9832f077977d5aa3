//! The doors: Stripe's API under `/v1`, its pages, and the acts of a test under `/_simulator`.

use std::sync::Arc;

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State as Shares,
    http::{HeaderMap, Method, StatusCode, Uri, header},
    response::Response,
    routing::get,
};
use serde_json::Value;

use crate::{
    VERSION, api, control,
    failure::Failure,
    faults::FaultKind,
    pages,
    params::Params,
    simulator::{Inner, Shared},
    state::Answer,
};

/// All of it.
pub fn router(shared: Arc<Shared>) -> Router {
    // Browsers ask for it by themselves, and would tell of an error where there is none.
    let no_icon = get(async || StatusCode::NO_CONTENT);
    Router::new().route("/favicon.ico", no_icon).fallback(answer).with_state(shared)
}

async fn answer(
    Shares(shared): Shares<Arc<Shared>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let form = params(&uri, &body);
    if let Some(path) = uri.path().strip_prefix("/v1/") {
        let request = Request { method: method.as_str(), path, headers: &headers, params: &form, body: &body };
        return api_answer(&shared, &request).await;
    }
    if let Some(act) = uri.path().strip_prefix("/_simulator/") {
        let (status, json) = control::answer(&shared, act, &form).await;
        return json_response(status, &json, &[]);
    }
    let page = shared.change(|inner| pages::page(&mut inner.state, method.as_str(), uri.path(), &form));
    let mut response = Response::builder().status(page.status).header(header::CONTENT_TYPE, page.content_type);
    if let Some(location) = &page.location {
        response = response.header(header::LOCATION, location);
    }
    response.body(Body::from(page.body)).unwrap_or_default()
}

/// What stands in the address and in the body, together.
fn params(uri: &Uri, body: &[u8]) -> Params {
    let mut text = uri.query().unwrap_or_default().as_bytes().to_vec();
    text.push(b'&');
    text.extend_from_slice(body);
    Params::parse(&text)
}

struct Request<'a> {
    method: &'a str,
    /// After `/v1/`.
    path: &'a str,
    headers: &'a HeaderMap,
    params: &'a Params,
    body: &'a [u8],
}

impl Request<'_> {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// A test key, as a bearer's or as the name of basic authentication.
    fn has_key(&self) -> bool {
        self.header("authorization")
            .is_some_and(|value| value.starts_with("Bearer sk_test_") || value.starts_with("Basic "))
    }

    fn idempotency_key(&self) -> Option<&str> {
        self.header("idempotency-key").filter(|_| self.method == "POST")
    }

    /// What must be the same where the key is.
    fn sameness(&self) -> String {
        format!("{} {} {}", self.method, self.path, String::from_utf8_lossy(self.body))
    }
}

async fn api_answer(shared: &Arc<Shared>, request: &Request<'_>) -> Response {
    if !request.has_key() {
        let message = "You did not provide an API key, or it is none of test mode (sk_test_...).";
        return refused(&Failure::invalid("", message).with_status(401));
    }
    let fault = shared.lock().take_fault(request.method, request.path);
    let done = match fault {
        Some(fault) if !fault.is_done() => None,
        _ => Some(shared.change(|inner| carry_out(inner, request))),
    };
    match (fault.map(FaultKind::failure), done) {
        (None, Some(response)) => response,
        (Some(Some(failure)), _) => refused(&failure),
        _ => {
            // Whoever asks has given up long before.
            tokio::time::sleep(shared.hangs).await;
            refused(&Failure::of(504, "api_error", None, "No answer came in time."))
        }
    }
}

fn carry_out(inner: &mut Inner, request: &Request<'_>) -> Response {
    inner.requests += 1;
    let id = format!("req_{}", inner.requests);
    let (status, body, is_replayed) = match request.idempotency_key() {
        Some(key) => once(inner, key, request),
        None => plain(inner, request),
    };
    let mut headers = vec![("request-id", id.as_str()), ("stripe-version", VERSION)];
    if let Some(key) = request.idempotency_key() {
        headers.push(("idempotency-key", key));
    }
    if is_replayed {
        headers.push(("idempotent-replayed", "true"));
    }
    json_response(status, &body, &headers)
}

fn plain(inner: &mut Inner, request: &Request<'_>) -> (u16, Value, bool) {
    match api::call(&mut inner.state, request.method, request.path, request.params) {
        Ok(answer) => (200, answer, false),
        Err(failure) => (failure.status, failure.json(), false),
    }
}

/// The same key is answered the same, and does nothing again.
fn once(inner: &mut Inner, key: &str, request: &Request<'_>) -> (u16, Value, bool) {
    let sameness = request.sameness();
    if let Some(answer) = inner.state.answers.get(key) {
        if answer.request == sameness {
            return (answer.status, answer.body.clone(), true);
        }
        let message =
            "Keys for idempotent requests can only be used with the same parameters they were first used with.";
        let failure = Failure::of(400, "idempotency_error", None, message);
        return (failure.status, failure.json(), false);
    }
    let (status, body, _) = plain(inner, request);
    let answer = Answer { request: sameness, status, body: body.clone(), at: inner.state.now };
    inner.state.answers.insert(key.to_owned(), answer);
    (status, body, false)
}

fn refused(failure: &Failure) -> Response {
    json_response(failure.status, &failure.json(), &[])
}

fn json_response(status: u16, json: &Value, headers: &[(&str, &str)]) -> Response {
    let mut response = Response::builder().status(status).header(header::CONTENT_TYPE, "application/json");
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    response.body(Body::from(json.to_string())).unwrap_or_default()
}
