//! What Sheaf earns, at the operators' door: plain pages, and tables to take out.

use std::collections::HashMap;

use app::{
    error::AppError,
    operators::{RevenueShown, RevenueWorkspacesShown},
    routes,
};
use axum::{
    body::Body,
    extract::Query,
    http::{HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use domain::{
    billing::Currency,
    revenue::{self, Month, RevenueQuery},
};
use leptos::prelude::provide_context;

use super::{
    error::Failure,
    forms,
    operators::{Door, status_of},
};

type Fields = Query<HashMap<String, String>>;

/// `month` is as in `2026-11`, and `currency` as in `eur`.
pub async fn revenue(door: Door, Query(asked): Fields) -> Response {
    let overview = revenue::overview(&door.state.services, &door.operator, query_of(&asked)).await;
    let status = status_of(&overview);
    let shown = RevenueShown { operator: door.operator.name.clone(), overview: overview.map_err(AppError::from) };
    door.showing(routes::OPERATOR_REVENUE, status, shown).await
}

/// All currencies of the months that the page shows.
pub async fn revenue_csv(door: Door, Query(asked): Fields) -> Response {
    match revenue::overview(&door.state.services, &door.operator, query_of(&asked)).await {
        Ok(overview) => csv(Body::from(revenue::months_csv(&overview.lines)), "revenue.csv"),
        Err(error) => Failure::from(error).into_response(),
    }
}

/// The same fields; `after` is where the page before this one has ended.
pub async fn workspaces(door: Door, Query(asked): Fields) -> Response {
    let (month, currency) = chosen(&door, &asked);
    let after = asked.get("after").and_then(|after| after.parse().ok());
    let page = revenue::workspaces(&door.state.services, &door.operator, month, currency, after).await;
    let status = status_of(&page);
    let operator = door.operator.name.clone();
    let page = page.map_err(AppError::from);
    let shown = RevenueWorkspacesShown { operator, month, currency, is_later: after.is_some(), page };
    door.showing(routes::OPERATOR_REVENUE_WORKSPACES, status, shown).await
}

pub async fn workspaces_csv(door: Door, Query(asked): Fields) -> Response {
    let (month, currency) = chosen(&door, &asked);
    let lines = revenue::workspaces_csv(&door.state.services, &door.operator, month, currency);
    csv(Body::from_stream(lines), "workspaces.csv")
}

impl Door {
    /// A page with what was found for it.
    pub(super) async fn showing<T>(self, page: &'static str, status: StatusCode, shown: T) -> Response
    where
        T: Clone + Send + Sync + 'static,
    {
        let more = move || provide_context(shown.clone());
        forms::render_for(&self.state, &self.headers, &Uri::from_static(page), status, more).await
    }
}

fn query_of(asked: &HashMap<String, String>) -> RevenueQuery {
    let field = |name: &str| asked.get(name).map_or("", String::as_str);
    RevenueQuery::parse(field("month"), field("currency"))
}

/// The running month and the first currency, where nothing else is named.
fn chosen(door: &Door, asked: &HashMap<String, String>) -> (Month, Currency) {
    let RevenueQuery { month, currency } = query_of(asked);
    (month.unwrap_or_else(|| Month::of(door.state.services.clock.now())), currency.unwrap_or_default())
}

fn csv(body: Body, name: &'static str) -> Response {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    if let Ok(disposition) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    response
}
