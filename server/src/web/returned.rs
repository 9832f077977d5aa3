//! Forms of the app that came back: a browser without scripts is led back to the page that the form stands on, with what was
//! typed.
//!
//! That goes along in the address, sealed: nobody reads it in a history or a log, nobody but the member who typed it can open
//! it, and nobody else can make one up, so that no link fills in a form or says something in Sheaf's name. No server keeps it.

use app::{
    returned::{ERROR, PATH, Returned, TYPED},
    routes,
    session::CurrentMember,
    ui::is_secret,
};
use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, header},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use domain::{Error, Result, actor::Member};
use serde::{Deserialize, Serialize};
use url::{Url, form_urlencoded};

use super::{AppState, MAX_FORM_BYTES};

/// How long a form that came back can be loaded again: enough to mend it, and to come back from another page.
const GOOD_FOR: TimeDelta = TimeDelta::minutes(10);

/// What is kept of a form, in bytes of JSON. Sealed and encoded it is a third longer: proxies take an address of 8 KiB, and the
/// page and the error stand in it too.
const MAX_BYTES: usize = 4_000;

/// What is kept of a field. The longest that any of ours takes is a search.
const MAX_CHARACTERS: usize = 1_000;

/// What is sealed.
#[derive(Serialize, Deserialize)]
struct Sealed {
    /// In seconds since 1970.
    until: i64,
    returned: Returned,
}

/// A form that a member has sent without scripts.
pub struct PlainForm {
    member: Member,
    path: String,
    fields: Vec<(String, String)>,
}

/// Looks into a request, and gives it back as it was, but for what its page has said of an earlier attempt. None for what is
/// no plain form, and for visitors, who are asked to sign in.
pub async fn look_into(request: Request) -> Result<(Request, Option<PlainForm>)> {
    if !shows_the_answer(request.headers()) {
        return Ok((request, None));
    }
    let (mut parts, body) = request.into_parts();
    let body = to_bytes(body, MAX_FORM_BYTES)
        .await
        .map_err(|error| Error::limit_reached("This form holds more than Sheaf takes.").with_context(error))?;
    forget_attempt(&mut parts.headers);
    let member = parts.extensions.get::<CurrentMember>().and_then(|current| current.member.clone());
    let form = member.map(|member| PlainForm {
        member,
        path: parts.uri.path().to_owned(),
        fields: form_urlencoded::parse(&body).into_owned().collect(),
    });
    Ok((Request::from_parts(parts, Body::from(body)), form))
}

/// Whether a browser sends this by itself, without scripts, and shows what is answered.
pub fn shows_the_answer(headers: &HeaderMap) -> bool {
    headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).is_some_and(|accept| accept.contains("text/html"))
}

impl PlainForm {
    /// Adds what was typed to the address that a refused form is led back to. Any other answer stays as it is.
    pub fn lead_back(self, state: &AppState, response: &mut Response) {
        let Some(page) = refused_to(state, response.headers()) else { return };
        let returned = Returned { path: self.path, values: self.fields, error: None };
        let address = match seal(state, &self.member, returned) {
            Ok(sealed) => format!("{}&{TYPED}={sealed}", local(&page)),
            Err(error) => {
                tracing::error!(error = %error, "what was typed could not be sealed");
                local(&page)
            }
        };
        if let Ok(address) = HeaderValue::from_str(&address) {
            response.headers_mut().insert(header::LOCATION, address);
        }
    }
}

/// The address of a page of ours with a form that came back to it.
pub fn address(state: &AppState, member: &Member, page: &str, returned: Returned) -> String {
    let joint = if page.contains('?') { '&' } else { '?' };
    let path = routes::encode(&returned.path);
    match seal(state, member, returned) {
        Ok(sealed) => format!("{page}{joint}{PATH}={path}&{TYPED}={sealed}"),
        Err(error) => {
            tracing::error!(error = %error, "what was typed could not be sealed");
            page.to_owned()
        }
    }
}

/// Opens what came back, for the page that shows it. An address that claims to be such an answer and is none, or is not any
/// more, leads to the page as it is.
pub async fn open(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let Some(others) = without_attempt(request.uri().query().unwrap_or_default()) else {
        return next.run(request).await;
    };
    if let Some(returned) = opened(&state, &request) {
        request.extensions_mut().insert(returned);
        return next.run(request).await;
    }
    let path = request.uri().path();
    let page = if others.is_empty() { path.to_owned() } else { format!("{path}?{others}") };
    Redirect::to(&page).into_response()
}

fn opened(state: &AppState, request: &Request) -> Option<Returned> {
    let member = request.extensions().get::<CurrentMember>()?.member.as_ref()?;
    let query = request.uri().query()?.as_bytes();
    let (_, sealed) = form_urlencoded::parse(query).find(|(name, _)| name == TYPED)?;
    let sealed = URL_SAFE_NO_PAD.decode(sealed.as_bytes()).ok()?;
    let opened = state.services.keys.open(&sealed, &purpose(member))?;
    let Sealed { until, returned } = serde_json::from_str(&opened).ok()?;
    (state.services.clock.now().timestamp() < until).then_some(returned)
}

fn seal(state: &AppState, member: &Member, returned: Returned) -> Result<String> {
    let until = (state.services.clock.now() + GOOD_FOR).timestamp();
    let returned = Returned { values: fitting(returned.values), ..returned };
    let text = serde_json::to_string(&Sealed { until, returned })?;
    Ok(URL_SAFE_NO_PAD.encode(state.services.keys.seal(&text, &purpose(member))?))
}

/// What is sealed for one session in one workspace opens in no other.
fn purpose(member: &Member) -> String {
    format!("form of session {} in {}", member.session, member.tenant)
}

/// What an address can carry of the fields, secrets excepted. Of a list, all or none: half of it would be another one.
fn fitting(fields: Vec<(String, String)>) -> Vec<(String, String)> {
    let typed: Vec<(String, String)> = fields
        .into_iter()
        .filter(|(name, _)| !is_secret(name))
        .map(|(name, value)| (name, value.chars().take(MAX_CHARACTERS).collect()))
        .collect();
    let mut left = MAX_BYTES;
    let lists = typed.chunk_by(|one, next| list_of(one) == list_of(next)).filter(|list| {
        let bytes = serde_json::to_string(list).map_or(usize::MAX, |text| text.len());
        let fits = bytes <= left;
        left -= if fits { bytes } else { 0 };
        fits
    });
    lists.flatten().cloned().collect()
}

/// `readers` of `readers[3]`.
fn list_of((name, _): &(String, String)) -> &str {
    name.split_once('[').map_or(name, |(list, _)| list)
}

/// Where a form is led that a server function has refused; none for any other answer.
fn refused_to(state: &AppState, headers: &HeaderMap) -> Option<Url> {
    let ours = Url::parse(&state.services.settings.public_url).ok()?;
    let page = ours.join(headers.get(header::LOCATION)?.to_str().ok()?).ok()?;
    let is_refused = page.query_pairs().any(|(name, _)| name == ERROR);
    is_refused.then_some(page)
}

/// Path and query, so that nobody is led elsewhere.
fn local(page: &Url) -> String {
    let path = if page.path().starts_with("//") { routes::DOCUMENTS } else { page.path() };
    format!("{path}?{}", page.query().unwrap_or_default())
}

/// The page that a form comes from may be the answer to the attempt before; this one is led back to the page itself.
fn forget_attempt(headers: &mut HeaderMap) {
    let page = headers.get(header::REFERER).and_then(|value| value.to_str().ok());
    let Some(mut page) = page.and_then(|page| Url::parse(page).ok()) else { return };
    let Some(others) = without_attempt(page.query().unwrap_or_default()) else { return };
    page.set_query((!others.is_empty()).then_some(others.as_str()));
    if let Ok(page) = HeaderValue::from_str(page.as_str()) {
        headers.insert(header::REFERER, page);
    }
}

/// A query without what says that a form came back; none where nothing says so.
fn without_attempt(query: &str) -> Option<String> {
    let is_ours = |name: &str| [PATH, ERROR, TYPED].contains(&name);
    let (ours, others): (Vec<_>, Vec<_>) =
        form_urlencoded::parse(query.as_bytes()).partition(|(name, _)| is_ours(name.as_ref()));
    let others = form_urlencoded::Serializer::new(String::new()).extend_pairs(others).finish();
    (!ours.is_empty()).then_some(others)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(all: &[(&str, &str)]) -> Vec<(String, String)> {
        all.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn no_secret_goes_along() {
        let typed = fields(&[("email", "ada@acme.example"), ("old_password", "x"), ("code", "1"), ("token", "t")]);
        assert_eq!(fitting(typed), fields(&[("email", "ada@acme.example")]));
    }

    #[test]
    fn an_address_stays_short() {
        let long = "ü".repeat(10_000);
        let kept = fitting(fields(&[("title", &long), ("q", "rent")]));
        assert_eq!(kept[0].1.chars().count(), MAX_CHARACTERS);
        assert_eq!(kept[1].1, "rent");
        // Text that JSON must write six times as long is left out, and so is half a list.
        assert_eq!(fitting(fields(&[("title", &"\u{1}".repeat(1_000)), ("q", "rent")])), fields(&[("q", "rent")]));
        let mut many = fields(&[("visibility", "private")]);
        many.extend((0..200).map(|place| (format!("readers[{place}]"), "01912345".repeat(4))));
        many.extend(fields(&[("q", "rent")]));
        assert_eq!(fitting(many), fields(&[("visibility", "private"), ("q", "rent")]));
    }

    #[test]
    fn only_the_attempt_is_forgotten() {
        assert_eq!(without_attempt("documents%5B%5D=1&sort=name"), None);
        assert_eq!(without_attempt("to=team&__path=%2Fapi%2Fx&__err=e&__typed=t").as_deref(), Some("to=team"));
        assert_eq!(without_attempt("__err=forged").as_deref(), Some(""));
        let mut headers = HeaderMap::new();
        let page = "https://sheaf.example/reports/new?q=a%26b&__path=p&__err=e&__typed=t";
        headers.insert(header::REFERER, HeaderValue::from_static(page));
        forget_attempt(&mut headers);
        assert_eq!(headers[header::REFERER], "https://sheaf.example/reports/new?q=a%26b");
    }

    #[test]
    fn nobody_is_led_elsewhere() {
        let at = |url: &str| local(&Url::parse(url).unwrap());
        assert_eq!(at("https://evil.example/settings/members?__err=e"), "/settings/members?__err=e");
        assert_eq!(at("https://sheaf.example//evil.example/?__err=e"), "/documents?__err=e");
    }
}
