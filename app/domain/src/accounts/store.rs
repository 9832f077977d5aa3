//! All SQL of accounts. These tables have no tenant, so its functions take a `SystemTx`.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{Email, Profile, SessionInfo};
use crate::{
    actor::Role,
    billing::{SubscriptionStatus, Told},
    db::{SystemTx, TenantTx},
    error::{Error, Result},
    id::{AccountId, SessionId, TenantId},
};

pub(super) struct KnownAccount {
    pub id: AccountId,
    pub name: String,
    pub password_hash: String,
    pub verified: bool,
}

pub(super) struct Membership {
    pub tenant: TenantId,
    pub role: Role,
}

/// Who a session belongs to, as one row tells it.
struct Standing {
    account: AccountId,
    name: String,
    email: String,
    tenant: TenantId,
    tenant_name: String,
    role: Role,
    logo: Option<Uuid>,
    time_zone: String,
    trash_days: i32,
    delete_after: Option<DateTime<Utc>>,
    suspended: bool,
    status: SubscriptionStatus,
    trial_ends_at: DateTime<Utc>,
    first_payment_at: Option<DateTime<Utc>>,
    unpaid_since: Option<DateTime<Utc>>,
    warned_credits: i32,
    warned_storage: i32,
    month_ends_at: DateTime<Utc>,
    workspaces: serde_json::Value,
}

pub(super) struct LockedSession {
    pub account: AccountId,
    pub tenant: TenantId,
    pub secret_hash: Vec<u8>,
    pub previous_hash: Option<Vec<u8>>,
    pub rotated_at: DateTime<Utc>,
    pub version: i32,
}

pub(super) struct NewSession<'a> {
    pub id: SessionId,
    pub account: AccountId,
    pub tenant: TenantId,
    /// What the password was checked against; none where a mail has proved who it is.
    pub password_hash: Option<&'a str>,
    pub secret_hash: Vec<u8>,
    pub user_agent: String,
    pub now: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

pub(super) async fn find_by_email(tx: &mut SystemTx, email: &Email) -> Result<Option<KnownAccount>> {
    let found = sqlx::query_as!(
        KnownAccount,
        r#"select id as "id: AccountId", name, password_hash, email_verified_at is not null as "verified!"
           from account where email = $1"#,
        email.as_str(),
    );
    Ok(found.fetch_optional(tx.conn()).await?)
}

/// Fails with a conflict when the address has an account: the unique index is the validation.
pub(super) async fn insert_account(
    tx: &mut SystemTx,
    id: AccountId,
    email: &Email,
    name: &str,
    password_hash: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "insert into account (id, email, name, password_hash, created_at) values ($1, $2, $3, $4, $5)",
        id.0,
        email.as_str(),
        name,
        password_hash,
        now,
    )
    .execute(tx.conn())
    .await
    .map_err(|error| match error.as_database_error().and_then(|database| database.constraint()) {
        Some("account_email_key") => Error::conflict("This address has an account already."),
        _ => error.into(),
    })?;
    Ok(())
}

pub(super) async fn mark_verified(tx: &mut SystemTx, account: AccountId, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "update account set email_verified_at = coalesce(email_verified_at, $2) where id = $1",
        account.0,
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The e-mail address of an account.
pub(crate) async fn address_of(tx: &mut SystemTx, account: AccountId) -> Result<String> {
    Ok(sqlx::query_scalar!("select email from account where id = $1", account.0).fetch_one(tx.conn()).await?)
}

/// The name of an account, whose workspaces nobody else counts until the transaction ends.
pub(super) async fn lock_account(tx: &mut SystemTx, account: AccountId) -> Result<String> {
    let name = sqlx::query_scalar!("select name from account where id = $1 for no key update", account.0);
    Ok(name.fetch_one(tx.conn()).await?)
}

pub(super) async fn password_hash(tx: &mut SystemTx, account: AccountId) -> Result<String> {
    Ok(sqlx::query_scalar!("select password_hash from account where id = $1", account.0).fetch_one(tx.conn()).await?)
}

pub(super) async fn set_password_hash(tx: &mut SystemTx, account: AccountId, hash: &str) -> Result<()> {
    sqlx::query!("update account set password_hash = $2 where id = $1", account.0, hash).execute(tx.conn()).await?;
    Ok(())
}

/// Puts another hash in the place of this one. False where the account has another one by now, which stays.
pub(super) async fn replace_password_hash(tx: &mut SystemTx, account: AccountId, old: &str, new: &str) -> Result<bool> {
    let replaced = sqlx::query!(
        "update account set password_hash = $3 where id = $1 and password_hash = $2",
        account.0,
        old,
        new,
    );
    Ok(replaced.execute(tx.conn()).await?.rows_affected() == 1)
}

/// Puts this hash in the place of a password, and the name that was typed last in the place of the one before. False where the
/// address was proved meanwhile: then nothing is changed.
pub(super) async fn forget_password(tx: &mut SystemTx, account: AccountId, name: &str, nobodys: &str) -> Result<bool> {
    let forgotten = sqlx::query!(
        "update account set password_hash = $3, name = $2 where id = $1 and email_verified_at is null",
        account.0,
        name,
        nobodys,
    );
    Ok(forgotten.execute(tx.conn()).await?.rows_affected() == 1)
}

/// Keeps the hash of a new token and forgets older ones of the same purpose.
pub(super) async fn insert_email_token(
    tx: &mut SystemTx,
    token: &str,
    account: AccountId,
    purpose: &str,
    now: DateTime<Utc>,
    expires_at: DateTime<Utc>,
) -> Result<()> {
    void_email_tokens(tx, account, purpose, now).await?;
    sqlx::query!(
        "insert into email_token (hash, account_id, purpose, created_at, expires_at) values ($1, $2, $3, $4, $5)",
        hash_of(token),
        account.0,
        purpose,
        now,
        expires_at,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// No token of this purpose that was mailed so far is good any more.
pub(super) async fn void_email_tokens(
    tx: &mut SystemTx,
    account: AccountId,
    purpose: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "update email_token set used_at = $3 where account_id = $1 and purpose = $2 and used_at is null",
        account.0,
        purpose,
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Whether a token is good, which it is as well after this.
pub(super) async fn is_good_email_token(
    tx: &mut SystemTx,
    token: &str,
    purpose: &str,
    now: DateTime<Utc>,
) -> Result<bool> {
    let is_good = sqlx::query_scalar!(
        r#"select exists (
               select from email_token where hash = $1 and purpose = $2 and used_at is null and expires_at > $3
           ) as "is_good!""#,
        hash_of(token),
        purpose,
        now,
    );
    Ok(is_good.fetch_one(tx.conn()).await?)
}

/// The account of a token that is good, which is used up by this.
pub(super) async fn redeem_email_token(
    tx: &mut SystemTx,
    token: &str,
    purpose: &str,
    now: DateTime<Utc>,
) -> Result<Option<AccountId>> {
    let account = sqlx::query_scalar!(
        r#"update email_token set used_at = $3
           where hash = $1 and purpose = $2 and used_at is null and expires_at > $3
           returning account_id as "account: AccountId""#,
        hash_of(token),
        purpose,
        now,
    );
    Ok(account.fetch_optional(tx.conn()).await?)
}

/// The memberships of the account that the transaction was opened for, oldest first.
pub(super) async fn memberships(tx: &mut SystemTx) -> Result<Vec<Membership>> {
    let memberships = sqlx::query_as!(
        Membership,
        r#"select tenant_id as "tenant!: TenantId", role as "role!: Role" from memberships_of_current_account()"#,
    );
    Ok(memberships.fetch_all(tx.conn()).await?)
}

pub(super) async fn first_membership(tx: &mut SystemTx) -> Result<Option<Membership>> {
    Ok(memberships(tx).await?.into_iter().next())
}

/// Keeps a new session and returns the account's session version; none, and no session, where the account has another password
/// than the one that was checked. Whoever changes the password waits for this, or this for them: the sessions that they end are
/// all that the old one has opened.
pub(super) async fn insert_session(tx: &mut SystemTx, session: &NewSession<'_>) -> Result<Option<i32>> {
    let version = sqlx::query_scalar!(
        r#"with known as (
               select session_version from account
               where id = $2 and ($8::text is null or password_hash = $8)
               for share
           ), kept as (
               insert into session (id, account_id, tenant_id, secret_hash, rotated_at, user_agent, created_at,
                                    last_seen_at, expires_at)
               select $1::uuid, $2, $3::uuid, $4::bytea, $6::timestamptz, $5::text, $6, $6, $7::timestamptz from known
           )
           select session_version as "version!" from known"#,
        session.id.0,
        session.account.0,
        session.tenant.0,
        session.secret_hash,
        session.user_agent,
        session.now,
        session.expires_at,
        session.password_hash,
    );
    Ok(version.fetch_optional(tx.conn()).await?)
}

/// The account's session version, which is another one once all of its sessions were ended.
pub(crate) async fn session_version(tx: &mut TenantTx, account: AccountId) -> Result<i32> {
    let version = sqlx::query_scalar!("select session_version from account where id = $1", account.0);
    version.fetch_optional(tx.conn()).await?.ok_or_else(Error::unauthenticated)
}

/// Who a session in this tenant belongs to; none when the session does not stand any more, when its account has another
/// session version than this, or is no member any more.
pub(super) async fn standing(
    tx: &mut TenantTx,
    session: SessionId,
    version: i32,
    now: DateTime<Utc>,
) -> Result<Option<Profile>> {
    let tenant = tx.id();
    let standing = sqlx::query_as!(
        Standing,
        // The workspaces come along, so that no page asks for them; and how the tenant stands with its bills.
        r#"select a.id as "account: AccountId", a.name, a.email, t.tenant_id as "tenant: TenantId", t.name as tenant_name,
                  m.role as "role: Role", t.logo_id as logo, t.time_zone, t.trash_days, t.delete_after,
                  t.suspended_at is not null as "suspended!", u.status as "status: SubscriptionStatus", u.trial_ends_at,
                  case when u.status = 'trialing' and u.cancels_at is null then u.period_end end as first_payment_at,
                  u.unpaid_since, k.warned_credits, k.warned_storage, k.period_end as month_ends_at,
                  workspaces_of_current_account() as "workspaces!"
           from session s
           join account a on a.id = s.account_id
           join membership m on m.tenant_id = s.tenant_id and m.account_id = s.account_id
           join tenant t on t.tenant_id = s.tenant_id
           join subscription u on u.tenant_id = s.tenant_id
           join tenant_meter k on k.tenant_id = s.tenant_id
           where s.id = $1 and s.tenant_id = $2 and s.revoked_at is null and s.expires_at > $3
             and a.session_version = $4"#,
        session.0,
        tenant.0,
        now,
        version,
    );
    standing.fetch_optional(tx.conn()).await?.map(|standing| standing.into_profile(now)).transpose()
}

impl Standing {
    /// Without the visits of support.
    fn into_profile(self, now: DateTime<Utc>) -> Result<Profile> {
        let told = Told {
            status: self.status,
            trial_ends_at: self.trial_ends_at,
            first_payment_at: self.first_payment_at,
            unpaid_since: self.unpaid_since,
            warned_credits: self.warned_credits,
            warned_storage: self.warned_storage,
            month_ends_at: self.month_ends_at,
        };
        Ok(Profile {
            account: self.account,
            name: self.name,
            email: self.email,
            tenant: self.tenant,
            tenant_name: self.tenant_name,
            role: self.role,
            logo: self.logo,
            time_zone: self.time_zone,
            trash_days: self.trash_days,
            delete_after: self.delete_after,
            suspended: self.suspended,
            billing: told.notice(now),
            support: Vec::new(),
            workspaces: serde_json::from_value(self.workspaces)?,
        })
    }
}

/// Locks a session that stands, so that parallel refreshes of it happen one after the other.
pub(super) async fn lock_session(
    tx: &mut SystemTx,
    session: SessionId,
    now: DateTime<Utc>,
) -> Result<Option<LockedSession>> {
    let session = sqlx::query_as!(
        LockedSession,
        r#"select s.account_id as "account: AccountId", s.tenant_id as "tenant: TenantId", s.secret_hash,
                  s.previous_hash, s.rotated_at, a.session_version as version
           from session s join account a on a.id = s.account_id
           where s.id = $1 and s.revoked_at is null and s.expires_at > $2
           for update of s"#,
        session.0,
        now,
    );
    Ok(session.fetch_optional(tx.conn()).await?)
}

pub(super) async fn rotate(
    tx: &mut SystemTx,
    session: SessionId,
    next: &[u8],
    previous: &[u8],
    now: DateTime<Utc>,
    expires_at: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "update session set secret_hash = $2, previous_hash = $3, rotated_at = $4, last_seen_at = $4, expires_at = $5
         where id = $1",
        session.0,
        next,
        previous,
        now,
        expires_at,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The session goes on in another tenant.
pub(super) async fn move_session(tx: &mut SystemTx, session: SessionId, tenant: TenantId) -> Result<()> {
    sqlx::query!("update session set tenant_id = $2 where id = $1", session.0, tenant.0).execute(tx.conn()).await?;
    Ok(())
}

pub(super) async fn list_sessions(
    tx: &mut SystemTx,
    account: AccountId,
    current: SessionId,
    now: DateTime<Utc>,
) -> Result<Vec<SessionInfo>> {
    let sessions = sqlx::query_as!(
        SessionInfo,
        r#"select id as "id: SessionId", user_agent, created_at, last_seen_at, id = $2 as "current!"
           from session where account_id = $1 and revoked_at is null and expires_at > $3
           order by last_seen_at desc limit 100"#,
        account.0,
        current.0,
        now,
    );
    Ok(sessions.fetch_all(tx.conn()).await?)
}

pub(super) async fn end_session(tx: &mut SystemTx, session: SessionId, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!("update session set revoked_at = coalesce(revoked_at, $2) where id = $1", session.0, now)
        .execute(tx.conn())
        .await?;
    Ok(())
}

pub(super) async fn end_other_sessions(
    tx: &mut SystemTx,
    account: AccountId,
    kept: SessionId,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "update session set revoked_at = $3 where account_id = $1 and id <> $2 and revoked_at is null",
        account.0,
        kept.0,
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Ends every session, and raises the version so that access tokens already given out are refused as well.
pub(super) async fn end_all_sessions(tx: &mut SystemTx, account: AccountId, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!("update session set revoked_at = $2 where account_id = $1 and revoked_at is null", account.0, now)
        .execute(tx.conn())
        .await?;
    sqlx::query!("update account set session_version = session_version + 1 where id = $1", account.0)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// The tokens are 256 random bits, so a plain hash cannot be guessed back.
fn hash_of(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}
