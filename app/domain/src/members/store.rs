//! All SQL of members and invitations.

use chrono::{DateTime, Utc};

use super::{Invitation, InvitationState, InviteInfo, MemberInfo};
use crate::{
    actor::Role,
    db::TenantTx,
    error::{Error, Result},
    id::{AccountId, InviteId, TenantId},
};

/// Of whoever changes who is in a workspace, or is asked to come.
const TURN: &str = "member";

/// A new invitation.
pub(super) struct NewInvite<'a> {
    pub id: InviteId,
    pub email: &'a str,
    pub role: Role,
    pub token_hash: Vec<u8>,
    pub invited_by: AccountId,
    pub now: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

/// An invitation that is locked until the transaction ends.
pub(super) struct LockedInvite {
    pub id: InviteId,
    pub email: String,
    pub role: Role,
    pub expires_at: DateTime<Utc>,
    pub last_sent_at: DateTime<Utc>,
    pub sends: i32,
    pub accepted: bool,
    pub withdrawn: bool,
}

impl LockedInvite {
    pub fn state(&self, now: DateTime<Utc>) -> InvitationState {
        state_of(self.accepted, self.withdrawn, self.expires_at, now)
    }
}

/// Invitations of a tenant: open ones, and those made since some time.
pub(super) struct Usage {
    pub open: i64,
    pub recent: i64,
}

struct InvitationRow {
    workspace: String,
    email: String,
    role: Role,
    invited_by: String,
    expires_at: DateTime<Utc>,
    accepted: bool,
    withdrawn: bool,
    has_account: bool,
}

/// The longest here first, at most 1,000: twice as many as a workspace takes.
pub(super) async fn list(tx: &mut TenantTx) -> Result<Vec<MemberInfo>> {
    let tenant = tx.id();
    let members = sqlx::query_as!(
        MemberInfo,
        r#"select m.account_id as "account: AccountId", a.name, a.email, m.role as "role: Role", m.created_at as joined_at
           from membership m join account a on a.id = m.account_id
           where m.tenant_id = $1 order by m.created_at, m.account_id limit 1000"#,
        tenant.0,
    );
    Ok(members.fetch_all(tx.conn()).await?)
}

pub(super) async fn find(tx: &mut TenantTx, account: AccountId) -> Result<Option<MemberInfo>> {
    let tenant = tx.id();
    let member = sqlx::query_as!(
        MemberInfo,
        r#"select m.account_id as "account: AccountId", a.name, a.email, m.role as "role: Role", m.created_at as joined_at
           from membership m join account a on a.id = m.account_id
           where m.tenant_id = $1 and m.account_id = $2"#,
        tenant.0,
        account.0,
    );
    Ok(member.fetch_optional(tx.conn()).await?)
}

/// The owners, while whoever else changes who is in the workspace waits: two owners who leave at the same moment would each see
/// the other one stay. Their rows alone would not do: whoever waits for one is not shown somebody who became an owner meanwhile.
pub(super) async fn lock_owners(tx: &mut TenantTx) -> Result<Vec<AccountId>> {
    tx.take_turns(TURN).await?;
    let tenant = tx.id();
    let owners = sqlx::query_scalar!(
        r#"select account_id as "account: AccountId" from membership
           where tenant_id = $1 and role = 'owner' order by account_id for update"#,
        tenant.0,
    );
    Ok(owners.fetch_all(tx.conn()).await?)
}

pub(super) async fn count(tx: &mut TenantTx) -> Result<i64> {
    let tenant = tx.id();
    let count = sqlx::query_scalar!(r#"select count(*) as "count!" from membership where tenant_id = $1"#, tenant.0);
    Ok(count.fetch_one(tx.conn()).await?)
}

pub(super) async fn has_address(tx: &mut TenantTx, email: &str) -> Result<bool> {
    let tenant = tx.id();
    let has = sqlx::query_scalar!(
        r#"select exists (
               select from account a join membership m on m.account_id = a.id
               where m.tenant_id = $1 and a.email = $2
           ) as "has!""#,
        tenant.0,
        email,
    );
    Ok(has.fetch_one(tx.conn()).await?)
}

pub(super) async fn set_role(tx: &mut TenantTx, account: AccountId, role: Role) -> Result<()> {
    let tenant = tx.id();
    sqlx::query!(
        "update membership set role = $3 where tenant_id = $1 and account_id = $2",
        tenant.0,
        account.0,
        role.as_str(),
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn delete(tx: &mut TenantTx, account: AccountId) -> Result<()> {
    let tenant = tx.id();
    sqlx::query!("delete from membership where tenant_id = $1 and account_id = $2", tenant.0, account.0)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// The open invitations, the newest first, at most 100, which is as many as there may be.
pub(super) async fn list_invites(tx: &mut TenantTx, now: DateTime<Utc>) -> Result<Vec<InviteInfo>> {
    let tenant = tx.id();
    let invites = sqlx::query_as!(
        InviteInfo,
        r#"select i.id as "id: InviteId", i.email, i.role as "role: Role", a.name as invited_by, i.last_sent_at,
                  i.expires_at, i.expires_at <= $2 as "expired!"
           from invite i join account a on a.id = i.invited_by
           where i.tenant_id = $1 and i.accepted_at is null and i.withdrawn_at is null
           order by i.created_at desc, i.id limit 100"#,
        tenant.0,
        now,
    );
    Ok(invites.fetch_all(tx.conn()).await?)
}

pub(super) async fn usage(tx: &mut TenantTx, since: DateTime<Utc>) -> Result<Usage> {
    let tenant = tx.id();
    let usage = sqlx::query_as!(
        Usage,
        r#"select (select count(*) from invite
                   where tenant_id = $1 and accepted_at is null and withdrawn_at is null) as "open!",
                  (select count(*) from invite where tenant_id = $1 and created_at > $2) as "recent!""#,
        tenant.0,
        since,
    );
    Ok(usage.fetch_one(tx.conn()).await?)
}

/// Fails with the field `email` when the address is invited already: the unique index is the validation.
pub(super) async fn insert_invite(tx: &mut TenantTx, new: &NewInvite<'_>) -> Result<()> {
    let tenant = tx.id();
    sqlx::query!(
        "insert into invite (tenant_id, id, email, role, token_hash, invited_by, created_at, last_sent_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $7, $8)",
        tenant.0,
        new.id.0,
        new.email,
        new.role.as_str(),
        new.token_hash,
        new.invited_by.0,
        new.now,
        new.expires_at,
    )
    .execute(tx.conn())
    .await
    .map_err(|error| match error.as_database_error().and_then(|database| database.constraint()) {
        Some("invite_open") => Error::invalid("email", "This address is invited already. Send that invitation again."),
        _ => error.into(),
    })?;
    Ok(())
}

/// An invitation of this tenant by its id.
pub(super) async fn lock_invite(tx: &mut TenantTx, id: InviteId) -> Result<Option<LockedInvite>> {
    let tenant = tx.id();
    let invite = sqlx::query_as!(
        LockedInvite,
        r#"select id as "id: InviteId", email, role as "role: Role", expires_at, last_sent_at, sends,
                  accepted_at is not null as "accepted!", withdrawn_at is not null as "withdrawn!"
           from invite where tenant_id = $1 and id = $2 for update"#,
        tenant.0,
        id.0,
    );
    Ok(invite.fetch_optional(tx.conn()).await?)
}

/// An invitation of this tenant by the hash of its secret.
pub(super) async fn redeem_invite(tx: &mut TenantTx, hash: &[u8]) -> Result<Option<LockedInvite>> {
    let tenant = tx.id();
    let invite = sqlx::query_as!(
        LockedInvite,
        r#"select id as "id: InviteId", email, role as "role: Role", expires_at, last_sent_at, sends,
                  accepted_at is not null as "accepted!", withdrawn_at is not null as "withdrawn!"
           from invite where tenant_id = $1 and token_hash = $2 for update"#,
        tenant.0,
        hash,
    );
    Ok(invite.fetch_optional(tx.conn()).await?)
}

/// What whoever holds the secret is told.
pub(super) async fn invitation(tx: &mut TenantTx, hash: &[u8], now: DateTime<Utc>) -> Result<Option<Invitation>> {
    let tenant = tx.id();
    let row = sqlx::query_as!(
        InvitationRow,
        r#"select t.name as workspace, i.email, i.role as "role: Role", a.name as invited_by, i.expires_at,
                  i.accepted_at is not null as "accepted!", i.withdrawn_at is not null as "withdrawn!",
                  exists (select from account known where known.email = i.email) as "has_account!"
           from invite i
           join tenant t on t.tenant_id = i.tenant_id
           join account a on a.id = i.invited_by
           where i.tenant_id = $1 and i.token_hash = $2"#,
        tenant.0,
        hash,
    );
    Ok(row.fetch_optional(tx.conn()).await?.map(|row| row.into_invitation(tenant, now)))
}

impl InvitationRow {
    fn into_invitation(self, tenant: TenantId, now: DateTime<Utc>) -> Invitation {
        Invitation {
            tenant,
            workspace: self.workspace,
            email: self.email,
            role: self.role,
            invited_by: self.invited_by,
            state: state_of(self.accepted, self.withdrawn, self.expires_at, now),
            has_account: self.has_account,
        }
    }
}

/// Puts a new secret in the place of the old one.
pub(super) async fn renew_invite(
    tx: &mut TenantTx,
    id: InviteId,
    hash: &[u8],
    now: DateTime<Utc>,
    expires_at: DateTime<Utc>,
) -> Result<()> {
    let tenant = tx.id();
    sqlx::query!(
        "update invite set token_hash = $3, last_sent_at = $4, expires_at = $5, sends = sends + 1
         where tenant_id = $1 and id = $2",
        tenant.0,
        id.0,
        hash,
        now,
        expires_at,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn mark_withdrawn(tx: &mut TenantTx, id: InviteId, now: DateTime<Utc>) -> Result<()> {
    let tenant = tx.id();
    sqlx::query!("update invite set withdrawn_at = $3 where tenant_id = $1 and id = $2", tenant.0, id.0, now)
        .execute(tx.conn())
        .await?;
    Ok(())
}

pub(super) async fn mark_accepted(tx: &mut TenantTx, id: InviteId, now: DateTime<Utc>) -> Result<()> {
    let tenant = tx.id();
    sqlx::query!("update invite set accepted_at = $3 where tenant_id = $1 and id = $2", tenant.0, id.0, now)
        .execute(tx.conn())
        .await?;
    Ok(())
}

fn state_of(accepted: bool, withdrawn: bool, expires_at: DateTime<Utc>, now: DateTime<Utc>) -> InvitationState {
    match (accepted, withdrawn) {
        (true, _) => InvitationState::Accepted,
        (_, true) => InvitationState::Withdrawn,
        _ if expires_at <= now => InvitationState::Expired,
        _ => InvitationState::Open,
    }
}
