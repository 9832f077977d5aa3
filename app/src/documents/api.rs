//! The server functions of lists of documents, for members who may read or change documents.

use domain::{
    documents::{ListQuery, Listing, ReadAgain, ReadAll, Sharing},
    id::{AccountId, DocumentId, JobId},
};
use leptos::{prelude::*, server_fn::codec::Json};

use crate::error::AppError;
#[cfg(feature = "ssr")]
use crate::{routes, session};
#[cfg(feature = "ssr")]
use domain::documents::Visibility;

/// One page of the documents, or of the trash.
#[server(name = ListDocuments, prefix = "/api", endpoint = "documents/list", input = Json)]
pub async fn list_documents(query: ListQuery) -> Result<Listing, AppError> {
    let (services, member) = session::member()?;
    // On the heap: the future of a resource is moved several times before it runs.
    session::answered(Box::pin(domain::documents::list(&services, &member, &query)).await)
}

/// Moves documents to the trash, and says how many were moved.
#[server(name = TrashDocuments, prefix = "/api", endpoint = "documents/trash")]
pub async fn trash_documents(#[server(default)] documents: Vec<DocumentId>) -> Result<usize, AppError> {
    let (services, member) = session::member()?;
    session::answered(domain::documents::trash(&services, &member, &documents).await)
}

/// Moves all documents to the trash that the filters of a list find, and says which they were. Fails with a conflict where they are
/// more than `expected`.
#[server(name = TrashMatchingDocuments, prefix = "/api", endpoint = "documents/trash_matching")]
pub async fn trash_matching_documents(query: ListQuery, expected: u64) -> Result<Vec<DocumentId>, AppError> {
    let (services, member) = session::member()?;
    session::answered(Box::pin(domain::documents::trash_matching(&services, &member, &query, expected)).await)
}

/// Takes documents out of the trash, and says how many.
#[server(name = RestoreDocuments, prefix = "/api", endpoint = "documents/restore")]
pub async fn restore_documents(#[server(default)] documents: Vec<DocumentId>) -> Result<usize, AppError> {
    let (services, member) = session::member()?;
    session::answered(domain::documents::restore(&services, &member, &documents).await)
}

/// Deletes documents of the trash for good, and says how many.
#[server(name = DeleteDocuments, prefix = "/api", endpoint = "documents/delete")]
pub async fn delete_documents(#[server(default)] documents: Vec<DocumentId>) -> Result<usize, AppError> {
    let (services, member) = session::member()?;
    session::answered(domain::documents::delete(&services, &member, &documents).await)
}

/// Reads a document again that was cancelled, failed or was read in part, and says which job does.
#[server(name = RetryDocument, prefix = "/api", endpoint = "documents/retry")]
pub async fn retry_document(document: DocumentId) -> Result<JobId, AppError> {
    let (services, member) = session::member()?;
    let job = session::answered(domain::documents::retry(&services, &member, document).await)?;
    session::accepted(Some(job));
    Ok(job)
}

/// Has documents read again, says what became of them and which jobs read them, and leads a plain form back to the list.
#[server(name = ReadDocumentsAgain, prefix = "/api", endpoint = "documents/read_again")]
pub async fn read_documents_again(#[server(default)] documents: Vec<DocumentId>) -> Result<ReadAgain, AppError> {
    let (services, member) = session::member()?;
    let done = session::answered(Box::pin(domain::documents::read_again(&services, &member, &documents)).await)?;
    session::accepted(done.work.job);
    session::lead_on(routes::DOCUMENTS);
    Ok(done)
}

/// Has all documents read again, says which job has each of them read, and leads to a page that says how many.
#[server(name = ReadAllDocumentsAgain, prefix = "/api", endpoint = "documents/read_all_again")]
pub async fn read_all_documents_again() -> Result<ReadAll, AppError> {
    let (services, member) = session::member()?;
    let begun = session::answered(domain::documents::read_all_again(&services, &member).await)?;
    session::accepted(begun.work.job);
    leptos_axum::redirect(&routes::reading_all_again(begun.documents));
    Ok(begun)
}

/// Stops the reading of a document.
#[server(name = CancelDocument, prefix = "/api", endpoint = "documents/cancel")]
pub async fn cancel_document(document: DocumentId) -> Result<(), AppError> {
    let (services, member) = session::member()?;
    session::answered(domain::documents::cancel(&services, &member, document).await)
}

/// Who may see a document, with the members to choose from.
#[server(name = DocumentSharing, prefix = "/api", endpoint = "documents/sharing", input = Json)]
pub async fn document_sharing(id: DocumentId) -> Result<Sharing, AppError> {
    let (services, member) = session::member()?;
    session::answered(domain::documents::sharing(&services, &member, id).await)
}

/// Chooses who may see a document: `workspace`, or `private` with its readers.
#[server(name = ShareDocument, prefix = "/api", endpoint = "documents/share")]
pub async fn share_document(
    document: DocumentId,
    visibility: String,
    #[server(default)] readers: Vec<AccountId>,
) -> Result<(), AppError> {
    let (services, member) = session::member()?;
    let visibility = session::answered(Visibility::parse(&visibility, readers))?;
    session::answered(domain::documents::set_visibility(&services, &member, document, visibility).await)
}
