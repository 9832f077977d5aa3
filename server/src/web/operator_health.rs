//! How Sheaf does, at the operators' door.

use std::collections::HashMap;

use app::{error::AppError, operators::HealthShown, routes};
use axum::{
    extract::Query,
    http::{HeaderName, HeaderValue},
    response::Response,
};
use domain::health::{self, Period};

use super::operators::{Door, status_of};

/// What every browser obeys, without a script: it loads the page again after so many seconds.
const REFRESH: HeaderName = HeaderName::from_static("refresh");
const EVERY: HeaderValue = HeaderValue::from_static("30");

/// `period` is `hour`, `day` or `fortnight`. With `live`, the page loads itself again; nobody has it do so who has not asked for it.
pub async fn health(door: Door, Query(asked): Query<HashMap<String, String>>) -> Response {
    let field = |name: &str| asked.get(name).map_or("", String::as_str);
    let (period, is_live) = (Period::parse(field("period")), field("live") == "on");
    let health = health::overview(&door.state.services, &door.operator, period).await;
    let status = status_of(&health);
    let operator = door.operator.name.clone();
    let shown = HealthShown { operator, period, is_live, health: health.map_err(AppError::from) };
    let mut response = door.showing(routes::OPERATOR_HEALTH, status, shown).await;
    if is_live {
        response.headers_mut().insert(REFRESH, EVERY);
    }
    response
}
