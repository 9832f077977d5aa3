//! Where an account is at home: the workspace that it was in first. Whoever was removed from the last one gets one of their
//! own, so that nobody is locked out, and mails about an account always have a workspace to be kept in.

use super::store::{self, Membership};
use crate::{
    Services,
    actor::{Role, System},
    audit::{self, Act},
    db::TenantTx,
    error::Result,
    id::{AccountId, TenantId},
    tenants,
};

/// The oldest membership of an account; where there is none, that of a workspace which is made now.
pub(super) async fn of(services: &Services, account: AccountId) -> Result<Membership> {
    let mut system = services.db.account(account).await?;
    let oldest = store::first_membership(&mut system).await?;
    system.commit().await?;
    match oldest {
        Some(membership) => Ok(membership),
        None => make(services, account).await,
    }
}

/// A transaction in the workspace that keeps mails about an account: at home; but where nothing is sent from there, as no work is
/// begun in it, in the oldest other one.
pub(super) async fn open_for_mail(services: &Services, account: AccountId) -> Result<TenantTx> {
    let mut system = services.db.account(account).await?;
    let memberships = store::memberships(&mut system).await?;
    system.commit().await?;
    for Membership { tenant, .. } in memberships {
        let mut tx = services.db.tenant(&System::for_tenant(tenant)).await?;
        if tenants::is_working(&mut tx, services.clock.now()).await? {
            return Ok(tx);
        }
    }
    let home = of(services, account).await?;
    services.db.tenant(&System::for_tenant(home.tenant)).await
}

async fn make(services: &Services, account: AccountId) -> Result<Membership> {
    let tenant = services.clock.id::<TenantId>();
    let mut tx = services.db.tenant(&System::for_tenant(tenant)).await?;
    // Two browsers that sign in at once find the same workspace: the second waits for the first.
    let name = store::lock_account(tx.identity(), account).await?;
    tx.identity().act_for(account).await?;
    if let Some(membership) = store::first_membership(tx.identity()).await? {
        return Ok(membership);
    }
    let role = Role::Owner;
    tenants::found(&mut tx, &format!("{name}'s workspace"), account, role, services.clock.now()).await?;
    audit::record(&mut tx, &services.clock, Act::TenantMade, tenant.0).await?;
    tx.commit().await?;
    Ok(Membership { tenant, role })
}
