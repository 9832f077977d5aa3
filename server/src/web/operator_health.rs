//! How Sheaf does, at the operators' door.

use std::collections::HashMap;

use app::{
    error::AppError,
    operators::{HealthShown, LIVE_LOADS, LIVE_SECONDS},
    routes,
};
use axum::{
    extract::Query,
    http::{HeaderName, HeaderValue},
    response::Response,
};
use domain::health::{self, Period};

use super::operators::{Door, status_of};

/// What every browser obeys, without a script: it loads another address after so many seconds.
const REFRESH: HeaderName = HeaderName::from_static("refresh");

/// `period` is `hour`, `day` or `fortnight`. With `live`, the page loads itself again so many times, each with one less; nobody
/// has it do so who has not asked for it. A page that went on for ever would keep the session of an operator who has gone away.
pub async fn health(door: Door, Query(asked): Query<HashMap<String, String>>) -> Response {
    let field = |name: &str| asked.get(name).map_or("", String::as_str);
    let period = Period::parse(field("period"));
    let live = field("live").parse::<u8>().ok().map(|loads| loads.min(LIVE_LOADS));
    let health = health::overview(&door.state.services, &door.operator, period).await;
    let status = status_of(&health);
    let operator = door.operator.name.clone();
    let shown = HealthShown { operator, period, live, health: health.map_err(AppError::from) };
    let mut response = door.showing(routes::OPERATOR_HEALTH, status, shown).await;
    let next = live.and_then(|loads| loads.checked_sub(1));
    if let Some(next) = next.map(|loads| routes::operator_health(period.as_str(), Some(loads)))
        && let Ok(refresh) = HeaderValue::from_str(&format!("{LIVE_SECONDS}; url={next}"))
    {
        response.headers_mut().insert(REFRESH, refresh);
    }
    response
}
