//! The server functions of what is under way, for members: of their own, or of everybody's where they run the workspace.

use domain::{
    activity::{ActivityListing, ActivityQuery, Begun},
    id::JobId,
};
use leptos::{prelude::*, server_fn::codec::Json};

use crate::error::AppError;
#[cfg(feature = "ssr")]
use crate::session;

/// One page of what is under way and what is over.
#[server(name = ListActivity, prefix = "/api", endpoint = "activity/list", input = Json)]
pub async fn list_activity(query: ActivityQuery) -> Result<ActivityListing, AppError> {
    let (services, member) = session::member()?;
    // On the heap: the future of a resource is moved several times before it runs.
    session::answered(Box::pin(domain::activity::list(&services, &member, query)).await)
}

/// Cancels work that waits or runs, and names it.
#[server(name = CancelJob, prefix = "/api", endpoint = "activity/cancel")]
pub async fn cancel_job(job: JobId) -> Result<Begun, AppError> {
    let (services, member) = session::member()?;
    session::answered(domain::activity::cancel(&services, &member, job).await)?;
    session::accepted(Some(job));
    Ok(Begun::one(job))
}

/// Has work done again that failed or was cancelled, and names it.
#[server(name = RetryJob, prefix = "/api", endpoint = "activity/retry")]
pub async fn retry_job(job: JobId) -> Result<Begun, AppError> {
    let (services, member) = session::member()?;
    session::answered(domain::activity::retry(&services, &member, job).await)?;
    session::accepted(Some(job));
    Ok(Begun::one(job))
}

/// Has everything done again that failed, and says which jobs do it.
#[server(name = RetryAllFailed, prefix = "/api", endpoint = "activity/retry_all")]
pub async fn retry_all_failed() -> Result<Begun, AppError> {
    let (services, member) = session::member()?;
    let begun = session::answered(domain::activity::retry_all_failed(&services, &member).await)?;
    session::accepted(begun.job);
    Ok(begun)
}
