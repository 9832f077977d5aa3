//! The server function of the search, for members who may search.

use domain::search::SearchResults;
use leptos::{prelude::*, server_fn::codec::Json};

use crate::error::AppError;
#[cfg(feature = "ssr")]
use crate::session;

/// The best documents for a query; "invalid" on `q` where it cannot be understood.
#[server(name = Search, prefix = "/api", endpoint = "search", input = Json)]
pub async fn search(query: String) -> Result<SearchResults, AppError> {
    let (services, member) = session::member()?;
    session::answered(domain::search::search(&services, &member, &query).await)
}
