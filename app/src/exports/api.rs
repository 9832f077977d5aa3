//! The server functions of exports, for owners.

use domain::{exports::Export, id::JobId};
use leptos::{prelude::*, server_fn::codec::Json};

use crate::error::AppError;
#[cfg(feature = "ssr")]
use crate::{routes, session};

/// The latest archives of the workspace.
#[server(name = ListExports, prefix = "/api", endpoint = "exports/list", input = Json)]
pub async fn list_exports() -> Result<Vec<Export>, AppError> {
    let (services, member) = session::member()?;
    session::answered(domain::exports::list(&services, &member).await)
}

/// Asks for an archive of the workspace, leads a plain form back to where it will be, and says which job makes it.
#[server(name = AskExport, prefix = "/api", endpoint = "exports/ask")]
pub async fn ask_export() -> Result<JobId, AppError> {
    let (services, member) = session::member()?;
    let (_, job) = session::answered(domain::exports::ask(&services, &member).await)?;
    session::accepted(Some(job));
    session::lead_on(routes::SETTINGS_EXPORT);
    Ok(job)
}
