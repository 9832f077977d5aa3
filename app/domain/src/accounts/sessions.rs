//! The life of a session: started by a sign-in, kept alive by rotating its refresh token, ended by a sign-out, or by a
//! replay of a token that was used before.

use std::net::IpAddr;

use chrono::TimeDelta;

use super::{
    Profile, SessionInfo, home,
    store::{self, Membership},
    tokens::{AccessClaims, REFRESH_TTL, RefreshToken},
};
use crate::{
    Services,
    actor::Member,
    audit::{self, Act},
    billing::{self, Standing},
    db::SystemTx,
    error::{Error, Result},
    id::{AccountId, SessionId, TenantId},
    operators,
};

/// How long the token before the current one is still good: parallel tabs refresh at the same moment, and the answer that brings
/// the successor may take as long as a request may, which is twenty seconds, and its way to the browser. Whoever has clicked twice
/// has given that answer up.
const GRACE: TimeDelta = TimeDelta::seconds(30);

const MAX_USER_AGENT_CHARACTERS: usize = 200;

/// What a browser gets. `refresh` is none when it keeps the one it has.
#[derive(Clone)]
pub struct SignedIn {
    pub member: Member,
    pub access: String,
    pub refresh: Option<String>,
}

/// Who a checked access token belongs to, as they are now, if its session still stands; else "unauthenticated". Whoever
/// asks keeps the answer for at most two seconds, so that a sign-out is obeyed by every server within that time.
pub async fn authenticate(services: &Services, claims: &AccessClaims) -> Result<Profile> {
    profile_of(services, &claims.member(), claims.sv).await
}

/// The same for whoever says in another way which member they were, in which session, and with which session version.
pub(crate) async fn profile_of(services: &Services, member: &Member, session_version: i32) -> Result<Profile> {
    let mut tx = services.db.tenant(member).await?;
    let now = services.clock.now();
    let standing = store::standing(&mut tx, member.session, session_version, now).await?;
    let mut profile = standing.ok_or_else(Error::unauthenticated)?;
    profile.support = operators::visits_in(&mut tx, now).await?;
    profile.billing = billing::told_here(services, profile.billing);
    tx.commit().await?;
    Ok(profile)
}

/// Exchanges a refresh token for new tokens, and rotates it. A token that was rotated away within the grace gets a new
/// access token and the same successor once more; after the grace it is a replay, and the session ends. Whoever was removed from the
/// session's workspace goes on in their oldest other one, and is signed out where there is none.
pub async fn refresh(services: &Services, token: &str) -> Result<SignedIn> {
    exchange(services, token, true).await
}

/// The same for a request whose answer may come minutes later, as that of an upload: nothing is rotated, as the browser would
/// show the token that it has to others meanwhile, and after the grace that is a replay.
pub async fn recognize(services: &Services, token: &str) -> Result<SignedIn> {
    exchange(services, token, false).await
}

/// Ends the session of this browser.
pub async fn sign_out(services: &Services, member: &Member) -> Result<()> {
    let mut system = services.db.system().await?;
    store::end_session(&mut system, member.session, services.clock.now()).await?;
    system.commit().await
}

/// Ends every session of the account, this one included.
pub async fn sign_out_everywhere(services: &Services, member: &Member) -> Result<()> {
    let account = member.require_account()?;
    let mut tx = services.db.tenant(member).await?;
    store::end_all_sessions(tx.identity(), account, services.clock.now()).await?;
    audit::record(&mut tx, &services.clock, Act::SignedOutEverywhere, account.0).await?;
    tx.commit().await
}

/// The account's sessions that stand, the latest seen first.
pub async fn list_sessions(services: &Services, member: &Member) -> Result<Vec<SessionInfo>> {
    let account = member.require_account()?;
    let mut system = services.db.system().await?;
    let sessions = store::list_sessions(&mut system, account, member.session, services.clock.now()).await?;
    system.commit().await?;
    Ok(sessions)
}

/// Starts a session for an account that has proved who it is, in its first workspace: by a mail, or by a password that was
/// checked against this hash. "Conflict" where the account has another one by now, since a new password ends what was begun with
/// the old one.
pub(crate) async fn start(
    services: &Services,
    account: AccountId,
    password_hash: Option<&str>,
    user_agent: &str,
    from: Option<IpAddr>,
) -> Result<SignedIn> {
    let now = services.clock.now();
    let membership = home::of(services, account).await?;
    let session = services.clock.id::<SessionId>();
    let token = RefreshToken::new(session, services.clock.random());
    let user_agent: String = user_agent.chars().take(MAX_USER_AGENT_CHARACTERS).collect();
    let new = store::NewSession {
        id: session,
        account,
        tenant: membership.tenant,
        password_hash,
        secret_hash: token.hash(),
        user_agent,
        now,
        expires_at: now + REFRESH_TTL,
    };
    let Membership { tenant, role } = membership;
    let standing = Standing::Good;
    let member = Member { tenant, account, session, role, from, support: None, through: None, standing };
    let mut tx = services.db.tenant(&member).await?;
    let changed = || Error::conflict("Your password was changed a moment ago. Sign in with the new one.");
    let version = store::insert_session(tx.identity(), &new).await?.ok_or_else(changed)?;
    audit::record(&mut tx, &services.clock, Act::SignedIn, account.0).await?;
    tx.commit().await?;
    let access = services.keys.sign(&member, version, now)?;
    Ok(SignedIn { member, access, refresh: Some(token.to_text()) })
}

async fn exchange(services: &Services, token: &str, rotates: bool) -> Result<SignedIn> {
    let token = RefreshToken::parse(token).ok_or_else(Error::unauthenticated)?;
    let now = services.clock.now();
    let mut system = services.db.system().await?;
    let session = store::lock_session(&mut system, token.session, now).await?.ok_or_else(Error::unauthenticated)?;
    let hash = token.hash();
    let is_current = session.secret_hash == hash;
    let is_good = is_current || (session.previous_hash.as_ref() == Some(&hash) && now - session.rotated_at <= GRACE);
    let next = services.keys.following(&token)?;
    let is_next = if is_current && rotates {
        store::rotate(&mut system, token.session, &next.hash(), &hash, now, now + REFRESH_TTL).await?;
        true
    } else if is_good {
        // Not where another key has made it: servers have them in another order while one is rotated.
        rotates && session.secret_hash == next.hash()
    } else {
        store::end_session(&mut system, token.session, now).await?;
        system.commit().await?;
        tracing::warn!(session.id = %token.session, "a refresh token was replayed; its session was ended");
        return Err(Error::unauthenticated());
    };
    let Some(place) = place_of(&mut system, session.account, session.tenant).await? else {
        store::end_session(&mut system, token.session, now).await?;
        system.commit().await?;
        return Err(Error::unauthenticated());
    };
    if place.tenant != session.tenant {
        store::move_session(&mut system, token.session, place.tenant).await?;
    }
    system.commit().await?;
    let Membership { tenant, role } = place;
    let (account, version) = (session.account, session.version);
    // How the workspace stands with its bills is looked up with the session, by the request that brings the token.
    let (session, standing) = (token.session, Standing::Good);
    let member = Member { tenant, account, session, role, from: None, support: None, through: None, standing };
    let access = services.keys.sign(&member, version, now)?;
    Ok(SignedIn { member, access, refresh: is_next.then(|| next.to_text()) })
}

/// The membership in this tenant, else the oldest. In the caller's transaction: a second connection, taken while the session's
/// row is locked, could wait for those who wait for the row.
async fn place_of(system: &mut SystemTx, account: AccountId, tenant: TenantId) -> Result<Option<Membership>> {
    system.act_for(account).await?;
    let mut memberships = store::memberships(system).await?;
    let place = memberships.iter().position(|membership| membership.tenant == tenant).unwrap_or(0);
    Ok((!memberships.is_empty()).then(|| memberships.swap_remove(place)))
}
