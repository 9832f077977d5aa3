//! Workspaces: the boundary that nothing crosses, what each decides for itself, and its end.

mod health;
mod logo;
mod settings;
mod slug;
mod zone;

pub use health::{MOST_MAILS, MOST_READ, MOST_WAITING, READING_DAYS, TenantHealth};
pub use logo::{Logo, LogoFault, LogoType, MAX_LOGO_BYTES};
pub use settings::{DOCUMENT_LANGUAGES, ScreenLanguage, SettingsForm, TRASH_DAYS, TenantSettings};
pub use slug::Slug;
pub use zone::Zone;

#[cfg(feature = "server")]
mod change;
#[cfg(feature = "server")]
mod deletion;
#[cfg(feature = "server")]
mod health_store;
#[cfg(feature = "server")]
mod mails;
#[cfg(feature = "server")]
mod store;

#[cfg(feature = "server")]
pub use self::{
    change::{change_settings, logo, remove_logo, set_logo, settings, sweep},
    deletion::{ask_deletion, delete_due, undo_deletion},
    health::health,
    settings::NewSettings,
};

#[cfg(feature = "server")]
pub(crate) use self::store::{is_working, owners};

#[cfg(feature = "server")]
use chrono::{DateTime, Utc};

#[cfg(feature = "server")]
use crate::{
    Services,
    actor::{Role, System},
    db::TenantTx,
    error::{Error, Result},
    id::{AccountId, TenantId},
};

/// How long a workspace can be kept after its deletion was asked for.
pub const GRACE_DAYS: i64 = 14;

/// Makes the transaction's tenant with its first member. Its address is made from its name.
#[cfg(feature = "server")]
pub async fn found(tx: &mut TenantTx, name: &str, owner: AccountId, role: Role, now: DateTime<Utc>) -> Result<()> {
    insert(tx, name, now).await?;
    store::insert_membership(tx, owner, role, now).await
}

/// Brings an account into the transaction's tenant; "conflict" where it is in it.
#[cfg(feature = "server")]
pub async fn join(tx: &mut TenantTx, account: AccountId, role: Role, now: DateTime<Utc>) -> Result<()> {
    store::insert_membership(tx, account, role, now).await
}

/// The workspace's name.
#[cfg(feature = "server")]
pub async fn name(tx: &mut TenantTx) -> Result<String> {
    store::name(tx).await
}

/// The address of whoever has been an owner for the longest; none where nobody is.
#[cfg(feature = "server")]
pub async fn owner_email(tx: &mut TenantTx) -> Result<Option<String>> {
    Ok(owners(tx).await?.into_iter().next().map(|owner| owner.email))
}

/// How many days the trash keeps.
#[cfg(feature = "server")]
pub async fn trash_days(tx: &mut TenantTx) -> Result<i32> {
    store::trash_days(tx).await
}

/// The code of the language that a document is taken for in which none can be told, if one was chosen.
#[cfg(feature = "server")]
pub async fn document_language(tx: &mut TenantTx) -> Result<Option<String>> {
    store::document_language(tx).await
}

/// Up to 500 tenants, the first or those after `last`, for housekeeping by a worker: it visits each in a transaction of its
/// own, in which one may not be there any more. None after the last one.
#[cfg(feature = "server")]
pub async fn page(services: &Services, last: Option<TenantId>) -> Result<Vec<TenantId>> {
    let mut system = services.db.system().await?;
    let tenants = store::page(&mut system, last).await?;
    system.commit().await?;
    Ok(tenants)
}

/// Whether there is such a tenant, for whoever has its id from elsewhere.
#[cfg(feature = "server")]
pub async fn is_there(services: &Services, tenant: TenantId) -> Result<bool> {
    let mut tx = services.db.tenant(&System::for_tenant(tenant)).await?;
    let is_there = store::is_there(&mut tx).await?;
    tx.commit().await?;
    Ok(is_there)
}

/// With the address that its name suggests, or one beside it where that is taken.
#[cfg(feature = "server")]
async fn insert(tx: &mut TenantTx, name: &str, now: DateTime<Utc>) -> Result<()> {
    let suggested = Slug::suggest(name);
    if store::insert_tenant(tx, name, &suggested, now).await? {
        return Ok(());
    }
    // The end of its id, which is random: 32 bits of it are enough for any number of workspaces of one name.
    let id = tx.id().0.simple().to_string();
    let other = suggested.with_suffix(&id[id.len() - 8..]);
    if store::insert_tenant(tx, name, &other, now).await? {
        return Ok(());
    }
    Err(Error::unavailable(format!("the address {} is taken too", other.as_str())))
}
