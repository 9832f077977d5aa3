//! What operators see of the workspaces.

use super::{Operator, TenantLine, TenantPage, store};
use crate::{
    Services,
    error::{Error, Result},
    id::TenantId,
};

/// Workspaces on a page. The database answers one more, which tells that another page follows.
const PAGE: usize = 50;

/// Longer than any name.
const MAX_SEARCH_CHARACTERS: usize = 200;

/// The workspaces with `search` in their names, or with it as their id; all where it is empty. `before` is where the page
/// before this one has ended.
pub async fn tenants(
    services: &Services,
    operator: &Operator,
    search: &str,
    before: Option<TenantId>,
) -> Result<TenantPage> {
    let search: String = search.trim().chars().take(MAX_SEARCH_CHARACTERS).collect();
    let wanted = (!search.is_empty()).then_some(search.as_str());
    let mut system = services.db.system().await?;
    let mut tenants = store::tenants(&mut system, operator, services.clock.now(), wanted, before, None).await?;
    system.commit().await?;
    let older = (tenants.len() > PAGE).then(|| tenants[PAGE - 1].id);
    tenants.truncate(PAGE);
    Ok(TenantPage { tenants, older })
}

/// One workspace.
pub async fn tenant(services: &Services, operator: &Operator, tenant: TenantId) -> Result<TenantLine> {
    let mut system = services.db.system().await?;
    let found = store::tenants(&mut system, operator, services.clock.now(), None, None, Some(tenant)).await?;
    system.commit().await?;
    found.into_iter().next().ok_or_else(Error::not_found)
}
