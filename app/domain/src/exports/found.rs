//! A new workspace for an import.

use super::store;
use crate::{
    Services,
    accounts::Email,
    actor::{Role, System},
    audit::{self, Act},
    error::{Error, Result},
    id::TenantId,
    tenants,
};

/// The longest name, as at a sign-up.
const MAX_NAME_CHARACTERS: usize = 100;

/// Makes an empty workspace that belongs to whoever has this address. It takes the services of the web server, who alone may
/// make one.
pub async fn found_tenant(services: &Services, email: &str, name: &str) -> Result<TenantId> {
    let (email, name) = (Email::parse(email)?, name.trim());
    if name.is_empty() || name.chars().count() > MAX_NAME_CHARACTERS {
        return Err(Error::invalid(
            "name",
            format!("A workspace has a name of at most {MAX_NAME_CHARACTERS} characters."),
        ));
    }
    let mut system = services.db.system().await?;
    let owner = store::account_of(&mut system, email.as_str()).await?;
    system.commit().await?;
    let owner = owner.ok_or_else(|| Error::invalid("owner", "Nobody here has this address. Sign up with it first."))?;
    let tenant: TenantId = services.clock.id();
    let mut tx = services.db.tenant(&System::for_tenant(tenant)).await?;
    tenants::found(&mut tx, name, owner, Role::Owner, services.clock.now()).await?;
    audit::record(&mut tx, &services.clock, Act::TenantMade, tenant.0).await?;
    tx.commit().await?;
    Ok(tenant)
}
