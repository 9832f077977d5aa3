//! One account in several workspaces: a session is in one of them at a time.

use super::{MAX_WORKSPACES, limits, sessions::SignedIn, sign_up::parse_name, store};
use crate::{
    Services,
    actor::{Member, Role},
    audit::{self, Act},
    db::SystemTx,
    error::{Error, Result},
    id::TenantId,
    tenants,
};

/// Goes on in another workspace of the account, with this session. "Not found" for one that they are not in. The browser keeps
/// its refresh token; its other tabs follow it within two seconds.
pub async fn switch(services: &Services, member: &Member, tenant: TenantId) -> Result<SignedIn> {
    let now = services.clock.now();
    let mut system = services.db.account(member.require_account()?).await?;
    let memberships = store::memberships(&mut system).await?;
    let found = memberships.into_iter().find(|membership| membership.tenant == tenant).ok_or_else(Error::not_found)?;
    system.commit().await?;
    let member = Member { tenant, role: found.role, ..member.clone() };
    let mut tx = services.db.tenant(&member).await?;
    let session = store::lock_session(tx.identity(), member.session, now).await?.ok_or_else(Error::unauthenticated)?;
    store::move_session(tx.identity(), member.session, tenant).await?;
    audit::record(&mut tx, &services.clock, Act::SignedIn, member.account.0).await?;
    tx.commit().await?;
    let access = services.keys.sign(&member, session.version, now)?;
    Ok(SignedIn { member, access, refresh: None })
}

/// Makes another workspace, of which the person is the owner, and goes on in it. The form field is `name`.
pub async fn make_workspace(services: &Services, member: &Member, name: &str) -> Result<SignedIn> {
    let name = parse_name("name", name, "Enter a name for the workspace.")?;
    limits::check_account(services, "make_workspace", member.account).await?;
    let mut system = services.db.account(member.require_account()?).await?;
    require_room(&mut system).await?;
    system.commit().await?;
    let tenant = services.clock.id::<TenantId>();
    let founder = Member { tenant, role: Role::Owner, ..member.clone() };
    let mut tx = services.db.tenant(&founder).await?;
    tenants::found(&mut tx, &name, member.account, Role::Owner, services.clock.now()).await?;
    audit::record(&mut tx, &services.clock, Act::TenantMade, tenant.0).await?;
    tx.commit().await?;
    switch(services, member, tenant).await
}

/// Fails where the account that the transaction was opened for is in as many workspaces as it may be.
pub(crate) async fn require_room(system: &mut SystemTx) -> Result<()> {
    if store::memberships(system).await?.len() >= MAX_WORKSPACES {
        let told = format!("You are in {MAX_WORKSPACES} workspaces, which is the most. Leave one first.");
        return Err(Error::limit_reached(told));
    }
    Ok(())
}
