//! Making keys, looking at them, and ending them.

use serde_json::json;
use uuid::Uuid;

use super::{
    ApiKeyInfo, KEY_ROLES, KeyLife, MadeKey, store,
    token::{KeyToken, beginning},
};
use crate::{
    Services, accounts,
    actor::{Action, Member, Role},
    audit::{self, Act},
    clock::Clock,
    db::TenantTx,
    error::{Error, Result},
    id::{AccountId, ApiKeyId},
    live,
};

/// Keys of one workspace that were not revoked: the page lists them all.
const MAX_KEYS: i64 = 100;

/// Of whoever makes keys, and of whoever ends all of somebody's: each sees what those before have done.
const TURN: &str = "api_key";

/// What is typed into the form of a new key.
#[derive(Debug, Clone, Copy)]
pub struct KeyForm<'a> {
    pub name: &'a str,
    /// The word of one of [`KEY_ROLES`].
    pub role: &'a str,
    /// The word of a [`KeyLife`].
    pub expires: &'a str,
}

/// What is asked for a key.
struct NewKey {
    name: String,
    role: Role,
    life: KeyLife,
}

impl NewKey {
    /// Fails with the field that is wrong.
    fn parse(form: KeyForm<'_>) -> Result<Self> {
        let name = accounts::parse_name("name", form.name, "Give the key a name that says what it is for.")?;
        let role = Role::parse(form.role).filter(|role| KEY_ROLES.contains(role));
        let role = role.ok_or_else(|| Error::invalid("role", "Choose what the key may do."))?;
        let life = KeyLife::parse(form.expires);
        let life = life.ok_or_else(|| Error::invalid("expires", "Choose when the key ends."))?;
        Ok(Self { name, role, life })
    }
}

/// Makes a key that acts as the member, and tells its text, which nobody is told again. Fails with the field that is wrong, with
/// "limit reached" where the workspace has as many as it may, and with "unauthenticated" where they are in it no more.
pub async fn make(services: &Services, member: &Member, form: KeyForm<'_>) -> Result<MadeKey> {
    member.require(Action::ManageKeys)?;
    let new = NewKey::parse(form)?;
    let (made_by, now) = (member.require_account()?, services.clock.now());
    let (id, expires_at) = (services.clock.id::<ApiKeyId>(), new.life.end(now));
    let token = KeyToken::new(member.tenant, id, services.clock.random());
    let mut tx = services.db.tenant(member).await?;
    tx.take_turns(TURN).await?;
    require_room(&mut tx).await?;
    let secret_hash = token.hash();
    let (name, role) = (new.name.as_str(), new.role);
    let row = store::NewRow { id, name, role, secret_hash: &secret_hash, made_by, now, expires_at };
    store::insert(&mut tx, &row).await?;
    // Who was taken out is remembered as a member for a moment. A key that they make in it would come back with them.
    store::known(&mut tx, id).await?.ok_or_else(Error::unauthenticated)?;
    let detail = json!({ "name": name, "role": role, "good_until": expires_at });
    audit::record_detail(&mut tx, &services.clock, Act::KeyMade, id.0, detail).await?;
    live::announce(&mut tx, "api_key", id).await?;
    tx.commit().await?;
    Ok(MadeKey { id, name: new.name, key: token.to_text() })
}

/// The keys that were not revoked, the newest first.
pub async fn list(services: &Services, member: &Member) -> Result<Vec<ApiKeyInfo>> {
    member.require(Action::ManageKeys)?;
    let (tenant, now) = (member.tenant, services.clock.now());
    let mut tx = services.db.tenant(member).await?;
    let rows = store::list(&mut tx, MAX_KEYS).await?;
    tx.commit().await?;
    let info = |row: store::Row| ApiKeyInfo {
        beginning: beginning(tenant, row.id),
        expired: row.expires_at.is_some_and(|at| at <= now),
        id: row.id,
        name: row.name,
        role: row.role,
        made_by: row.made_by,
        created_at: row.created_at,
        last_used_at: row.last_used_at,
        expires_at: row.expires_at,
    };
    Ok(rows.into_iter().map(info).collect())
}

/// Ends a key: the next request with it is refused. "Not found" for one that has ended already.
pub async fn revoke(services: &Services, member: &Member, id: ApiKeyId) -> Result<()> {
    member.require(Action::ManageKeys)?;
    let mut tx = services.db.tenant(member).await?;
    let name = store::revoke(&mut tx, id, services.clock.now()).await?.ok_or_else(Error::not_found)?;
    let detail = json!({ "name": name });
    audit::record_detail(&mut tx, &services.clock, Act::KeyRevoked, id.0, detail).await?;
    live::announce(&mut tx, "api_key", id).await?;
    tx.commit().await
}

/// Ends the keys of somebody who is taken out of the workspace, so that they do not come back with them, and announces it. It
/// answers which those were, to be recorded.
pub(crate) async fn revoke_of(tx: &mut TenantTx, clock: &Clock, account: AccountId) -> Result<Vec<Uuid>> {
    // The owners are locked by now. Whoever makes a key waits for none of those who wait for that.
    tx.take_turns(TURN).await?;
    let revoked = store::revoke_of(tx, account, clock.now()).await?;
    if !revoked.is_empty() {
        // Once for all of them.
        let tenant = tx.id();
        live::announce(tx, "api_key", tenant).await?;
    }
    Ok(revoked)
}

/// Fails with "limit reached" where there is no room for one more.
async fn require_room(tx: &mut TenantTx) -> Result<()> {
    if store::count(tx).await? < MAX_KEYS {
        return Ok(());
    }
    let told = format!("The workspace has {MAX_KEYS} keys, which is the most. Revoke one first.");
    Err(Error::limit_reached(told))
}
