//! Coming in by the link of a mail.

use std::net::IpAddr;

use serde_json::json;

use super::{Invitation, InvitationState, store, token::InviteToken};
use crate::{
    Services,
    accounts::{self, Email, Password, SignedIn},
    actor::{Member, System},
    audit::{self, Act},
    billing::{self, Standing},
    db::TenantTx,
    error::{Error, Result},
    id::{AccountId, TenantId},
    live, tenants,
};

/// The people of one workspace: as many as their page shows in one list.
const MAX_MEMBERS: i64 = 500;

/// What the form of somebody without an account says, and the request.
#[derive(Debug)]
pub struct NewMember<'a> {
    pub token: &'a str,
    pub name: &'a str,
    pub password: &'a str,
    /// The network address it comes from.
    pub from: Option<IpAddr>,
    pub user_agent: &'a str,
}

/// What the holder of a link is told before they decide. It changes nothing. Fails with the field `token` for a link that no
/// workspace made, or that a newer one has replaced.
pub async fn invitation(services: &Services, token: &str) -> Result<Invitation> {
    let token = InviteToken::parse(token).ok_or_else(not_good)?;
    let mut tx = services.db.tenant(&System::for_tenant(token.tenant)).await?;
    let found = store::invitation(&mut tx, &token.hash(), services.clock.now()).await?;
    tx.commit().await?;
    found.ok_or_else(not_good)
}

/// Brings somebody who is signed in into the workspace of the link, and says which it is. The invitation must be for the
/// address of their account.
pub async fn accept(services: &Services, member: &Member, token: &str) -> Result<TenantId> {
    let token = InviteToken::parse(token).ok_or_else(not_good)?;
    // They act in the workspace that invites them, for its log; what they may do there begins when they are in it.
    let joining = Member { tenant: token.tenant, ..member.clone() };
    let mut tx = services.db.tenant(&joining).await?;
    let invite = redeem(services, &mut tx, &token).await?;
    let email = accounts::address_of(tx.identity(), member.require_account()?).await?;
    if email != invite.email {
        let told = format!("This invitation is for {}. Sign in with that address to use it.", invite.email);
        return Err(Error::forbidden(told));
    }
    accounts::require_room(tx.identity()).await?;
    join(services, &mut tx, &invite, member.account).await?;
    tx.commit().await?;
    Ok(token.tenant)
}

/// Makes an account for the address of the invitation, which the mail has proved, and starts a session in the workspace.
pub async fn accept_as_new(services: &Services, form: NewMember<'_>) -> Result<SignedIn> {
    let token = InviteToken::parse(form.token).ok_or_else(not_good)?;
    let invitation = invitation(services, form.token).await?;
    require_open(invitation.state)?;
    if invitation.has_account {
        return Err(Error::conflict("This address has an account already. Sign in to join."));
    }
    let name = accounts::parse_name("name", form.name, "Enter your name.")?;
    let hash = services.passwords.hash(&services.clock, &Password::choose(form.password)?).await?;
    let account = services.clock.id::<AccountId>();
    let joining = Member {
        tenant: token.tenant,
        account,
        session: services.clock.id(),
        role: invitation.role,
        from: form.from,
        support: None,
        through: None,
        standing: Standing::Good,
    };
    let mut tx = services.db.tenant(&joining).await?;
    let invite = redeem(services, &mut tx, &token).await?;
    let email = Email::parse(&invite.email)?;
    accounts::insert_verified(tx.identity(), account, &email, &name, &hash, services.clock.now()).await?;
    join(services, &mut tx, &invite, account).await?;
    tx.commit().await?;
    accounts::start_session(services, account, None, form.user_agent, form.from).await
}

/// The open invitation of a token, locked: of two who use it at once, the second finds it used. The owners are locked before it,
/// as whoever changes who is in the workspace does, so that nobody comes in beyond a limit.
async fn redeem(services: &Services, tx: &mut TenantTx, token: &InviteToken) -> Result<store::LockedInvite> {
    store::lock_owners(tx).await?;
    let invite = store::redeem_invite(tx, &token.hash()).await?.ok_or_else(not_good)?;
    require_open(invite.state(services.clock.now()))?;
    Ok(invite)
}

async fn join(services: &Services, tx: &mut TenantTx, invite: &store::LockedInvite, account: AccountId) -> Result<()> {
    let members = store::count(tx).await?;
    if members >= MAX_MEMBERS {
        let told = format!("This workspace has {MAX_MEMBERS} members, which is the most.");
        return Err(Error::limit_reached(told));
    }
    // The plan may have become a smaller one since they were invited.
    billing::check_members(&billing::entitlements_in(services, tx).await?, members + 1)?;
    let now = services.clock.now();
    tenants::join(tx, account, invite.role, now).await?;
    store::mark_accepted(tx, invite.id, now).await?;
    let detail = json!({ "email": invite.email, "role": invite.role, "invite": invite.id });
    audit::record_detail(tx, &services.clock, Act::InviteAccepted, account.0, detail).await?;
    live::announce(tx, "member", account).await
}

fn require_open(state: InvitationState) -> Result<()> {
    match state.refusal() {
        Some(refusal) => Err(Error::conflict(refusal)),
        None => Ok(()),
    }
}

fn not_good() -> Error {
    Error::invalid("token", "This link is not good, or not any more. Ask whoever invited you for a new one.")
}
