//! Who a program is.

use std::net::IpAddr;

use chrono::TimeDelta;

use super::{
    store::{self, KnownKey},
    token::KeyToken,
};
use crate::{
    Services,
    actor::{Member, System, ThroughKey},
    billing,
    error::{Error, ErrorKind, Result},
    id::SessionId,
};

/// When a key was last used is told to the minute, so that not every request writes.
const TOUCHED_EVERY: TimeDelta = TimeDelta::minutes(1);

/// The member that a key acts as: its maker, in the lesser of both roles. Whatever is wrong with the key, its workspace or its
/// maker is "unauthenticated", in the same words.
///
/// The database is asked each time, so a key ends at once with a revocation, with its time, and with its maker's membership.
pub async fn authenticate(services: &Services, text: &str, from: Option<IpAddr>) -> Result<Member> {
    let token = KeyToken::parse(text).ok_or_else(refused)?;
    let now = services.clock.now();
    // The tenant is the key's claim, in which it has to be found: there is no way to look across tenants.
    let mut tx = services.db.tenant(&System::for_tenant(token.tenant)).await?;
    let known = store::known(&mut tx, token.key).await?.filter(|known| token.is_of(&known.secret_hash));
    let KnownKey { name, role, made_by, maker_role, expires_at, last_used_at, is_revoked, is_suspended, .. } =
        known.ok_or_else(refused)?;
    if is_revoked || is_suspended || expires_at.is_some_and(|at| at <= now) {
        return Err(refused());
    }
    let standing = billing::entitlements_in(services, &mut tx).await?.standing;
    if last_used_at.is_none_or(|at| at <= now - TOUCHED_EVERY) {
        store::touch(&mut tx, token.key, now, now - TOUCHED_EVERY).await?;
    }
    tx.commit().await?;
    Ok(Member {
        tenant: token.tenant,
        account: made_by,
        // Of no browser: nothing that is kept for a session is a key's.
        session: SessionId(token.key.0),
        role: role.min(maker_role),
        from,
        support: None,
        through: Some(ThroughKey { id: token.key, name }),
        standing,
    })
}

fn refused() -> Error {
    Error::new(ErrorKind::Unauthenticated, "This key is not known, or is good no more.")
}
