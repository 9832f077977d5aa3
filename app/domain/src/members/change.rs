//! Another role, another owner, and the ways out. A workspace always has an owner.

use serde_json::json;

use super::{MemberInfo, mails, powers, store};
use crate::{
    Services,
    actor::{Action, Member, Role},
    api_keys,
    audit::{self, Act},
    db::TenantTx,
    error::{Error, Result},
    id::AccountId,
    live,
};

/// Gives a member another role. Nobody changes the role of somebody above, or gives more than their own.
pub async fn change_role(services: &Services, member: &Member, account: AccountId, role: Role) -> Result<()> {
    member.require(Action::ChangeRoles)?;
    let mut tx = services.db.tenant(member).await?;
    let people = lock(&mut tx, member, account).await?;
    if !powers::may_change(people.actor.role, people.subject.role, role) {
        return Err(above());
    }
    if people.subject.role == role {
        return Ok(());
    }
    people.leave_an_owner()?;
    store::set_role(&mut tx, account, role).await?;
    let detail = json!({ "from": people.subject.role, "to": role });
    audit::record_detail(&mut tx, &services.clock, Act::RoleChanged, account.0, detail).await?;
    live::announce(&mut tx, "member", account).await?;
    tx.commit().await
}

/// Takes a member out of the workspace, and tells them by mail. What they made stays.
pub async fn remove(services: &Services, member: &Member, account: AccountId) -> Result<()> {
    member.require(Action::RemoveMembers)?;
    let mut tx = services.db.tenant(member).await?;
    let people = lock(&mut tx, member, account).await?;
    if account == member.account {
        return Err(Error::conflict("This is you. To go, leave the workspace."));
    }
    if !powers::may_remove(people.actor.role, people.subject.role) {
        return Err(above());
    }
    people.leave_an_owner()?;
    mails::removed(services, &mut tx, &people.subject, &people.actor).await?;
    take_out(services, &mut tx, Act::MemberRemoved, &people.subject).await?;
    tx.commit().await
}

/// Leaves the workspace, whatever one's role. Fails for the last owner.
pub async fn leave(services: &Services, member: &Member) -> Result<()> {
    let mut tx = services.db.tenant(member).await?;
    let people = lock(&mut tx, member, member.account).await?;
    people.leave_an_owner()?;
    take_out(services, &mut tx, Act::MemberLeft, &people.subject).await?;
    tx.commit().await
}

/// Makes another member owner in the place of the one who asks, who becomes admin.
pub async fn transfer_ownership(services: &Services, member: &Member, account: AccountId) -> Result<()> {
    member.require(Action::TransferOwnership)?;
    let mut tx = services.db.tenant(member).await?;
    let people = lock(&mut tx, member, account).await?;
    if people.actor.role != Role::Owner {
        return Err(above());
    }
    if account == member.account {
        return Err(Error::invalid("account", "Choose somebody else: you are an owner already."));
    }
    store::set_role(&mut tx, account, Role::Owner).await?;
    store::set_role(&mut tx, member.account, Role::Admin).await?;
    let detail = json!({ "to": people.subject.email });
    audit::record_detail(&mut tx, &services.clock, Act::OwnershipTransferred, account.0, detail).await?;
    live::announce(&mut tx, "member", account).await?;
    live::announce(&mut tx, "member", member.account).await?;
    tx.commit().await
}

/// Who acts and on whom, as the database knows them; nobody else changes who is here until the transaction ends.
struct Locked {
    actor: MemberInfo,
    subject: MemberInfo,
    is_last_owner: bool,
}

impl Locked {
    /// Fails where without the subject, as an owner, there would be none.
    fn leave_an_owner(&self) -> Result<()> {
        if self.is_last_owner {
            let told = "The workspace needs an owner, and there is no other. Make somebody else an owner first.";
            Err(Error::conflict(told))
        } else {
            Ok(())
        }
    }
}

/// The member's role may be two seconds old, in which somebody who has just lost it could give it back to themselves: here
/// the database is asked.
async fn lock(tx: &mut TenantTx, member: &Member, subject: AccountId) -> Result<Locked> {
    let owners = store::lock_owners(tx).await?;
    let actor = store::find(tx, member.require_account()?).await?.ok_or_else(Error::unauthenticated)?;
    let subject = store::find(tx, subject).await?.ok_or_else(Error::not_found)?;
    let is_last_owner = owners == [subject.account];
    Ok(Locked { actor, subject, is_last_owner })
}

async fn take_out(services: &Services, tx: &mut TenantTx, act: Act, subject: &MemberInfo) -> Result<()> {
    store::delete(tx, subject.account).await?;
    let keys = api_keys::revoke_of(tx, &services.clock, subject.account).await?;
    let detail = json!({ "email": subject.email, "role": subject.role });
    audit::record_detail(tx, &services.clock, act, subject.account.0, detail).await?;
    if !keys.is_empty() {
        audit::record_many(tx, &services.clock, Act::KeyRevoked, &keys).await?;
    }
    live::announce(tx, "member", subject.account).await
}

fn above() -> Error {
    Error::forbidden("Only an owner can do this: nobody changes somebody above, or gives more than their own role.")
}
