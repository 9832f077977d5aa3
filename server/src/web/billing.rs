//! The ways to the payment service and back: forms that lead to its pages, and what it tells us by its webhook.

use std::{collections::HashMap, time::Duration};

use app::{
    returned::Returned,
    routes::{self, Billed, PayFault},
};
use axum::{
    Form, Json,
    body::{Body, Bytes},
    extract::{Query, State},
    http::{HeaderMap, HeaderValue, Response as HttpResponse, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    Error, ErrorKind, Result,
    actor::{Action, Member},
    billing::{self, CheckoutForm, Currency, PlanId, UsageQuery},
};

use super::{AppState, error::Failure, returned, session::SignedInMember};

/// What Stripe tells at once, in bytes; most of it is a hundredth of this.
pub const MAX_EVENT_BYTES: usize = 512 * 1024;

/// How long it may take to read and to keep that. Stripe tells again what was not taken.
pub const EVENT_TIMEOUT: Duration = Duration::from_secs(5);

/// By which Stripe proves that it is Stripe.
const SIGNATURE: &str = "stripe-signature";

type Fields = HashMap<String, String>;

/// Keeps what Stripe tells. It has no cookie and comes from no page: its signature is all that lets it in.
pub async fn webhook(State(state): State<AppState>, headers: HeaderMap, body: Bytes) -> Response {
    if state.services.stripe.is_none() {
        return Failure(Error::not_found()).into_response();
    }
    let signature = headers.get(SIGNATURE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    match billing::receive(&state.services, &body, signature).await {
        Ok(()) => StatusCode::OK.into_response(),
        // What is not signed, and what is signed and no event: the two that Stripe would never send.
        Err(error) if error.is(ErrorKind::Forbidden) || error.is(ErrorKind::Invalid) => {
            (StatusCode::BAD_REQUEST, Json(error)).into_response()
        }
        Err(error) => Failure(error).into_response(),
    }
}

/// Leads to the page on which a plan is bought. Fields: `plan`, `currency`, `coupon`.
pub async fn checkout(
    State(state): State<AppState>,
    SignedInMember(member): SignedInMember,
    Form(fields): Form<Fields>,
) -> Response {
    let led_to = async {
        // Whoever may not buy is told that, and not what is wrong with the form.
        member.require(Action::ManageBilling)?;
        billing::checkout(&state.services, &member, &asked(&fields)?).await
    };
    let led_to = led_to.await;
    led_on(led_to, &as_filled_in(&state, &member, fields), PayFault::Subscribed)
}

/// Leads to the page of cards, addresses and invoices.
pub async fn portal(State(state): State<AppState>, SignedInMember(member): SignedInMember) -> Response {
    led_on(billing::portal(&state.services, &member).await, routes::BILLING, PayFault::Unknown)
}

/// Where one comes back from buying a plan. What is in the address is not believed: Stripe is asked, and tells by its webhook
/// too, so that nothing is lost where it cannot be.
pub async fn returned(
    State(state): State<AppState>,
    SignedInMember(member): SignedInMember,
    Query(asked): Query<Fields>,
) -> Response {
    let session = asked.get("session").map_or("", String::as_str);
    match billing::checkout_returned(&state.services, &member, session).await {
        Ok(()) => Redirect::to(&routes::billing_after(Billed::Paid)).into_response(),
        Err(error) if error.is(ErrorKind::Unavailable) => {
            tracing::warn!(error = %error, "Stripe could not be asked about what was bought");
            Redirect::to(&routes::billing_after(Billed::Paid)).into_response()
        }
        Err(error) => Failure(error).into_response(),
    }
}

/// What was used in the month that holds the time or the day `month`, or in the running one, as a table.
pub async fn usage_csv(
    State(state): State<AppState>,
    SignedInMember(member): SignedInMember,
    Query(asked): Query<Fields>,
) -> Result<HttpResponse<Body>, Failure> {
    let query = UsageQuery { month: asked.get("month").and_then(|month| UsageQuery::time(month)) };
    let lines = billing::usage_csv(&state.services, &member, &query).await?;
    let mut response = HttpResponse::new(Body::from_stream(lines));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    let name = HeaderValue::from_static("attachment; filename=\"usage.csv\"");
    headers.insert(header::CONTENT_DISPOSITION, name);
    Ok(response)
}

/// The page of the plan with the form of its checkout as it was sent.
fn as_filled_in(state: &AppState, member: &Member, fields: Fields) -> String {
    let field = |name: &str| fields.get(name).map_or("", |value| value.trim());
    let page = match (PlanId::parse(field("plan")), Currency::parse(field("currency"))) {
        (Some(plan), Some(currency)) => routes::billing_plan_to(plan, currency),
        _ => routes::BILLING_PLAN.to_owned(),
    };
    let path = routes::BILLING_CHECKOUT.to_owned();
    returned::address(state, member, &page, Returned { path, values: fields.into_iter().collect(), error: None })
}

/// Fails at the field that is wrong.
fn asked(fields: &Fields) -> Result<CheckoutForm> {
    let field = |name: &str| fields.get(name).map_or("", |value| value.trim());
    let unknown = |name: &str| Error::invalid(name, "Choose one of those that there are.");
    Ok(CheckoutForm {
        plan: PlanId::parse(field("plan")).ok_or_else(|| unknown("plan"))?,
        currency: Currency::parse(field("currency")).ok_or_else(|| unknown("currency"))?,
        coupon: Some(field("coupon").to_owned()).filter(|coupon| !coupon.is_empty()),
    })
}

/// To the payment service; or back to a page of ours, with a word about why not. `conflict` is what it is where something is in the
/// way.
fn led_on(led_to: Result<String>, page: &str, conflict: PayFault) -> Response {
    let error = match led_to {
        Ok(url) => return Redirect::to(&url).into_response(),
        Err(error) => error,
    };
    let fault = match error.kind {
        ErrorKind::Invalid if error.field.as_deref() == Some("coupon") => PayFault::Coupon,
        ErrorKind::Invalid => PayFault::Choice,
        ErrorKind::Conflict => conflict,
        ErrorKind::Unavailable => PayFault::Away,
        ErrorKind::NotFound => PayFault::Unknown,
        _ => return Failure(error).into_response(),
    };
    if fault == PayFault::Away {
        tracing::error!(error = %error, "Stripe could not be reached");
    }
    Redirect::to(&routes::billing_fault(page, fault)).into_response()
}

#[cfg(test)]
mod tests {
    use axum::http::header::LOCATION;

    use super::*;

    fn fields(all: &[(&str, &str)]) -> Fields {
        all.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_checkout_is_of_a_plan_in_a_currency() {
        let form = asked(&fields(&[("plan", "team"), ("currency", "gbp"), ("coupon", "  ")])).unwrap();
        assert_eq!((form.plan, form.currency, form.coupon), (PlanId::Team, Currency::Gbp, None));
        let form = asked(&fields(&[("plan", "team"), ("currency", "eur"), ("coupon", " SPRING ")])).unwrap();
        assert_eq!(form.coupon.as_deref(), Some("SPRING"));
        for (wrong, field) in [
            (&[("plan", "gold"), ("currency", "eur")][..], "plan"),
            (&[("plan", "team"), ("currency", "chf")], "currency"),
            (&[], "plan"),
        ] {
            assert_eq!(asked(&fields(wrong)).unwrap_err().field.as_deref(), Some(field), "{wrong:?}");
        }
    }

    #[test]
    fn whoever_is_not_led_on_comes_back_with_a_word() {
        let at = |response: &Response| response.headers().get(LOCATION).map(|to| to.to_str().unwrap().to_owned());
        let led = led_on(Ok("https://checkout.stripe.com/c/1".into()), "/back", PayFault::Subscribed);
        assert_eq!(
            (led.status(), at(&led).as_deref()),
            (StatusCode::SEE_OTHER, Some("https://checkout.stripe.com/c/1"))
        );
        let wrong = led_on(Err(Error::invalid("coupon", "It is not known.")), "/back", PayFault::Subscribed);
        assert_eq!((wrong.status(), at(&wrong).as_deref()), (StatusCode::SEE_OTHER, Some("/back?fault=coupon")));
        let away = led_on(Err(Error::unavailable("stripe: no answer")), "/back", PayFault::Subscribed);
        assert_eq!(at(&away).as_deref(), Some("/back?fault=away"));
        let paid = led_on(Err(Error::conflict("There is a plan.")), "/back", PayFault::Subscribed);
        assert_eq!(at(&paid).as_deref(), Some("/back?fault=subscribed"));
        let forbidden = led_on(Err(Error::forbidden("Only owners pay.")), "/back", PayFault::Subscribed);
        assert_eq!((forbidden.status(), at(&forbidden)), (StatusCode::FORBIDDEN, None));
    }
}
