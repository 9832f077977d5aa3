//! Requests that took long or failed: kept by the server that was asked, and shown by any to operators.

use super::{Operator, SlowFilter, SlowLine, SlowPage, SlowRequest, slow_store};
use crate::{
    Services,
    error::{Error, Result},
    id::SlowId,
    trace::TraceId,
};

/// On a page. The database answers one more, which tells that another page follows.
const PAGE: usize = 50;

/// Keeps one, as a web server. Whoever calls it bounds how many those are.
pub async fn keep_request(services: &Services, request: &SlowRequest, trace: TraceId) -> Result<()> {
    let mut system = services.db.system().await?;
    slow_store::keep(&mut system, request, trace).await?;
    system.commit().await
}

/// The newest 50 that a filter lets through, or those after the place that is named.
pub async fn slow_requests(
    services: &Services,
    operator: &Operator,
    filter: SlowFilter,
    after: Option<SlowId>,
) -> Result<SlowPage> {
    let mut system = services.db.system().await?;
    let mut requests = slow_store::page(&mut system, operator, services.clock.now(), filter, after).await?;
    system.commit().await?;
    let older = (requests.len() > PAGE).then(|| requests[PAGE - 1].id);
    requests.truncate(PAGE);
    Ok(SlowPage { requests, older })
}

/// Those with a reference, as somebody was shown it or it stands in the log: the newest 51, none where none was kept. More than one
/// where a client gave several requests one trace. Fails with "invalid" for what is no reference.
pub async fn slow_requests_of(services: &Services, operator: &Operator, reference: &str) -> Result<Vec<SlowLine>> {
    let trace = TraceId::parse_copied(reference).ok_or_else(no_reference)?;
    let mut system = services.db.system().await?;
    let found = slow_store::of_trace(&mut system, operator, services.clock.now(), trace).await?;
    system.commit().await?;
    Ok(found)
}

/// One of them with what it waited for. Fails with "not found" where it was forgotten.
pub async fn slow_request(services: &Services, operator: &Operator, id: SlowId) -> Result<SlowRequest> {
    let mut system = services.db.system().await?;
    let found = slow_store::one(&mut system, operator, services.clock.now(), id).await?;
    system.commit().await?;
    found.ok_or_else(Error::not_found)
}

/// Forgets those of more than seven days ago and all but the newest 2,000 that failed and 2,000 that did not, as a worker, and says
/// how many those were.
pub async fn forget_slow_requests(services: &Services) -> Result<i64> {
    let mut system = services.db.system().await?;
    let forgotten = slow_store::forget(&mut system, services.clock.now()).await?;
    system.commit().await?;
    Ok(forgotten)
}

fn no_reference() -> Error {
    Error::invalid("reference", "A reference has 32 characters, each a digit or a letter from a to f. Copy all of it.")
}
