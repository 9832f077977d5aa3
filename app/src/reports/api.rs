//! The server functions of reports, for members who may read or make reports.

use domain::{
    id::{DocumentId, JobId, ReportId},
    reports::Report,
};
use leptos::{prelude::*, server_fn::codec::Json};
use serde::{Deserialize, Serialize};

use crate::error::AppError;
#[cfg(feature = "ssr")]
use crate::{routes, session};
#[cfg(feature = "ssr")]
use domain::reports::{NewReport, Scope};

/// Chosen documents that are named on the page; of more only the number is told.
pub const NAMED: usize = 20;

/// A document that a report will be about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChosenDocument {
    pub id: DocumentId,
    pub title: String,
}

/// The latest reports.
#[server(name = ListReports, prefix = "/api", endpoint = "reports/list", input = Json)]
pub async fn list_reports() -> Result<Vec<Report>, AppError> {
    let (services, member) = session::member()?;
    session::answered(domain::reports::list(&services, &member).await)
}

#[server(name = FindReport, prefix = "/api", endpoint = "reports/find", input = Json)]
pub async fn find_report(report: ReportId) -> Result<Report, AppError> {
    let (services, member) = session::member()?;
    session::answered(domain::reports::find(&services, &member, report).await)
}

/// The first [`NAMED`] of some documents with their titles; those that are not there are left out.
#[server(name = ChosenDocuments, prefix = "/api", endpoint = "reports/chosen", input = Json)]
pub async fn chosen_documents(documents: Vec<DocumentId>) -> Result<Vec<ChosenDocument>, AppError> {
    let (services, member) = session::member()?;
    session::answered(name(&services, &member, documents).await)
}

/// Asks for a report about documents, or about what a search finds, leads to it, and says which job makes it.
#[server(name = AskReport, prefix = "/api", endpoint = "reports/ask")]
pub async fn ask_report(
    #[server(default)] title: String,
    #[server(default)] documents: Vec<DocumentId>,
    #[server(default)] q: String,
) -> Result<JobId, AppError> {
    let (services, member) = session::member()?;
    // Documents go before a search.
    let scope = if documents.is_empty() { Scope::Search(q) } else { Scope::Documents(documents) };
    let new = session::answered(NewReport::parse(&title, scope))?;
    let (id, job) = session::answered(domain::reports::ask(&services, &member, new).await)?;
    session::accepted(Some(job));
    leptos_axum::redirect(&routes::report(id));
    Ok(job)
}

/// Deletes a report and its file, and leads to the list.
#[server(name = DeleteReport, prefix = "/api", endpoint = "reports/delete")]
pub async fn delete_report(report: ReportId) -> Result<(), AppError> {
    let (services, member) = session::member()?;
    session::answered(domain::reports::delete(&services, &member, report).await)?;
    leptos_axum::redirect(routes::REPORTS);
    Ok(())
}

#[cfg(feature = "ssr")]
async fn name(
    services: &domain::Services,
    member: &domain::actor::Member,
    documents: Vec<DocumentId>,
) -> domain::Result<Vec<ChosenDocument>> {
    let mut chosen = Vec::new();
    for id in documents.into_iter().take(NAMED) {
        match domain::documents::find(services, member, id).await {
            Ok(document) => chosen.push(ChosenDocument { id, title: document.display_title().to_owned() }),
            Err(error) if error.is(domain::ErrorKind::NotFound) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(chosen)
}
