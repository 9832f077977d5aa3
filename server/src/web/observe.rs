//! What is told of each request: the ids that tie together all that it causes, one line in the log, and its figures. Of its
//! address, the template of the route is told and nothing else: the rest may hold a secret, and has no bound.

use std::{borrow::Cow, collections::HashSet, sync::LazyLock, time::Instant};

use app::{error::SWITCHED_OFF, routes};
use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::Response,
};
use domain::{
    metrics::{self, NO_LABELS, minute},
    status::PROBED_PAGE,
    trace::{self, Place, SpanId, TraceId},
};
use leptos::server_fn::axum::server_fn_paths;
use tracing::{Instrument, Span, field::Empty};
use uuid::Uuid;

use super::{AppState, assets::Asset, conditional::Spared};

const REQUEST_ID: &str = "x-request-id";
const TRACEPARENT: &str = "traceparent";

/// The route of what is in no list of ours.
const UNMATCHED: &str = "unmatched";

/// The route of all files of the site.
const ASSETS: &str = "assets";

/// The route of the page by which our own probes try the website. It is nobody's work, and nobody else's: whoever asks for it learns
/// and hides nothing.
const PROBE: &str = "probe";

/// How long an id may be that a proxy has given the request, in characters; a shorter one would not tell two apart.
const TOKEN: std::ops::RangeInclusive<usize> = 8..=64;

/// The addresses of the server functions, which all come by one route. They are as many as there are in the program.
static FUNCTIONS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| server_fn_paths().map(|(path, _)| path).collect());

/// Stands around everything else, so that no answer goes past it.
pub async fn observe(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let clock = &state.services.clock;
    let id = given_id(request.headers()).unwrap_or_else(|| clock.id::<Uuid>().simple().to_string());
    let caller = given_place(request.headers());
    let trace = caller.map_or_else(|| TraceId::new(clock), |caller| caller.trace);
    let place = Place { trace, span: SpanId::new(clock) };
    let (method, route) = (method_of(request.method()), route_of(&request));
    // At the level of errors: however little is logged, it says where it comes from.
    let span = tracing::error_span!(
        "request",
        request.id = %id,
        trace.id = %place.trace,
        span.id = %place.span,
        span.parent = caller.map(|caller| tracing::field::display(caller.span)),
        http.method = method,
        http.route = %route,
        tenant.id = Empty,
        http.status = Empty,
        switched.off = Empty,
    );
    let mut observed = Observed::begin(span.clone(), method, route);
    let mut response = trace::within(place, next.run(request).instrument(span)).await;
    observed.answer(&mut response);
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

/// A request that is under way. It is told when this is dropped: where its client goes away, nothing more of it is run.
struct Observed {
    span: Span,
    method: &'static str,
    route: Cow<'static, str>,
    begun: Instant,
    status: Option<StatusCode>,
    /// Whether it was refused because operators have switched it off, which is no failure.
    is_switched_off: bool,
}

impl Observed {
    fn begin(span: Span, method: &'static str, route: Cow<'static, str>) -> Self {
        metrics::HTTP_IN_FLIGHT.change(1.0, NO_LABELS);
        Self { span, method, route, begun: Instant::now(), status: None, is_switched_off: false }
    }

    fn answer(&mut self, response: &mut Response) {
        self.status = Some(response.status());
        if response.headers_mut().remove(SWITCHED_OFF).is_some() {
            self.is_switched_off = true;
            self.span.record("switched.off", true);
        }
        if response.extensions().get::<Asset>().is_some() {
            self.route = ASSETS.into();
            self.span.record("http.route", ASSETS);
        }
        let is_known = response.status() == StatusCode::NOT_MODIFIED;
        if is_known || (response.status() == StatusCode::OK && response.headers().contains_key(header::ETAG)) {
            let spared = response.extensions().get::<Spared>().map_or(0, |spared| spared.0);
            metrics::tagged(&self.route, class_of_route(self.method, &self.route), is_known, spared);
        }
    }

    /// Whether so many come, and so little is to be learned of them, that they would hide the others.
    fn is_quiet(&self) -> bool {
        [ASSETS, PROBE, routes::LIVEZ, routes::READYZ].contains(&&*self.route)
    }
}

impl Drop for Observed {
    fn drop(&mut self) {
        let took = self.begun.elapsed();
        let labels = [("method", Cow::Borrowed(self.method)), ("route", self.route.clone())];
        let [method, route] = labels.clone();
        metrics::HTTP_IN_FLIGHT.change(-1.0, NO_LABELS);
        metrics::HTTP_SECONDS.took(took, labels);
        if let Some(class) = class_of_route(self.method, &self.route) {
            let failed = self.status.is_some_and(|status| status.is_server_error()) && !self.is_switched_off;
            minute::answered(class, took, failed);
        }
        let status = if self.is_switched_off { "switched_off" } else { class_of(self.status) };
        metrics::HTTP_REQUESTS.add(1, [method, route, ("status", Cow::Borrowed(status))]);
        // To a tenth of a millisecond.
        let duration_ms = (took.as_secs_f64() * 10_000.0).round() / 10.0;
        // It ends with the answer's beginning, however long its body takes. Given up by its client, it has the status of nginx for it.
        self.span.record("http.status", self.status.map_or(499, |status| status.as_u16()));
        let _entered = self.span.enter();
        match self.status.map(|status| status.as_u16()) {
            Some(status) if self.is_quiet() => tracing::debug!(status, duration_ms, "a request was answered"),
            Some(status) => tracing::info!(status, duration_ms, "a request was answered"),
            None => tracing::info!(duration_ms, "a request was given up by its client"),
        }
    }
}

/// The id that the request comes with, if it is a short token: whatever else it were, it would be in every line.
fn given_id(headers: &HeaderMap) -> Option<String> {
    let id = headers.get(REQUEST_ID)?.to_str().ok()?;
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    (TOKEN.contains(&id.len()) && id.bytes().all(is_token)).then(|| id.to_owned())
}

fn given_place(headers: &HeaderMap) -> Option<Place> {
    Place::from_traceparent(headers.get(TRACEPARENT)?.to_str().ok()?)
}

/// A client may make up any method.
fn method_of(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

fn route_of(request: &Request) -> Cow<'static, str> {
    if let Some(&function) = FUNCTIONS.get(request.uri().path()) {
        return Cow::Borrowed(function);
    }
    let is_get = request.method() == Method::GET;
    if is_get && request.uri().path_and_query().is_some_and(|asked| asked.as_str() == PROBED_PAGE) {
        return Cow::Borrowed(PROBE);
    }
    match request.extensions().get::<MatchedPath>() {
        Some(route) => Cow::Owned(route.as_str().to_owned()),
        None => Cow::Borrowed(UNMATCHED),
    }
}

/// The word under which operators see it among the figures of a minute; none for those that machines ask all the time.
fn class_of_route(method: &str, route: &str) -> Option<&'static str> {
    Some(match route {
        PROBE | routes::LIVEZ | routes::READYZ => return None,
        UNMATCHED => "unmatched",
        ASSETS => "assets",
        routes::UPLOADS => "uploads",
        routes::EVENTS => "events",
        routes::STRIPE_WEBHOOK => "webhooks",
        _ if route.starts_with("/api/") => "functions",
        _ if route.starts_with("/jobs/") => "jobs",
        _ if route.starts_with(routes::OPERATOR) => "operators",
        _ if is_file(route) => "files",
        _ if method == "GET" || method == "HEAD" => "pages",
        _ => "forms",
    })
}

/// Whether bytes are answered and not a page.
fn is_file(route: &str) -> bool {
    let last = route.rsplit('/').next().unwrap_or_default();
    last.contains('.') || last == "original" || last == "{page}" || [routes::LOGO, routes::FILE_LINK].contains(&route)
}

fn class_of(status: Option<StatusCode>) -> &'static str {
    match status.map(|status| status.as_u16() / 100) {
        Some(1) => "1xx",
        Some(2) => "2xx",
        Some(3) => "3xx",
        Some(4) => "4xx",
        Some(_) => "5xx",
        None => "abandoned",
    }
}

#[cfg(test)]
mod tests {
    use axum::{body::Body, http::HeaderName};

    use super::*;

    #[test]
    fn an_id_is_taken_where_it_is_a_short_token_and_not_otherwise() {
        let given = |id: &[u8]| {
            let value = HeaderValue::from_bytes(id).unwrap();
            given_id(&HeaderMap::from_iter([(HeaderName::from_static(REQUEST_ID), value)]))
        };
        assert_eq!(given(b"01JD-ab_c.9").as_deref(), Some("01JD-ab_c.9"));
        assert_eq!(given(&[b'a'; 64]).map(|id| id.len()), Some(64));
        for wrong in [
            &b""[..],
            b"short",
            b"with a space",
            b"quote\"quote",
            b"ada@acme.example",
            b"\xe4\xf6\xfc\xdf\xe4\xf6\xfc\xdf",
            &[b'a'; 65],
        ] {
            assert_eq!(given(wrong), None, "{wrong:?}");
        }
        assert_eq!(given_id(&HeaderMap::new()), None);
    }

    #[test]
    fn a_request_is_counted_in_one_of_few_classes() {
        let classes = [
            ("GET", "/documents", Some("pages")),
            ("GET", "/documents/{id}", Some("pages")),
            ("GET", "/documents/{id}/pages/{page}", Some("files")),
            ("GET", "/reports/{id}/report.pdf", Some("files")),
            ("GET", routes::FILE_LINK, Some("files")),
            ("POST", "/sign-in", Some("forms")),
            ("POST", "/api/documents/list", Some("functions")),
            ("GET", "/operator/health", Some("operators")),
            ("other", UNMATCHED, Some("unmatched")),
            ("GET", routes::READYZ, None),
            ("GET", PROBE, None),
        ];
        for (method, route, class) in classes {
            assert_eq!(class_of_route(method, route), class, "{method} {route}");
        }
    }

    #[test]
    fn our_own_probe_is_no_visit_of_an_invitation() {
        let route = |address: &str| route_of(&Request::builder().uri(address).body(Body::empty()).unwrap());
        assert_eq!(route(PROBED_PAGE), PROBE);
        assert!(PROBED_PAGE.strip_prefix(routes::INVITE).is_some_and(|rest| rest.starts_with('?')), "it is that page");
        for other in [routes::INVITE.to_owned(), routes::invite("a"), format!("{PROBED_PAGE}A")] {
            assert_eq!(route(&other), UNMATCHED, "{other}");
        }
    }

    #[test]
    fn what_a_client_makes_up_is_told_in_words_of_ours() {
        assert_eq!(method_of(&Method::from_bytes(b"BREW").unwrap()), "other");
        assert_eq!(method_of(&Method::TRACE), "other");
        assert_eq!(class_of(Some(StatusCode::from_u16(799).unwrap())), "5xx");
        assert_eq!(class_of(None), "abandoned");
    }
}
