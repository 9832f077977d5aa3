//! Inviting by e-mail: the link is good for a week, can be sent again, and can be withdrawn.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::{InvitationState, MemberInfo, mails, powers, store, token::InviteToken};
use crate::{
    Services,
    accounts::Email,
    actor::{Action, Member, Role},
    audit::{self, Act},
    billing,
    db::TenantTx,
    error::{Error, Result},
    id::InviteId,
    live,
};

/// How long the link in the mail is good.
pub const INVITE_TTL: TimeDelta = TimeDelta::days(7);

/// Invitations that wait for an answer, in one workspace.
const MAX_OPEN: i64 = 100;

/// New invitations of one workspace in a day: withdrawing them must not make Sheaf a machine for unwanted mail.
const MAX_A_DAY: i64 = 200;

/// Mails of one invitation.
const MAX_SENDS: i32 = 10;

/// Between two mails of one invitation.
const PAUSE: TimeDelta = TimeDelta::minutes(1);

/// Mails a link to join as `role`. Fails with the field that is wrong: `email` or `role`.
pub async fn invite(services: &Services, member: &Member, email: &str, role: Role) -> Result<InviteId> {
    member.require(Action::InviteMembers)?;
    let email = Email::parse(email)?;
    let now = services.clock.now();
    let mut tx = services.db.tenant(member).await?;
    let inviter = lock(&mut tx, member).await?;
    if !powers::may_invite(inviter.role, role) {
        return Err(Error::invalid("role", "You can invite to your own role at most."));
    }
    if store::has_address(&mut tx, email.as_str()).await? {
        return Err(Error::invalid("email", "This person is a member of the workspace already."));
    }
    require_room(services, &mut tx, now).await?;
    let (id, token) = (services.clock.id(), InviteToken::new(member.tenant, services.clock.random()));
    let new = store::NewInvite {
        id,
        email: email.as_str(),
        role,
        token_hash: token.hash(),
        invited_by: member.account,
        now,
        expires_at: now + INVITE_TTL,
    };
    store::insert_invite(&mut tx, &new).await?;
    let letter = mails::Letter { invite: id, number: 1, to: email.as_str(), role, from: &inviter.name };
    mails::send(services, &mut tx, letter, &token).await?;
    let detail = json!({ "email": email, "role": role });
    audit::record_detail(&mut tx, &services.clock, Act::MemberInvited, id.0, detail).await?;
    live::announce(&mut tx, "member", id).await?;
    tx.commit().await?;
    Ok(id)
}

/// Mails a new link, good for another week; the one before is good no more.
pub async fn send_again(services: &Services, member: &Member, id: InviteId) -> Result<()> {
    member.require(Action::InviteMembers)?;
    let now = services.clock.now();
    let mut tx = services.db.tenant(member).await?;
    let (inviter, invite) = lock_open(&mut tx, member, id, now).await?;
    if now - invite.last_sent_at < PAUSE {
        return Err(Error::rate_limited("A mail went out a moment ago. Please wait a minute."));
    }
    if invite.sends >= MAX_SENDS {
        let told = format!("This invitation was mailed {MAX_SENDS} times. Withdraw it, and check the address.");
        return Err(Error::limit_reached(told));
    }
    let token = InviteToken::new(member.tenant, services.clock.random());
    store::renew_invite(&mut tx, id, &token.hash(), now, now + INVITE_TTL).await?;
    let number = invite.sends + 1;
    let letter = mails::Letter { invite: id, number, to: &invite.email, role: invite.role, from: &inviter.name };
    mails::send(services, &mut tx, letter, &token).await?;
    let detail = json!({ "email": invite.email });
    audit::record_detail(&mut tx, &services.clock, Act::InviteSentAgain, id.0, detail).await?;
    live::announce(&mut tx, "member", id).await?;
    tx.commit().await
}

/// Takes an invitation back: its link is good no more.
pub async fn withdraw(services: &Services, member: &Member, id: InviteId) -> Result<()> {
    member.require(Action::InviteMembers)?;
    let now = services.clock.now();
    let mut tx = services.db.tenant(member).await?;
    let (_, invite) = lock_open(&mut tx, member, id, now).await?;
    store::mark_withdrawn(&mut tx, id, now).await?;
    let detail = json!({ "email": invite.email });
    audit::record_detail(&mut tx, &services.clock, Act::InviteWithdrawn, id.0, detail).await?;
    live::announce(&mut tx, "member", id).await?;
    tx.commit().await
}

/// Whoever invites, as the database knows them; invitations of a workspace are made one after the other, so that the limits
/// hold.
async fn lock(tx: &mut TenantTx, member: &Member) -> Result<MemberInfo> {
    store::lock_owners(tx).await?;
    store::find(tx, member.require_account()?).await?.ok_or_else(Error::unauthenticated)
}

/// An invitation that is not over yet, and on which the member has a say.
async fn lock_open(
    tx: &mut TenantTx,
    member: &Member,
    id: InviteId,
    now: DateTime<Utc>,
) -> Result<(MemberInfo, store::LockedInvite)> {
    let inviter = lock(tx, member).await?;
    let invite = store::lock_invite(tx, id).await?.ok_or_else(Error::not_found)?;
    match invite.state(now) {
        InvitationState::Accepted => return Err(Error::conflict("This invitation was accepted a moment ago.")),
        InvitationState::Withdrawn => return Err(Error::conflict("This invitation was withdrawn already.")),
        InvitationState::Open | InvitationState::Expired => {}
    }
    if !powers::may_invite(inviter.role, invite.role) {
        return Err(Error::forbidden("Only an owner can do this to the invitation of an owner."));
    }
    Ok((inviter, invite))
}

/// Whether one more may be invited. The owners are locked, so the counts stay as they are.
async fn require_room(services: &Services, tx: &mut TenantTx, now: DateTime<Utc>) -> Result<()> {
    let usage = store::usage(tx, now - TimeDelta::days(1)).await?;
    if usage.open >= MAX_OPEN {
        let told = format!("{MAX_OPEN} invitations are open, which is the most. Withdraw some first.");
        return Err(Error::limit_reached(told));
    }
    if usage.recent >= MAX_A_DAY {
        return Err(Error::rate_limited(format!("A workspace can invite {MAX_A_DAY} people a day. Go on tomorrow.")));
    }
    let entitlements = billing::entitlements_in(services, tx).await?;
    // An invitation that has run out can be sent again, so it counts until it is withdrawn.
    billing::check_members(&entitlements, store::count(tx).await? + usage.open + 1)
}
