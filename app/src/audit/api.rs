//! The server functions of the audit log, for members who may read it.

use domain::audit::{AuditListing, AuditQuery, Person};
use leptos::{prelude::*, server_fn::codec::Json};

use crate::error::AppError;
#[cfg(feature = "ssr")]
use crate::session;

/// One page of the log, newest first.
#[server(name = ListAudit, prefix = "/api", endpoint = "audit/list", input = Json)]
pub async fn list_audit(query: AuditQuery) -> Result<AuditListing, AppError> {
    let (services, member) = session::member()?;
    session::answered(domain::audit::list(&services, &member, &query).await)
}

/// Everybody who ever did something in the workspace.
#[server(name = ListPeople, prefix = "/api", endpoint = "audit/people", input = Json)]
pub async fn list_people() -> Result<Vec<Person>, AppError> {
    let (services, member) = session::member()?;
    session::answered(domain::audit::people(&services, &member).await)
}
